"""Verifies an archive: every byte range against the run that wrote it, every line against its WARC record.

Reads only, the index never; may run while a crawl writes. Memory is flat: what has to be compared across files goes
into a temporary SQLite file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from crawler.archive.storage.layout import STREAMS, Paths
from crawler.archive.write import formats
from crawler.maintenance.verify import manifest, sampling, warc_files, workers
from crawler.maintenance.verify.cross_checks import compare
from crawler.maintenance.verify.cross_index import CrossIndex
from crawler.maintenance.verify.findings import Finding, Findings
from crawler.maintenance.verify.manifest import RunChain
from crawler.maintenance.verify.workers import VerifyTask

__all__ = ["Finding", "Findings", "examine", "silent", "verify"]

OnDone = Callable[[VerifyTask, int], None]


def verify(
    paths: Paths,
    sources: Sequence[Path] = (),
    *,
    jobs: int = 1,
    sample: int | None = None,
    on_done: OnDone = lambda task, total: None,
) -> Findings:  # fmt: skip
    """Everything that is wrong with the archive.

    *sources*: where the WARC files of a replayed archive lie now. *jobs* processes read; *on_done* learns of each file
    that is done, and how many bytes there are in all. With *sample* WARC files are not read whole: so many of the
    records that lines name, taken at random, are.
    """
    while True:
        before = {path.name for path in paths.runs.glob("*")}
        try:
            return _verify(paths, sources, jobs, sample, silent if on_done is None else on_done)
        except FileNotFoundError:
            if before == {path.name for path in paths.runs.glob("*")}:
                raise  # not a change of many files that was made while we looked


def silent(task: VerifyTask, total: int) -> None:
    """No report."""


def _verify(paths: Paths, sources: Sequence[Path], jobs: int, sample: int | None, on_done: OnDone) -> Findings:
    formats.check_proved(paths)
    findings = Findings()
    chain = manifest.chain(paths, findings)
    if chain.changing:
        findings.excuse(
            ".change", "", "files are being changed; if that died, the next command that writes finishes it"
        )
        return findings
    with tempfile.TemporaryDirectory(prefix="citynews-verify-") as folder:
        notes = CrossIndex(Path(folder) / "notes.sqlite3")
        examine(paths, chain, notes, findings, sources, jobs, on_done, sample)
        light = (
            bool(findings.checked["elsewhere"]) or sample is not None
        )  # decisions and captures are proved where the WARC files lie
        chain.known.unseen = chain.known.unseen or light
        decided = chain.crawls and not light
        compare(notes, findings, chain.known, decided=decided, unfinished=manifest.since(paths, chain))
        notes.close()
    return findings


def examine(
    paths: Paths,
    chain: RunChain,
    notes: CrossIndex,
    findings: Findings,
    sources: Sequence[Path],
    jobs: int,
    on_done: OnDone,
    sample: int | None = None,
) -> None:
    """Every file by itself; of WARC files with *sample* only so many records."""
    unpacked = notes.path.parent / "sources"
    unpacked.mkdir(exist_ok=True)
    found, warcs = _owned(paths, chain, findings), _warcs(paths, chain, sources, findings, unpacked)
    if sample is None:
        found += warcs
    total = sum(task.size for task in found)
    workers.run(found, paths.root, notes, findings, jobs, lambda task: on_done(task, total))
    if sample is not None:
        sampling.check({task.name: task.path for task in warcs}, notes, findings, sample)


def _owned(paths: Paths, chain: RunChain, findings: Findings) -> list[VerifyTask]:
    """The month files, and every other file that a run claims, WARC files apart."""
    found = []
    months = {paths.logical(path): path for path in paths.stream_files()}
    for name in manifest.absent(paths, chain, findings):
        if name.endswith(".warc.gz"):
            continue
        path = months.pop(name, None) or paths.actual(name)
        found.append((("lines" if name.partition("/")[0] in STREAMS else "other"), path, name))
    found += [("lines", path, name) for name, path in sorted(months.items()) if manifest.is_month(path, paths)]
    found += [("replaced", paths.root / name, name) for name in chain.claims.kept if (paths.root / name).is_file()]
    for path in chain.sizes:
        if path.is_relative_to(paths.warc) or manifest.is_month(path, paths):
            continue
        findings.add("line", paths.relative(path), "", "a stream's folder holds only <portal>/<YYYY-MM>.jsonl")
    return [
        VerifyTask(kind, path, name, _size(path), workers.part_of(chain, name, path))  # type: ignore[arg-type] # a word of the four
        for kind, path, name in found
    ]


def _warcs(
    paths: Paths, chain: RunChain, sources: Sequence[Path], findings: Findings, folder: Path
) -> list[VerifyTask]:
    before = len(findings.damage)
    files = warc_files.locate(paths, chain.sources, sources, findings, folder)
    chain.known.unseen = len(findings.damage) > before
    return [
        VerifyTask("warc", path, name, _size(path), workers.part_of(chain, f"warc/{name}", path))
        for name, path in files.items()
    ]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0  # a WARC file may get its final name meanwhile
