"""`citynews replay`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from crawler.cli import inputs
from crawler.cli.app import app
from crawler.cli.notifying import anchor_runs
from crawler.cli.options import AllowHost, AsJson, ConfigFile, Jobs, Portals, Quiet, Setting, Wait, set_logging
from crawler.cli.output import emit, printable

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.config import Config
    from crawler.replay.session import ReplayReport


@app.command()
def replay(
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE...", help="WARC files, folders of them, or WACZ.")],
    output: Annotated[Path, typer.Option("--output", help="The folder of the new archive.")],
    portal_files: Portals = None,
    fallback: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="The portal for pages outside of all portals' domains.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Replay at most this many articles per portal.")] = 0,
    since: Annotated[str | None, typer.Option(help="Replay only visits made on this day or later.")] = None,
    allow_host: AllowHost = None,  # noqa: ARG001 - a crawl's option, accepted without effect
    jobs: Jobs = None,
    wait: Wait = 0.0,
    setting: Setting = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Make an archive from WARC files: same bytes, same records.

    Makes no network requests. Unreadable data is skipped and reported; the exit code is then 4.

    The definitions archived in the WARC files are used, unless --portals replaces them. From WARC files of other tools
    it takes the pages that match a portal's domains and patterns, in order of capture; with --as also the others.
    """
    from crawler import config
    from crawler.replay import session

    set_logging(quiet=quiet)
    inputs.scrapy_settings(setting or [])  # replay starts no Scrapy: settings are checked for form and have no effect
    chosen = config.resolve(config_file, output, [])
    report = session.replay(
        sources,
        output,
        overrides=portal_files or [],
        fallback=None if fallback is None else inputs.portal_name(fallback, "--as"),
        limit=limit,
        since=inputs.day(since),
        jobs=jobs,
        wait=wait,
        fixes=chosen.fixes,
        folder=chosen.folder.absolute(),
    )
    end(report, chosen, quiet=quiet, as_json=as_json)


def end(report: ReplayReport, chosen: Config, *, quiet: bool, as_json: bool) -> NoReturn:
    """Says what *report* says, and ends with its code."""
    if not quiet:
        _print(report)
    if as_json:
        emit(_summary(report))
    anchor_runs(chosen)
    raise typer.Exit(report.exit)


def _print(report: ReplayReport) -> None:
    from crawler.replay.balance import sentences

    for name, stats in report.portals.items():
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in stats["outcomes"].items())
        typer.echo(f"{name}: {outcomes}", err=True)
    for damage in report.damaged:
        typer.echo(f"damaged source: {printable(damage)}", err=True)
    for change, count in sorted(report.differing.items()):
        typer.echo(f"outcome differs from before: {change}: {count}", err=True)
    if report.not_archived:
        typer.echo(f"{report.not_archived} further pages or counters are not archived", err=True)
    for sentence in sentences(report.balance):
        typer.echo(printable(sentence), err=True)
    if report.unresolved:
        typer.echo(f"{report.unresolved} revisits refer to responses that are in no source", err=True)
    for fix in report.other_fixes:
        typer.echo(printable(f"corrected in the crawl or here, and not in both: {fix}: records may differ"), err=True)
    if report.unclaimed:
        typer.echo(f"{report.unclaimed} pages belong to no portal; --as NAME assigns them to one", err=True)
    skipped = f", {report.skipped} skipped, already archived" if report.skipped else ""
    typer.echo(f"run {report.run}: {report.visits} visits{skipped}, archive in {report.output}", err=True)


def _summary(report: ReplayReport) -> Json:
    """The machine-readable summary of a replay."""
    return {
        "run": report.run,
        "exit_code": int(report.exit),
        "output": str(report.output),
        "visits": report.visits,
        "skipped": report.skipped,
        "differing": report.differing,
        "damaged": report.damaged,
        "not_archived": report.not_archived,
        "unclaimed": report.unclaimed,
        "unresolved": report.unresolved,
        "balance": report.balance,
        "other_fixes": report.other_fixes,
        "portals": report.portals,
    }
