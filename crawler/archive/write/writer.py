"""The writer of an archive: captures, then decisions, then lines, then the index, in this order of durability.

The order and its reasons: docs/decisions/0001-archive-format.md.
"""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

from crawler.archive.index import portal_state
from crawler.archive.index.entries import KnownArticle
from crawler.archive.index.index import Index
from crawler.archive.index.renamed import RenamedAddresses
from crawler.archive.records import decisions, jsonl, requisites
from crawler.archive.records.decisions import Decision
from crawler.archive.records.jsonl import Json
from crawler.archive.records.requisites import RequisiteRecord
from crawler.archive.records.types import DecisionRecord, DefinitionPlace
from crawler.archive.runs import run_file
from crawler.archive.runs.stats import PortalStats
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError, StorageError
from crawler.archive.storage.layout import Paths, Stream
from crawler.archive.storage.lock import Lock
from crawler.archive.warc import conversion
from crawler.archive.warc.exchange import Exchange
from crawler.archive.write import archive_readme, recovery, reindex
from crawler.archive.write.line_buffer import LineBuffer
from crawler.archive.write.warc_writer import MAX_AGE, MAX_SIZE, WarcWriter
from crawler.article import Capture, Role, WarcRef, parse_moment
from crawler.values import clock

COMMIT_EVERY = 1.0  #: seconds within which a decision becomes durable


