"""One task per file: checked in this process or in one of several."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

from crawler.archive.runs.ranges import FileRanges
from crawler.maintenance.verify import lines, manifest, warc_files
from crawler.maintenance.verify.cross_index import CrossIndex
from crawler.maintenance.verify.findings import Findings
from crawler.maintenance.verify.manifest import RunChain


@dataclass(frozen=True, slots=True)
class VerifyTask:
    """What to do with the file at *path*: its bytes against the runs, what it holds, or both."""

    kind: Literal["lines", "warc", "other", "replaced"]
    path: Path
    name: str  #: as runs know it; of a WARC file as lines do
    size: int
    part: RunChain  #: no more of it than this file needs: it travels to another process


def part_of(chain: RunChain, relative: str, path: Path) -> RunChain:
    """What of *chain* speaks of the file *relative* at *path*."""
    claims = FileRanges()
    if relative in chain.claims.ranges:
        claims.ranges[relative] = chain.claims.ranges[relative]
    if relative in chain.claims.packed:
        claims.packed[relative] = chain.claims.packed[relative]
    if relative in chain.claims.kept:
        claims.kept[relative] = chain.claims.kept[relative]
    sizes = {path: chain.sizes[path]} if path in chain.sizes else {}
    return RunChain(claims=claims, unfinished=chain.unfinished, sizes=sizes, torn=chain.torn)


def run(
    tasks: list[VerifyTask],
    root: Path,
    notes: CrossIndex,
    findings: Findings,
    jobs: int,
    on_done: Callable[[VerifyTask], None],
) -> None:
    """Does *tasks* in *jobs* processes; calls *on_done* for each. The largest come first, so that none is late."""
    tasks = sorted(tasks, key=lambda task: -task.size) if jobs > 1 else tasks
    if jobs <= 1 or len(tasks) < 2:
        for task in tasks:
            do(task, root, notes, findings)
            on_done(task)
        return
    with (
        tempfile.TemporaryDirectory(dir=notes.path.parent) as folder,
        ProcessPoolExecutor(min(jobs, len(tasks)), get_context("spawn")) as pool,
    ):
        parts: list[tuple[VerifyTask, Findings]] = []
        for task, found, path in _results(pool, tasks, root, Path(folder), jobs):
            notes.merge(path)
            parts.append((task, found))
            on_done(task)
        for _, found in sorted(parts, key=lambda part: (part[0].kind, part[0].name)):
            findings.take(found)


def do(task: VerifyTask, root: Path, notes: CrossIndex, findings: Findings) -> None:
    """One task."""
    relative = f"warc/{task.name}" if task.kind == "warc" else task.name
    if task.kind == "replaced":
        manifest.replaced(task.path, task.part.claims.kept[relative], findings)
    elif relative in task.part.claims.ranges:
        manifest.owned(task.path, relative, task.part, findings)
    if task.kind == "lines":
        lines.check(task.path, task.name, notes, findings)
    elif task.kind == "warc":
        warc_files.check(task.path, task.name, notes, findings, root=root, torn=task.part.torn)


def _results(
    pool: ProcessPoolExecutor, tasks: list[VerifyTask], root: Path, folder: Path, jobs: int
) -> Iterator[tuple[VerifyTask, Findings, Path]]:
    waiting = iter(enumerate(tasks))
    running: dict[Future[Findings], tuple[VerifyTask, Path]] = {}

    def begin(count: int) -> None:
        for number, task in islice(waiting, count):
            path = folder / f"{number}.sqlite3"
            running[pool.submit(_work, task, root, path)] = (task, path)

    begin(jobs + 1)
    while running:
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            task, path = running.pop(future)
            begin(1)
            yield task, future.result(), path


def _work(task: VerifyTask, root: Path, path: Path) -> Findings:
    notes, findings = CrossIndex(path), Findings()
    do(task, root, notes, findings)
    notes.close()
    return findings
