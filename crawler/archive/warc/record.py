"""WARC 1.1 records as bytes: one gzip member each, sha256 digests, read back one member at a time.

Format: ISO 28500:2017 (https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/), compressed
record by record as in its annex D. warcio and fastwarc judge what is written here in the tests.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc import http
from crawler.archive.warc.http import Headers
from crawler.archive.warc.salvage import MEMBER, positions
from crawler.article import WarcRef, isoformat

isal_zlib: Any
try:
    from isal import isal_zlib
except ImportError:  # there is none for this kind of processor
    isal_zlib = None

#: How every member begins, whatever packed it, so that repair can restore it: no checksum covers these ten bytes.
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
ISAL, ZLIB = "isal level 3", "zlib level 4"  #: docs/decisions/0017-cost-of-capture.md says what other levels cost
#: What packs records here; a file says so of itself, since its records have other lengths when another one packs them.
COMPRESSOR = ZLIB if isal_zlib is None else ISAL
_GZIP = 16 + zlib.MAX_WBITS
_LEAST_BITS = 9  #: of the window, by zlib
_CHUNK = 1 << 16
#: A member that unpacks to more is not one of ours: the download cap is far below.
MAX_RECORD = 1 << 30


def new_record_id() -> str:
    """A fresh ``<urn:uuid:...>``, random (version 4)."""
    text = os.urandom(16).hex()
    variant = "89ab"[int(text[16], 16) & 3]
    return f"<urn:uuid:{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}>"


def digest(*parts: bytes) -> str:
    """``sha256:<hex>`` of *parts* in a row, the labelled digest used all over the archive."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return "sha256:" + found.hexdigest()


def pack(
    kind: str,
    *block: bytes,
    record_id: str,
    date: datetime,
    content_type: str | None,
    target: str | None = None,
    payload_digest: str | None = None,
    extra: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """One record as a gzip member; *block* in parts."""
    fields = [("WARC-Type", kind), ("WARC-Record-ID", record_id), ("WARC-Date", isoformat(date))]
    if target is not None:
        fields.append(("WARC-Target-URI", target))
    fields.extend(extra)
    if payload_digest is not None:
        fields.append(("WARC-Payload-Digest", payload_digest))
    fields.append(("WARC-Block-Digest", digest(*block)))
    if content_type is not None:
        fields.append(("Content-Type", content_type))
    fields.append(("Content-Length", str(sum(map(len, block)))))
    head = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields)
    return as_member(f"WARC/1.1\r\n{head}\r\n".encode("utf-8", "replace"), *block, b"\r\n\r\n")


def as_member(*parts: bytes, compressor: str = COMPRESSOR) -> bytes:
    """*parts* in a row as one gzip member: the same bytes, however these are divided.

    *compressor*: what it would be packed by, if that is there.
    """
    if compressor == ISAL and isal_zlib is not None:
        return GZIP_HEADER + bytes(isal_zlib.compress(b"".join(parts), 3, _GZIP)[len(GZIP_HEADER) :])
    packer = _packer(sum(map(len, parts)))
    return b"".join((*map(packer.compress, parts), packer.flush()))


