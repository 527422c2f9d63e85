"""A replay from its sources to its report: one process, one new archive; a signal ends it early."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler import portals
from crawler.archive.read.sources import SourceError
from crawler.archive.runs import run_file
from crawler.archive.storage.layout import Paths
from crawler.archive.warc.third_party import native_info
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import prepare_process
from crawler.exit_codes import Exit, UsageError
from crawler.pipelines.fix import Fix, HookError, fingerprint, load_fixes
from crawler.portals import Portal
from crawler.replay.replay import Replayed, ReplayScope
from crawler.replay.replay import replay as replay_visits
from crawler.replay.restoring import ALONE, MakePool, processes
from crawler.replay.sources import Sources
from crawler.values.cores import usable_cores
from crawler.values.stop_signals import StopSignals


@dataclass(slots=True)
class ReplayReport:
    """What a replay did."""

    run: str
    exit: Exit
    output: Path
    visits: int
    skipped: int
    differing: dict[str, int]
    damaged: list[str]
    not_archived: int
    unclaimed: int
    unresolved: int
    portals: dict[str, dict[str, Any]]
    balance: dict[str, Any]
    other_fixes: list[str]  #: corrections that the crawls had and this replay has not, or the other way round

    @classmethod
    def of(
        cls, run: str, code: Exit, output: Path, done: Replayed, found: Sources, portals: dict[str, dict[str, Any]],
        other_fixes: list[str],
    ) -> ReplayReport:  # fmt: skip
        """The report of the finished *run*, with the statistics of its *portals*."""
        return cls(
            run=run, exit=code, output=output, visits=done.visits, skipped=done.skipped,
            differing=dict(done.differing), damaged=found.damaged, not_archived=done.not_archived,
            unclaimed=done.unclaimed, unresolved=found.others.unresolved, portals=portals,
            balance=found.balance.values(), other_fixes=other_fixes,
        )  # fmt: skip


def replay(  # noqa: PLR0913 - the options of the command, each by name
    sources: Sequence[Path],
    output: Path,
    *,
    overrides: Sequence[Path],
    fallback: str | None = None,
    limit: int = 0,
    since: str | None = None,
    jobs: int | MakePool | None = None,
    wait: float = 0.0,
    fixes: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> ReplayReport:
    """Replays *sources* into the archive *output*. *fixes*: portal to a class of the operator, found in *folder*.

    *jobs*: how many processes restore visits at most, or what else does; None: the usable cores, where it takes longer
    than a second. Raises UsageError, BusyError, StorageError, DamagedError.
    """
    prepare_process()
    corrections = _corrections(fixes or {}, folder)
    _need_own_archive(output)
    given = portals.load(overrides, bundled=False)
    known = portals.load(overrides)
    with _opened(sources) as found:
        where = tuple(str(path) for path in found.paths)
        other_fixes = _other_fixes(found, fingerprint(corrections))
        archive = ArchiveWriter(output, kind="replay", wait=wait, sources=where)
        with StopSignals() as signals:
            try:
                done = replay_visits(
                    found, archive, overrides=given, known=known, fallback=fallback,
                    choice=ReplayScope(limit, since),
                    pool=jobs if callable(jobs) else processes(jobs or usable_cores()),
                    alone=ALONE if jobs is None else 0.0, stop=signals.came, fixes=corrections,
                )  # fmt: skip
            except BaseException:  # the next writer salvages what is written
                archive.abandon()
                raise
            code = Exit(signals.code() or (Exit.DAMAGED if found.damaged else Exit.OK))
            summaries = {name: stats.summary() for name, stats in sorted(archive.stats.items())}
            archive.close({"exit_code": int(code), "signal": signals.number, **_of_sources(found, given)})
    return ReplayReport.of(archive.run, code, output, done, found, summaries, other_fixes)


def _corrections(fixes: Mapping[str, str], folder: Path | None) -> Mapping[str, Fix]:
    """The corrections that *fixes* names. Raises UsageError."""
    try:
        return load_fixes(fixes, folder)
    except HookError as error:
        raise UsageError(str(error)) from error


def _of_sources(found: Sources, given: Mapping[str, Portal]) -> dict[str, Any]:
    """What the run file says of the sources, and of the definitions they were read by."""
    return {
        "sources": [str(path) for path in found.paths],
        "overrides": sorted(given),
        "definitions": {name: portal.text for name, portal in sorted(given.items())},
        "damaged": found.damaged,
        "balance": found.balance.values(),
    }


def _other_fixes(found: Sources, here: str) -> list[str]:
    """What crawls corrected and this replay does not, by the WARC files themselves."""
    used = {name for path in found.files.values() for name in ((native_info(path) or {}).get("fixes") or "").split()}
    return sorted(used.symmetric_difference(here.split()))


def _need_own_archive(output: Path) -> None:
    """Raises UsageError where *output* holds what was crawled."""
    paths = Paths(output)
    crawled = [run["run"] for run, _ in run_file.finished(paths) if run["kind"] == "crawl"]
    crawled += [start.run for start in run_file.unfinished(paths) if start.kind == "crawl"]
    if crawled:
        raise UsageError(f"{output} holds crawled data (run {crawled[0]}): replay needs a separate folder")


@contextmanager
def _opened(sources: Sequence[Path]) -> Iterator[Sources]:
    with ExitStack() as stack:
        try:
            found = stack.enter_context(Sources(tuple(path.resolve() for path in sources)))
        except SourceError as error:
            raise UsageError(str(error)) from error
        yield found
