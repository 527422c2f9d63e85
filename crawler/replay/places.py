"""Where the decisions lie that are made again: in a temporary database, for an archive has more than memory holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.spool import temporary


@dataclass(frozen=True, slots=True)
class Place:
    """Where the record of a decision lies."""

    sequence: int
    file: str
    offset: int
    length: int
    revises: int = 0  #: how often the visit was decided again
    made: Json | None = None  #: the stand-in for a decision, for a file of another tool


class Places:
    """The decisions that stand, in the order of their sequence; of a visit decided again the newest."""

    def __init__(self) -> None:
        self._db = temporary(
            "CREATE TABLE places (sequence INTEGER PRIMARY KEY, file TEXT, offset INTEGER, length INTEGER,"
            " revises INTEGER); CREATE TABLE voided (sequence INTEGER PRIMARY KEY);"
        )

    def take(self, place: Place) -> None:
        """A decision lies there."""
        self._db.execute(
            "INSERT INTO places VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET file=excluded.file,"
            " offset=excluded.offset, length=excluded.length, revises=excluded.revises"
            " WHERE excluded.revises >= revises",
            (place.sequence, place.file, place.offset, place.length, place.revises),
        )

    def void(self, sequence: int) -> None:
        """The decision of that number was taken back."""
        self._db.execute("INSERT OR IGNORE INTO voided VALUES (?)", (sequence,))

    def __iter__(self) -> Iterator[Place]:
        query = "SELECT * FROM places WHERE sequence NOT IN (SELECT sequence FROM voided) ORDER BY sequence"
        return (Place(*row) for row in self._db.execute(query))

    @property
    def last(self) -> int:
        """The highest number that stands; 0 for none."""
        query = "SELECT max(sequence) FROM places WHERE sequence NOT IN (SELECT sequence FROM voided)"
        return self._db.execute(query).fetchone()[0] or 0


class Seen:
    """Visits (id, moment) that an archive has already."""

    def __init__(self) -> None:
        self._db = temporary("CREATE TABLE seen (id TEXT, at TEXT, PRIMARY KEY (id, at)) WITHOUT ROWID;")

    def add(self, ident: str, moment: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO seen VALUES (?,?)", (ident, moment))

    def __contains__(self, visit: tuple[str, str]) -> bool:
        return self._db.execute("SELECT 1 FROM seen WHERE id=? AND at=?", visit).fetchone() is not None
