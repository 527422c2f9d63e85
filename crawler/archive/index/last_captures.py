"""The last complete capture of each address, from which its validators and links are read.

A row points at a response record in a WARC file; what is in it is read from there, so that an index says nothing that
the files do not. Of articles the observations tell it, of list pages, feeds and sitemaps the page notes
(crawler/archive/records/decisions.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import PageNote, WarcPlace
from crawler.archive.storage.sqlite import Database
from crawler.article import WarcRef

Use = Literal["article", "page", "requisite"]
#: A visit with one of these outcomes has read the page: what was captured then is what the archive holds of it.
_READ = frozenset({"new", "unchanged", "changed", "back"})

TABLES = """
CREATE TABLE captures (
  id TEXT NOT NULL, use TEXT NOT NULL, at TEXT NOT NULL, file TEXT NOT NULL, offset INTEGER NOT NULL,
  length INTEGER NOT NULL, record_id TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (id, use)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class LastCapture:
    """The last whole answer of an address."""

    at: str  #: when it was fetched, UTC
    ref: WarcRef


class LastCaptures:
    """The table above in *database*."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def observed(self, observation: Json) -> None:
        """A visit of an article."""
        if observation["outcome"] in _READ and observation["warc"] is not None:
            self._put(observation["id"], "article", observation["observed_at"], observation["warc"])

    def noted(self, ident: str, note: PageNote) -> None:
        """A list page, a feed or a sitemap with the id *ident*."""
        self._put(ident, "page", note["at"], note)

    def fetched(self, ident: str, at: str, place: WarcPlace) -> None:
        """A picture, style or attachment."""
        self._put(ident, "requisite", at, place)

    def last(self, ident: str, use: Use) -> LastCapture | None:
        """The last capture of the address with the id *ident*."""
        row = self._db.one(
            "SELECT at, file, offset, length, record_id, digest FROM captures WHERE id=? AND use=?", (ident, use)
        )
        return LastCapture(row[0], WarcRef(*row[1:])) if row else None

    def _put(self, ident: str, use: Use, at: str, place: Mapping[str, Any]) -> None:
        ref = WarcRef.of(place)
        self._db.do(
            "INSERT INTO captures VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (id, use) DO UPDATE SET"
            " at=excluded.at, file=excluded.file, offset=excluded.offset, length=excluded.length,"
            " record_id=excluded.record_id, digest=excluded.digest"
            " WHERE (excluded.at, excluded.record_id) > (at, record_id)",
            (ident, use, at, ref.file, ref.offset, ref.length, ref.record_id, ref.payload_digest),
        )
