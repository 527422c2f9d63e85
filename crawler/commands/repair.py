"""`citynews repair`."""

from __future__ import annotations

from pathlib import Path

import typer

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.article import as_record
from crawler.commands.maintain import SHOWN, exists
from crawler.commands.report import emit, printable
from crawler.exit_codes import Exit
from crawler.maintenance.rederive import make_again
from crawler.maintenance.repair import Repaired, repair


def mend(output: Path, *, dry_run: bool, wait: float, quiet: bool, as_json: bool) -> Exit:
    """Repairs the archive *output*, and says what was kept and what is lost."""
    exists(output)
    paths = Paths(output)
    lock = Lock(paths.lock, wait)
    try:
        done = repair(paths, make_again, dry_run=dry_run)
    finally:
        lock.release()
    code = Exit.DAMAGED if dry_run and done.damage else Exit.OK
    if not quiet:
        _say(output, done, dry_run=dry_run)
    if as_json:
        emit({"exit_code": int(code), "dry_run": dry_run} | as_record(done))
    return code


def _say(output: Path, done: Repaired, *, dry_run: bool) -> None:
    if not done.damage and not done.rewritten:
        typer.echo(f"{output}: whole, nothing to repair")
        return
    verb = "would be " if dry_run else ""
    for path in done.rewritten:
        how = "restored to the byte" if path in done.restored else "rewritten"
        typer.echo(printable(f"{path}: {verb}{how}"))
    lost = done.lost
    for run in lost["runs"]:
        name = run.get("run") or (run["link"] or {}).get("run") or f"number {run['number']}"
        typer.echo(f"lost: the file of run {name}")
    for each in [*lost["records"], *lost["places"]][:SHOWN]:
        where = each.get("record_id") or f"{each['file']} at {each['offset']}"
        typer.echo(printable(f"lost: WARC record {where}: {each['url'] or beside(each)}"))
    for each in lost["lines"][:SHOWN]:
        typer.echo(printable(f"lost: a line of {each['path']}: {each['url']}"))
    count = sum(len(each) for each in lost.values())
    kept = f"{done.lines_made_again} lines made again, {done.lines_unproved} kept without a decision"
    where = f"; what was broken lies in {done.quarantine}" if done.quarantine else ""
    typer.echo(
        f"{output}: {done.damage} findings, {verb}{len(done.rewritten)} files put right, {kept}, {count} lost{where}"
    )


def beside(place: Json) -> str:
    """What is known of a record that nothing names."""
    return f"of an unknown address, behind {place['beside']}" if place.get("beside") else "of an unknown address"
