"""How far the index knows each file of lines: up to where finished runs own it, and up to where it is applied."""

from __future__ import annotations

from crawler.archive.storage.sqlite import Database

TABLES = """
CREATE TABLE files (path TEXT PRIMARY KEY, sealed INTEGER NOT NULL, applied INTEGER NOT NULL) WITHOUT ROWID;
"""


class FileEnds:
    """The table above in *database*. Paths are those of open months, relative to the archive; ends are in bytes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def apply(self, path: str, end: int) -> None:
        """The line of *path* that ends at byte *end* is in the index."""
        self._db.do(
            "INSERT INTO files VALUES (?,0,?) ON CONFLICT (path) DO UPDATE SET applied=max(applied, excluded.applied)",
            (path, end),
        )

    def applied(self) -> dict[str, int]:
        """Path -> up to which byte its lines are in the index; only files of which some are."""
        return dict(self._db.all("SELECT path, applied FROM files WHERE applied ORDER BY path"))

    def seal(self, path: str, end: int, *, whole: bool = False) -> None:
        """A finished run owns *path* up to byte *end*; with *whole* no further, whatever was said before."""
        value = "excluded.sealed" if whole else "max(sealed, excluded.sealed)"
        query = f"INSERT INTO files VALUES (?,?,0) ON CONFLICT (path) DO UPDATE SET sealed={value}"  # noqa: S608 - own words
        self._db.do(query, (path, end))

    def sealed(self, path: str) -> int:
        """Where the part of file *path* ends that finished runs own."""
        row = self._db.one("SELECT sealed FROM files WHERE path=?", (path,))
        return int(row[0]) if row else 0
