"""The bytes of an archive from which the tables are made: exactly those that its finished runs recorded.

So a crawl meanwhile, its torn last line, and what a dead run left change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import STREAMS, Paths, Stream

#: Kinds of runs that change what is there already: what was made before them is rebuilt.
CHANGING = frozenset({"repair", "remove", "adopt"})
#: Order in which streams are read: a text before its later versions, pages before the visits of them.
ORDER: tuple[Stream, ...] = ("articles", "duplicates", "revisions", "observations")
OnProgress = Callable[[int, int], None]  #: done so far, to do: bytes read, or pages indexed


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes [start, end) of the content of a month file."""

    path: str  #: as in run files: relative, .jsonl
    start: int
    end: int

    @property
    def stream(self) -> Stream:
        return cast(Stream, self.path.partition("/")[0])

    @property
    def portal(self) -> str:
        return self.path.split("/")[1]

    @property
    def month(self) -> str:
        return self.path.rpartition("/")[2][:7]


@dataclass(slots=True)
class Snapshot:
    """An archive as of its last finished run, or of an earlier one."""

    paths: Paths
    archive: str | None = None  #: the archive's id; None before its first run has finished
    number: int = 0
    run: str | None = None
    sha256: str | None = None
    finished_at: str | None = None
    runs: list[Json] = field(default_factory=list)  #: rows of the table runs
    ends: dict[str, int] = field(default_factory=dict)  #: month file -> its end
    changed: tuple[int, str] = (0, "")  #: number and kind of the last run that changed what was there
    shas: dict[int, str] = field(default_factory=dict)  #: number of a run -> sha256 of its file
    _before: dict[int, dict[str, int]] = field(default_factory=dict)
    warcs: dict[str, list[str]] = field(default_factory=dict)  #: portal -> WARC files of the last run that visited it

    @classmethod
    def of(cls, root: Path | Paths, *, until: int | None = None, since: int = 0) -> Snapshot:
        """The archive *root* as of run number *until* (None: the last finished one).

        *since*: the run whose ends ``ranges`` may be asked for. Raises DamagedError for a run file that is none.
        """
        shot = cls(root if isinstance(root, Paths) else Paths(root))
        for run, sha256 in run_file.finished(shot.paths):
            if until is not None and run["number"] > until:
                break
            shot._take(run, sha256)
            if run["number"] == since:
                shot._before[since] = dict(shot.ends)
        return shot

    def ranges(self, since: int = 0, whole: Collection[str] = ()) -> list[ByteRange]:
        """What runs after number *since* wrote, in reading order: by month, stream and portal.

        The month files *whole* from their beginning.
        """
        before = {path: end for path, end in self._before.get(since, {}).items() if path not in whole}
        found = [
            ByteRange(path, before.get(path, 0), end) for path, end in self.ends.items() if end > before.get(path, 0)
        ]
        return sorted(found, key=lambda span: (span.month, ORDER.index(span.stream), span.portal))

    def follows(self, number: int, sha256: str | None) -> str | None:
        """Why tables made of run *number* cannot be carried on to this snapshot; None where they can."""
        if number > self.number or self.shas.get(number) != sha256:
            return f"run number {number} of this archive is not the one they were made from"
        if self.changed[0] > number:
            return f"`citynews {self.changed[1]}` has changed what was archived since"
        return None

    def _take(self, run: Json, sha256: str) -> None:
        number = int(run["number"])
        if not self.shas:
            self.archive = str(run.get("archive") or sha256[:32])
        self.number, self.run, self.sha256, self.finished_at = number, run["run"], sha256, run["finished_at"]
        self.shas[number] = sha256
        if run["kind"] in CHANGING:
            self.changed = (number, run["kind"])
        for entry in run["files"]:
            if entry["path"].partition("/")[0] in STREAMS:
                if entry.get("gone"):
                    self.ends.pop(entry["path"], None)
                else:
                    self.ends[entry["path"]] = int(entry["end"])
        portals = run.get("portals") or {}
        if visited := [name for name, stats in portals.items() if stats["outcomes"]]:
            files = [entry["path"] for entry in run["files"] if entry["path"].endswith(".warc.gz")]
            self.warcs |= dict.fromkeys(visited, files)
        self.runs.append(_row(run, sha256, portals))


def _row(run: Json, sha256: str, portals: dict[str, Json]) -> Json:
    """The row of *run* in the table runs."""

    def count(outcome: str) -> int:
        return sum(stats["outcomes"].get(outcome, 0) for stats in portals.values())

    return {
        "number": run["number"],
        "run": run["run"],
        "kind": run["kind"],
        "started_at": run["started_at"],
        "finished_at": run["finished_at"],
        "exit_code": run.get("exit_code"),
        "portals": sorted(portals),
        "requests": sum(stats.get("requests", 0) for stats in portals.values()),
        "new": count("new"),
        "changed": count("changed"),
        "copies": count("duplicate"),
        "gone": count("gone"),
        "refused": count("refused"),
        "failed": count("failed"),
        "sha256": sha256,
    }


def blocks_of(paths: Paths, span: ByteRange) -> Iterator[bytes]:
    """The content of *span*, open or sealed, in blocks of whole lines. Raises DamagedError where bytes are missing."""
    left, rest = span.end - span.start, b""
    for chunk in _chunks(paths, span):
        if not left:
            break
        taken = chunk[:left]
        left -= len(taken)
        whole = taken.rfind(b"\n") + 1
        if whole:
            yield rest + taken[:whole]
            rest = taken[whole:]
        else:
            rest += taken
    if left or rest:
        raise DamagedError(
            f"{span.path}: no line ends at byte {span.end}, where the last run ended; run `citynews verify`"
        )


def lines_of(paths: Paths, span: ByteRange) -> Iterator[tuple[int, bytes]]:
    """(offset behind it, line) of every line of *span*, open or sealed. Raises DamagedError where bytes are missing."""
    reached = span.start
    for block in blocks_of(paths, span):
        for line in block.split(b"\n")[:-1]:
            reached += len(line) + 1
            yield reached, line + b"\n"


def _chunks(paths: Paths, span: ByteRange) -> Iterator[bytes]:
    for last in (False, True):
        try:
            yield from month_file.chunks(paths.actual(span.path), span.start)
        except FileNotFoundError:
            if last:  # the first time it may have been sealed between the look and the opening
                raise DamagedError(f"{span.path}: is missing; see `citynews verify`") from None
        else:
            return


def number_of(paths: Paths, run: str) -> int:
    """The number of the finished run *run*, a name or a number. Raises LookupError where it can be asked for no more.

    The message says why: there is no such run, or what it wrote has been changed since.
    """
    shot = Snapshot.of(paths)
    number = next((row["number"] for row in shot.runs if run in {row["run"], str(row["number"])}), None)
    if number is None:
        raise LookupError(f"no finished run of {paths.root} is called {run}; the last one is {shot.run}")
    if shot.changed[0] > number:
        raise LookupError(f"`citynews {shot.changed[1]}` has changed what was archived up to run {run}")
    return int(number)


def archive_id(paths: Paths) -> str | None:
    """The id of the archive: that in its first run file, of older archives made from that file; None without one."""
    return Snapshot.of(paths, until=1).archive
