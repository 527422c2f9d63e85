"""`citynews repair`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.app import app
from crawler.cli.inputs import locked_archive, need_warc
from crawler.cli.notifying import notifying
from crawler.cli.options import AsJson, ConfigFile, Output, Quiet, Wait
from crawler.cli.output import emit, printable
from crawler.exit_codes import Exit

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.maintenance.repair import Repaired

SHOWN = 100  #: losses that are printed; --json has them all


@app.command()
def repair(
    output: Output = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be done.")] = False,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Repair a damaged archive; reports what is kept and what is lost.

    Keeps every intact record and rebuilds what can be rebuilt. Damaged data is moved to quarantine/. The archive is
    consistent again afterwards; runs/ records the losses. With --dry-run the exit code is 4 if there is damage.
    """
    from crawler import config
    from crawler.archive.storage import home
    from crawler.article import as_record
    from crawler.maintenance import repair as repairing
    from crawler.maintenance.rederive import rederive_lines

    chosen = config.resolve(config_file, output, [])
    root = chosen.output
    with notifying(chosen, "repair"):
        with locked_archive(root, wait, reading=dry_run) as paths:
            if home.read(paths) is not None:
                need_warc(paths)
            done = repairing.repair(paths, rederive_lines, dry_run=dry_run)
        code = Exit.DAMAGED if dry_run and done.damage else Exit.OK
        if not quiet:
            _print(root, done, dry_run=dry_run)
        if as_json:
            emit({"exit_code": int(code), "dry_run": dry_run} | as_record(done))
        raise typer.Exit(code)


def _print(root: Path, done: Repaired, *, dry_run: bool) -> None:
    if not done.damage and not done.rewritten:
        typer.echo(f"{root}: whole, nothing to repair")
        return
    verb = "would be " if dry_run else ""
    for path in done.rewritten:
        how = "restored to the byte" if path in done.restored else "rewritten"
        typer.echo(printable(f"{path}: {verb}{how}"))
    lost = done.lost
    for run in lost["runs"]:
        name = run.get("run") or (run["link"] or {}).get("run") or f"number {run['number']}"
        typer.echo(f"lost: the file of run {name}")
    for record in [*lost["records"], *lost["places"]][:SHOWN]:
        where = record.get("record_id") or f"{record['file']} at {record['offset']}"
        typer.echo(printable(f"lost: WARC record {where}: {record['url'] or _near(record)}"))
    for line in lost["lines"][:SHOWN]:
        typer.echo(printable(f"lost: a line of {line['path']}: {line['url']}"))
    count = sum(len(losses) for losses in lost.values())
    kept = f"{done.lines_made_again} lines rebuilt, {done.lines_unproved} kept without a decision"
    where = f"; damaged data was moved to {done.quarantine}" if done.quarantine else ""
    typer.echo(
        f"{root}: {done.damage} findings, {verb}{len(done.rewritten)} files repaired, {kept}, {count} lost{where}"
    )


def _near(place: Json) -> str:
    """What is known of a record that nothing names."""
    return f"of an unknown address, behind {place['beside']}" if place.get("beside") else "of an unknown address"
