"""The current state of each page: its latest version, with the view count of the last visit that saw one.

Where these stand is kept in a scratch database on disk, so that memory stays flat however large the archive is.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

from crawler.archive.records.jsonl import PAGE_KEYS, Json
from crawler.archive.records.types import PageRecord
from crawler.archive.storage.scratch import Scratch

Placed = Iterable[tuple[Path, int, Json]]
Views = tuple[int, str | None, str]  #: a count, how it stood on the page, when it was seen
_OF_COPIES = ("duplicate_of", "match", "similarity", "direction")


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


def as_page(record: Json, views: Views | None, first: Json | None = None) -> PageRecord:
    """The line *record*, an article, revision or duplicate, in the one shape of pages; *views* of its last visit.

    *first*: of a revision the line of the first version. That alone says whether the page is a copy, and of what.
    """
    page = {key: record.get(key) for key in PAGE_KEYS}
    page |= {key: (first or record).get(key) for key in _OF_COPIES}
    page["changed_fields"] = record.get("changed_fields", [])
    page["kind"] = "copy" if page["duplicate_of"] else "article"
    if views is not None:
        page["view_count"], page["view_count_raw"], page["view_count_at"] = views
    elif page["view_count"] is not None:
        page["view_count_at"] = page["fetched_at"]
    return cast(PageRecord, page)


def last_views(observations: Iterable[Json]) -> Views | None:
    """The last view count among *observations*, of one address."""
    counted = [observation for observation in observations if observation["view_count"] is not None]
    last = max(counted, key=lambda visit: str(visit["observed_at"]), default=None)
    return (last["view_count"], last["view_count_raw"], last["observed_at"]) if last else None
