"""The containers of WARC files: gzip members, zstd frames, or bytes that are not compressed at all."""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Literal

from backports import zstd

from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc.salvage import MEMBER, positions

Container = Literal["gzip", "zstd", "plain"]

MAX_BLOCK = 64 << 20  #: bytes of a block that are kept; a page may have half of that
CHUNK = 1 << 16
GZIP = 16 + zlib.MAX_WBITS
ZSTD = b"\x28\xb5\x2f\xfd"
VERSION = re.compile(rb"(?i)WARC/\d+\.\d+[ \t]*\r?\n")  #: what a record begins with
_PIECE = 1 << 22  # bytes that are unpacked at once
_TRAINED = b"\x37\xa4\x30\xec"  # what a dictionary begins with; another one is plain bytes
_DICTIONARY = (
    b"\x5d\x2a\x4d\x18"  # a skippable frame in front of all others: https://iipc.github.io/warc-specifications/
)


class TornError(DamagedError):
    """The record at the offset where it was looked for cannot be read."""


def container_of(path: Path) -> Container | None:
    """How the WARC file *path* is compressed, whatever its name; None where it is no WARC file."""
    with path.open("rb") as file:
        begin = file.read(CHUNK)
    if not begin:
        return "gzip" if ".gz" in path.suffixes else "plain"
    named = ".warc" in path.name.lower()  # what is called one may begin with a record that cannot be read
    if begin.startswith(MEMBER[:2]):
        try:
            plain = zlib.decompressobj(GZIP).decompress(begin, 64)
        except zlib.error:
            plain = b""
        return "gzip" if VERSION.match(plain) or (named and not is_arc(path)) else None
    if begin.startswith((ZSTD, _DICTIONARY)):
        return "zstd"
    if VERSION.match(begin) or (named and next(positions(path, b"WARC/", 0), None) is not None):
        return "plain"
    return None


def is_arc(path: Path) -> bool:
    """Whether *path* is a file of the format before WARC."""
    with path.open("rb") as file:
        begin = file.read(CHUNK)
    try:
        plain = zlib.decompressobj(GZIP).decompress(begin, 64) if begin.startswith(MEMBER[:2]) else begin
    except zlib.error:
        return False
    return plain.startswith(b"filedesc://")


def unpacked_pieces(file: BinaryIO, path: Path, container: Container, offset: int) -> Iterator[tuple[bytes, int]]:
    """What the member or frame at *offset* of *path* holds, in pieces, each with where it ends. Raises DamagedError."""
    file.seek(offset)
    unpacker: Any = zlib.decompressobj(GZIP)
    hungry = True
    if container == "zstd":
        begin = file.read(8)
        if begin[1:4] == _DICTIONARY[1:] and 0x50 <= (begin[0] if begin else 0) <= 0x5F:
            end = offset + 8 + int.from_bytes(begin[4:8], "little")
            if len(begin) < 8 or end > path.stat().st_size:
                raise TornError("a frame is torn")
            yield b"", end
            return
        file.seek(offset)
        unpacker = _zstd_unpacker(path)
    end = offset
    while not unpacker.eof:
        packed = file.read(CHUNK) if hungry else b""
        if hungry and not packed:
            raise TornError("the record is torn")
        before = unpacker.copy() if container == "gzip" else None
        try:
            # 64 KiB of zstd may hold gigabytes, of gzip they hold 66 MB at most
            data = unpacker.decompress(packed, _PIECE) if container == "zstd" else unpacker.decompress(packed)
        except (zlib.error, zstd.ZstdError) as error:
            yield _before_the_tear(before, packed), end
            raise TornError(str(error)) from error
        hungry = getattr(unpacker, "needs_input", True)
        end += len(packed) - len(unpacker.unused_data)
        yield data, end


def _before_the_tear(unpacker: Any, packed: bytes) -> bytes:
    """What *packed* unpacks to up to what cannot be: an error costs all that one call would have returned."""
    data: list[bytes] = []
    with contextlib.suppress(zlib.error):
        data.extend(unpacker.decompress(packed[at : at + 1]) for at in range(len(packed) if unpacker else 0))
    return b"".join(data)


def _zstd_unpacker(path: Path) -> zstd.ZstdDecompressor:
    try:
        return zstd.ZstdDecompressor(_dictionary(path))
    except (ValueError, zstd.ZstdError) as error:
        raise TornError(f"the dictionary of the file cannot be read: {error}") from error


@lru_cache(maxsize=8)
def _dictionary(path: Path) -> zstd.ZstdDict | None:
    """The dictionary that the zstd file *path* begins with: in a skippable frame, itself compressed or not."""
    with path.open("rb") as file:
        begin = file.read(8)
        if not begin.startswith(_DICTIONARY):
            return None
        data = file.read(min(int.from_bytes(begin[4:8], "little"), MAX_BLOCK))
    if data.startswith(ZSTD):
        data = zstd.ZstdDecompressor().decompress(data)
    return zstd.ZstdDict(data, is_raw=not data.startswith(_TRAINED))
