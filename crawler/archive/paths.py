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
    def lock(self) -> Path:
        return self.root / ".lock"

    def run_file(self, run: str) -> Path:
        return self.runs / f"{run}.json"

    def run_marker(self, run: str) -> Path:
        return self.runs / f"{run}.json{OPEN}"

    def relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def stream_files(self, stream: Stream | None = None) -> Iterator[Path]:
        """The month files of *stream* (of all streams for None), sorted by portal and month."""
        for name in STREAMS if stream is None else (stream,):
            yield from sorted((self.root / name).glob("*/*.jsonl"))

    def warc_files(self) -> Iterator[Path]:
        """WARC files by name, those still open included."""
        yield from sorted([*self.warc.glob("*/*.warc.gz"), *self.warc.glob(f"*/*.warc.gz{OPEN}")])


def stream_path(stream: Stream, portal: str, moment: str) -> str:
    """Path, relative to the archive, of the month file that a record of *moment* (ISO 8601) belongs to."""
    return f"{stream}/{portal}/{moment[:7]}.jsonl"
