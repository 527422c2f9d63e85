"""portals and its subcommands: the definitions there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crawler import config, portals
from crawler.cli.app import app
from crawler.cli.options import AllowHost, AsJson, ConfigFile, Output, Portals, Wait, set_logging
from crawler.commands import catalogue, report

portals_app = typer.Typer(help="List, print and check portal definitions.", invoke_without_command=True)
app.add_typer(portals_app, name="portals")


@portals_app.callback()
def portals_list(
    context: typer.Context,
    output: Output = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """The portals there are: how sure their definitions are, and what became of the last crawl of each."""
    if context.invoked_subcommand is None:
        chosen = config.resolve(config_file, output, portal_files or [])
        catalogue.listing(list(portals.load(chosen.portals).values()), chosen.output, as_json=as_json)


@portals_app.command("show")
def portals_show(name: str, portal_files: Portals = None, config_file: ConfigFile = None) -> None:
    """Print a portal's definition."""
    chosen = config.resolve(config_file, None, portal_files or [])
    (found,) = report.select(portals.load(chosen.portals), [name], everything=False)
    typer.echo(report.printable(found.text).rstrip("\n"))


@portals_app.command("new")
def portals_new(
    url: Annotated[str, typer.Argument(help="A home page, a list of articles, or one article.")],
    name: Annotated[str | None, typer.Option("--name", help="The portal's name [default: from the host].")] = None,
    write: Annotated[Path, typer.Option("--write", help="The folder the definition is written to.")] = Path("portals"),
    from_warc: Annotated[
        list[Path] | None, typer.Option("--from-warc", help="Ask these WARC files, not the site. May repeat.")
    ] = None,
    articles: Annotated[int, typer.Option("--articles", min=5, max=100, help="Articles to learn from.")] = 20,
    delay: Annotated[float, typer.Option("--delay", min=0, help="Seconds between two requests.")] = 1.0,
    allow_host: AllowHost = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="The archive for what is fetched [default: NAME.archive, beside].")
    ] = None,
    wait: Wait = 0.0,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Draft a definition: finds lists, feeds and the addresses of articles, reads some 20, learns where fields stand.

    Writes NAME.toml and a golden page, archives what was fetched. Exit code 3: nothing could be drafted.
    """
    from crawler.commands import draft as command  # noqa: PLC0415 - keeps `citynews --help` quick

    chosen = config.resolve(config_file, output, [])
    set_logging(quiet=True)
    request = command.Request(
        url=url,
        write=write,
        name=report.portal_name(name, "--name"),
        sources=tuple(from_warc or ()),
        allow_hosts=tuple(allow_host or chosen.allow_hosts),
        delay=delay,
        articles=articles,
        wait=wait,
        archive=output,
    )
    raise typer.Exit(command.new(request, chosen, as_json=as_json))


@portals_app.command("check")
def portals_check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Portals [default: all].")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Learn the template anew and propose a definition.")] = False,
    write: Annotated[Path, typer.Option("--write", help="The folder that proposals go to.")] = Path("repaired"),
    articles: Annotated[int, typer.Option("--articles", min=1, max=100, help="Articles to look at.")] = 6,
    portal_files: Portals = None,
    allow_host: AllowHost = None,
    output: Output = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Look at portals live: lists, a few articles, coverage, drift against golden pages and archive.

    Says what to repair. Nothing is archived. Exit code 3: something is below what the definition expects.
    """
    from crawler.commands import check as command  # noqa: PLC0415 - Scrapy takes half a second to import

    chosen = config.resolve(config_file, output, portal_files or [])
    set_logging(quiet=True)
    request = command.Request(
        portals=report.select(portals.load(chosen.portals), names or [], everything=not names),
        articles=articles,
        repair=repair,
        write=write,
        allow_hosts=tuple(allow_host or chosen.allow_hosts),
    )
    raise typer.Exit(command.check(request, chosen, as_json=as_json))
