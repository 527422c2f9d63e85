"""The WARC files of one run: opened, filled, rotated, completed with their CDXJ."""

from __future__ import annotations

import time
from pathlib import Path

from crawler import __version__
from crawler.archive.index.payloads import SHORTEST, Payloads
from crawler.archive.records import decisions
from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import DefinitionPlace
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.files import AppendFile, range_sha256, storage, sync_folder, write_whole
from crawler.archive.storage.layout import Paths, cdxj_name, final_name, name_of_warc
from crawler.archive.warc import cdxj
from crawler.archive.warc import revisit as revisits
from crawler.archive.warc.cdxj import Key
from crawler.archive.warc.exchange import Exchange, PackedExchange, pack_exchange
from crawler.archive.warc.http import Headers
from crawler.archive.warc.record import COMPRESSOR, Record, digest, http_parts, new_record_id, pack, record_at, records
from crawler.article import WarcRef
from crawler.values import clock

INDEXED_TYPES = frozenset({"response", "revisit"})  #: kinds of records that have a line in the CDXJ
MAX_SIZE = 1 << 29  #: bytes after which the next file begins
MAX_AGE = 6 * 3600.0  #: seconds after which the next file begins


class WarcWriter:
    """Writes the records of *run*. *info* is the text of each file's warcinfo record."""

    def __init__(
        self,
        paths: Paths,
        run: str,
        info: dict[str, str],
        max_size: int = MAX_SIZE,
        number: int = 0,
        max_age: float = MAX_AGE,
    ) -> None:
        self._paths, self._run, self._info, self._number = paths, run, info, number
        self._max_size, self._max_age = max_size, max_age
        self._file: AppendFile | None = None
        self._name = ""
        self._opened_at = 0.0
        self._entries: list[str] = []
        self._payloads: Payloads | None = None
        self._unsynced: list[WarcRef] = []  # payloads that may be referred to once they are durable
        self._digests: dict[Path, str] = {}
        self.whole: list[Path] = []  #: files of this run that are finished, CDXJ included

    def write(self, member: bytes) -> tuple[str, int]:
        """Appends one record; returns the file's final name, relative to warc/, and the offset."""
        file = self._file
        if file is None or file.end >= self._max_size or time.monotonic() - self._opened_at >= self._max_age:
            file = self._next()
        return self._name, file.append(member)

    def define(self, portal: str, text: str) -> DefinitionPlace:
        """Appends the definition of *portal* as a resource record; returns where it lies."""
        member, record_id, payload_digest = decisions.pack_definition(portal, text)
        file, offset = self.write(member)
        return {
            "record_id": record_id, "file": file, "offset": offset, "length": len(member), "digest": payload_digest,
        }  # fmt: skip

    def exchange(self, exchange: Exchange, refers: WarcRef | None = None) -> WarcRef:
        """Appends the records of *exchange*; returns where the response (or revisit) lies.

        *refers*: where the record lies that a 304 speaks of. Raises DamagedError where it does not.
        """
        if refers is not None and exchange.status == 304:
            packed, revisit = revisits.pack_revisit(exchange, self._original(refers)), True
        else:
            packed, revisit = self._packed(exchange)
        name, offset = self.write(packed.answer)
        length = len(packed.answer)
        mime = next((v for k, v in exchange.headers if k.lower() == "content-type"), "")
        self._entries.append(
            cdxj.entry(
                exchange.url,
                exchange.started_at.isoformat(),
                mime=cdxj.REVISIT if revisit else _mime(mime),
                status=None if revisit and exchange.status == 304 else exchange.status,
                digest=packed.payload_digest,
                offset=offset,
                length=length,
                filename=name.rpartition("/")[2],
            )
        )
        ref = WarcRef(name, offset, length, packed.record_id, packed.payload_digest)
        if not revisit and _referable(exchange):
            self._unsynced.append(ref)
        assert self._file is not None
        for member in packed.others:  # with their response, whatever the size: a pair is never separated
            self._file.append(member)
        return ref

    def sync(self) -> None:
        """Makes what was written durable."""
        if self._file is not None:
            self._file.sync()
        if self._payloads is not None:
            for ref in self._unsynced:
                self._payloads.add(ref)
        self._unsynced = []

    def close(self) -> None:
        """Makes the open file whole: durable, CDXJ written, its name final."""
        self.rotate()
        if self._payloads is not None:
            self._payloads.close()
            self._payloads = None

    def owned(self) -> list[Json]:
        """The files of this run that are finished, as the run file claims them."""
        owned = []
        for path in self.whole:
            size = path.stat().st_size
            sha256 = self._digests.get(path) or range_sha256(path, 0, size)
            owned.append({"path": self._paths.relative(path), "start": 0, "end": size, "sha256": sha256})
        return owned

    def abandon(self) -> None:
        """Lets go of everything without writing."""
        if self._payloads is not None:
            self._payloads.abandon()
            self._payloads = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def rotate(self) -> None:
        """Makes the open file whole; the next record begins another one."""
        if self._file is None:
            return
        self.sync()
        self._file.close()
        final, index = finish(self._file.path, self._entries)
        self._digests[final] = self._file.sha256  # of what was written: it need not be read again
        self.whole += [final, index]
        self._file, self._entries = None, []

    def _packed(self, exchange: Exchange) -> tuple[PackedExchange, bool]:
        """The records of *exchange*, and whether they are a revisit of a payload that is archived already."""
        if not _referable(exchange):
            return pack_exchange(exchange), False
        if self._payloads is None:
            self._payloads = Payloads(self._paths)
        payload_digest = digest(exchange.payload)
        ref = self._payloads.find(payload_digest)
        if ref is not None:
            try:
                original = self._original(ref)
                if original.ref.payload_digest == payload_digest:
                    return revisits.pack_revisit(exchange, original), True
            except DamagedError:
                pass
            self._payloads.forget(payload_digest)  # it does not lie there any more: stored again, and once only
        return pack_exchange(exchange, payload_digest), False

    def _original(self, ref: WarcRef) -> revisits.RevisitedRecord:
        return revisits.original_of(self._fetch(ref), ref.file, self._fetch)

    def _fetch(self, ref: WarcRef) -> Record:
        return record_at(self._paths.warc_file(ref.file), ref)

    def _next(self) -> AppendFile:
        self.rotate()
        now = clock.now()
        self._opened_at = time.monotonic()
        self._name = name_of_warc(f"{now:%Y-%m}", self._run, self._number)
        self._number += 1
        self._file = AppendFile(self._paths.open_warc(self._name))
        made_by = {"software": f"citynews/{__version__}", "compressor": COMPRESSOR}  # replay knows its own files by it
        info = {"filename": self._name.rpartition("/")[2]} | made_by | self._info
        block = "".join(f"{name}: {value}\r\n" for name, value in info.items()).encode()
        kind = "application/warc-fields"
        self._file.append(
            pack(
                "warcinfo", block, record_id=new_record_id(), date=now, content_type=kind,
                extra=(("WARC-Filename", info["filename"]),),
            )
        )  # fmt: skip
        return self._file


