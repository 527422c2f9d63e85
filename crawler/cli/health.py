"""`citynews health`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from crawler.cli.app import app
from crawler.cli.options import AsJson, ConfigFile, Names, Output, Portals
from crawler.cli.output import ago, emit, printable
from crawler.cli.portal_filters import ALL_PORTALS, PortalFilters, with_options
from crawler.exit_codes import Exit

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.health.summary import PortalHealth

RECALLS = 6  #: latest measurements of recall that are printed; --json has all


@app.command()
@with_options(PortalFilters)
def health(
    names: Names = None,
    filters: PortalFilters = ALL_PORTALS,
    output: Output = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Coverage, freshness and drift by portal and field.

    Each portal and each of its fields is compared with its own history; `citynews portals recall` adds to it.

    Exit code 3: the last crawl of one of these portals raised an alarm.
    """
    from crawler import config, portals
    from crawler.archive.runs.history import WINDOW
    from crawler.archive.storage.layout import Paths
    from crawler.health.summary import summaries

    chosen = config.resolve(config_file, output, portal_files or [])
    now = datetime.now(UTC)
    defined = portals.load(chosen.portals)
    found = summaries(Paths(chosen.output), names or [], defined, now)
    if not filters.is_everything:
        wanted = {portal.name for portal in filters.of(defined.values())}
        found = [health for health in found if health.portal in wanted]
    crawled = [portal for portal in found if portal.crawls]
    if as_json:
        emit({"window_days": WINDOW.days, "portals": {portal.portal: _json(portal) for portal in found}})
    else:
        _print(crawled, now)
        if len(crawled) < len(found):
            typer.echo(f"{len(found) - len(crawled)} portals without a crawl in the last {WINDOW.days} days")
    raise typer.Exit(Exit.EXPECTATION if any(portal.crawls[-1].alarms for portal in crawled) else Exit.OK)


def _json(portal: PortalHealth) -> Json:
    from crawler.article import isoformat

    last = portal.crawls[-1] if portal.crawls else None
    return {
        "crawls": len(portal.crawls),
        "last_crawl": isoformat(last.at) if last else None,
        "last_new": isoformat(portal.fresh) if portal.fresh else None,
        "newest": portal.newest,
        "alarms": list(last.alarms) if last else [],
        "fields": {
            field.field: {"have": field.have, "articles": field.count, "usual": field.usual, "fallen": field.fallen}
            for field in portal.fields
        },
        "recall": list(portal.recall),
    }


def _print(found: Sequence[PortalHealth], now: datetime) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    heads = ("portal", "crawls", "last crawl", "last new", "newest article", "recall", "state")
    portals = Table(*heads, box=None, pad_edge=False)
    fields = Table("portal", "field", "of late", "before", "", box=None, pad_edge=False)
    for portal in found:
        last = portal.crawls[-1]
        state = f"{len(last.alarms)} alarms" if last.alarms else "well"
        newest = (portal.newest or "never")[:16].replace("T", " ")
        portals.add_row(
            portal.portal, str(len(portal.crawls)), ago(last.at, now), ago(portal.fresh, now), newest,
            _recalled(portal.recall[-1]) if portal.recall else "", state,
        )  # fmt: skip
        for share in portal.fields:
            before = "" if share.usual is None else f"{share.usual:.0%}"
            late = f"{share.have} of {share.count}" if share.count else ""
            fields.add_row(portal.portal, share.field, late, before, "fallen" if share.fallen else "")
    console.print(portals)
    console.print()
    console.print(fields)
    for portal in found:
        for alarm in portal.crawls[-1].alarms:
            since = f", since {alarm['since'][:16].replace('T', ' ')} UTC" if alarm["since"] else ""
            console.print(printable(f"{portal.portal}: {alarm['text']}{since}"), markup=False)
        for sentence in _recall(portal.portal, portal.recall):
            console.print(printable(sentence), markup=False)


def _recall(portal: str, past: Sequence[Json]) -> Iterator[str]:
    """The shares of the site's own lists that were archived, measurement by measurement, and whether they fell."""
    from crawler.health.recalls import fallen

    if len(past) > 1:
        shown = ", ".join(f"{_recalled(measure)} ({str(measure['at'])[:10]})" for measure in past[-RECALLS:])
        yield f"{portal}: recall {shown}"
    if past and (fell := fallen(past)) is not None:
        yield f"{portal}: recall fell from {fell[1]:.1%} to {fell[0]:.1%}; `citynews portals recall {portal}` says why"


def _recalled(measured: Json) -> str:
    return "-" if measured["share"] is None else f"{measured['share']:.1%}"
