"""Standard streams that never raise: a reader that has gone, a closed stream or a full disk must not stop a command.

A command goes on to its end and keeps its exit code, whoever still reads what it prints. What could not be written to
stdout because of the disk is an error all the same: :func:`finish` says so.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any


class _Lenient(io.RawIOBase):
    """The file descriptor *fd*; after an error everything that is written to it goes nowhere."""

    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd
        self.error: OSError | None = None  #: of the disk; that nobody reads any more is none

    def fileno(self) -> int:
        return self._fd

    def isatty(self) -> bool:
        return os.isatty(self._fd)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        try:
            return os.write(self._fd, data)
        except BrokenPipeError:
            pass
        except OSError as error:
            self.error = error
        self._silence()
        return len(data)

    def _silence(self) -> None:
        """Points the descriptor to nothing: libraries that write to it by themselves are spared the error too."""
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self._fd)
        os.close(nothing)


def prepare() -> None:
    """Opens what is closed, and makes stdout and stderr lenient, in UTF-8 whatever the locale.

    A descriptor that is closed would be given to the next file that is opened: to one of the archive.
    """
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest descriptor that is free, which is this one
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - for the life of the process
    sys.stdout, sys.stderr = _text(1), _text(2)


def finish(code: int) -> int:
    """Writes what is buffered. The exit code: *code*, or 5 where stdout could not be written."""
    sys.stdout.flush()
    error = _raw(sys.stdout).error
    if error is not None:
        sys.stderr.write(f"citynews: stdout cannot be written: {error.strerror}\n")
    sys.stderr.flush()
    return 5 if error is not None and code != 2 else code


def _text(fd: int) -> io.TextIOWrapper:
    raw = _Lenient(fd)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), "utf-8", errors="backslashreplace", line_buffering=raw.isatty() or fd == 2
    )


def _raw(stream: Any) -> _Lenient:
    raw = stream.buffer.raw
    assert isinstance(raw, _Lenient)
    return raw