def finish(opened: Path, entries: list[str]) -> list[Path]:
    """Gives the whole file *opened* its final name, and its CDXJ; returns both paths."""
    final = opened.with_name(final_name(opened))
    index = final.with_name(cdxj_name(final.name))
    write_whole(index, cdxj.document(entries))
    with storage(opened):
        opened.rename(final)
        sync_folder(final.parent)
    return [final, index]


def salvage(opened: Path) -> list[str]:
    """Cuts a file that was left open after its last whole record; returns its CDXJ entries."""
    entries: list[str] = []
    end = 0
    name = final_name(opened)
    key: Key = cdxj.surt
    try:
        for record in records(opened):
            end = record.offset + record.length
            if record.offset == 0:
                key = key_of(record)
            if record.kind in INDEXED_TYPES:
                entries.append(entry_of(record, name, key))
    except DamagedError:
        with storage(opened), opened.open("r+b") as file:
            file.truncate(end)
            file.flush()
    return entries


def key_of(info: Record) -> Key:
    """How the index of the file is keyed whose first record *info* is: version 0.1.0 named no archive there."""
    return cdxj.surt if b"\r\narchive: " in info.block else cdxj.surt_0_1_0


def entry_of(record: Record, filename: str, key: Key = cdxj.surt) -> str:
    """The CDXJ line of a response or revisit record, keyed by *key*."""
    status: int | None = None
    headers: Headers = ()
    if record.block or record.kind == "response":  # a server's "not modified" has an empty block
        status, headers, _ = http_parts(record.block)
    mime = next((v for k, v in headers if k.lower() == "content-type"), "")
    line = cdxj.entry(
        record.target,
        record.fields["warc-date"],
        mime=cdxj.REVISIT if record.kind == "revisit" else _mime(mime),
        status=status,
        digest=record.fields.get("warc-payload-digest", ""),
        offset=record.offset,
        length=record.length,
        filename=filename,
    )
    return line if key is cdxj.surt else cdxj.rekeyed(line.encode("utf-8", "replace"), key).decode()


def _referable(exchange: Exchange) -> bool:
    """Whether a later answer with the same payload may be stored as a revisit of *exchange*, or it as one."""
    return exchange.status == 200 and exchange.truncated is None and len(exchange.payload) >= SHORTEST


def _mime(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower() or "unk"
