"""The archives that are merged, and how much of each is already in the output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage.layout import STREAMS, Paths
from crawler.archive.write import formats
from crawler.article import parse_moment
from crawler.exit_codes import UsageError
from crawler.values import clock


@dataclass(frozen=True, slots=True)
class MergedUpTo:
    """How far an earlier merge has taken an archive, as its run file says."""

    archive: str
    path: str
    number: int  #: of the last run that is taken as a whole
    sha256: str  #: of that run's file
    last: int  #: the last sequence number taken
    key: str  #: the running maximum of observed_at there

    @classmethod
    def of(cls, values: Json) -> MergedUpTo:
        return cls(**{name: values[name] for name in cls.__slots__})


@dataclass(slots=True)
class InputArchive:
    """An archive to be merged."""

    paths: Paths
    archive: str  #: its id
    runs: list[tuple[Json, str]]  #: finished runs and the sha256 of their files, by number
    taken: MergedUpTo | None = None
    under_way: str | None = None  #: since when a run is writing it; what it will bring is not known yet

    @property
    def new(self) -> list[Json]:
        """The finished runs of which not all is taken."""
        done = self.taken.number if self.taken else 0
        return [run for run, _ in self.runs if run["number"] > done]

    @property
    def names(self) -> set[str]:
        """The names of its runs."""
        return {run["run"] for run, _ in self.runs}


@dataclass(slots=True)
class EarlierMerges:
    """What the merges before have put into the output."""

    taken: list[MergedUpTo] = field(default_factory=list)
    runs: set[str] = field(default_factory=set)  #: runs of inputs that are in the output as a whole
    until: str = ""  #: the latest key taken: what is before it comes late
    tail: list[Json] = field(default_factory=list)  #: ranges of observations that a merge wrote before it died


def read(roots: Sequence[Path], patience: timedelta) -> list[InputArchive]:
    """The archives in *roots*, by id and path; one that is named twice counts once.

    Raises UsageError, DamagedError, NewerFormatError.
    """
    found: dict[Path, InputArchive] = {}
    now = clock.now()
    for root in roots:
        if not root.is_dir():
            raise UsageError(f"{root}: no archive here")
        paths = Paths(root.resolve())
        formats.check(paths)
        runs = list(run_file.finished(paths))
        if not runs:
            raise UsageError(f"{root}: no finished run in runs/: not an archive, or nothing was crawled yet")
        if derived := next((run for run, _ in runs if run["kind"] in run_file.DERIVED), None):
            made_of = ", ".join(derived.get("sources", [])) or "its sources"
            raise UsageError(f"{root}: was made by {derived['kind']}, not by crawls; give {made_of} instead")
        archive = run_file.head(paths).archive
        if archive is None:
            raise UsageError(f"{root}: its first run file is lost, and with it the id of the archive")
        started = [start.started_at for start in run_file.unfinished(paths) if start.kind == "crawl"]
        recent = [moment for moment in started if now - parse_moment(moment) <= patience]
        found[paths.root] = InputArchive(paths, archive, runs, under_way=min(recent, default=None))
    return sorted(found.values(), key=lambda merged: (merged.archive, str(merged.paths.root)))


def progress(output: Paths) -> EarlierMerges:
    """What is in *output* already. Raises UsageError where it is no merged archive."""
    done = EarlierMerges()
    for run, _ in run_file.finished(output):
        if run["kind"] in {"crawl", "replay", "adopt"}:
            raise UsageError(f"{output.root}: holds a {run['kind']} (run {run['run']}): merge needs a separate folder")
        if run["kind"] != "merge":
            continue
        if run.get("recovered"):
            done.tail += [entry for entry in run["files"] if entry["path"].startswith("observations/")]
            continue
        done.tail = []
        for values in run["inputs"]:
            done.taken.append(MergedUpTo.of(values))
            done.runs |= set(values["runs"])
        done.until = max(done.until, run["until"])
    return done


def judged(output: Paths, replaced: Path | None) -> dict[str, Json]:
    """What articles were found to be against one that was removed since, by their ids: as run files keep it.

    Those of *output* and of the merged archive *replaced*, whose place it is to take. Raises UsageError.
    """
    found: dict[str, Json] = {}
    for paths in (Paths(replaced.resolve()), output) if replaced else (output,):
        runs = [run for run, _ in run_file.finished(paths)]
        if replaced and paths is not output and not any(run["kind"] == "merge" for run in runs):
            raise UsageError(f"--replaces {replaced}: no merged archive here")
        for run in runs:
            found |= run.get("removed", {}).get("judged", {})
            found |= run.get("judged", {})
    return found


def join(inputs: Iterable[InputArchive], done: EarlierMerges) -> None:
    """Notes of each input how far it is taken. Raises UsageError where it has changed since as no merge can follow."""
    for source in inputs:
        links = {sha256: run["number"] for run, sha256 in source.runs}
        known = [taken for taken in done.taken if taken.archive == source.archive and taken.sha256 in links]
        source.taken = max(known, key=lambda taken: (taken.number, taken.last), default=None)
        before = [taken for taken in done.taken if taken.path == str(source.paths.root)]
        if before and source.taken is None:
            raise UsageError(
                f"{source.paths.root}: is not the archive that was merged before, or its chain was rewritten"
            )
        for run in source.new if source.taken else ():
            if run["kind"] == "adopt" or (run["kind"] == "repair" and _rewrote_lines(run)):
                raise UsageError(
                    f"{source.paths.root}: run {run['run']} ({run['kind']}) changed lines that are merged already;"
                    " merge with --anew into an empty folder, then replace this archive by it"
                )


def _rewrote_lines(run: Json) -> bool:
    done = run.get("repaired", {})
    changed = set(done.get("rewritten", ())) - set(done.get("restored", ()))
    return any(path.partition("/")[0] in STREAMS for path in changed)
