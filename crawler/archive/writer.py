"""The writer of an archive: captures, then decisions, then lines, then the index, in this order of durability.

The order and its reasons: docs/decisions/0001-archive-format.md.
"""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from crawler.archive import aftermath, beside, content, decisions, lines, rebuild, recovery, renditions, runs
from crawler.archive.errors import DamagedError, SealedError, StorageError
from crawler.archive.exchanges import Exchange
from crawler.archive.files import AppendFile, range_sha256
from crawler.archive.index import Index, Known
from crawler.archive.lines import Json
from crawler.archive.lock import Lock
from crawler.archive.pagenotes import note_of, pack_note
from crawler.archive.paths import Paths, Stream, stream_path
from crawler.archive.tally import Tally
from crawler.archive.warcfile import digest, new_record_id, pack
from crawler.archive.warcsink import MAX_AGE, MAX_SIZE, WarcSink
from crawler.article import Capture, Outcome, Role, Wanted, WarcRef, isoformat, parse_moment

COMMIT_EVERY = 1.0  #: seconds within which a decision becomes durable


@dataclass(slots=True)
class Verdict:
    """How a visit ended: what the pipelines hand to the archive."""

    portal: str
    ident: str  #: id of the article address
    asked: str  #: the address first asked for
    url: str  #: that answered
    observed_at: datetime
    outcome: Outcome
    status: int | None = None
    reason: str | None = None
    captures: Sequence[Capture] = ()
    missing: Iterable[Wanted] = ()
    record: tuple[Stream, Json] | None = None  #: the line besides the observation
    view_count: int | None = None
    view_count_raw: str | None = None
    revision: int | None = None
    run: str | None = None  #: None: this run
    decision: Json | None = None  #: in replay: the decision that is made again


