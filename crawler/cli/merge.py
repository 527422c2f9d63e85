"""`citynews merge`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.app import app
from crawler.cli.notifying import anchor_runs
from crawler.cli.options import AsJson, ConfigFile, Quiet, Wait, set_logging
from crawler.cli.output import emit, printable
from crawler.exit_codes import Exit, UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.maintenance.merge import MergeSummary


@app.command()
def merge(
    archives: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Archives written by crawls.")],
    output: Annotated[Path, typer.Option("--output", help="The folder of the merged archive.")],
    late: Annotated[
        bool, typer.Option("--late", help="Also take visits that are older than what is merged already.")
    ] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Merge from the beginning, into an empty folder.")] = False,
    with_warc: Annotated[
        bool, typer.Option("--with-warc", help="Also copy the WARC files; otherwise they stay where they are.")
    ] = False,
    replaces: Annotated[
        Path | None,
        typer.Option("--replaces", metavar="DIR", help="With --anew: the merged archive that this one replaces."),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Number of processes.")] = 1,
    patience: Annotated[
        str,
        typer.Option(
            "--patience",
            help="Leave visits after the start of a run in progress for later, unless it began longer ago.",
        ),
    ] = "2d",
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Merge archives into one; outcomes are decided over all of them.

    Repeat it when the archives have grown: only new visits are processed. Visits are ordered by time, within each
    archive by its own order. The result refers to the WARC files of its archives; verify reads them there.
    """
    from crawler import config
    from crawler.assembly import prepare_process
    from crawler.maintenance.merge import MergeOptions
    from crawler.maintenance.merge import merge as merge_archives
    from crawler.portals.rules import read_duration
    from crawler.values.stop_signals import StopSignals

    set_logging(quiet=quiet)
    chosen = config.resolve(config_file, output, [])
    if anew and any((output / "runs").glob("*.json*")):
        raise UsageError(f"--anew: {output} holds an archive; give an empty folder, then replace this one by it")
    if replaces is not None and not anew:
        raise UsageError("--replaces: needs --anew and an empty folder")
    try:
        age = read_duration(patience)
    except ValueError as error:
        raise UsageError(f"--patience {patience}: {error}") from error
    prepare_process()
    options = MergeOptions(late=late, with_warc=with_warc, patience=age, wait=wait, jobs=jobs, replaces=replaces)
    with StopSignals() as signals:
        done = merge_archives(archives, output, options, stop=signals.came)
    code = Exit(signals.code() or Exit.OK)
    if not quiet:
        _print(done, output)
    if as_json:
        emit(_summary(done, output, code))
    anchor_runs(chosen)
    raise typer.Exit(code)


def _print(done: MergeSummary, output: Path) -> None:
    if done.run is None and not done.read:
        typer.echo(f"{output}: nothing new", err=True)
    for ident in done.removed:
        typer.echo(f"{ident}: removed, as in an archive that is merged here", err=True)
    if waiting := done.left_out["waiting"]:
        since = f"a run that began at {done.waiting_for} is still in progress"
        typer.echo(f"{waiting} visits wait for the next merge: {since}; --patience 0s merges them now", err=True)
    for path in done.late:
        typer.echo(
            printable(
                f"{path}: its new visits are older than what is merged; --late appends them, --anew puts all in order"
            ),
            err=True,
        )
    if done.run is not None:
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(done.outcomes.items()))
        left = "".join(f", {count} {reason}" for reason, count in sorted(done.left_out.items()))
        typer.echo(f"run {done.run}: {done.visits} of {done.read} visits merged{left}: {outcomes}", err=True)


def _summary(done: MergeSummary, output: Path, code: Exit) -> Json:
    """The machine-readable summary of a merge."""
    return {
        "run": done.run,
        "exit_code": int(code),
        "output": str(output),
        "archive": done.archive or None,
        "visits": done.visits,
        "from_pages": done.from_pages,
        "outcomes": dict(sorted(done.outcomes.items())),
        "removed": done.removed,
        "late": done.late,
        "waiting_for": done.waiting_for,
        "balance": {"read": done.read, "used": done.visits, "left_out": dict(sorted(done.left_out.items()))},
    }
