"""The order of the visits of several archives: a merge of the order within each.

An archive counts its visits. That order holds within it, whatever its clock did. Visits of several archives are put in
the order of the running maximum of ``observed_at`` in each one's own sequence, then of the archives' ids: so one
archive alone is as it was, and the order does not depend on that in which archives are named.

A file belongs to a sequence: that of its archive, or, where two folders hold copies of one archive that grew apart,
that of its folder. What both have in common is one visit, since it has one name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crawler.archive.records import effective
from crawler.archive.records.types import DecisionRecord, VoidRecord
from crawler.archive.storage.scratch import Scratch

_LANES = """
CREATE TABLE lanes (file TEXT, archive TEXT, folder TEXT);
CREATE TABLE ordered (key TEXT, archive TEXT, sequence INTEGER, run TEXT, file TEXT, offset INTEGER, length INTEGER);
"""


@dataclass(frozen=True, slots=True)
class DecisionPlace:
    """Where the record of a decision stands."""

    run: str
    sequence: int
    file: str
    offset: int
    length: int
    key: str = ""  #: the running maximum of observed_at in the sequence of its archive
    archive: str = ""


class VisitOrder:
    """Where the decisions stand that hold, in the order of their visits. Once it was iterated nothing is added."""

    def __init__(self) -> None:
        self._db = Scratch(effective.TABLES + _LANES)
        self._complete = False
        self._begun: dict[tuple[str, str], str] = {}

    def begin(self, archive: str, folder: str, key: str) -> None:
        """The sequence of *archive* in *folder* goes on where its running maximum was *key*."""
        self._begun[archive, folder] = key

    def file(self, name: str, archive: str, folders: Iterable[str]) -> None:
        """The WARC file *name* is of *archive* and lies in *folders*."""
        self._db.executemany("INSERT INTO lanes VALUES (?,?,?)", ((name, archive, folder) for folder in folders))

    def add(self, decision: DecisionRecord | VoidRecord, place: tuple[str, int, int]) -> None:
        """A decision or void that stands at *place*: file, offset, length."""
        effective.insert(self._db, decision, place)

    def __iter__(self) -> Iterator[DecisionPlace]:
        self._finish()
        query = (
            "SELECT run, sequence, file, offset, length, min(key) AS first, archive FROM ordered"
            " GROUP BY run, sequence ORDER BY first, archive, sequence, run"
        )
        return (DecisionPlace(*row) for row in self._db.execute(query))

    @property
    def last(self) -> int:
        """The highest sequence number that holds; 0 for none."""
        self._finish()
        return int(self._db.execute("SELECT max(sequence) FROM ordered").fetchone()[0] or 0)

    def _finish(self) -> None:
        if self._complete:
            return
        self._complete = True
        self._db.executescript(effective.VIEW)
        # copies of one archive have grown apart where different runs gave the same number
        self._db.execute(
            "CREATE TABLE apart AS SELECT DISTINCT archive FROM ("
            " SELECT DISTINCT l.archive, e.sequence, e.run FROM effective e JOIN lanes l USING (file))"
            " GROUP BY archive, sequence HAVING count(*) > 1"
        )
        rows = self._db.execute(
            "SELECT DISTINCT l.archive, CASE WHEN l.archive IN (SELECT archive FROM apart) THEN l.folder ELSE '' END"
            " AS lane, e.sequence, e.run, e.at, e.file, e.offset, e.length"
            " FROM effective e JOIN lanes l USING (file) ORDER BY l.archive, lane, e.sequence, e.run"
        )
        self._db.executemany("INSERT INTO ordered VALUES (?,?,?,?,?,?,?)", _keyed(rows, self._begun))


def _keyed(
    rows: Iterable[tuple[str, str, int, str, str, str, int, int]], begun: Mapping[tuple[str, str], str]
) -> Iterator[tuple[object, ...]]:
    """Rows of ``ordered``: each with the running maximum of the moments in its lane."""
    lane, key = ("", ""), ""
    for archive, folder, sequence, run, at, file, offset, length in rows:
        if (archive, folder) != lane:
            lane = (archive, folder)
            key = max((k for (a, f), k in begun.items() if a == archive and folder in {"", f}), default="")
        key = max(key, at)
        yield key, archive, sequence, run, file, offset, length
