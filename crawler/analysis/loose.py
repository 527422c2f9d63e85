"""Single lines of an archive, searched like the index of `citynews search`: by the same SQL, on tables in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Self

from crawler.analysis import query, rows
from crawler.analysis.folding import tokens
from crawler.analysis.full_text import CREATE_SEARCH, SEARCHED
from crawler.analysis.names import STATED, PortalFacts, SourceNames
from crawler.analysis.selection import Selection
from crawler.analysis.sqlite_schema import CREATE, INDEXES, marks
from crawler.analysis.tables import VERSIONS
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.sqlite import closed_on_error


class LooseLines:
    """Lines of articles, revisions and duplicates, each a page of its own. *facts*: of their portals."""

    def __init__(self, records: Sequence[Json], facts: Mapping[str, PortalFacts]) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        with closed_on_error(self._db):
            self._fill(records, facts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def matching(self, choice: Selection) -> set[int]:
        """Which of the lines, by their place, *choice* would find. Raises QueryError."""
        condition, values = choice.condition()
        return {n for (n,) in self._db.execute(f"SELECT p.n FROM pages p WHERE {condition}", values)}

    def _fill(self, records: Sequence[Json], facts: Mapping[str, PortalFacts]) -> None:
        self._db.executescript(f"{CREATE} {INDEXES['pages']} {CREATE_SEARCH};")
        query.prepare(self._db)
        self._db.execute("BEGIN")
        self._db.executemany(
            f"INSERT INTO portals ({', '.join(STATED)}) VALUES ({marks(STATED)})",
            ([rows.as_json(v) if isinstance(v, tuple) else v for v in portal.row] for portal in facts.values()),
        )
        names = SourceNames(facts)
        columns = ("n", *rows.HEAD, "source_norm", "source_portal")
        for n, record in enumerate(records):
            line = f"{record['id']}/{n}"  # an id may have several lines here
            head = (n, line, *rows.head(record)[1:], *names.read(record["portal"], record["source"]))
            self._insert("pages", columns, head)
            self._insert("versions", VERSIONS.names, (line, *rows.version(record)[1:]))
            texts = [tokens(record[name]) for name in SEARCHED]
            self._insert("search", ("rowid", *SEARCHED), (n, *texts))

    def _insert(self, table: str, columns: Sequence[str], values: Sequence[object]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        self._db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks(columns)})", values)
