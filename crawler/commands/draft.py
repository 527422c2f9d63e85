"""`citynews portals new`: a definition drafted from a live site, or from WARC files of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from crawler import drafting, portals
from crawler.archive.records.jsonl import Json
from crawler.commands.report import emit, printable
from crawler.commands.survey import Ended, ask_files, ask_site
from crawler.config import Config
from crawler.drafting import Draft, Findings, NothingFoundError, Survey, golden
from crawler.exit_codes import Exit, UsageError
from crawler.portals import Portal
from crawler.values import urls

GOLDEN = "golden"  #: the folder beside definitions that holds their golden pages, one folder a portal


@dataclass(frozen=True, slots=True)
class Request:
    """What `portals new` was asked to do."""

    url: str
    write: Path
    name: str | None = None
    sources: tuple[Path, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    delay: float = 1.0
    articles: int = 20
    wait: float = 0.0
    archive: Path | None = None


def new(request: Request, config: Config, *, as_json: bool) -> Exit:
    """Drafts, writes and prints. Raises UsageError, and what a crawl raises."""
    asked = urls.clean(request.url)
    if asked is None:
        raise UsageError(f"{request.url}: not an http(s) address")
    name = request.name or drafting.name_of(urls.host_of(asked))
    target = request.write / f"{name}.toml"
    if target.exists():
        raise UsageError(f"{target}: there already; move it, or give another --name or --write")
    portal = _provisional(asked, name, request.delay)
    archive = request.archive or request.write / f"{name}.archive"
    try:
        found = _survey(asked, portal, request, replace(config, output=archive))
        draft = drafting.draft(found, name, delay=request.delay, today=datetime.now(UTC).date().isoformat())
    except NothingFoundError as error:
        typer.echo(f"citynews: nothing can be drafted: {printable(str(error))}", err=True)
        return Exit.EXPECTATION
    except Ended as ended:
        return ended.code
    request.write.mkdir(parents=True, exist_ok=True)
    target.write_text(draft.text, "utf-8")
    kept = request.write / GOLDEN / name / "drafted"
    golden.write(kept, replace(_typical(draft), portal=draft.portal))
    files = [target, kept, *([] if request.sources else [archive])]
    if as_json:
        emit(_summary(draft, files))
    else:
        show(draft, files)
    return Exit.OK


def _survey(asked: str, portal: Portal, request: Request, config: Config) -> Findings:
    steps = Survey(asked, request.articles).steps()
    if request.sources:
        found = ask_files(steps, request.sources)
    else:
        from crawler.commands.crawl import Options  # noqa: PLC0415 - Scrapy takes half a second to import

        options = Options(config=config, allow_hosts=request.allow_hosts, quiet=True, wait=request.wait)
        found = ask_site(steps, portal, options)
    assert isinstance(found, Findings)
    return found


def _provisional(url: str, name: str, delay: float) -> Portal:
    """What the survey is polite by: the host, the delay, a bound."""
    parts = urlsplit(url)
    host = urls.host_of(url)
    home = f"{parts.scheme}://{host}/"
    return portals.minimal(name, home=home, domain=host, article_urls=".", delay=delay, max_requests=300)


def _typical(draft: Draft) -> drafting.Visit:
    """An article of one page whose text is of middling length."""
    single = [each for each in draft.visits if sum(c.role == "page" for c in each.captures) == len(each.captures)]
    ordered = sorted(single or draft.visits, key=lambda each: len(each.captures[0].payload))
    return ordered[len(ordered) // 2]


def show(draft: Draft, files: Sequence[Path]) -> None:
    """What a person judges the draft by, in a minute."""
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    table = Table("field", "has it", "place", "same value", "for example", box=None, pad_edge=False)
    places = draft.learned.places if draft.learned is not None else {}
    for name, share in draft.coverage.items():
        place = places.get(name)
        row = (place.selector, f"{place.support}/{place.of}", place.value) if place else ("", "", "")
        if share or place:
            table.add_row(name, f"{share:.0%}", *(_cell(each) for each in row))
    console.print(table)
    found = draft.portal.discover
    for key in ("pages", "feeds", "sitemaps", "article_urls", "list_urls"):
        for each in getattr(found, key):
            console.print(f"{key}: {printable(getattr(each, 'pattern', each))}", markup=False)
    for note in draft.notes:
        console.print(f"note: {printable(note)}", markup=False)
    for path in files:
        console.print(f"wrote {path}", markup=False)


def _cell(text: str) -> str:
    shown = printable(text).replace("[", r"\[")
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


def _summary(draft: Draft, files: Sequence[Path]) -> Json:
    learned = draft.learned
    return {
        "name": draft.portal.name,
        "articles": len(draft.visits),
        "coverage": draft.coverage,
        "template": None if learned is None else {
            "used": learned.good, "pages": learned.pages, "held": learned.held, "differing": dict(learned.differing),
            "support": {name: [each.support, each.of] for name, each in learned.places.items()},
        },
        "notes": draft.notes,
        "files": [str(path) for path in files],
    }  # fmt: skip
