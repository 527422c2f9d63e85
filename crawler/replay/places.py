"""Where the visits to replay are stored, and which were replayed already."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.archive.read.order import DecisionPlace
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.scratch import Scratch


@dataclass(frozen=True, slots=True)
class ImpliedDecision:
    """What stands for a decision where a file of another tool holds none."""

    sequence: int
    decision: Json


Place = DecisionPlace | ImpliedDecision


class SeenVisits:
    """Visits (id, moment) that an archive has already."""

    def __init__(self) -> None:
        self._db = Scratch("CREATE TABLE seen (id TEXT, at TEXT, PRIMARY KEY (id, at)) WITHOUT ROWID;")

    def add(self, ident: str, moment: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO seen VALUES (?,?)", (ident, moment))

    def __contains__(self, visit: tuple[str, str]) -> bool:
        return self._db.execute("SELECT 1 FROM seen WHERE id=? AND at=?", visit).fetchone() is not None