class ArchiveWriter:
    """The one writer of the archive in *root*, holding its lock and writing one run.

    Raises BusyError where another process writes it for longer than *wait* seconds, StorageError where it cannot be
    written. Opening finishes a run that died. Not for several threads.
    """

    def __init__(
        self,
        root: Path,
        *,
        kind: run_file.Kind = "crawl",
        wait: float = 0.0,
        info: dict[str, str] | None = None,
        sources: tuple[str, ...] = (),
        warc_size: int = MAX_SIZE,
        warc_age: float = MAX_AGE,
    ) -> None:
        self.paths = Paths(root)
        self._lock = Lock(self.paths.lock, wait)
        try:
            self.index: Index = recovery.recover(self.paths)
            self.index.settle()
            self._start = run_file.RunStart.after(reindex.read_head(self.index), kind, sources)
            archive_readme.explain(root)
            self._start.mark(self.paths)
        except BaseException:  # a lock must not outlive an archive that did not open
            self._lock.release()
            raise
        info = self._start.info() | (info or {})
        self._begin(WarcWriter(self.paths, self._start.run, info, warc_size, max_age=warc_age))

    def _begin(self, sink: WarcWriter) -> None:
        """Starts the run, once the index is open and the run has a name."""
        self.run = self._start.run
        self.stats: defaultdict[str, PortalStats] = defaultdict(PortalStats)
        self.renamed = RenamedAddresses(self.index)
        self._sink = sink
        self._pending = LineBuffer(self.paths)
        self._definitions: dict[str, DefinitionPlace] = {}
        self._sequence = self._first = self.index.sequence
        self._committed_at = time.monotonic()
        self.begun = time.monotonic()
        self.head: str | None = None  #: sha256 of the run file, once the run is closed
        self.error: StorageError | None = None  #: the first failure of storage: nothing is written after it
        self.on_error: Callable[[StorageError], None] | None = None  #: called with it, once
        self.on_stored: Callable[[Stream, Json], None] | None = None  #: called with each line once it is durable
        self._fresh: list[tuple[Stream, Json]] = []  #: lines that wait for that
        self.index.database.on_error = self._fail  # whoever reads it: a run without its index decides nothing

    # -- captures ----------------------------------------------------------------------------------------------------

    def capture(self, exchange: Exchange, role: Role = "page", *, refers: WarcRef | None = None) -> Capture:
        """Writes *exchange* into the WARC and returns it as a capture, asked for under its own address.

        *refers*: of a 304, the record whose validators were sent. It
        becomes a revisit record of it; the capture has status 304, no headers and no payload, as replay reads it.
        Where that record cannot be read the 304 is stored as a response like any other.
        """
        with self._writing():
            ref, refers = self._stored(exchange, refers)
        return Capture(
            role=role,
            url=exchange.url,
            status=exchange.status,
            headers=() if refers else exchange.headers,
            payload=exchange.payload,
            fetched_at=exchange.started_at,
            record_id=ref.record_id,
            warc=ref,
            asked=exchange.url,
            disconnected=exchange.truncated == "disconnect",
        )

    def _stored(self, exchange: Exchange, refers: WarcRef | None) -> tuple[WarcRef, WarcRef | None]:
        if refers is not None and exchange.status == 304:
            with contextlib.suppress(DamagedError):
                return self._sink.exchange(exchange, refers), refers
        return self._sink.exchange(exchange), None

    def rendition(self, page: Capture, html: bytes, made_by: str) -> Capture:
        """Writes the archived *page* as rendered by the browser *made_by*; returns it as a capture."""
        moment = clock.now()
        member, record_id, payload_digest = conversion.pack_rendition(
            html, url=page.url, refers=page.record_id, made_at=moment, made_by=made_by
        )
        with self._writing():
            file, offset = self._sink.write(member)
        return replace(
            page,
            headers=conversion.HEADERS,
            payload=html,
            fetched_at=moment,
            record_id=record_id,
            warc=WarcRef(file, offset, len(member), record_id, payload_digest),
        )

    def note_page(self, portal: str, kind: str, capture: Capture) -> None:
        """Records that *capture* is a list page, a feed or a sitemap, for the next run's conditional request."""
        with self._writing():
            note = decisions.note_of(portal, kind, capture)
            self._sink.write(decisions.pack_note(note))
            self.index.note(note)

    def note_requisites(self, record: RequisiteRecord) -> None:
        """Records the requisites of a page, or the result of a request for one."""
        with self._writing():
            self._sink.write(requisites.pack_record(record))
            self.index.note(record)

    def define(self, portal: str, text: str) -> DefinitionPlace:
        """Writes the definition of *portal* as a resource record, once per run; returns its position."""
        if portal not in self._definitions:
            with self._writing():
                self._definitions[portal] = self._sink.define(portal, text)
        return self._definitions[portal]

    # -- decisions ---------------------------------------------------------------------------------------------------

    def decide(self, decision: Decision) -> None:
        """Ends a visit: its decision goes into the WARC now, its lines and its ledger entry with the next commit."""
        with self._writing():
            self._decide(decision)

    def _decide(self, decision: Decision) -> None:
        written = [] if decision.record is None else [self._place(*decision.record)]
        if decision.outcome != "failed":
            written.append(self._place("observations", decision.observation(self.run)))
        if decision.replayed is None:
            self._sequence += 1
            definition = self._definitions.get(decision.portal)
            placed = [(path, line) for _, _, path, line in written]
            visit = decisions.VisitName(self.archive_id, self.run, self._sequence)
            record = decision.to_record(visit, definition, placed)
            self._sink.write(decisions.pack_decision(record))
        else:
            record = decision.replayed
            if record["outcome"] is None:  # of a file of another tool: decided here for the first time
                record = record | {"outcome": decision.outcome}
            self._sequence = max(self._sequence, record["sequence"])
        for stream, line_record, path, line in written:
            self._add(stream, line_record, path, line)
        self.index.decide(record)

    def know(self, decision: DecisionRecord, found: list[tuple[str, bytes]]) -> None:
        """Takes over a visit with its existing lines (path, line), without replaying it."""
        with self._writing():
            for path, line in found:
                stream = cast(Stream, path.partition("/")[0])
                self._add(stream, jsonl.decode(line), path, line)
            self.index.decide(decision)

    def latest(self, known: KnownArticle) -> Json:
        """The latest archived record of *known*."""
        if (record := self._pending.latest(known.id)) is not None:
            return record
        return jsonl.decode(month_file.read(self.paths.actual(known.path), known.offset, known.length))

    @property
    def started_at(self) -> datetime:
        """When this run began."""
        return parse_moment(self._start.started_at)

    @property
    def archive_id(self) -> str:
        """The id of the archive."""
        assert self._start.archive is not None
        return self._start.archive

    @property
    def before(self) -> str | None:
        """The name of the previous run, which begins with its time."""
        return None if self._start.previous is None else str(self._start.previous["run"])

    def commit(self, *, force: bool = False) -> None:
        """Makes all decisions so far durable, if a second has passed since the last time, or at once with *force*."""
        now = time.monotonic()
        if not force and now - self._committed_at < COMMIT_EVERY:
            return
        self._committed_at = now
        with self._writing():
            self._sink.sync()
            self._pending.write()
            self.index.commit()
        stored, self._fresh = self._fresh, []
        if self.on_stored is not None:
            for line in stored:
                self.on_stored(*line)

    # -- the end -----------------------------------------------------------------------------------------------------

    def close(self, summary: Json, also: Sequence[Json] = ()) -> None:
        """Commits, makes the WARC files whole, writes the run file with *summary* and lets the next writer in.

        *also*: files that were put into the archive besides, as the run file claims them.

        On StorageError the run stays unfinished, to be finished by the next writer; the lock is released all the same.
        """
        try:
            self.commit(force=True)
            self._sink.close()
            owned = [*self._pending.owned(), *self._sink.owned(), *also]
            sequence = {"sequence": {"first": self._first + 1, "last": self._sequence}}
            portals = {"portals": {name: stats.summary() for name, stats in sorted(self.stats.items())}}
            head = run_file.finish(self.paths, self._start, owned, {**summary, **sequence, **portals})
            self.head = head.sha256
            reindex.seal(self.index, owned, head)
            portal_state.note(self.index, {"kind": self._start.kind, "number": head.number, **portals})
            self.index.commit()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Closes everything without writing, as if the process had died."""
        self._pending.close()
        self._sink.abandon()
        self.index.close()
        self._lock.release()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Latches the first failure of storage: what comes after it fails at once, and *on_error* is called."""
        if self.error is not None:
            raise self.error
        try:
            yield
        except StorageError as error:
            self._fail(error)
            raise

    def _fail(self, error: StorageError) -> None:
        if self.error is None:
            self.error = error
            if self.on_error is not None:
                self.on_error(error)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _place(self, stream: Stream, record: Json) -> tuple[Stream, Json, str, bytes]:
        return stream, record, self._pending.place(stream, record), jsonl.encode(record)

    def _add(self, stream: Stream, record: Json, path: str, line: bytes) -> None:
        offset = self._pending.add(stream, record, path, line)
        if self.on_stored is not None:
            self._fresh.append((stream, record))
        self.index.apply(stream, record, path, offset, len(line))
