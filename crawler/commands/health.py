"""`citynews health`: how each portal and each of its fields stand against their own past."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.history import WINDOW, CrawlSummary, looks
from crawler.archive.storage.layout import Paths
from crawler.article import isoformat
from crawler.commands.report import emit, printable
from crawler.exit_codes import Exit, UsageError
from crawler.health.coverage import Share, shares


@dataclass(frozen=True, slots=True)
class Standing:
    """One portal: its crawls within the window, oldest first, and how its fields stand after the last."""

    portal: str
    crawls: Sequence[CrawlSummary]
    fields: Sequence[Share]

    @property
    def newest(self) -> str | None:
        """The latest published_at that any of the crawls found new."""
        return max((look.tally["newest"] for look in self.crawls if look.tally.get("newest")), default=None)

    @property
    def fresh(self) -> datetime | None:
        """When a crawl last found a new article."""
        return max((look.at for look in self.crawls if look.tally["outcomes"].get("new")), default=None)


def health(root: Path, wanted: Sequence[str], defined: Collection[str], now: datetime, *, as_json: bool) -> Exit:
    """Prints the tables of the portals *wanted*: by default of all that are *defined* or were crawled.

    Returns exit code 3 where the last crawl of one of them raised an alarm. Raises UsageError for an unknown name.
    """
    past = looks(Paths(root), now + timedelta(seconds=1))
    if unknown := [name for name in wanted if name not in defined and name not in past]:
        raise UsageError(f"no portal is called {unknown[0]!r}; `citynews portals` lists them")
    names = list(dict.fromkeys(wanted)) or sorted({*defined, *past})
    standings = [_standing(name, past.get(name, [])) for name in names]
    seen = [each for each in standings if each.crawls]
    if as_json:
        emit({"window_days": WINDOW.days, "portals": {each.portal: _json(each) for each in standings}})
    else:
        _print(seen, now)
        if len(seen) < len(standings):
            typer.echo(f"{len(standings) - len(seen)} portals without a crawl in the last {WINDOW.days} days")
    return Exit.EXPECTATION if any(each.crawls[-1].alarms for each in seen) else Exit.OK


def _standing(portal: str, crawls: Sequence[CrawlSummary]) -> Standing:
    fields = shares(crawls[:-1], crawls[-1]) if crawls else []
    return Standing(portal, crawls, [each for each in fields if each.have or each.usual])


def _json(standing: Standing) -> Json:
    last = standing.crawls[-1] if standing.crawls else None
    return {
        "crawls": len(standing.crawls),
        "last_crawl": isoformat(last.at) if last else None,
        "last_new": isoformat(standing.fresh) if standing.fresh else None,
        "newest": standing.newest,
        "alarms": list(last.alarms) if last else [],
        "fields": {
            each.field: {"have": each.have, "articles": each.count, "usual": each.usual, "fallen": each.fallen}
            for each in standing.fields
        },
    }


def _print(standings: Sequence[Standing], now: datetime) -> None:
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    portals = Table("portal", "crawls", "last crawl", "last new", "newest article", "state", box=None, pad_edge=False)
    fields = Table("portal", "field", "of late", "before", "", box=None, pad_edge=False)
    for each in standings:
        last = each.crawls[-1]
        state = f"{len(last.alarms)} alarms" if last.alarms else "well"
        newest = (each.newest or "never")[:16].replace("T", " ")
        portals.add_row(each.portal, str(len(each.crawls)), _ago(last.at, now), _ago(each.fresh, now), newest, state)
        for share in each.fields:
            before = "" if share.usual is None else f"{share.usual:.0%}"
            late = f"{share.have} of {share.count}" if share.count else ""
            fields.add_row(each.portal, share.field, late, before, "fallen" if share.fallen else "")
    console.print(portals)
    console.print()
    console.print(fields)
    for each in standings:
        for alarm in each.crawls[-1].alarms:
            since = f", since {alarm['since'][:16].replace('T', ' ')} UTC" if alarm["since"] else ""
            console.print(printable(f"{each.portal}: {alarm['text']}{since}"), markup=False)


def _ago(moment: datetime | None, now: datetime) -> str:
    """How long ago *moment* was, for a person."""
    if moment is None:
        return "never"
    minutes = max(0, round((now - moment) / timedelta(minutes=1)))
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"
