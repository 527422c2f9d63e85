"""Where things lie in an archive folder. The only place that joins their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Stream = Literal["articles", "revisions", "observations", "duplicates"]
STREAMS: tuple[Stream, ...] = ("articles", "revisions", "observations", "duplicates")
OPEN = ".open"  #: suffix of a file that is not whole yet


@dataclass(frozen=True, slots=True)
class Paths:
    """The layout of the archive in *root*."""

    root: Path

    @property
    def warc(self) -> Path:
        return self.root / "warc"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def index(self) -> Path:
        return self.root / "state" / "index.sqlite3"

    @property
    def payloads(self) -> Path:
        return self.root / "state" / "payloads.sqlite3"

    @property
    def change(self) -> Path:
        """Where a change of files that are there already is prepared."""
        return self.root / ".change"

    @property
    def lock(self) -> Path:
        return self.root / ".lock"

    def run_file(self, run: str) -> Path:
        return self.runs / f"{run}.json"

    def run_marker(self, run: str) -> Path:
        return self.runs / f"{run}.json{OPEN}"

    def relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def logical(self, path: Path) -> str:
        """The name under which runs and the index know the file of lines *path*, open or sealed: ``....jsonl``."""
        return self.relative(path).removesuffix(".gz")

    def actual(self, logical: str) -> Path:
        """Where the lines of the month file *logical* lie now: open or sealed."""
        sealed = self.root / f"{logical}.gz"
        return sealed if sealed.exists() else self.root / logical

    def stream_files(self, stream: Stream | None = None) -> Iterator[Path]:
        """The month files of *stream* (of all streams for None), open or sealed, sorted by portal and month."""
        for name in STREAMS if stream is None else (stream,):
            found = [*(self.root / name).glob("*/*.jsonl"), *(self.root / name).glob("*/*.jsonl.gz")]
            # while a month is being sealed both are there for a moment, and say the same
            yield from map(self.actual, sorted({self.logical(path) for path in found}))

    def warc_files(self) -> Iterator[Path]:
        """WARC files by name, those still open included."""
        yield from sorted([*self.warc.glob("*/*.warc.gz"), *self.warc.glob(f"*/*.warc.gz{OPEN}")])


def stream_path(stream: Stream, portal: str, moment: str) -> str:
    """Path, relative to the archive, of the month file that a record of *moment* (ISO 8601) belongs to."""
    return f"{stream}/{portal}/{moment[:7]}.jsonl"
