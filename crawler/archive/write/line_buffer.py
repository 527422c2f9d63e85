"""The lines of a run: buffered until the next commit, then in their month files, which the run owns at its end."""

from __future__ import annotations

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import SealedError
from crawler.archive.storage.files import AppendFile
from crawler.archive.storage.layout import Paths, Stream, stream_path


class LineBuffer:
    """The month files of the archive at *paths* as this run writes them. Raises StorageError."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._files: dict[str, AppendFile] = {}
        self._records: list[tuple[str, bytes]] = []  # at a commit these go first, then the observations
        self._observations: list[tuple[str, bytes]] = []
        self._ends: dict[str, int] = {}  # where each file will end once the pending lines are written
        self._fresh: dict[str, Json] = {}  # id -> latest record among the pending ones, of articles and copies

    def place(self, stream: Stream, record: Json) -> str:
        """The month file that *record* goes to. Raises SealedError where that month takes no more lines."""
        moment = record["observed_at" if stream == "observations" else "fetched_at"]
        path = stream_path(stream, record["portal"], moment)
        if path not in self._files and (self._paths.root / f"{path}.gz").exists():
            raise SealedError(f"{self._paths.root}: {moment[:7]} is sealed; no line of that month can be added")
        return path

    def add(self, stream: Stream, record: Json, path: str, line: bytes) -> int:
        """Keeps the *line* of *record* for *path*; returns the offset at which it will lie."""
        offset = self._ends[path] if path in self._ends else self._file(path).end
        self._ends[path] = offset + len(line)
        (self._observations if stream == "observations" else self._records).append((path, line))
        if stream != "observations":
            self._fresh[record["id"]] = record
        return offset

    def latest(self, ident: str) -> Json | None:
        """The latest pending record of the article *ident*."""
        return self._fresh.get(ident)

    def write(self) -> None:
        """Writes what is pending, durably: first records, then observations."""
        self._write(self._records)
        self._write(self._observations)
        self._records, self._observations, self._fresh = [], [], {}

    def owned(self) -> list[Json]:
        """What this run wrote into each file, as the run file claims it."""
        return [
            {"path": path, "start": file.start, "end": file.end, "sha256": file.sha256}
            for path, file in self._files.items()
        ]

    def close(self) -> None:
        """Lets go of the files; what is still pending is not written."""
        for file in self._files.values():
            file.close()
        self._files = {}

    def _write(self, pending: list[tuple[str, bytes]]) -> None:
        touched = {}
        for path, line in pending:
            touched[path] = self._file(path)
            touched[path].append(line)
        for file in touched.values():
            file.sync()

    def _file(self, path: str) -> AppendFile:
        if path not in self._files:
            self._files[path] = AppendFile(self._paths.root / path)
        return self._files[path]
