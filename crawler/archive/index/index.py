"""The index of an archive: articles by address and hash, and when an address is due.

A function of the archive's files (docs/decisions/0001): its rows come out the same in whatever order lines and
decisions are applied, each once.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import cast

from crawler.archive.index import duplicates, file_ends, last_captures, plans, requisites
from crawler.archive.index.duplicates import DuplicateTable
from crawler.archive.index.entries import (
    ALIAS,
    ARTICLE,
    DUPLICATE,
    NOTHING,
    REMOVED,
    VERSION,
    AddressEntry,
    KnownArticle,
)
from crawler.archive.index.file_ends import FileEnds
from crawler.archive.index.last_captures import LastCaptures
from crawler.archive.index.plans import Plans
from crawler.archive.index.requisites import RequisiteTable
from crawler.archive.index.rows import KNOWN, NO_COPY, PUT_ADDRESS, PUT_VERSION, TABLES
from crawler.archive.records import tombstone
from crawler.archive.records.decisions import PAGE
from crawler.archive.records.jsonl import Json
from crawler.archive.records.requisites import ASKED, RequisiteRecord
from crawler.archive.records.types import DecisionRecord, PageNote
from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.sqlite import Database
from crawler.article import OUTAGES
from crawler.values.urls import article_id

_MOST_ABSENT = 1 << 14  #: ids that are remembered as unknown


class Index:
    """The index in *path* (``:memory:`` for one that is thrown away). Raises StorageError where it cannot be used.

    *beside*: it is built to take another's place, as of :class:`Database`.
    """

    def __init__(self, path: Path | str, *, beside: bool = False) -> None:
        tables = (TABLES, file_ends.TABLES, duplicates.TABLES, last_captures.TABLES, plans.TABLES, requisites.TABLES)
        self.database = Database(path, "".join(tables), VERSION, beside=beside)
        self.files = FileEnds(self.database)
        self._copies = DuplicateTable(self.database)
        self.captures = LastCaptures(self.database)
        self.plans = Plans(self.database)
        self.requisites = RequisiteTable(self.database)
        self._sequence: int | None = None
        self._absent: set[str] = set()  # ids that the ledger does not have: a new address is looked up at every step

    def settle(self) -> None:
        """Puts the young band keys in order, if there are many: some seconds, before a run begins."""
        self._copies.bands.settle()

    def intact(self) -> bool:
        """Whether the file is an index of this version and sound."""
        try:
            return self.database.version == VERSION and self.database.sound()
        except StorageError:
            return False

    def commit(self) -> None:
        """Makes everything so far durable. Raises StorageError."""
        self.database.commit()

    def close(self) -> None:
        """Closes without committing."""
        self.database.close()

    # -- what the files say ------------------------------------------------------------------------------------------

    def apply(self, stream: str, record: Json, path: str, offset: int, length: int) -> None:
        """A line of the archive that lies at *path*, *offset*."""
        if stream == "observations":
            self._observe(record)
        elif tombstone.is_tombstone(record):
            for url in dict.fromkeys([record["url"], *record["page_urls"]]):
                self._address(record["portal"], url, REMOVED, record["fetched_at"], "new")
        elif stream == "duplicates":
            self._version(record, path, offset, length, original=False)
            query = "INSERT OR IGNORE INTO copies SELECT id FROM articles WHERE id=? AND NOT original"
            self.database.do(query, (record["id"],))
            self._address(record["portal"], record["url"], DUPLICATE, record["fetched_at"], "duplicate")
        else:
            self._version(record, path, offset, length, original=stream == "articles")
            self._archive(record)
        self.files.apply(path, offset + length)

    def _version(self, record: Json, path: str, offset: int, length: int, *, original: bool) -> None:
        """A version of the article (or copy) with the record's id; *original*: the first of an article."""
        row = (record["id"], record["portal"], record["url"], record["fetched_at"], record["revision"])
        self.database.do(PUT_VERSION, (*row, record["content_hash"], path, offset, length, original))
        if original:
            self.database.do("DELETE FROM copies WHERE id=?", (record["id"],))

    def _archive(self, record: Json) -> None:
        self._copies.archive(record)
        self._address(record["portal"], record["url"], ARTICLE, record["fetched_at"], "new")
        for url in record["page_urls"][1:]:
            self._address(record["portal"], url, ALIAS, record["fetched_at"], "new")

    def _observe(self, record: Json) -> None:
        outcome = record["outcome"]
        self.captures.observed(record)
        rank = {"refused": NOTHING, "duplicate": DUPLICATE}.get(outcome, ARTICLE)
        self._address(record["portal"], record["url"], rank, record["observed_at"], outcome, record["reason"])

    def note(self, note: PageNote | RequisiteRecord) -> None:
        """A note of a WARC file: that a capture is a list page, a feed or a sitemap; or what it says of requisites."""
        if note["schema"] == PAGE:
            self.captures.noted(article_id(note["url"]), cast(PageNote, note))
            return
        record = cast(RequisiteRecord, note)
        self.requisites.note(record)
        if record["schema"] == ASKED and record["status"] == 200 and record["answered"] and record["warc"] is not None:
            self.captures.fetched(article_id(record["answered"]), record["at"], record["warc"])

    def decide(self, decision: DecisionRecord) -> None:
        """A decision of a WARC file: what no line says (the address first asked for, failures, the sequence)."""
        self.reach(decision["sequence"])
        portal, at, outcome = decision["portal"], decision["observed_at"], decision["outcome"]
        if outcome == "failed":
            self._address(portal, decision["asked"], NOTHING, at, outcome, decision["reason"])
        elif decision["asked"] != decision["url"]:
            rank = NOTHING if outcome == "refused" else ALIAS
            self._address(portal, decision["asked"], rank, at, outcome, decision["reason"])

    def _address(self, portal: str, url: str, rank: int, at: str, outcome: str, reason: str | None = None) -> None:
        refusals = int(outcome == "refused")
        failures = int(outcome == "failed" and reason not in OUTAGES)
        ident = article_id(url)
        self._absent.discard(ident)
        row = (ident, portal, url, rank, at, at, outcome, reason or "", refusals, failures)
        self.database.do(PUT_ADDRESS, row)
        self.plans.wake(ident, portal, at)

    # -- questions ---------------------------------------------------------------------------------------------------

    def article(self, ident: str) -> KnownArticle | None:
        """The archived article *ident*, as of its latest revision."""
        row = self.database.one(f"SELECT {KNOWN} FROM articles WHERE id=? AND {NO_COPY}", (ident,))  # noqa: S608 - own names
        return KnownArticle(*row) if row else None

    def page(self, ident: str) -> KnownArticle | None:
        """The archived article or copy *ident*, as of its latest revision: what a new visit is compared with."""
        row = self.database.one(f"SELECT {KNOWN} FROM articles WHERE id=?", (ident,))  # noqa: S608 - own names
        return KnownArticle(*row) if row else None

    def original(self, keys: list[str], besides: str) -> KnownArticle | None:
        """The article that was archived first under any of *keys* (see copy_keys), other than *besides*."""
        ident = self._copies.original(keys, besides)
        return self.article(ident) if ident else None

    def alike(self, body: str, besides: str) -> list[KnownArticle]:
        """Articles that may be near copies of *body*, other than *besides*: the likeliest 40."""
        spans = self._copies.alike(body)
        if not spans:
            return []
        rows = self.database.all(
            f"WITH spans(low, high) AS (VALUES {','.join(['(?,?)'] * len(spans))})"  # noqa: S608 - own names
            f" SELECT {KNOWN} FROM spans CROSS JOIN articles ON id BETWEEN low AND high WHERE {NO_COPY} AND id<>?",
            (*chain.from_iterable(spans), besides),
        )
        return [KnownArticle(*row) for row in rows]

    def removed(self, ident: str) -> bool:
        """Whether the address with id *ident* was removed: it is never asked for again."""
        address = self.address(ident)
        return address is not None and address.rank == REMOVED

    def address(self, ident: str) -> AddressEntry | None:
        """The ledger's entry for the address with id *ident*."""
        if ident in self._absent:
            return None
        row = self.database.one("SELECT * FROM addresses WHERE id=?", (ident,))
        if row:
            return AddressEntry(*row)
        if len(self._absent) >= _MOST_ABSENT:
            self._absent.clear()
        self._absent.add(ident)
        return None

    def awake(self, portal: str, now: str) -> Iterator[tuple[AddressEntry, bool]]:
        """The entries of *portal* that do not rest at *now*, ordered by id, and whether each is that of a copy."""
        query = (
            "SELECT a.*, EXISTS (SELECT 1 FROM copies c WHERE c.id = a.id) FROM plans p JOIN addresses a USING (id)"
            " WHERE p.portal=? AND p.until<=? ORDER BY id"
        )
        for *row, copied in self.database.all(query, (portal, now)):
            yield AddressEntry(*row), bool(copied)

    def settled(self, portal: str) -> Iterator[AddressEntry]:
        """The entries of *portal* with parameters that proved to be something, not refused pages; articles first."""
        query = (
            "SELECT * FROM addresses WHERE portal=? AND rank<>? AND instr(url, '?') ORDER BY rank DESC, first_at, id"
        )
        for row in self.database.all(query, (portal, NOTHING)):
            yield AddressEntry(*row)

    def count(self, portal: str) -> int:
        """How many articles of *portal* are archived."""
        query = f"SELECT count(*) FROM articles WHERE portal=? AND {NO_COPY}"  # noqa: S608 - own names
        return int(self.database.one(query, (portal,))[0])

    @property
    def sequence(self) -> int:
        """The highest sequence number given so far; 0 for none."""
        if self._sequence is None:
            self._sequence = int(self.meta("sequence") or 0)
        return self._sequence

    def reach(self, sequence: int) -> None:
        """The number *sequence* was given, and none up to it is given again."""
        if sequence > self.sequence:
            self.set_meta("sequence", str(sequence))
            self._sequence = sequence

    def meta(self, key: str) -> str | None:
        row = self.database.one("SELECT value FROM meta WHERE key=?", (key,))
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        query = "INSERT INTO meta VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value=excluded.value"
        self.database.do(query, (key, value))
