"""The merge itself: which visits are merged, in which order, and with which outcome."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from crawler.archive.read.order import DecisionPlace, VisitOrder
from crawler.archive.read.sources import SourceError, name_of
from crawler.archive.records import jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.storage import month_file
from crawler.archive.storage.files import range_sha256, storage, sync_folder
from crawler.archive.storage.layout import Paths, cdxj_name, run_of
from crawler.archive.storage.lock import Lock
from crawler.archive.write.writer import ArchiveWriter
from crawler.exit_codes import UsageError
from crawler.maintenance.merge import inputs as reading
from crawler.maintenance.merge.inputs import EarlierMerges, InputArchive
from crawler.maintenance.merge.lines import InputLines
from crawler.maintenance.merge.visits import MergedVisits
from crawler.maintenance.remove import remove
from crawler.replay.places import SeenVisits
from crawler.replay.sources import Sources


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """How to merge."""

    late: bool = False  #: also what comes before visits that are merged already
    with_warc: bool = False  #: copies the WARC files of the inputs into the output
    patience: timedelta = timedelta(days=2)  #: a run that began longer ago holds nothing up
    wait: float = 0.0  #: seconds to wait for the lock of the output
    jobs: int = 1  #: processes that read the inputs
    replaces: Path | None = None  #: the merged archive that the output is to replace: see MergedVisits


@dataclass(slots=True)
class MergeSummary:
    """What a merge did: `read` = visits that hold in the new runs, `left_out` of these, by reason."""

    run: str | None = None  #: None: there was nothing new
    visits: int = 0
    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    from_pages: int = 0  #: visits that were read from their pages again, since no line says enough
    removed: list[str] = field(default_factory=list)  #: ids that an input removed, removed here too
    waiting_for: str | None = None  #: the moment after which visits wait for a run that is under way
    late: list[str] = field(
        default_factory=list
    )  #: inputs that wait, since they bring visits from before the last merge
    outcomes: Counter[str] = field(default_factory=Counter)
    archive: str = ""
    judged: dict[str, Json] = field(default_factory=dict)  #: what was taken over of the archive that this one replaces


@dataclass(slots=True)
class _MergePlan:
    """What of the new runs is taken now."""

    order: VisitOrder
    taken: list[DecisionPlace]
    owners: dict[str, InputArchive]  #: run -> the input it is read from
    waiting: set[str] = field(default_factory=set)  #: paths of inputs of which something is left for later


def merge(
    roots: Sequence[Path], output: Path, options: MergeOptions, *, stop: Callable[[], bool] = lambda: False
) -> MergeSummary:
    """Merges the archives in *roots* into *output*. *stop* is asked between two visits.

    Raises UsageError, BusyError, StorageError, DamagedError.
    """
    target = Paths(output.resolve())
    archives = reading.read(roots, options.patience)
    if any(archive.paths.root == target.root for archive in archives):
        raise UsageError(f"{output}: is one of the archives that are merged")
    done = reading.progress(target)
    reading.join(archives, done)
    result = MergeSummary()
    try:
        with Sources(tuple(archive.paths.warc for archive in archives), jobs=options.jobs) as sources:
            plan = _plan(sources, archives, done, options, result)
            result.removed = _removals(archives, target)
            if plan.taken or result.removed:
                _merge(sources, plan, archives, done, target, options, result, stop)
    except SourceError as error:
        raise UsageError(str(error)) from error
    return result


def _plan(
    sources: Sources, archives: list[InputArchive], done: EarlierMerges, options: MergeOptions, result: MergeSummary
) -> _MergePlan:  # fmt: skip
    new = {run["run"] for archive in archives for run in archive.new} - done.runs
    order = sources.order(name for name in sources.natives if run_of(name) in new)
    owners: dict[str, InputArchive] = {}
    for archive in archives:
        if archive.taken is not None:
            order.begin(archive.archive, str(archive.paths.warc), archive.taken.key)
        for name in archive.names:
            owners.setdefault(name, archive)
    result.waiting_for = min((archive.under_way for archive in archives if archive.under_way), default=None)
    plan = _MergePlan(order, [], owners)
    for place in order:
        owner = owners[place.run]
        path = str(owner.paths.root)
        if place.run in done.runs or (owner.taken is not None and place.sequence <= owner.taken.last):
            continue  # merged already; decided again since, it may have brought its file here
        result.read += 1
        if path not in plan.waiting and not options.late and place.key < done.until:
            result.late.append(path)
            plan.waiting.add(path)
        elif result.waiting_for is not None and place.key > result.waiting_for:
            plan.waiting.add(path)
        if path in plan.waiting:
            result.left_out["late" if path in result.late else "waiting"] += 1
        else:
            plan.taken.append(place)
    return plan


def _removals(archives: list[InputArchive], target: Paths) -> list[str]:
    """Ids that new runs removed, and of which the output has lines."""
    if not target.root.is_dir():
        return []
    ids = {
        run["removed"]["id"] for archive in archives if archive.taken for run in archive.new if run["kind"] == "remove"
    }
    return sorted(ids)


def _merge(
    sources: Sources, plan: _MergePlan, archives: list[InputArchive], done: EarlierMerges, target: Paths,
    options: MergeOptions,
    result: MergeSummary, stop: Callable[[], bool],
) -> None:  # fmt: skip
    for ident in result.removed:
        with Lock(target.lock, options.wait):
            remove(target, ident, "removed from an archive that is merged here")
    where = () if options.with_warc else tuple(str(archive.paths.warc) for archive in archives)
    writer = ArchiveWriter(target.root, kind="merge", wait=options.wait, sources=where)
    try:
        lines = InputLines(archives)
        gone = {run["removed"]["id"] for archive in archives for run, _ in archive.runs if run["kind"] == "remove"}
        judged = reading.judged(target, options.replaces)
        result.judged = judged if options.replaces else {}
        visits = MergedVisits(writer, sources, lines, gone, judged)
        seen = _seen(target, done.tail)
        reached = {str(archive.paths.root): _Reached(archive) for archive in archives}
        stopped = False
        for place in plan.taken:
            if stopped := stop():
                break
            decision = visits.decision(place)
            if (decision["id"], decision["observed_at"]) not in seen or decision["outcome"] == "failed":
                visits.take(decision, place.archive)
            else:
                result.left_out["there already"] += 1
            for reached_visit in reached.values():
                reached_visit.take(place)
        result.visits, result.from_pages = visits.count, visits.from_pages
        result.run, result.archive = writer.run, writer.archive_id
        for stats in writer.stats.values():
            result.outcomes.update(stats.outcomes)
        summary = _summary(plan, reached, done, result, where, stopped=stopped)
        # runs without visits too: they may hold pictures that pages of others need
        runs = {place.run for place in plan.taken} | {run for source in summary["inputs"] for run in source["runs"]}
        writer.close(summary, also=list(_copies(sources, runs, target)) if options.with_warc else [])
        lines.close()
    except BaseException:  # the next writer salvages what is written
        writer.abandon()
        raise


class _Reached:
    """How far an input is taken."""

    def __init__(self, archive: InputArchive) -> None:
        self.archive, self._names = archive, archive.names
        self.last = archive.taken.last if archive.taken else 0
        self.key = archive.taken.key if archive.taken else ""

    def take(self, place: DecisionPlace) -> None:
        if place.run in self._names:
            self.last, self.key = max(self.last, place.sequence), max(self.key, place.key)

    def values(self, *, whole: bool) -> Json:
        """What the run file says; *whole*: all finished runs are taken."""
        number, sha256 = (self.archive.taken.number, self.archive.taken.sha256) if self.archive.taken else (0, "")
        for run, digest in self.archive.runs:
            if whole or run.get("sequence", {}).get("last", 0) <= self.last:
                number, sha256 = run["number"], digest
            else:
                break
        runs = [run["run"] for run, _ in self.archive.runs if run["number"] <= number]
        if not sha256:  # nothing whole yet: the first run is what a later merge knows the archive by
            sha256 = self.archive.runs[0][1]
        return {
            "archive": self.archive.archive, "path": str(self.archive.paths.root), "number": number, "sha256": sha256,
            "last": self.last, "key": self.key, "runs": runs,
        }  # fmt: skip


def _summary(
    plan: _MergePlan,
    reached: dict[str, _Reached],
    done: EarlierMerges,
    result: MergeSummary,
    where: tuple[str, ...],
    *,
    stopped: bool,
) -> Json:
    rest = stopped or bool(plan.waiting)
    inputs = [source.values(whole=path not in plan.waiting and not stopped) for path, source in reached.items()]
    kept = {"judged": result.judged} if result.judged else {}
    balance = {"read": result.read, "used": result.visits, "left_out": dict(sorted(result.left_out.items()))}
    return {
        "exit_code": 0,
        "sources": list(where),
        "inputs": inputs,
        "until": max([done.until, *(reached_visit.key for reached_visit in reached.values())]),
        "late": [str(path) for path in result.late],
        "balance": balance,
        "complete": not rest,
    } | kept


def _seen(target: Paths, tail: list[Json]) -> SeenVisits:
    """The visits in the *tail* that a merge wrote before it died."""
    seen = SeenVisits()
    for visit in tail:
        path = target.actual(visit["path"])
        data = month_file.read(path, visit["start"], visit["end"] - visit["start"])
        for line in data.splitlines():
            record = jsonl.decode(line)
            seen.add(record["id"], record["observed_at"])
    return seen


def _copies(sources: Sources, runs: set[str], target: Paths) -> Iterator[Json]:
    """Copies the WARC files of *runs* into *target*, with their indexes; yields what the run file claims."""
    for name in sorted(sources.natives):
        if run_of(name) not in runs or (target.warc / name_of(sources.files[name])).exists():
            continue
        source = sources.files[name]
        for file, path in ((source, name_of(source)), (source.with_name(cdxj_name(name)), cdxj_name(name_of(source)))):
            copy = target.warc / path
            with storage(copy):
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
                sync_folder(copy.parent)
            size = copy.stat().st_size
            yield {"path": f"warc/{path}", "start": 0, "end": size, "sha256": range_sha256(copy, 0, size)}
