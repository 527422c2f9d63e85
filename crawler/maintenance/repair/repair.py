"""The repair of an archive, from the findings to the run file."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.storage import month_file
from crawler.archive.storage.layout import Paths, is_open, run_of_file
from crawler.archive.write import formats, recovery
from crawler.archive.write import transaction as changes
from crawler.archive.write.transaction import FileTransaction
from crawler.maintenance.repair import losses
from crawler.maintenance.repair import run_chain as chain_links
from crawler.maintenance.repair.plan import Repaired, RepairPlan, claims
from crawler.maintenance.repair.steps import Rederive, repair_months, repair_warcs
from crawler.maintenance.verify import Findings, examine, manifest, silent, verify
from crawler.maintenance.verify.cross_index import CrossIndex

#: A WARC file or its CDXJ, under the name of a run.
_WRITTEN = re.compile(
    r"warc/\d{4}-\d\d/(\d{8}T\d{6}Z-[0-9a-f]{6}(?:[0-9a-f]{10})?)-\d{5}\.(?:warc\.gz(?:\.open)?|cdxj)"
)


def repair(paths: Paths, remake: Rederive, *, dry_run: bool = False) -> Repaired:
    """Repairs the archive. *dry_run*: only says what would be done, and writes nothing in the archive.

    Only for who holds the lock, or where nobody can write.

    Raises StorageError, and DamagedError where not even the files can be listed.
    """
    formats.check(paths)
    if not dry_run:
        if changes.resume(paths):
            recovery.recover(paths).close()
        recovery.drop_partials(paths)
    links = chain_links.read(paths)
    if not links.broken and not links.misplaced and not dry_run:
        recovery.finish_dead(paths)
        links = chain_links.read(paths)
    before = verify(paths)
    done = Repaired(damage=len(before.damage))
    if not before.damage and not links.broken and not links.misplaced:
        return done
    with (
        tempfile.TemporaryDirectory(prefix="citynews-repair-") as elsewhere,
        FileTransaction(paths, links.head, "repair", Path(elsewhere) if dry_run else None) as change,
    ):
        work = RepairPlan(paths, links, change, done)
        files = _prepare(work, remake)
        summary = {"exit_code": 0, "quarantine": done.quarantine, "lost": done.lost, "repaired": _counts(done)}
        if dry_run:
            return done
        done.run = change.run
        change.commit(files, summary)
    recovery.recover(paths).close()
    return done


def _counts(done: Repaired) -> Json:
    return {
        "findings": done.damage,
        "rewritten": done.rewritten,
        "restored": done.restored,
        "lines_made_again": done.lines_made_again,
        "lines_unproved": done.lines_unproved,
    }


def _prepare(work: RepairPlan, remake: Rederive) -> list[Json]:
    """Prepares every new file; returns the claims of the run file."""
    _links(work)
    work.chain.sizes = manifest.sizes(work.paths)
    scratch = work.change.folder / "work"
    scratch.mkdir(parents=True, exist_ok=True)
    findings, notes = Findings(), CrossIndex(scratch / "notes.sqlite3")
    examine(work.paths, work.chain, notes, findings, (), 1, silent)
    notes.close()
    damaged = {finding.file for finding in findings.damage}
    damaged |= {f"warc/{name}" for name, path in work.paths.warc_files().items() if is_open(path)}
    _strays(work, damaged)
    files = repair_warcs(work, damaged, scratch)
    lookup = repair_months(work, damaged, files, remake, scratch)
    work.done.lost = losses.find(work, files, lookup, scratch)
    orphans = [{"number": None, "link": None, "run": run} for run in work.orphans]
    work.done.lost |= {"runs": [*work.links.lost(), *orphans], "places": work.lost_places}
    if any((work.change.folder / "quarantine").glob("**/*")) or work.change.puts_aside:
        work.done.quarantine = work.place("").rstrip("/")
    found = claims(work)
    lookup.close()
    shutil.rmtree(scratch)
    return found


def _links(work: RepairPlan) -> None:
    for path, data in work.links.misplaced.items():
        name = work.paths.relative(path)
        if path.exists():
            work.quarantine(name)
        work.change.write(name, data)
        if path.exists():
            work.quarantine(name)
        work.done.restored.append(name)
    for path in work.links.broken:
        work.quarantine(work.paths.relative(path))


def _strays(work: RepairPlan, damaged: set[str]) -> None:
    """Files that belong to nobody go to the quarantine; those of a run whose file is lost stay."""
    known = work.claims.ranges.keys()
    orphans: set[str] = set()
    for path in work.chain.sizes:
        name = work.paths.relative(path)
        logical = work.paths.logical(path) if month_file.is_sealed(path) else name
        if logical in known or name not in damaged:
            continue
        if manifest.is_month(path, work.paths) and not month_file.is_sealed(path):
            continue  # its lines may be right, of a run whose file is lost
        if written := _WRITTEN.fullmatch(name):
            orphans.add(written[1])
            continue
        work.quarantine(name)
        damaged.discard(name)
    named = {link["link"]["run"] for link in work.links.lost() if link["link"]}
    unfinished = set(map(run_of_file, work.paths.run_markers()))
    work.orphans = sorted(orphans - named - unfinished)
