"""`citynews crawl`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from crawler.cli import inputs
from crawler.cli.app import app
from crawler.cli.notifying import notifying
from crawler.cli.options import (
    AllowHost,
    AsJson,
    ConfigFile,
    Jobs,
    MaxMinutes,
    Output,
    Portals,
    Quiet,
    Setting,
    Unverified,
    Wait,
    set_logging,
)
from crawler.cli.output import emit
from crawler.cli.portal_filters import ALL_PORTALS, PortalFilters, with_options
from crawler.cli.stores import Name, Store
from crawler.exit_codes import Exit, UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.crawl.options import CrawlOptions
    from crawler.crawl.session import CrawlReport
    from crawler.portals import Portal


@app.command()
@with_options(PortalFilters)
def crawl(
    names: Annotated[list[str] | None, typer.Argument(metavar="[PORTAL]...", help="Portals to crawl.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Portals that were chosen or seen to work.")] = False,
    unverified: Unverified = False,
    filters: PortalFilters = ALL_PORTALS,
    output: Output = None,
    portal_files: Portals = None,
    limit: Annotated[int, typer.Option(min=0, help="Request at most this many articles per portal.")] = 0,
    since: Annotated[
        str | None, typer.Option(help="Skip articles that a feed or sitemap dates before this day.")
    ] = None,
    max_minutes: MaxMinutes = None,
    allow_host: AllowHost = None,
    deep: Annotated[bool, typer.Option("--deep", help="Read all list pages to the end.")] = False,
    retry_refused: Annotated[
        bool, typer.Option("--retry-refused", help="Request every refused address again.")
    ] = False,
    jobs: Jobs = None,
    wait: Wait = 0.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Request list pages only, print what would be crawled, write nothing.")
    ] = False,
    store: Store = None,
    name: Name = None,
    round_name: Annotated[
        str | None,
        typer.Option(
            "--round", metavar="NAME", help="With a store: name of the round, crawled once [default: the hour]."
        ),
    ] = None,
    setting: Setting = None,
    config_file: ConfigFile = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Crawl portals: their list pages, then new and due articles.

    List pages are requested every time, articles only when they are new or due for a revisit. --all selects the portals
    that citynews.toml chooses; without a choice, those that you define yourself and those with articles in this
    archive. --place, --portal-kind and --portal-tag leave only some of them, or of the portals named.

    With a store, the archive is kept there: the local copy is updated, crawled while no other machine does, and pushed.
    A machine that finds the round done makes no requests and ends with 0.

    Exit code 0: success. 3: a portal fell below its expectations; stderr says which and how. 75: another run holds the
    archive's lock, or another machine committed first.
    """
    # two modules of Scrapy look at each frame of the stack while they are imported, which takes long deep in imports
    import scrapy.core.downloader.handlers.http11  # noqa: F401

    from crawler import config
    from crawler.crawl.options import CrawlOptions

    chosen = config.resolve(config_file, output, portal_files or [], max_minutes)
    begin = inputs.day(since)
    found = inputs.select_known(chosen, names or [], filters, everything=everything, unverified=unverified, quiet=quiet)
    wanted = CrawlOptions(
        config=chosen,
        limit=limit,
        since=begin,
        allow_hosts=tuple(allow_host or chosen.allow_hosts),
        wait=wait,
        scrapy=inputs.scrapy_settings(setting or []),
        quiet=quiet,
        jobs=jobs or 0,
        deep=deep,
        retry_refused=retry_refused,
        dry_run=dry_run,
    )
    set_logging(quiet=quiet)
    stored = bool(store or chosen.store.url)
    if stored:
        from crawler.cli.crawl_store import crawl_stored, located

        place = located(found, chosen.store, store, name or ("all" if everything else None), output)
        chosen = replace(chosen, output=place.folder)
        wanted = replace(wanted, config=chosen)
    elif name or round_name:
        raise UsageError("--name and --round need --store URL")
    if not stored or dry_run:  # a dry run looks at the local copy as it is
        with notifying(chosen, "crawl"):
            _end(watched(found, wanted), wanted, as_json=as_json)
    with notifying(chosen, "crawl"):
        report, said = crawl_stored(found, wanted, place, round_name or "", watched)
        if report is not None:
            _end(report, wanted, as_json=as_json, more={"store": said})
        if as_json:
            emit({"run": None, "head": None, "exit_code": 0, "portals": {}, "store": said})


def _end(report: CrawlReport, options: CrawlOptions, *, as_json: bool, more: Json | None = None) -> NoReturn:
    """Says what *report* says, sends what saved queries found, and ends with its code."""
    from crawler.cli.queries import send_matches
    from crawler.crawl.summary import closing_lines, counts_line

    dry_run = options.dry_run
    if not options.quiet:
        for name, stats in report.portals.items():
            plan = report.planned[name]
            would = f"; {len(plan['new'])} new and {len(plan['due'])} due would be asked for" if dry_run else ""
            typer.echo(f"{name}: {counts_line(stats)}{would}", err=True)
        end = "dry run, nothing was written" if dry_run else f"run {report.run}"
        for line in closing_lines(end, int(report.exit), report.output, None if dry_run else report.head):
            typer.echo(line, err=True)
    more = (more or {}) | ({} if dry_run else send_matches(options.config, report))
    if as_json:
        planned = {"run": None, "head": None, "planned": report.planned} if dry_run else {}
        emit(_summary(report) | planned | more)
    raise typer.Exit(report.exit)


def watched(portals: Sequence[Portal], options: CrawlOptions) -> CrawlReport:
    """Crawls *portals*, with a live table on a terminal, and notifies the operator of what has changed."""
    from crawler.cli.progress import CrawlTable
    from crawler.cli.queries import begin_queries
    from crawler.crawl import session
    from crawler.health import notify

    if not options.dry_run:
        begin_queries(options.config)
    report = session.crawl(portals, options, watch=lambda crawl: CrawlTable(crawl.crawl, quiet=options.quiet))
    if report.exit in {Exit.OK, Exit.EXPECTATION} and not options.dry_run:
        names = [portal.name for portal in portals]
        notify.after_crawl(options.config, report.output, report.run, report.started_at, report.alarms, names)
    return report


def _summary(report: CrawlReport) -> Json:
    """The machine-readable summary of a crawl."""
    return {
        "run": report.run,
        "head": report.head,
        "exit_code": int(report.exit),
        "output": str(report.output),
        "portals": report.portals,
        "problems": report.problems,
        "notices": report.notices,
    }
