"""The layout of an archive folder: the paths of all files, also while they are written. No other module builds paths.

Whoever reads or writes a file of an archive asks here for it, so that an archive that lies elsewhere (an object store)
needs another layout and nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Stream = Literal["articles", "revisions", "observations", "duplicates"]
STREAMS: tuple[Stream, ...] = ("articles", "revisions", "observations", "duplicates")
_OPEN = ".open"  # suffix of a file that is not whole yet
_WARC, _CDXJ = ".warc.gz", ".cdxj"
PARTIAL = ".partial"  #: suffix of a file that is renamed once it is whole


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
    def anchored(self) -> Path:
        """The name of the last run that the operator's anchor command got."""
        return self.root / "state" / "anchored"

    @property
    def queries(self) -> Path:
        """The folder with the state and the feed of each saved query."""
        return self.root / "queries"

    @property
    def recall(self) -> Path:
        """What each look at the portals' own lists found of them in the archive."""
        return self.root / "recall"

    @property
    def change(self) -> Path:
        """The folder in which changes of existing files are prepared."""
        return self.root / ".change"

    @property
    def lock(self) -> Path:
        return self.root / ".lock"

    @property
    def home(self) -> Path:
        """The file of a local copy that names its store."""
        return self.root / ".store.json"

    @property
    def visit_lock(self) -> Path:
        """Held while one command pulls, crawls and pushes."""
        return self.root / ".store.lock"

    # -- runs --------------------------------------------------------------------------------------------------------

    def run_file(self, run: str) -> Path:
        return self.runs / f"{run}.json"

    def run_files(self) -> list[Path]:
        """The files of finished runs, sorted by name, which begins with the time."""
        return sorted(self.runs.glob("*.json"))

    def run_marker(self, run: str) -> Path:
        """The file that exists while *run* has not finished."""
        return self.runs / f"{run}.json{_OPEN}"

    def run_markers(self) -> list[Path]:
        """The markers of runs that have not finished, by name."""
        return sorted(self.runs.glob(f"*.json{_OPEN}"))

    # -- lines -------------------------------------------------------------------------------------------------------

    def relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def logical(self, path: Path) -> str:
        """The name of the month file *path* in run files and the index, open or sealed: ``....jsonl``."""
        return self.relative(path).removesuffix(".gz")

    def actual(self, logical: str) -> Path:
        """The current path of the month file *logical*: open or sealed."""
        sealed = self.root / f"{logical}.gz"
        return sealed if sealed.exists() else self.root / logical

    def stream_files(self, stream: Stream | None = None) -> Iterator[Path]:
        """The month files of *stream* (of all streams for None), open or sealed, sorted by portal and month."""
        for name in STREAMS if stream is None else (stream,):
            found = [*(self.root / name).glob("*/*.jsonl"), *(self.root / name).glob("*/*.jsonl.gz")]
            # while a month is being sealed both are there for a moment, and say the same
            yield from map(self.actual, sorted({self.logical(path) for path in found}))

    # -- WARC files; a name is relative to warc/, without the suffix of an open file -----------------------------------

    def warc_files(self, run: str | None = None) -> dict[str, Path]:
        """Name -> path of the WARC files (of *run* only, where given), sorted; those still open included."""
        stem = "*" if run is None else f"{run}-*"
        found = [*self.warc.glob(f"*/{stem}{_WARC}{_OPEN}"), *self.warc.glob(f"*/{stem}{_WARC}")]
        return dict(sorted((warc_name(path), path) for path in found))

    def warc_file(self, name: str) -> Path:
        """The path of the WARC file *name*: complete, or still open."""
        whole = self.warc / name
        return whole if whole.exists() else self.open_warc(name)

    def open_warc(self, name: str) -> Path:
        """The path of the WARC file *name* while it is written."""
        return self.warc / f"{name}{_OPEN}"

    def cdxj_of(self, name: str) -> Path:
        """The path of the index of the WARC file *name*, once that is complete."""
        return self.warc / cdxj_name(name)

    def cdxj_files(self) -> dict[str, Path]:
        """Name of a WARC file -> path of its index, sorted."""
        found = sorted(self.warc.glob(f"*/*{_CDXJ}"))
        return {f"{path.parent.name}/{path.name.removesuffix(_CDXJ)}{_WARC}": path for path in found}

    def partials(self) -> list[Path]:
        """Files whose writer died before it renamed them."""
        folders = (self.runs, self.index.parent, *self.warc.glob("*"))
        return [path for folder in folders for path in folder.glob(f"*{PARTIAL}")]


def is_open(path: Path) -> bool:
    """Whether *path* has the name of a file that is not complete yet."""
    return path.name.endswith(_OPEN)


def final_name(path: Path) -> str:
    """The name of the file *path* once it is complete."""
    return path.name.removesuffix(_OPEN)


def warc_name(path: Path) -> str:
    """The name, relative to warc/, that lines and runs know the WARC file *path* by."""
    return f"{path.parent.name}/{final_name(path)}"


def cdxj_name(name: str) -> str:
    """The name of the index of the WARC file *name*."""
    return name.removesuffix(_WARC) + _CDXJ


def name_of_warc(month: str, run: str, number: int) -> str:
    """The name of the WARC file *number* of *run*, begun in *month* (YYYY-MM)."""
    return f"{month}/{run}-{number:05d}{_WARC}"


def run_of(name: str) -> str:
    """The run that wrote the WARC file *name*."""
    return name.rpartition("/")[2].rpartition("-")[0]


def run_of_file(path: Path) -> str:
    """The run whose file or marker *path* is."""
    return path.name.partition(".")[0]


def stream_path(stream: Stream, portal: str, moment: str) -> str:
    """Path, relative to the archive, of the month file for a record of *moment* (ISO 8601)."""
    return f"{stream}/{portal}/{moment[:7]}.jsonl"