class Archive:
    """The one writer of the archive in *root*, holding its lock and writing one run.

    Raises BusyError where another process writes it for longer than *wait* seconds, StorageError where it cannot be
    written. Opening finishes a run that died. Not for several threads.
    """

    def __init__(
        self,
        root: Path,
        *,
        kind: runs.Kind = "crawl",
        wait: float = 0.0,
        info: dict[str, str] | None = None,
        warc_size: int = MAX_SIZE,
        warc_age: float = MAX_AGE,
    ) -> None:
        self.paths = Paths(root)
        self._lock = Lock(self.paths.lock, wait)
        try:
            self.index: Index = recovery.recover(self.paths)
            self.index.settle()
            self._start = runs.Start.after(rebuild.read_head(self.index), kind)
            beside.explain(root)
            self._start.mark(self.paths)
        except BaseException:
            self._lock.release()
            raise
        self.run = self._start.run
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self._sink = WarcSink(self.paths, self.run, {"isPartOf": self.run} | (info or {}), warc_size, max_age=warc_age)
        self._files: dict[str, AppendFile] = {}
        self._pending: list[tuple[str, bytes]] = []  # record lines, then at commit the observations
        self._observations: list[tuple[str, bytes]] = []
        self._ends: dict[str, int] = {}  # where each file will end once the pending lines are written
        self._fresh: dict[str, Json] = {}  # id -> latest record among the pending ones
        self._definitions: dict[str, Json] = {}
        self._sequence = self._first = self.index.sequence
        self._committed_at = time.monotonic()
        self.begun = time.monotonic()
        self.error: StorageError | None = None  #: the first failure of storage: nothing is written after it
        self.on_error: Callable[[StorageError], None] | None = None  #: told of it, once

    # -- captures ----------------------------------------------------------------------------------------------------

    def capture(self, exchange: Exchange, role: Role = "page", *, refers: Json | None = None) -> Capture:
        """Writes *exchange* into the WARC and returns it as a capture, asked for under its own address.

        *refers*: of a 304, the place of the record whose validators were sent ("warc" of a line of this archive). It
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
        )

    def _stored(self, exchange: Exchange, refers: Json | None) -> tuple[WarcRef, Json | None]:
        if refers is not None and exchange.status == 304:
            with contextlib.suppress(DamagedError):
                return self._sink.exchange(exchange, refers), refers
        return self._sink.exchange(exchange), None

    def rendition(self, page: Capture, html: bytes, made_by: str) -> Capture:
        """Writes what the browser *made_by* made of the archived *page* beside it; returns it as a capture."""
        moment = datetime.now(UTC)
        member, record_id, payload_digest = renditions.pack_rendition(
            html, url=page.url, refers=page.record_id, made_at=moment, made_by=made_by
        )
        with self._writing():
            file, offset = self._sink.write(member)
        return replace(
            page,
            headers=renditions.HEADERS,
            payload=html,
            fetched_at=moment,
            record_id=record_id,
            warc=WarcRef(file, offset, len(member), record_id, payload_digest),
        )

    def note_page(self, portal: str, kind: str, capture: Capture) -> None:
        """Notes that *capture* is a list page, a feed or a sitemap: the next run asks whether it has changed since."""
        with self._writing():
            note = note_of(portal, kind, capture)
            self._sink.write(pack_note(note))
            self.index.note(note)

    def define(self, portal: str, text: str) -> Json:
        """Writes the definition of *portal* as a resource record, once a run; returns where it lies."""
        if portal not in self._definitions:
            block = text.encode()
            record_id = new_record_id()
            member = pack(
                "resource", block, record_id=record_id, date=datetime.now(UTC), payload_digest=digest(block),
                content_type=decisions.DEFINITION_TYPE, target=f"urn:citynews:portal:{portal}",
            )  # fmt: skip
            with self._writing():
                file, offset = self._sink.write(member)
            self._definitions[portal] = {
                "record_id": record_id, "file": file, "offset": offset, "length": len(member), "digest": digest(block),
            }  # fmt: skip
        return self._definitions[portal]

    # -- decisions ---------------------------------------------------------------------------------------------------

    def decide(self, verdict: Verdict) -> None:
        """Ends a visit: its decision goes into the WARC now, its lines and its ledger entry with the next commit."""
        with self._writing():
            self._decide(verdict)

    def _decide(self, verdict: Verdict) -> None:
        written = [] if verdict.record is None else [self._place(*verdict.record)]
        if verdict.outcome != "failed":
            written.append(self._place("observations", self._observation(verdict)))
        if verdict.decision is None:
            self._sequence += 1
            decision = self._decision(verdict, [(path, line) for _, _, path, line in written])
            self._sink.write(decisions.pack_decision(decision))
        else:
            decision = verdict.decision
            if decision["outcome"] is None:  # of a file of another tool: decided here for the first time
                decision = decision | {"outcome": verdict.outcome}
            self._sequence = max(self._sequence, decision["sequence"])
        for stream, record, path, line in written:
            offset = self._reserve(path, len(line))
            self.index.apply(stream, record, path, offset, len(line))
            (self._observations if stream == "observations" else self._pending).append((path, line))
            if stream in {"articles", "revisions"}:
                self._fresh[record["id"]] = record
        self.index.decide(decision)

    def know(self, decision: Json, found: list[tuple[str, bytes]]) -> None:
        """A visit whose lines (path, line) are there: they are believed, and the visit is not made again."""
        with self._writing():
            for path, line in found:
                stream = cast(Stream, path.partition("/")[0])
                record = lines.decode(line)
                offset = self._reserve(path, len(line))
                self.index.apply(stream, record, path, offset, len(line))
                (self._observations if stream == "observations" else self._pending).append((path, line))
                if stream in {"articles", "revisions"}:
                    self._fresh[record["id"]] = record
            self.index.decide(decision)

    def latest(self, known: Known) -> Json:
        """The latest archived record of *known*."""
        if (record := self._fresh.get(known.id)) is not None:
            return record
        return lines.decode(content.read(self.paths.actual(known.path), known.offset, known.length))

    @property
    def started_at(self) -> datetime:
        """When this run began."""
        return parse_moment(self._start.started_at)

    def commit(self, *, force: bool = False) -> None:
        """Makes all decisions so far durable, if a second has passed since the last time, or at once with *force*."""
        now = time.monotonic()
        if not force and now - self._committed_at < COMMIT_EVERY:
            return
        self._committed_at = now
        with self._writing():
            self._sink.sync()
            self._write(self._pending)
            self._write(self._observations)
            self._pending, self._observations, self._fresh = [], [], {}
            self.index.commit()

    # -- the end -----------------------------------------------------------------------------------------------------

    def close(self, summary: Json) -> None:
        """Commits, makes the WARC files whole, writes the run file with *summary* and lets the next writer in.

        On StorageError the run stays unfinished, to be finished by the next writer; the lock is released all the same.
        """
        try:
            self.commit(force=True)
            self._sink.close()
            owned = [
                {"path": path, "start": file.start, "end": file.end, "sha256": file.sha256}
                for path, file in self._files.items()
            ]
            for path in self._sink.whole:
                size = path.stat().st_size
                relative = self.paths.relative(path)
                owned.append({"path": relative, "start": 0, "end": size, "sha256": range_sha256(path, 0, size)})
            sequence = {"sequence": {"first": self._first + 1, "last": self._sequence}}
            portals = {"portals": {name: tally.summary() for name, tally in sorted(self.tallies.items())}}
            head = runs.finish(self.paths, self._start, owned, {**summary, **sequence, **portals})
            rebuild.seal(self.index, owned, head)
            aftermath.note(self.index, {"kind": self._start.kind, "number": head.number, **portals})
            self.index.commit()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Lets go of everything without writing: what a process does that dies."""
        for file in self._files.values():
            file.close()
        self._files = {}
        self._sink.abandon()
        self.index.close()
        self._lock.release()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Latches the first failure of storage: what comes after it fails at once, and somebody is told."""
        if self.error is not None:
            raise self.error
        try:
            yield
        except StorageError as error:
            self.error = error
            if self.on_error is not None:
                self.on_error(error)
            raise

    # -- inside ------------------------------------------------------------------------------------------------------

    def _place(self, stream: Stream, record: Json) -> tuple[Stream, Json, str, bytes]:
        moment = record["observed_at" if stream == "observations" else "fetched_at"]
        path = stream_path(stream, record["portal"], moment)
        if path not in self._files and (self.paths.root / f"{path}.gz").exists():
            raise SealedError(f"{self.paths.root}: {moment[:7]} is sealed; no line of that month can be added")
        return stream, record, path, lines.encode(record)

    def _observation(self, verdict: Verdict) -> Json:
        place = verdict.captures[0].warc if verdict.captures else None
        values: dict[str, Any] = {
            "id": verdict.ident,
            "observed_at": isoformat(verdict.observed_at),
            "run": verdict.run or self.run,
            "warc": lines.warc_place(place),
        }
        same = ("portal", "url", "status", "outcome", "reason", "view_count", "view_count_raw", "revision")
        return lines.observation_record(values | {name: getattr(verdict, name) for name in same})

    def _decision(self, verdict: Verdict, written: list[tuple[str, bytes]]) -> Json:
        same = ("portal", "asked", "url", "status", "outcome", "reason", "view_count", "view_count_raw", "revision")
        return {
            "schema": decisions.DECISION,
            "sequence": self._sequence,
            "run": self.run,
            "id": verdict.ident,
            "observed_at": isoformat(verdict.observed_at),
            **{name: getattr(verdict, name) for name in same},
            "captures": [decisions.capture_place(capture) for capture in verdict.captures],
            "missing": decisions.missing(verdict.missing),
            "definition": self._definitions.get(verdict.portal),
            "lines": [{"path": path, "sha256": lines.sha256(line)} for path, line in written],
        }

    def _reserve(self, path: str, length: int) -> int:
        offset = self._ends[path] if path in self._ends else self._file(path).end
        self._ends[path] = offset + length
        return offset

    def _write(self, pending: list[tuple[str, bytes]]) -> None:
        touched = {}
        for path, line in pending:
            touched[path] = self._file(path)
            touched[path].append(line)
        for file in touched.values():
            file.sync()

    def _file(self, path: str) -> AppendFile:
        if path not in self._files:
            self._files[path] = AppendFile(self.paths.root / path)
        return self._files[path]
