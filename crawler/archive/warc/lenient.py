"""Records of WARC files of other tools: gzip, zstd or uncompressed, truncated, padded, with odd heads.

Every record has its start and end, so that it can be read again. Reading continues after damaged data.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc.members import (
    CHUNK,
    GZIP,
    MAX_BLOCK,
    VERSION,
    ZSTD,
    Container,
    TornError,
    container_of,
    unpacked_pieces,
)
from crawler.archive.warc.salvage import MEMBER, positions

Damaged = Callable[[str], None]

_HEAD = 1 << 16  # bytes within which a head ends
_BLANK = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_NOT_APART = (
    "a member of several records, of which only the first can be found again; unpack the file, or make one that is "
    "compressed record by record by `warcio recompress`"
)
_BETWEEN = re.compile(rb"[\r\n\0]*")
_PARTED = re.compile(rb"\r?\n\r?\n|\r?\n(?=(?i:WARC/)|\Z)|\Z")


@dataclass(frozen=True, slots=True)
class LenientRecord:
    """A record as far as it could be read."""

    offset: int
    end: int  #: where the next one begins
    fields: dict[str, str]  #: named fields, names in lower case; the first of several
    block: bytes
    size: int  #: of the block; more than is kept of one that is larger than any page

    @property
    def kind(self) -> str:
        return self.fields.get("warc-type", "").lower()


def lenient_records(path: Path, damaged: Damaged) -> Iterator[LenientRecord]:
    """Every record of *path* that can be read, in order; *damaged* is called with each gap."""
    container, size = container_of(path) or "plain", path.stat().st_size
    offset = 0
    with path.open("rb") as file:
        while offset < size:
            try:
                record, more = _read(file, path, container, offset)
            except TornError as error:
                if only_padding(file, offset):
                    return
                begin = _resync(file, path, container, offset + 1)
                end = size if begin is None else begin
                url = _address_at(file, container, offset)
                lost = f"{end - offset} bytes are lost" + (f", with {url}" if url else "")
                damaged(f"{path}: offset {offset}: {error}; {lost}")
                offset = end
                continue
            if record is None:
                return
            yield record
            offset = record.end
            if more:
                damaged(f"{path}: {more}")


def lenient_record_at(path: Path, offset: int) -> LenientRecord:
    """The record at *offset* of *path*. Raises DamagedError."""
    with path.open("rb") as file:
        try:
            record, _ = _read(file, path, container_of(path) or "plain", offset)
        except TornError as error:
            raise DamagedError(f"{path}: offset {offset}: {error}") from error
    if record is None:
        raise DamagedError(f"{path}: offset {offset}: no record here")
    return record


# -- one record ------------------------------------------------------------------------------------------------------


def _read(file: BinaryIO, path: Path, container: Container, offset: int) -> tuple[LenientRecord | None, str]:
    """The record at *offset*, and what is wrong besides with its member, in words."""
    if container == "plain":
        return _plain(file, offset), ""
    data, size, end = _unpacked(file, path, container, offset)
    if not data.strip(b"\r\n\0"):
        return LenientRecord(offset, end, {}, b"", 0), ""
    fields, begin = head_of(data)
    length = length_of(fields)
    if size < begin + length:
        raise TornError("the record is torn")
    block, more, wrong = data[begin : begin + min(length, MAX_BLOCK)], data[begin + length :], ""
    if VERSION.match(more.lstrip(b"\r\n\0")):
        wrong = f"offset {offset}: {_NOT_APART}"
    elif more.strip(b"\r\n\0") and size == len(data):  # a page must not be taken for whole that is not
        block = data[begin:].removesuffix(b"\r\n\r\n")
        wrong = f"offset {offset}: the record says that it has {length} bytes, and {len(block)} are there"
    return LenientRecord(offset, end, fields, block, max(length, len(block))), wrong


def _plain(file: BinaryIO, offset: int) -> LenientRecord | None:
    file.seek(offset)
    data = file.read(_HEAD)
    skipped = _BETWEEN.match(data)
    assert skipped is not None
    if skipped.end() == len(data):
        if len(data) < _HEAD:
            return None
        raise TornError("no record here")
    offset += skipped.end()
    file.seek(offset)
    fields, begin = head_of(file.read(_HEAD))
    length = length_of(fields)
    file.seek(offset + begin)
    block = file.read(min(length, MAX_BLOCK))
    end = offset + begin + length
    file.seek(end)
    behind = file.read(CHUNK)
    # without a checksum, a record with a hole takes what it lacks from the record behind it
    if len(block) < min(length, MAX_BLOCK) or _PARTED.match(behind) is None:
        raise TornError("the record is torn")
    between = _BETWEEN.match(behind)
    assert between is not None
    return LenientRecord(offset, end + between.end(), fields, block, length)


def _unpacked(file: BinaryIO, path: Path, container: Container, offset: int) -> tuple[bytes, int, int]:
    """What the member or frame at *offset* holds (no more than a block and its head), its size, where it ends."""
    parts: list[bytes] = []
    kept = size = 0
    end = offset
    for data, end in unpacked_pieces(file, path, container, offset):  # noqa: B007 -- where the last one ends
        size += len(data)
        if kept <= MAX_BLOCK + _HEAD:
            parts.append(data)
            kept += len(data)
    return b"".join(parts), size, end


def head_of(data: bytes) -> tuple[dict[str, str], int]:
    """The named fields of the head that *data* begins with, and where it ends. Raises TornError."""
    version, blank = VERSION.match(data), _BLANK.search(data, 0, _HEAD)
    if version is None or blank is None:
        raise TornError("no WARC record begins here")
    text = _FOLD.sub(" ", data[version.end() : blank.start()].decode("utf-8", "replace"))
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    return fields, blank.end()


def length_of(fields: dict[str, str]) -> int:
    """The length of the block, in bytes, that the head *fields* states. Raises TornError."""
    text = fields.get("content-length", "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise TornError("the record does not say how long it is")
    return int(text)


# -- behind a tear ---------------------------------------------------------------------------------------------------


def _resync(file: BinaryIO, path: Path, container: Container, begin: int) -> int | None:
    """Where the next record begins, at or behind *begin*, that can be read."""
    marker = {"gzip": MEMBER, "zstd": ZSTD, "plain": b"WARC/"}[container]
    for at in positions(path, marker, begin):
        try:
            _read(file, path, container, at)
        except TornError:
            continue
        return at
    return None


def only_padding(file: BinaryIO, offset: int) -> bool:
    """Whether nothing but zeros and line ends follows."""
    file.seek(offset)
    while data := file.read(CHUNK):
        if data.strip(b"\r\n\0"):
            return False
    return True


def _address_at(file: BinaryIO, container: Container, offset: int) -> str | None:
    """The address that the torn record at *offset* names, as far as its head can be read."""
    file.seek(offset)
    data = file.read(CHUNK)
    if container == "gzip":
        unpacker, packed, data = zlib.decompressobj(GZIP), data, b""
        try:
            for position in range(len(packed)):  # byte by byte: what comes before the damage is kept
                data += unpacker.decompress(packed[position : position + 1])
                if _BLANK.search(data):
                    break
        except zlib.error:
            pass
    found = re.search(rb"(?im)^WARC-Target-URI:[ \t]*<?([^\r\n>]+)", data.partition(b"\r\n\r\n")[0])
    return found[1].decode("utf-8", "replace") if found and VERSION.match(data) else None
