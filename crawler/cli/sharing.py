"""pack, cite: what hands an archive, or an article, on to others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler import config
from crawler.cli.app import app
from crawler.cli.options import AsJson, ConfigFile, Ident, Output, Quiet
from crawler.commands import report
from crawler.exit_codes import UsageError


@app.command()
def pack(
    target: Annotated[Path, typer.Option("-o", metavar="FILE.wacz", help="The package to write.")],
    output: Output = None,
    names: Annotated[
        list[str] | None, typer.Option("--portal", metavar="NAME", help="Only articles of this portal. May repeat.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Only articles first archived on this day (UTC) or later.")] = None,
    until: Annotated[str | None, typer.Option(help="Only articles first archived on this day (UTC) or before.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Put the texts in, so that a player can search them.")] = False,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """A WACZ package of the archive, for ReplayWeb.page and pywb: one page an article, its latest version.

    WARC files go in as they are, whole; with a choice only those of the runs that captured what was chosen.
    """
    from crawler.commands import pack as command  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, [])
    portals = dict.fromkeys(name for each in names or [] if (name := report.portal_name(each, "--portal")))
    choice = command.Choice(tuple(portals), report.day(since), report.day(until, "--until"))
    command.pack(chosen.output, target, choice, text=text, quiet=quiet, as_json=as_json)


@app.command()
def cite(
    ident: Ident,
    form: Annotated[str, typer.Option("--format", help="text, bibtex or csl-json.")] = "text",
    output: Output = None,
    config_file: ConfigFile = None,
) -> None:
    """One article as a reference for a paper, with the WARC record and the digests that prove it."""
    from crawler.commands import cite as command  # noqa: PLC0415 - keeps `citynews --help` quick
    from crawler.commands import look  # noqa: PLC0415

    if form not in command.FORMATS:
        raise UsageError(f"--format {form}: one of {', '.join(command.FORMATS)}")
    record = look.latest(config.resolve(config_file, output, []).output, ident)
    typer.echo(report.printable(command.cite(record, form)))
