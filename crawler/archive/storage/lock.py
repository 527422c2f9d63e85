"""One writer an archive: an flock that the kernel drops with the process that held it."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from pathlib import Path
from typing import Self

from crawler.archive.storage.errors import BusyError, StorageError

_POLL = 0.2  # seconds


class Lock:
    """The writer's lock on *path*, held until the end of a ``with`` block or until :meth:`release`.

    Raises BusyError where another process holds it for longer than *wait* seconds, and StorageError.
    """

    def __init__(self, path: Path, wait: float = 0.0) -> None:
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
        return True

    def release(self) -> None:
        """Lets the next writer in."""
        os.close(self._fd)
