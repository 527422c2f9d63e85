"""`citynews portals` and `portals show`: the definitions, and the results of their last crawls."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crawler.cli.app import app
from crawler.cli.inputs import standing
from crawler.cli.options import AsJson, ConfigFile, Output, Portals
from crawler.cli.output import emit, printable
from crawler.cli.portal_filters import ALL_PORTALS, PortalFilters, with_options
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.health.summary import LastCrawl
    from crawler.portals import Portal

portals_app = typer.Typer(help="List, print and check portal definitions.", invoke_without_command=True)
app.add_typer(portals_app, name="portals")


@portals_app.callback()
@with_options(PortalFilters)
def portals_list(
    context: typer.Context,
    filters: PortalFilters = ALL_PORTALS,
    output: Output = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List the portals, with the confidence of their definitions and the result of their last crawl.

    state says what `crawl --all` does with it: chosen by citynews.toml, own (your definition), crawled (this archive
    has articles of it), unverified (left out without --unverified), excluded.
    """
    if context.invoked_subcommand is None:
        from crawler import config, portals

        chosen = config.resolve(config_file, output, portal_files or [])
        defined = portals.load(chosen.portals)
        wanted = filters.description().of(defined.values())
        _list(wanted, standing(chosen, defined), chosen.output, as_json=as_json)


@portals_app.command("show")
def portals_show(name: str, portal_files: Portals = None, config_file: ConfigFile = None) -> None:
    """Print a portal's definition."""
    from crawler import config, portals

    chosen = config.resolve(config_file, None, portal_files or [])
    defined = portals.load(chosen.portals)
    if name not in defined:
        raise UsageError(f"no portal is called {name!r}; `citynews portals` lists them")
    typer.echo(printable(defined[name].text).rstrip("\n"))


def _list(portals: Sequence[Portal], states: Mapping[str, str], output: Path, *, as_json: bool) -> None:
    """One line per portal; a portal that *output* holds nothing of has no crawl."""
    from rich.console import Console
    from rich.table import Table

    from crawler.archive.storage.layout import Paths
    from crawler.health.summary import LastCrawl, last_crawls

    past = last_crawls(Paths(output))
    rows = [_row(portal, past.get(portal.name, LastCrawl()), states[portal.name]) for portal in portals]
    if as_json:
        emit(rows)
        return
    names = ["name", "title", "lang", "place", "kind", "tags", "sure", "state", "last-crawl", "articles", "health"]
    table = Table(*(name.replace("-", " ") for name in names), box=None, pad_edge=False)
    for row in rows:
        crawl = str(row["last_crawl"] or "never")[:10]
        sure = ", ".join(str(value) for value in (row["confidence"], row["last_seen"]) if value) or "-"
        cells = (
            row["name"],
            row["title"],
            row["language"],
            row["place"]["name"] if row["place"] else "-",
            row["kind"] or "-",
            ", ".join(row["tags"]) or "-",
            sure,
            row["state"],
            crawl,
            row["articles"],
            row["health"] or "-",
        )
        table.add_row(*(printable(str(cell)) for cell in cells))
    for column in table.columns:
        column.no_wrap = True
    width = None if sys.stdout.isatty() else 240  # a file or a pipe has no width that a line must fit
    Console(file=sys.stdout, highlight=False, width=width).print(table)


def _row(portal: Portal, past: LastCrawl, state: str) -> Json:
    health = "; ".join(past.problems) or "well" if past.at else None
    return {
        "name": portal.name,
        "title": portal.title,
        "language": portal.language,
        "home": portal.home,
        "place": portal.place.model_dump() if portal.place else None,
        "kind": portal.kind,
        "tags": list(portal.tags),
        "evidence": portal.evidence,
        "confidence": portal.confidence,
        "last_seen": portal.last_seen,
        "chosen": state != "excluded",
        "state": state,
        "last_crawl": past.at,
        "articles": past.articles,
        "health": health,
    }
