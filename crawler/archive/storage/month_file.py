"""The bytes of a file of lines, open (``.jsonl``) or sealed (``.jsonl.gz``): the same offsets, the same content.

A sealed file is one gzip member, so that every tool reads it. It is flushed at every 256 KiB of content, and its header
(extra field ``CN``, RFC 1952) says how long each of these blocks is: a line in the middle is found without unpacking
what stands before it, and damage costs no more than its block.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.files import storage

SEALED = ".jsonl.gz"
BLOCK = 1 << 18  #: bytes of content between two places where reading may begin; the header has space for 16,000 of them
_CHUNK = 1 << 20
_HEAD = struct.Struct("<4s6sH2sHQ")  # magic and flags; time, level, system; length of the extra field; CN; length; size
_MAGIC = b"\x1f\x8b\x08\x04"


def is_sealed(path: Path) -> bool:
    """Whether *path* is named as a sealed file."""
    return path.name.endswith(SEALED)


def size(path: Path) -> int:
    """How many bytes of content *path* holds. Raises DamagedError."""
    if not is_sealed(path):
        return path.stat().st_size
    with path.open("rb") as file:
        return _map(path, file)[0]


def chunks(path: Path, start: int = 0) -> Iterator[bytes]:
    """The content of *path* from byte *start* on, piece by piece. Raises DamagedError."""
    with path.open("rb") as file:
        if not is_sealed(path):
            file.seek(start)
            while chunk := file.read(_CHUNK):
                yield chunk
            return
        total, lengths = _map(path, file)
        skipped = start // BLOCK
        file.seek(sum(lengths[:skipped]), os.SEEK_CUR)
        skip = start - skipped * BLOCK
        crc, count = 0, skipped * BLOCK
        for number, length in enumerate(lengths[skipped:], skipped):
            block = _block(path, number, file.read(length))
            crc, count = zlib.crc32(block, crc), count + len(block)
            if skip < len(block):
                yield block[skip:]
            skip = 0
        if count != total or file.read(2) != b"\x03\x00":
            raise DamagedError(f"{path}: is shorter than its header says")
        if file.read() != struct.pack("<II", crc, total & 0xFFFFFFFF) and skipped == 0:
            raise DamagedError(f"{path}: has the wrong checksum")


def blocks(path: Path, damaged: Callable[[str], None]) -> Iterator[tuple[int, bytes]]:
    """(offset, content) of every block of a sealed file that can be unpacked; *damaged* is called for the others."""
    with path.open("rb") as file:
        try:
            _, lengths = _map(path, file)
        except DamagedError as error:
            damaged(str(error))
            return
        for number, length in enumerate(lengths):
            try:
                yield number * BLOCK, _block(path, number, file.read(length))
            except DamagedError as error:
                damaged(str(error))


def read(path: Path, offset: int, length: int) -> bytes:
    """*length* bytes of content at *offset*; fewer at the end. Raises DamagedError."""
    if not is_sealed(path):
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)
    found = b""
    for chunk in chunks(path, offset):
        found += chunk
        if len(found) >= length:
            break
    return found[:length]


def line_at(path: Path, offset: int) -> bytes:
    """The line that begins at *offset*. Raises DamagedError."""
    found = b""
    for chunk in chunks(path, offset):
        found += chunk
        if b"\n" in chunk:
            break
    return found[: found.index(b"\n") + 1] if b"\n" in found else found


def range_sha256(path: Path, start: int, end: int) -> str:
    """Hex sha256 of the bytes [start, end) of the content; of fewer where it is shorter. Raises DamagedError."""
    digest = hashlib.sha256()
    left = end - start
    for chunk in chunks(path, start) if left > 0 else ():
        digest.update(chunk[:left])
        left -= len(chunk)
        if left <= 0:
            break
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Hex sha256 of the file as it lies there, packed or not."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(source: Path, target: Path) -> str:
    """Writes the content of *source* into the sealed file *target*; returns its hex sha256. Raises StorageError."""
    digest, crc, total = hashlib.sha256(), 0, 0
    lengths: list[int] = []
    count = -(-source.stat().st_size // BLOCK)
    with storage(target), source.open("rb") as lines, target.open("wb") as file:
        file.seek(_HEAD.size + 4 * count)
        while block := lines.read(BLOCK):
            packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
            packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
            lengths.append(file.write(packed))
            digest.update(block)
            crc, total = zlib.crc32(block, crc), total + len(block)
        file.write(b"\x03\x00" + struct.pack("<II", crc, total & 0xFFFFFFFF))  # an empty last block; RFC 1951
        file.seek(0)
        extra = 12 + 4 * len(lengths)
        file.write(_HEAD.pack(_MAGIC, b"\0\0\0\0\0\xff", extra, b"CN", extra - 4, total))
        file.write(struct.pack(f"<{len(lengths)}I", *lengths))
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _map(path: Path, file: BinaryIO) -> tuple[int, tuple[int, ...]]:
    """Size of the content and length of each block, from the header; *file* stands at the first block after that."""
    head = file.read(_HEAD.size)
    if len(head) == _HEAD.size:
        magic, _, extra, name, inner, total = _HEAD.unpack(head)
        packed = file.read(extra - 12) if extra >= 12 else b""
        if magic == _MAGIC and name == b"CN" and inner == extra - 4 and len(packed) == extra - 12 and extra % 4 == 0:
            return total, struct.unpack(f"<{len(packed) // 4}I", packed)
    raise DamagedError(f"{path}: not a file that citynews sealed, or its header is damaged")


def _block(path: Path, number: int, packed: bytes) -> bytes:
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, 2 * BLOCK)
    except zlib.error as error:
        raise DamagedError(f"{path}: block {number}: {error}") from error
