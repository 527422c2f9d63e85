"""`citynews portals`: the definitions there are, how far each can be trusted, and what became of its last crawl."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths
from crawler.commands.report import emit, printable
from crawler.portals import Portal


@dataclass(slots=True)
class Past:
    """What the runs of an archive say about one portal."""

    last_crawl: str | None = None  #: when the last run with it ended, UTC
    articles: int = 0
    problems: tuple[str, ...] = ()  #: of that run


def listing(portals: Sequence[Portal], output: Path, *, as_json: bool) -> None:
    """The portals, one a line; a portal that *output* holds nothing of has no crawl."""
    past = history(Paths(output))
    rows = [_row(portal, past.get(portal.name, Past())) for portal in portals]
    if as_json:
        emit(rows)
        return
    table = Table("name", "title", "lang", "sure", "last crawl", "articles", "health", box=None, pad_edge=False)
    for row in rows:
        crawl = str(row["last_crawl"] or "never")[:10]
        sure = ", ".join(str(each) for each in (row["confidence"], row["last_seen"]) if each) or "-"
        cells = (row["name"], row["title"], row["language"], sure, crawl, row["articles"], row["health"] or "-")
        table.add_row(*(printable(str(cell)) for cell in cells))
    for column in table.columns:
        column.no_wrap = True
    width = None if sys.stdout.isatty() else 240  # a file or a pipe has no width that a line must fit
    Console(file=sys.stdout, highlight=False, width=width).print(table)


def history(paths: Paths) -> dict[str, Past]:
    """Portal -> what the finished runs say of it; empty where there is no archive, or where verify must be asked."""
    try:
        return _gather(run for run, _ in run_file.finished(paths))
    except DamagedError:
        return {}


def _gather(finished: Iterable[Json]) -> dict[str, Past]:
    past: dict[str, Past] = {}
    for run in finished:
        for name, tally in (run.get("portals") or {}).items():
            each = past.setdefault(name, Past())
            each.articles += tally.get("outcomes", {}).get("new", 0)
            each.last_crawl = run.get("finished_at")
            each.problems = tuple((run.get("problems") or {}).get(name, ()))
    return past


def _row(portal: Portal, past: Past) -> Json:
    health = "; ".join(past.problems) or "well" if past.last_crawl else None
    return {
        "name": portal.name,
        "title": portal.title,
        "language": portal.language,
        "home": portal.home,
        "evidence": portal.evidence,
        "confidence": portal.confidence,
        "last_seen": portal.last_seen,
        "last_crawl": past.last_crawl,
        "articles": past.articles,
        "health": health,
    }
