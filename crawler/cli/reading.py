"""extract, show, history, diff, schema: what reads a page or an archive and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler import config, portals
from crawler.article import Refusal
from crawler.cli.app import app
from crawler.cli.options import AllowHost, AsJson, ConfigFile, Ident, Output, Portals
from crawler.commands import report
from crawler.exit_codes import Exit, UsageError


@app.command()
def extract(
    source: Annotated[
        str | None, typer.Argument(metavar="FILE|URL|-", help="A page: a file, an address, stdin.")
    ] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help='Lines {"id","url","path"}; one answer a line, in order. - is stdin.')
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="For a person: each field, the rule, the place in the page, runners-up.")
    ] = False,
    url: Annotated[str, typer.Option("--url", help="The address the file came from.")] = "",
    fetched_at: Annotated[str | None, typer.Option("--fetched-at", help="When it was fetched [default: now].")] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="The page's time zone, such as Asia/Shanghai.")
    ] = None,
    portal: Annotated[str | None, typer.Option("--portal", help="Use this portal's rules.")] = None,
    portal_files: Portals = None,
    allow_host: AllowHost = None,
    config_file: ConfigFile = None,
) -> None:
    """One page to one JSON record on stdout. Exit code 3: it is no article; stderr says why.

    A live page (an address) is fetched under the rules of a crawl: robots.txt, public addresses only.
    """
    from crawler.commands import extract as command  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, None, portal_files or [])
    known = portals.load(chosen.portals)
    if (source is None) == (batch is None):
        raise UsageError("give one page (FILE, URL or -), or --batch")
    if batch is not None:
        for answer in command.batch(batch, known):
            report.emit(answer)
        return
    assert source is not None
    lacking = command.Lacking(
        url=url,
        fetched_at=command.moment(fetched_at, "--fetched-at"),
        timezone=command.zone(timezone, "--timezone"),
        portal=command.named(portal, known, "--portal"),
    )
    hosts = allow_host or chosen.allow_hosts
    found = command.explained(source, lacking) if explain else command.one(source, lacking, chosen, hosts)
    if isinstance(found, Refusal):
        typer.echo(f"citynews: {report.printable(source)}: no article: {found.reason}", err=True)
        raise typer.Exit(Exit.EXPECTATION)
    report.explanations(found) if isinstance(found, list) else report.emit(found)


@app.command()
def show(ident: Ident, output: Output = None, config_file: ConfigFile = None) -> None:
    """Print one record, the latest version of it, as a line of JSON."""
    from crawler.commands import look  # noqa: PLC0415 - keeps `citynews --help` quick

    look.show(config.resolve(config_file, output, []).output, ident)


@app.command()
def history(ident: Ident, output: Output = None, config_file: ConfigFile = None, as_json: AsJson = False) -> None:
    """An article's life: its versions, its visits with their view counts, its copies."""
    from crawler.commands import look  # noqa: PLC0415 - keeps `citynews --help` quick

    look.history(config.resolve(config_file, output, []).output, ident, as_json=as_json)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="An archive.")],
    new: Annotated[Path, typer.Argument(help="Another one, such as a replay with other rules.")],
    as_json: AsJson = False,
) -> None:
    """Field-by-field differences between two archives, the summary first. Where they were written does not count."""
    from crawler.commands import look  # noqa: PLC0415 - keeps `citynews --help` quick

    look.diff(old, new, as_json=as_json)


@app.command()
def schema(
    target: Annotated[
        str | None, typer.Option("--for", help="Column types instead: for duckdb, polars or pandas.")
    ] = None,
) -> None:
    """JSON Schema of every stream; with --for, the column types that keep an all-null column what it is."""
    from crawler.archive.records import columns  # noqa: PLC0415 - keeps `citynews --help` quick
    from crawler.archive.records import schema as schemas  # noqa: PLC0415
    from crawler.archive.storage.layout import STREAMS  # noqa: PLC0415 - keeps `citynews --help` quick

    if target is None:
        report.emit(schemas.json_schemas())
    elif target in columns.TARGETS:
        report.emit({stream: columns.columns(stream, target) for stream in STREAMS})
    else:
        raise UsageError(f"--for {target}: one of {', '.join(columns.TARGETS)}")
