"""Which run owns which bytes: checks the chain of runs, and each file against its byte ranges."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.runs.ranges import FileRanges
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.files import range_sha256
from crawler.archive.storage.home import is_elsewhere
from crawler.archive.storage.layout import STREAMS, Paths, run_of_file
from crawler.archive.write import transaction
from crawler.maintenance.verify.cross_checks import KnownLosses
from crawler.maintenance.verify.findings import Findings

_MONTH = re.compile(r"\d{4}-\d\d\.jsonl(?:\.gz)?")


@dataclass(slots=True)
class RunChain:
    """What the finished runs say, those that are not finished, and the files as they were before either was read.

    A run may begin, write and end while we look: what lay there before its marker was looked for has an owner.
    """

    claims: FileRanges = field(default_factory=FileRanges)
    known: KnownLosses = field(default_factory=KnownLosses)
    finished: set[str] = field(default_factory=set)
    sources: list[str] = field(default_factory=list)
    torn: set[str] = field(default_factory=set)  #: what replays said of sources that are not whole, without folders
    unfinished: list[run_file.RunStart] = field(default_factory=list)
    sizes: dict[Path, int] = field(default_factory=dict)
    crawls: bool = False  #: whether lines come from decisions in this archive's own WARC files
    changing: bool = False  #: a change of many files is under way, or died: the next writer finishes it

    def take(self, run: Json) -> None:
        """Adds what the finished *run* says."""
        self.finished.add(run["run"])
        self.sources += run.get("sources", [])
        self.torn |= {
            without_folder(damaged_file) for damaged_file in run.get("damaged", ()) if isinstance(damaged_file, str)
        }
        self.crawls = self.crawls or run["kind"] == "crawl"
        self.claims.take(run)
        self.known.take(run)


def chain(paths: Paths, findings: Findings) -> RunChain:
    """The runs, each checked against the sha256 that the next one holds of it."""
    found = RunChain(sizes=sizes(paths))
    try:
        marked = run_file.unfinished(paths)
        finished = list(run_file.finished(paths))
        found.changing = any(transaction.planned(paths, start.run) is not None for start in marked)
    except DamagedError as error:
        findings.add("chain", "runs", "", f"a run file cannot be read: {error}")
        return found
    before = _walk(paths, found, finished, findings)
    ended = {run["run"] for run, _ in finished}
    found.unfinished = [start for start in marked if start.run not in ended]
    for start in found.unfinished:
        found.crawls = found.crawls or start.kind == "crawl"
        marker = paths.relative(paths.run_marker(start.run))
        found.sources += start.sources
        findings.excuse(marker, "", "this run has not finished")
        if start.previous != before:
            findings.add("chain", marker, "", "does not hold the sha256 of the run before it")
    return found


def _walk(paths: Paths, found: RunChain, finished: list[tuple[Json, str]], findings: Findings) -> Json | None:
    """Checks the links of the chain; returns what the run after the last one has to hold of it."""
    lost = {lost_run["number"]: lost_run for run, _ in finished for lost_run in run.get("lost", {}).get("runs", [])}
    before: Json | None = None
    number = 0
    for run, sha256 in finished:
        name = f"runs/{run['run']}.json"
        number += 1
        while number in lost and number < run["number"]:
            before = lost[number]["link"]
            findings.admit("lost", f"runs/{(before or {}).get('run', '?')}.json", "", f"run {number} is lost")
            number += 1
        if run["number"] != number:
            findings.add("chain", name, "", f"is run {run['number']}, but {number - 1} runs precede it")
        if run["previous"] != before:
            findings.add("chain", name, "", "does not hold the sha256 of the run before it")
        if not run_file.genuine(paths, run["run"]):
            findings.add("chain", name, "", "does not have the sha256 it ends with")
            before = {"run": run["run"], "sha256": sha256}
            found.finished.add(run["run"])
            continue  # whatever else it says cannot be believed, and need not even be of the right form
        before = {"run": run["run"], "sha256": sha256}
        if removed := run.get("removed"):
            findings.admit("removed", name, removed["id"], f"{len(removed['lines'])} lines: {removed['reason']}")
        found.take(run)
        findings.checked["runs"] += 1
    return before


def without_folder(sentence: str) -> str:
    """*sentence* about a file, by the name of the file alone: it may lie elsewhere now."""
    path, colon, rest = sentence.partition(": ")
    return path.rpartition("/")[2] + colon + rest


def since(paths: Paths, found: RunChain) -> set[str]:
    """The runs that have not finished, and those that began or ended after *found* was read."""
    now = set(map(run_of_file, [*paths.run_files(), *paths.run_markers()]))
    return {start.run for start in found.unfinished} | (now - found.finished)


def absent(paths: Paths, found: RunChain, findings: Findings) -> Iterator[str]:
    """The claimed files that are there; notes those that are not, and files that nobody claims.

    WARC files that a light copy has left in its store are counted: what they hold cannot be looked at here.
    """
    for relative in sorted(found.claims.ranges):
        if paths.actual(relative).is_file():
            yield relative
        elif is_elsewhere(paths, relative):
            findings.checked["elsewhere"] += 1
        else:
            findings.add("missing", relative, "", "the file is gone")
    for relative in sorted(found.claims.kept):
        if not (paths.root / relative).is_file():
            findings.add("missing", relative, "", "the file that was moved to replaced/ is gone")
    dead = {start.run for start in found.unfinished}
    for file, size in found.sizes.items():
        relative = paths.relative(file)
        owned = paths.logical(file) if month_file.is_sealed(file) else relative
        right = owned in found.claims.ranges and (owned == relative or owned in found.claims.packed)
        if right and relative == paths.relative(paths.actual(owned)):
            continue
        if not file.exists():
            continue
        if any(file.name.startswith(run) for run in dead) or (dead and file.suffix == ".jsonl"):
            findings.excuse(relative, "", "belongs to a run that has not finished")
        elif size or file.suffix != ".jsonl":
            findings.add("range", relative, "", "no run has written this file")


def owned(path: Path, relative: str, found: RunChain, findings: Findings) -> None:
    """The claimed file *relative*, which lies at *path*, against the ranges that runs claim of it."""
    packed = found.claims.packed.get(relative)
    try:
        if packed is not None and month_file.is_sealed(path):
            size = path.stat().st_size
            if size != packed["size"] or range_sha256(path, 0, size) != packed["sha256"]:
                findings.add("range", relative, "", "the sealed file is not what was written")
        elif packed is not None or month_file.is_sealed(path):
            findings.add("range", relative, "", "is sealed, and no run says so" if packed is None else "is not sealed")
        _ranges(path, relative, found, findings)
    except DamagedError as error:
        findings.add("range", relative, "", str(error))


def replaced(path: Path, kept: Json, findings: Findings) -> None:
    """A file that `adopt` moved to replaced/."""
    size = path.stat().st_size
    if size != kept["size"] or range_sha256(path, 0, size) != kept["sha256"]:
        findings.add("range", kept["path"], "", "the file that was moved to replaced/ is not what it was")
    findings.checked["ranges"] += 1


def _ranges(path: Path, relative: str, found: RunChain, findings: Findings) -> None:
    size, end = month_file.size(path), 0
    for byte_range in found.claims.ranges[relative]:
        if byte_range["start"] != end:
            findings.add("range", relative, end, f"no run owns the bytes up to {byte_range['start']}")
        end = byte_range["end"]
        if end > size:
            findings.add("range", relative, size, f"the file ends here, a run wrote up to byte {end}")
        elif month_file.range_sha256(path, byte_range["start"], end) != byte_range["sha256"]:
            findings.add("range", relative, f"{byte_range['start']}-{end}", "the bytes are not those that were written")
        findings.checked["ranges"] += 1
    seen = found.sizes.get(path, 0)
    more = (size if month_file.is_sealed(path) else seen) - end
    if more > 0:
        if found.unfinished and path.suffix == ".jsonl":
            findings.excuse(relative, end, f"{more} bytes of a run that has not finished")
        else:
            findings.add("range", relative, end, f"{more} bytes that no run wrote")


def sizes(paths: Paths) -> dict[Path, int]:
    """Every file that a run may own, and strays."""
    folders = [paths.root / stream for stream in STREAMS] + [paths.warc]
    found = {}
    for file in sorted(file for folder in folders for file in folder.rglob("*") if file.is_file()):
        with contextlib.suppress(FileNotFoundError):  # it has got its final name meanwhile
            found[file] = file.stat().st_size
    return found


def is_month(path: Path, paths: Paths) -> bool:
    """Whether *path* is named as a month file of a stream, and lies where one may lie."""
    return bool(_MONTH.fullmatch(path.name)) and len(path.relative_to(paths.root).parts) == 3
