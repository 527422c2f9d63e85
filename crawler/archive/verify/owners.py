"""Who owns which bytes: the chain of runs, and each file against the ranges they claim."""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive import runs
from crawler.archive.errors import DamagedError
from crawler.archive.files import range_sha256
from crawler.archive.lines import Json
from crawler.archive.paths import OPEN, STREAMS, Paths
from crawler.archive.verify.findings import Findings

_MONTH = re.compile(r"\d{4}-\d\d\.jsonl")


@dataclass(slots=True)
class Chain:
    """The finished runs in order, those that are not finished, and the files as they were before either was read.

    A run may begin, write and end while we look: what lay there before its marker was looked for has an owner.
    """

    finished: list[Json] = field(default_factory=list)
    unfinished: list[runs.Start] = field(default_factory=list)
    sizes: dict[Path, int] = field(default_factory=dict)

    @property
    def crawls(self) -> bool:
        """Whether lines come from decisions in this archive's own WARC files."""
        return any(run["kind"] == "crawl" for run in self.finished) or any(s.kind == "crawl" for s in self.unfinished)


def chain(paths: Paths, findings: Findings) -> Chain:
    """The runs, each checked against the sha256 that the next one holds of it."""
    found = Chain(sizes=_sizes(paths))
    try:
        marked = runs.unfinished(paths)
        finished = list(runs.finished(paths))
    except DamagedError as error:
        findings.add("chain", "runs", "", f"a run file cannot be read: {error}")
        return found
    ended = {run["run"] for run, _ in finished}
    found.unfinished = [start for start in marked if start.run not in ended]
    before: Json | None = None
    for number, (run, sha256) in enumerate(finished, 1):
        name = f"runs/{run['run']}.json"
        if run["number"] != number:
            findings.add("chain", name, "", f"is run {run['number']}, but {number - 1} runs lie before it")
        if run["previous"] != before:
            findings.add("chain", name, "", "does not hold the sha256 of the run before it")
        if not runs.genuine(paths, run["run"]):
            findings.add("chain", name, "", "does not have the sha256 it ends with")
        before = {"run": run["run"], "sha256": sha256}
        found.finished.append(run)
        findings.checked["runs"] += 1
    for start in found.unfinished:
        findings.excuse(f"runs/{start.run}.json{OPEN}", "", "this run has not finished")
        if start.previous != before:
            findings.add("chain", f"runs/{start.run}.json{OPEN}", "", "does not hold the sha256 of the run before it")
    return found


def since(paths: Paths, found: Chain) -> set[str]:
    """The runs that have not finished, and those that began or ended after *found* was read."""
    now = {path.name.partition(".")[0] for path in paths.runs.glob("*.json*")}
    return {start.run for start in found.unfinished} | (now - {run["run"] for run in found.finished})


def ranges(paths: Paths, runs_found: Chain, findings: Findings) -> None:
    """Every file of the archive against the byte ranges that runs claim of it."""
    claims: defaultdict[str, list[Json]] = defaultdict(list)
    for run in runs_found.finished:
        for each in run["files"]:
            claims[each["path"]].append(each)
    for path, owned in sorted(claims.items()):
        _owned(paths, path, owned, findings, runs_found)
    dead = {start.run for start in runs_found.unfinished}
    for file, size in runs_found.sizes.items():
        relative = paths.relative(file)
        if relative in claims or not file.exists():
            continue
        if any(file.name.startswith(run) for run in dead) or (dead and file.suffix == ".jsonl"):
            findings.excuse(relative, "", "belongs to a run that has not finished")
        elif size or file.suffix != ".jsonl":
            findings.add("range", relative, "", "no run has written this file")


def _owned(paths: Paths, relative: str, owned: list[Json], findings: Findings, runs_found: Chain) -> None:
    path = paths.root / relative
    if not path.is_file():
        findings.add("missing", relative, "", "the file is gone")
        return
    size, end = path.stat().st_size, 0
    for each in owned:
        if each["start"] != end:
            findings.add("range", relative, end, f"no run owns the bytes up to {each['start']}")
        end = each["end"]
        if end > size:
            findings.add("range", relative, size, f"the file ends here, a run wrote up to byte {end}")
        elif range_sha256(path, each["start"], end) != each["sha256"]:
            findings.add("range", relative, f"{each['start']}-{end}", "the bytes are not those that were written")
        findings.checked["ranges"] += 1
    more = runs_found.sizes.get(path, 0) - end
    if more > 0:
        if runs_found.unfinished and path.suffix == ".jsonl":
            findings.excuse(relative, end, f"{more} bytes of a run that has not finished")
        else:
            findings.add("range", relative, end, f"{more} bytes that no run wrote")


def _sizes(paths: Paths) -> dict[Path, int]:
    """Every file that a run may own, and strays beside them."""
    folders = [paths.root / stream for stream in STREAMS] + [paths.warc]
    found = {}
    for file in sorted(file for folder in folders for file in folder.rglob("*") if file.is_file()):
        with contextlib.suppress(FileNotFoundError):  # it has got its final name meanwhile
            found[file] = file.stat().st_size
    return found


def is_month(path: Path) -> bool:
    """Whether *path* is named as a month file of a stream."""
    return bool(_MONTH.fullmatch(path.name))
