"""One writer per archive: an flock that the kernel releases when the process ends."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import time
from pathlib import Path
from typing import Self

from crawler.archive.storage.errors import BusyError, StorageError

_POLL = 0.2  # seconds
_HELD = re.compile(r"^\d+: FLOCK .* \w+:\w+:(\d+) ", re.MULTILINE)  # a line of /proc/locks


class Lock:
    """The writer's lock on *path*, held until the end of a ``with`` block or until :meth:`release`.

    Raises BusyError where another process holds it for longer than *wait* seconds, and StorageError.
    """

    def __init__(self, path: Path, wait: float = 0.0) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StorageError(f"{path.parent}: cannot be written: {error.strerror}") from error
        deadline = time.monotonic() + wait
        while not self._try():
            if time.monotonic() >= deadline:
                holder = os.pread(self._fd, 64, 0).decode("ascii", "replace").strip()
                os.close(self._fd)
                raise BusyError(f"{path.parent} is being written by another run (process {holder or 'unknown'})")
            time.sleep(_POLL)
        try:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:  # the number is for people only; a full disk shows itself at the first real write
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise StorageError(f"{path}: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()

    def _try(self) -> bool:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            os.close(self._fd)
            raise StorageError(
                f"{self._path}: cannot be locked: {error.strerror}; keep the archive on a file system with flock, "
                "such as a local disk"
            ) from error
        return True

    def release(self) -> None:
        """Lets the next writer in."""
        os.close(self._fd)


def holder(path: Path) -> int | None:
    """The number of the process that holds the lock on *path*, 0 where that cannot be known; None where nobody does.

    Takes no lock itself: a writer that begins at the same moment must not find the archive busy.
    """
    try:
        inode, text = path.stat().st_ino, path.read_text("ascii", "replace").strip()
        held = _HELD.findall(Path("/proc/locks").read_text("ascii"))
    except OSError:
        return None
    found = any(int(lock) == inode for lock in held)
    return (int(text) if text.isdecimal() else 0) if found else None