def _packer(size: int) -> zlib._Compress:
    """What packs a member of *size* bytes, with tables no larger than needed: clearing them takes the longest."""
    bits = min(max(size.bit_length(), _LEAST_BITS), zlib.MAX_WBITS)
    return zlib.compressobj(4, zlib.DEFLATED, 16 + bits, min(bits - 7, zlib.DEF_MEM_LEVEL))


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read: where its member lies, its header fields (names in lower case), its block."""

    offset: int
    length: int
    fields: dict[str, str]
    block: bytes

    @property
    def kind(self) -> str:
        return self.fields.get("warc-type", "")

    @property
    def record_id(self) -> str:
        return self.fields.get("warc-record-id", "")

    @property
    def target(self) -> str:
        return self.fields.get("warc-target-uri", "")


def unpack(member: bytes, offset: int, length: int) -> Record:
    """The record in *member*, the unpacked bytes of one gzip member. Raises DamagedError."""
    head, _, rest = member.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "replace").split("\r\n")
    if not lines[0].startswith("WARC/1."):
        raise DamagedError(f"offset {offset}: not a WARC record")
    fields: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    size = fields.get("content-length", "")
    if not size.isascii() or not size.isdigit() or int(size) + 4 != len(rest) or not rest.endswith(b"\r\n\r\n"):
        raise DamagedError(f"offset {offset}: the block is not as long as Content-Length says")
    return Record(offset, length, fields, rest[:-4])


def read_record(file: BinaryIO, offset: int, length: int) -> Record:
    """The record whose member lies at *offset* for *length* bytes. Raises DamagedError."""
    file.seek(offset)
    data = file.read(length)
    unpacker = zlib.decompressobj(_GZIP)
    try:
        member = unpacker.decompress(data, MAX_RECORD)
    except zlib.error as error:
        raise DamagedError(f"offset {offset}: {error}") from error
    if not unpacker.eof or unpacker.unused_data:
        raise DamagedError(f"offset {offset}: not one whole gzip member of {length} bytes")
    return unpack(member, offset, length)


def record_at(path: Path, ref: WarcRef) -> Record:
    """The record at *ref* of *path*. Raises DamagedError where that is not the one of its id, if *ref* has one."""
    if not path.is_file():
        raise DamagedError(f"{path}: is not there")
    if ref.length:
        with path.open("rb") as file:
            record = read_record(file, ref.offset, ref.length)
    else:
        with contextlib.closing(records(path, ref.offset)) as following:
            record = next(following, None) or _absent(path, ref.offset)
    if ref.record_id and record.record_id != ref.record_id:
        raise DamagedError(f"{path}: offset {ref.offset}: {record.record_id} is here, not {ref.record_id}")
    return record


def _absent(path: Path, offset: int) -> NoReturn:
    raise DamagedError(f"{path}: offset {offset}: the file ends before it")


def records(path: Path, begin: int = 0) -> Generator[Record]:
    """Every record of *path* from byte *begin*, in order. Raises DamagedError where a member is torn or no record."""
    with path.open("rb") as file:
        file.seek(begin)
        offset, held = begin, b""
        while held or (held := file.read(_CHUNK)):
            unpacker = zlib.decompressobj(_GZIP)
            parts: list[bytes] = []
            length = size = 0
            while not unpacker.eof:
                if not held and not (held := file.read(_CHUNK)):
                    raise DamagedError(f"{path}: offset {offset}: the last record is incomplete")
                try:
                    parts.append(unpacker.decompress(held, MAX_RECORD))
                except zlib.error as error:
                    raise DamagedError(f"{path}: offset {offset}: {error}") from error
                size += len(parts[-1])
                if size >= MAX_RECORD:
                    raise DamagedError(f"{path}: offset {offset}: a record of more than {MAX_RECORD} bytes")
                length += len(held) - len(unpacker.unused_data)
                held = unpacker.unused_data
            yield unpack(b"".join(parts), offset, length)
            offset += length


def intact_records(path: Path, damaged: Callable[[str], None]) -> Iterator[Record]:
    """Every record of *path* that can be read, on both sides of what cannot; *damaged* is called for each gap."""
    begin: int | None = 0
    while begin is not None:
        end = begin
        try:
            for record in records(path, begin):
                end = record.offset + record.length
                yield record
            return
        except DamagedError as error:
            damaged(str(error))
            begin = _next_record(path, end + 1)


def _next_record(path: Path, begin: int) -> int | None:
    """Where the next record of *path* begins, at or behind byte *begin*; every record is a gzip member of its own."""
    for at in positions(path, MEMBER, begin):
        with contextlib.closing(records(path, at)) as following, contextlib.suppress(DamagedError):
            next(following)
            return at
    return None


def http_parts(block: bytes) -> tuple[int, Headers, bytes]:
    """Status, headers (in order, repeated ones too) and payload of an HTTP response block. Raises DamagedError."""
    head, payload = http.split(block)
    return *http.parse_head(head), payload


def _one_line(value: str) -> str:
    """A header value cannot end its line: what came from the web must not write fields of its own."""
    return value.replace("\r", "%0D").replace("\n", "%0A")
