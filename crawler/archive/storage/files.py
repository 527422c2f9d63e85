"""Append-only files: every write is complete or undone, and every byte goes into the run's digest."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.layout import PARTIAL


@contextlib.contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turns an OSError of writing *path* into a StorageError that names it."""
    try:
        yield
    except OSError as error:
        raise storage_error(path, error) from error


def storage_error(target: Path, error: OSError) -> StorageError:
    """What *error*, met while *target* was written, says: of the file that it names, which may be one that was read."""
    named = error.filename if isinstance(error.filename, str | os.PathLike) else target
    shown = target if target.name in str(named) else named
    return StorageError(f"{shown}: {error.strerror or error}")


class AppendFile:
    """*path*, to which this run appends: where the run began in it, where it ends, the digest in between.

    It is open only from an append to the next sync: a run writes some files per portal, and may have hundreds of them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with storage(path):
            fresh = not path.exists()
            make_folder(path.parent)
            self._fd: int | None = self._open(os.O_CREAT)
            self.start = self.end = os.fstat(self._fd).st_size
            if fresh:
                sync_folder(path.parent)
        self._digest = hashlib.sha256()
        self._dirty = False

    def _open(self, flags: int = 0) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | flags, 0o644)

    def append(self, data: bytes) -> int:
        """Writes *data* in one write and returns the offset it lies at. On failure the file is as it was before."""
        try:
            if self._fd is None:
                self._fd = self._open()
            try:
                written = os.write(self._fd, data)
                while written < len(data):  # a write over 2 GiB, or a disk that has just become full
                    written += os.write(self._fd, data[written:])
            except OSError:
                os.ftruncate(self._fd, self.end)
                raise
        except OSError as error:
            raise storage_error(self.path, error) from error
        offset, self.end = self.end, self.end + len(data)
        self._digest.update(data)
        self._dirty = True
        return offset

    def sync(self) -> None:
        """Makes what was appended durable."""
        if self._dirty and self._fd is not None:
            with storage(self.path):
                os.fsync(self._fd)
            self._dirty = False
            self.close()

    @property
    def sha256(self) -> str:
        """Hex digest of what this run appended."""
        return self._digest.hexdigest()

    def close(self) -> None:
        """Closes the file until the next append."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def write_whole(path: Path, data: bytes) -> None:
    """*path* with *data*, whole or not at all: a temporary name, fsync, rename. Raises StorageError."""
    partial = path.with_name(path.name + PARTIAL)
    with storage(path):
        make_folder(path.parent)
        try:
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def truncate(path: Path, size: int) -> None:
    """Cuts *path* to *size* bytes, durably. Raises StorageError."""
    with storage(path), path.open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())


def remove(path: Path) -> None:
    """Takes *path* away, durably; it may be gone already. Raises StorageError."""
    with storage(path):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """*folder* and what is missing above it, each name durable."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in *folder* durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def range_sha256(path: Path, start: int, end: int) -> str:
    """Hex sha256 of the bytes [start, end) of *path*; of fewer where the file is shorter."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0 and (chunk := file.read(min(left, 1 << 20))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()
