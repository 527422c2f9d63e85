"""WARC files that are not compressed record by record, written again so that each record can be read at its offset.

Such files come from `gunzip`, `gzip X.warc` or `zstd X.warc`: tools that know nothing of records.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from crawler.archive.warc.lenient import Damaged, head_of, length_of, lenient_records, only_padding
from crawler.archive.warc.members import (
    CHUNK,
    MAX_BLOCK,
    VERSION,
    ZSTD,
    Container,
    TornError,
    container_of,
    unpacked_pieces,
)
from crawler.archive.warc.record import ZLIB, as_member
from crawler.archive.warc.salvage import MEMBER, positions
from crawler.archive.warc.third_party import is_native, native_info

_HEAD = 1 << 16  # bytes within which a head ends
_LOOKED_AT = 3  # members: a dictionary, a warcinfo record, and whatever follows
_PADDING = b"\r\n\0"


def is_recordwise(path: Path) -> bool:
    """Whether each record of *path* can be read at its offset, as far as its first members show.

    Files of citynews are read by gzip members only.
    """
    container, end = container_of(path) or "plain", 0
    if is_native(path) and container != "gzip":
        return False
    with path.open("rb") as file, contextlib.suppress(TornError):  # behind a tear reading goes on at a member
        for _ in range(_LOOKED_AT if container != "plain" else 0):
            offset = end
            begin = _begin_of(file, path, container, offset, _HEAD)
            if begin.strip(_PADDING):
                fields, block = head_of(begin)
                behind = block + min(length_of(fields), MAX_BLOCK)
                more = _begin_of(file, path, container, offset, behind + 64)[behind:]
                if VERSION.match(more.lstrip(_PADDING)):
                    return False
            *_, (_, end) = unpacked_pieces(file, path, container, offset)
    return True


def recompress(path: Path, folder: Path, damaged: Damaged) -> Path:
    """A copy of *path* below *folder*, in a folder of the same name, whose records can be read at their offsets.

    *damaged* is called with what cannot be unpacked. The copy is not compressed, so that its offsets depend on no
    compressor; one of a file of citynews is, since such files are read by gzip members.
    """
    target = folder / str(len(list(folder.iterdir()))) / path.parent.name / path.name
    target.parent.mkdir(parents=True)
    with target.open("wb") as out:
        out.writelines(_unpacked(path, damaged))
    info = native_info(target)
    if info is None:
        return target
    compressor = info.get("compressor", ZLIB)  # files of before were packed by zlib, and do not say so
    native = target.with_name(f"{path.name.removesuffix('.gz').removesuffix('.zst')}.gz")
    plain = target.rename(target.with_name("plain.warc"))
    with plain.open("rb") as file, native.open("wb") as out:
        for record in lenient_records(plain, damaged):
            file.seek(record.offset)
            out.write(as_member(file.read(record.end - record.offset), compressor=compressor))
    plain.unlink()
    return native


def _unpacked(path: Path, damaged: Damaged) -> Iterator[bytes]:
    """The bytes of *path*, unpacked, on both sides of what is torn."""
    container, size, end = container_of(path) or "plain", path.stat().st_size, 0
    with path.open("rb") as file:
        while container == "plain" and (data := file.read(CHUNK)):
            yield data
        while container != "plain" and end < size:
            offset = end
            try:
                for piece, end in unpacked_pieces(file, path, container, offset):  # noqa: B007 -- where the last ends
                    yield piece
            except TornError as error:
                if only_padding(file, offset):
                    return
                end = _next_member(file, path, container, offset + 1)
                damaged(f"{path}: offset {offset}: {error}; what of it could not be unpacked is lost")


def _next_member(file: BinaryIO, path: Path, container: Container, begin: int) -> int:
    """Where the next member of *path* begins that holds a record, at or behind *begin*; its size where none does."""
    for at in positions(path, MEMBER if container == "gzip" else ZSTD, begin):
        if VERSION.match(_begin_of(file, path, container, at, 64)):
            return at
    return path.stat().st_size


def _begin_of(file: BinaryIO, path: Path, container: Container, offset: int, size: int) -> bytes:
    """The first *size* bytes of what the member or frame at *offset* holds; fewer where it is shorter, or torn."""
    parts: list[bytes] = []
    with contextlib.suppress(TornError):
        for piece, _ in unpacked_pieces(file, path, container, offset):
            parts.append(piece)
            if sum(map(len, parts)) >= size:
                break
    return b"".join(parts)[:size]
