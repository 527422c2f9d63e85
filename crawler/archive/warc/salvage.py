"""Where reading can begin again in a WARC file that is torn, and what stood in the tear."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from fastwarc.warc import ArchiveIterator

MEMBER = b"\x1f\x8b\x08"  #: how a gzip member begins
_PLAIN = b"WARC/1."  #: how a record begins in a file that is not compressed
_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 1 << 16
_SIZE = re.compile(rb"^Content-Length:[ \t]*(\d+)", re.IGNORECASE | re.MULTILINE)
_TARGET = re.compile(rb"^WARC-Target-URI:[ \t]*<?([^\r\n>]+)", re.IGNORECASE | re.MULTILINE)


def positions(path: Path, marker: bytes, begin: int) -> Iterator[int]:
    """Every offset of *path*, from *begin* on, at which *marker* stands."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while begin < size:
            file.seek(begin)
            data = file.read(_CHUNK + len(marker) - 1)
            at = data.find(marker)
            while at >= 0:
                yield begin + at
                at = data.find(marker, at + 1)
            begin += _CHUNK


def next_record(path: Path, begin: int) -> int | None:
    """Where the next record of *path*, written by whatever tool, begins that is whole; at or behind byte *begin*."""
    marker = MEMBER if _is_packed(path) else _PLAIN
    return next((at for at in positions(path, marker, begin) if _is_whole(path, at)), None)


def member_end(path: Path, begin: int) -> int | None:
    """Where the gzip member ends that begins at *begin* of *path*; None where it is none, or torn."""
    unpacker = zlib.decompressobj(_GZIP)
    with path.open("rb") as file:
        file.seek(begin)
        try:
            while data := file.read(_CHUNK):
                unpacker.decompress(data)
                if unpacker.eof:
                    return file.tell() - len(unpacker.unused_data)
        except zlib.error:
            return None
    return None


def address_at(path: Path, begin: int) -> str | None:
    """The address that the torn record at *begin* of *path* names, as far as its head can be read."""
    with path.open("rb") as file:
        file.seek(begin)
        data = file.read(_CHUNK)
    if data.startswith(MEMBER):
        unpacker, data, packed = zlib.decompressobj(_GZIP), b"", data
        try:
            for each in range(len(packed)):  # byte by byte: what comes before the damage is kept
                data += unpacker.decompress(packed[each : each + 1])
                if b"\r\n\r\n" in data:
                    break
        except zlib.error:
            pass
    found = _TARGET.search(data.partition(b"\r\n\r\n")[0]) if data.startswith(_PLAIN) else None
    return found[1].decode("utf-8", "replace") if found else None


def runs_over(path: Path, begin: int) -> bool:
    """Whether the record at *begin* does not end where its head says; only a file that is not compressed can do so.

    A gzip member has a checksum; without one, a record with a hole takes what it lacks from the record behind it.
    """
    with path.open("rb") as file:
        file.seek(begin)
        data = file.read(_CHUNK)
        head, found, _ = data.partition(b"\r\n\r\n")
        size = _SIZE.search(head)
        if not data.startswith(_PLAIN) or not found or size is None:
            return False
        file.seek(begin + len(head) + 4 + int(size[1]))
        return file.read(4) != b"\r\n\r\n"


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == MEMBER[:2] or path.name.removesuffix(".open").endswith(".gz")


def _is_whole(path: Path, begin: int) -> bool:
    with path.open("rb") as file:
        file.seek(begin)
        try:
            for record in ArchiveIterator(file, parse_http=False):
                at_once = record.stream_pos == begin and "Content-Length" in record.headers
                whole = at_once and record.reader.consume() == record.content_length
                return whole and not runs_over(path, begin)
        except OSError:
            return False
    return False
