"""portals and its subcommands: the definitions there are."""

from __future__ import annotations

import typer

from crawler import portals
from crawler.cli.app import app
from crawler.cli.options import AsJson, ConfigFile, Output, Portals
from crawler.commands import catalogue, config, report

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
