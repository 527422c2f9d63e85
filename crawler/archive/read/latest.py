"""The current state of each page: its latest version, with the view count of the last visit that saw one.

Where these stand is kept in a scratch database on disk, so that memory stays flat however large the archive is.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crawler.archive.read.pages import Views
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.scratch import Scratch

Placed = Iterable[tuple[Path, int, Json]]


class LatestVersions:
    """Made from the placed lines of *revisions* and *observations*."""

    def __init__(self, revisions: Placed, observations: Placed = ()) -> None:
        self._db = Scratch(
            "CREATE TABLE versions (id TEXT PRIMARY KEY, revision INTEGER, path TEXT, offset INTEGER) WITHOUT ROWID;"
            " CREATE TABLE views (id TEXT PRIMARY KEY, at TEXT, count INTEGER, raw TEXT) WITHOUT ROWID;"
        )
        self._db.executemany(
            "INSERT INTO versions VALUES (?,?,?,?) ON CONFLICT (id) DO UPDATE SET revision=excluded.revision,"
            " path=excluded.path, offset=excluded.offset WHERE excluded.revision > revision",
            ((record["id"], record["revision"], str(path), offset) for path, offset, record in revisions),
        )
        self._db.executemany(
            "INSERT INTO views VALUES (?,?,?,?) ON CONFLICT (id) DO UPDATE SET at=excluded.at,"
            " count=excluded.count, raw=excluded.raw WHERE excluded.at > at",
            (
                (record["id"], record["observed_at"], record["view_count"], record["view_count_raw"])
                for _, _, record in observations
                if record["view_count"] is not None
            ),
        )

    def version(self, ident: str) -> tuple[Path, int] | None:
        """Where the line of the latest revision of *ident* lies; None where the article itself is the latest."""
        row = self._db.execute("SELECT path, offset FROM versions WHERE id=?", (ident,)).fetchone()
        return (Path(row[0]), row[1]) if row else None

    def views(self, ident: str) -> Views | None:
        """The last view count that a visit of *ident* saw."""
        row: Views | None = self._db.execute("SELECT count, raw, at FROM views WHERE id=?", (ident,)).fetchone()
        return row
