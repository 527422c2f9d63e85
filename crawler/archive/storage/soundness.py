"""A stamp beside an SQLite file: it was found sound, and closed in order, and is as it was then.

SQLite reads the whole file to find it sound. A file that nobody has touched since need not be read again.
"""

from __future__ import annotations

from pathlib import Path


class CleanCloseMarker:
    """The stamp of the SQLite file *path*. It is taken away while the file is open: a process that dies leaves none."""

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, Path(f"{path}.sound")

    def take(self) -> bool:
        """Takes the stamp away; whether it was there and right. Before the file is opened. Raises OSError."""
        try:
            said = self._file.read_text("ascii", errors="replace")
        except FileNotFoundError:
            return False
        self._file.unlink()
        return said == self._state()

    def put(self) -> None:
        """Stamps the closed file. Without a stamp the file is only checked again: a failure to write it is none."""
        try:
            if state := self._state():
                self._file.write_text(state, "ascii")
        except OSError:
            return

    def _state(self) -> str:
        """Size and time of the last change, in ns; nothing where a write-ahead log still belongs to the file."""
        if not self._path.exists() or Path(f"{self._path}-wal").exists():
            return ""
        stat = self._path.stat()
        return f"{stat.st_size} {stat.st_mtime_ns}"
