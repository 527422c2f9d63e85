"""`citynews crawl --store`: a crawl into an archive that several machines share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crawler.cli.output import printable
from crawler.cli.stores import opened
from crawler.exit_codes import Exit, worst

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.archive.records.jsonl import Json
    from crawler.archive.storage.objects import Objects
    from crawler.config import StoreChoice
    from crawler.crawl.options import CrawlOptions
    from crawler.crawl.session import CrawlReport
    from crawler.portals import Portal
    from crawler.store.visit import StoreVisit


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Where the archive lives, and its local copy."""

    store: Objects
    name: str
    folder: Path


def located(
    portals: Sequence[Portal], choice: StoreChoice, url: str | None, name: str | None, output: Path | None
) -> StorePlace:
    """Where the archive of *portals* is, as the command line says it. Raises UsageError, StoreAddressError."""
    from crawler.store.visit import archive_name, cache_folder

    store = opened(url, choice, make=True)
    named = archive_name([portal.name for portal in portals], name)
    return StorePlace(store, named, output or cache_folder(store, named))


def crawl_stored(
    portals: Sequence[Portal],
    options: CrawlOptions,
    place: StorePlace,
    round_name: str,
    run: Callable[[Sequence[Portal], CrawlOptions], CrawlReport],
) -> tuple[CrawlReport | None, Json]:
    """Crawls *portals* with *run* into the archive at *place*: what it did, and what became of it in the store.

    The report is None where the round is done already. Raises BusyError, UsageError, StorageError, DamagedError.
    """
    from crawler.store.visit import visiting
    from crawler.values.urls import site_of

    choice = options.config.store
    sites = [site_of(domain) for portal in portals for domain in portal.domains]
    with visiting(
        place.store, place.name, sites, place.folder, ttl=choice.ttl, wait=options.wait, round_name=round_name
    ) as visit:  # fmt: skip
        if visit.turn is None:
            if not options.quiet:
                done = f"{visit.objects.url}: round {visit.round} is done; --round NAME begins another one"
                typer.echo(printable(done), err=True)
            return None, _said(visit)
        return _crawled(portals, options, visit, run)


def _crawled(
    portals: Sequence[Portal],
    options: CrawlOptions,
    visit: StoreVisit,
    run: Callable[[Sequence[Portal], CrawlOptions], CrawlReport],
) -> tuple[CrawlReport, Json]:
    """What the crawl did, and what became of it in the store."""
    from crawler.archive.storage.errors import StorageError
    from crawler.store.outcome import OvertakenError
    from crawler.store.turn import stop_this_process
    from crawler.store.visit import WARC_SIZE

    turn = visit.turn
    assert turn is not None
    turn.on_lost(stop_this_process)
    report = run(
        portals,
        replace(options, may_ask=turn.may_ask, said=visit.said(), warc_size=WARC_SIZE),
    )
    turn.on_lost(lambda: None)
    said = _said(visit) | {"stopped": turn.asked_to_stop}
    if report.head is None:  # it did not finish: the next attempt does that, and pushes it
        return report, said
    try:
        visit.push()
        said["pushed"] = visit.pushed.runs
    except OvertakenError as error:
        typer.echo(f"citynews: {printable(str(error))}", err=True)
        said["diverged"] = error.runs
        code = Exit.BUSY if report.exit in {Exit.OK, Exit.EXPECTATION, Exit.TERMINATED} else report.exit
        return replace(report, exit=code), said
    except StorageError as error:
        typer.echo(f"citynews: {printable(str(error))}; the run is kept, and the next crawl pushes it", err=True)
        return replace(report, exit=worst([report.exit, Exit.STORAGE])), said
    return report, said


def _said(visit: StoreVisit) -> Json:
    """What the summary says of the store."""
    return {"url": visit.objects.url, "archive": visit.name, "round": visit.round, "pushed": [], "diverged": []}
