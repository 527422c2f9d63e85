"""Records of WARC files of other tools: gzip, zstd or uncompressed, truncated, padded, with odd heads.

Every record has its start and end, so that it can be read again. Reading continues after damaged data.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Literal

from backports import zstd

from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc.salvage import MEMBER, positions

Container = Literal["gzip", "zstd", "plain"]
Damaged = Callable[[str], None]

MAX_BLOCK = 64 << 20  #: bytes of a block that are kept; a page may have half of that
_CHUNK = 1 << 16
_HEAD = 1 << 16  # bytes within which a head ends
_GZIP = 16 + zlib.MAX_WBITS
_ZSTD = b"\x28\xb5\x2f\xfd"
_TRAINED = b"\x37\xa4\x30\xec"  # what a dictionary begins with; another one is plain bytes
_DICTIONARY = (
    b"\x5d\x2a\x4d\x18"  # a skippable frame in front of all others: https://iipc.github.io/warc-specifications/
)
_VERSION = re.compile(rb"(?i)WARC/\d+\.\d+[ \t]*\r?\n")
_BLANK = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_NOT_APART = (
    "not compressed record by record, so that no record can be found again; `warcio recompress` makes such a file"
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


class _TornError(DamagedError):
    """The record at the offset where it was looked for cannot be read."""


def container_of(path: Path) -> Container | None:
    """How the WARC file *path* is compressed, whatever its name; None where it is no WARC file."""
    with path.open("rb") as file:
        begin = file.read(_CHUNK)
    if not begin:
        return "gzip" if ".gz" in path.suffixes else "plain"
    named = ".warc" in path.name.lower()  # what is called one may begin with a record that cannot be read
    if begin.startswith(MEMBER[:2]):
        try:
            plain = zlib.decompressobj(_GZIP).decompress(begin, 64)
        except zlib.error:
            plain = b""
        return "gzip" if _VERSION.match(plain) or (named and not is_arc(path)) else None
    if begin.startswith((_ZSTD, _DICTIONARY)):
        return "zstd"
    if _VERSION.match(begin) or (named and next(positions(path, b"WARC/", 0), None) is not None):
        return "plain"
    return None


def is_arc(path: Path) -> bool:
    """Whether *path* is a file of the format before WARC."""
    with path.open("rb") as file:
        begin = file.read(_CHUNK)
    try:
        plain = zlib.decompressobj(_GZIP).decompress(begin, 64) if begin.startswith(MEMBER[:2]) else begin
    except zlib.error:
        return False
    return plain.startswith(b"filedesc://")


def lenient_records(path: Path, damaged: Damaged) -> Iterator[LenientRecord]:
    """Every record of *path* that can be read, in order; *damaged* is called with each gap."""
    container, size = container_of(path) or "plain", path.stat().st_size
    offset = 0
    with path.open("rb") as file:
        while offset < size:
            try:
                record, more = _read(file, path, container, offset)
            except _TornError as error:
                if _only_padding(file, offset):
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
        except _TornError as error:
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
    fields, begin = _head(data)
    length = _length(fields)
    if size < begin + length:
        raise _TornError("the record is torn")
    block, more, wrong = data[begin : begin + min(length, MAX_BLOCK)], data[begin + length :], ""
    if more.strip(b"\r\n\0") and size == len(data):
        if _VERSION.match(more.lstrip(b"\r\n\0")):
            wrong = _NOT_APART
        else:  # a page must not be taken for whole that is not
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
        raise _TornError("no record here")
    offset += skipped.end()
    file.seek(offset)
    fields, begin = _head(file.read(_HEAD))
    length = _length(fields)
    file.seek(offset + begin)
    block = file.read(min(length, MAX_BLOCK))
    end = offset + begin + length
    file.seek(end)
    behind = file.read(_CHUNK)
    # without a checksum, a record with a hole takes what it lacks from the record behind it
    if len(block) < min(length, MAX_BLOCK) or _PARTED.match(behind) is None:
        raise _TornError("the record is torn")
    between = _BETWEEN.match(behind)
    assert between is not None
    return LenientRecord(offset, end + between.end(), fields, block, length)


def _unpacked(file: BinaryIO, path: Path, container: Container, offset: int) -> tuple[bytes, int, int]:
    """What the member or frame at *offset* holds (no more than a block and its head), its size, where it ends."""
    file.seek(offset)
    unpacker: Any
    if container == "gzip":
        unpacker = zlib.decompressobj(_GZIP)
    else:
        begin = file.read(8)
        if begin[1:4] == _DICTIONARY[1:] and 0x50 <= (begin[0] if begin else 0) <= 0x5F:
            return b"", 0, offset + 8 + int.from_bytes(begin[4:8], "little")
        file.seek(offset)
        unpacker = zstd.ZstdDecompressor(_dictionary(path))
    parts: list[bytes] = []
    kept = size = 0
    end = offset
    while not unpacker.eof:
        packed = file.read(_CHUNK)
        if not packed:
            raise _TornError("the record is torn")
        try:
            data = unpacker.decompress(packed)
        except (zlib.error, zstd.ZstdError) as error:
            raise _TornError(str(error)) from error
        size += len(data)
        if kept <= MAX_BLOCK + _HEAD:
            parts.append(data)
            kept += len(data)
        end += len(packed) - len(unpacker.unused_data)
    return b"".join(parts), size, end


def _head(data: bytes) -> tuple[dict[str, str], int]:
    """The named fields of the head that *data* begins with, and where it ends."""
    version, blank = _VERSION.match(data), _BLANK.search(data, 0, _HEAD)
    if version is None or blank is None:
        raise _TornError("no WARC record begins here")
    text = _FOLD.sub(" ", data[version.end() : blank.start()].decode("utf-8", "replace"))
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    return fields, blank.end()


def _length(fields: dict[str, str]) -> int:
    text = fields.get("content-length", "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise _TornError("the record does not say how long it is")
    return int(text)


@lru_cache(maxsize=8)
def _dictionary(path: Path) -> zstd.ZstdDict | None:
    """The dictionary that the zstd file *path* begins with: in a skippable frame, itself compressed or not."""
    with path.open("rb") as file:
        begin = file.read(8)
        if not begin.startswith(_DICTIONARY):
            return None
        data = file.read(min(int.from_bytes(begin[4:8], "little"), MAX_BLOCK))
    if data.startswith(_ZSTD):
        data = zstd.ZstdDecompressor().decompress(data)
    return zstd.ZstdDict(data, is_raw=not data.startswith(_TRAINED))


# -- behind a tear ---------------------------------------------------------------------------------------------------


def _resync(file: BinaryIO, path: Path, container: Container, begin: int) -> int | None:
    """Where the next record begins, at or behind *begin*, that can be read."""
    marker = {"gzip": MEMBER, "zstd": _ZSTD, "plain": b"WARC/"}[container]
    for at in positions(path, marker, begin):
        try:
            _read(file, path, container, at)
        except _TornError:
            continue
        return at
    return None


def _only_padding(file: BinaryIO, offset: int) -> bool:
    """Whether nothing but zeros and line ends follows."""
    file.seek(offset)
    while data := file.read(_CHUNK):
        if data.strip(b"\r\n\0"):
            return False
    return True


def _address_at(file: BinaryIO, container: Container, offset: int) -> str | None:
    """The address that the torn record at *offset* names, as far as its head can be read."""
    file.seek(offset)
    data = file.read(_CHUNK)
    if container == "gzip":
        unpacker, packed, data = zlib.decompressobj(_GZIP), data, b""
        try:
            for position in range(len(packed)):  # byte by byte: what comes before the damage is kept
                data += unpacker.decompress(packed[position : position + 1])
                if _BLANK.search(data):
                    break
        except zlib.error:
            pass
    found = re.search(rb"(?im)^WARC-Target-URI:[ \t]*<?([^\r\n>]+)", data.partition(b"\r\n\r\n")[0])
    return found[1].decode("utf-8", "replace") if found and _VERSION.match(data) else None
