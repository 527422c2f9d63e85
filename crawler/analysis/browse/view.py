"""The index as of one run, held open: all that is asked of it meanwhile is of the same moment."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, TypeVar

from crawler.analysis.browse.columns import Columns
from crawler.analysis.search_index import SearchIndex
from crawler.analysis.selection import Selection
from crawler.archive.storage.sqlite import closed_on_error

_T = TypeVar("_T")
_KEPT = 64  #: results remembered: paging and choosing facets ask the same again


class IndexView:
    """A connection in one read transaction, and the columns read in it. Safe for threads: one asks at a time."""

    def __init__(self, index: SearchIndex, saved: Mapping[str, Selection] | None = None) -> None:
        self.path = index.path
        self._db = index.open(shared=True)
        with closed_on_error(self._db):
            self._db.execute("BEGIN")
            self.meta: dict[str, Any] = dict(self._db.execute("SELECT * FROM meta").fetchone())
            self.columns = Columns(self._db, saved)
        self._lock = Lock()
        self._memory: OrderedDict[object, Any] = OrderedDict()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a SELECT, as tuples."""
        with self._lock:
            cursor = self._db.cursor()
            cursor.row_factory = None
            return cursor.execute(sql, values).fetchall()

    def records(self, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The rows of a SELECT, as column -> value."""
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values)]

    def remembered(self, key: object, make: Callable[[], _T]) -> _T:
        """What *make* gives for *key*, made once as long as it is remembered."""
        if key in self._memory:
            self._memory.move_to_end(key)
            found: _T = self._memory[key]
            return found
        made = make()
        self._memory[key] = made
        while len(self._memory) > _KEPT:
            self._memory.popitem(last=False)
        return made

    def forget(self) -> None:
        """Forgets what was remembered."""
        self._memory.clear()

    def close(self) -> None:
        with self._lock:
            self._db.close()


def opened(index: SearchIndex, saved: Mapping[str, Selection] | None = None) -> IndexView | None:
    """A view of *index*; None where there is none to be read yet."""
    if not index.path.exists():
        return None
    try:
        return IndexView(index, saved)
    except sqlite3.DatabaseError:
        return None
