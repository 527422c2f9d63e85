"""`citynews portals recall`: compares a site's own sitemaps and feeds with the archive."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.archive.storage.errors import StorageError
from crawler.cli import inputs
from crawler.cli.options import AllowHost, AsJson, ConfigFile, Output, Portals, set_logging
from crawler.cli.output import emit, printable
from crawler.cli.portals import portals_app
from crawler.exit_codes import Exit

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.archive.storage.layout import Paths
    from crawler.config import Config
    from crawler.drafting.recall import Recall, SiteLists
    from crawler.portals import Portal

SHOWN = 20  #: misses that are printed; --json has them all


@portals_app.command("recall")
def portals_recall(
    name: Annotated[str, typer.Argument(help="A portal.")],
    since: Annotated[str | None, typer.Option(help="Skip articles that the lists date before this day.")] = None,
    at_least: Annotated[
        float | None, typer.Option("--at-least", min=0, max=1, help="Exit code 3 if a smaller share is archived: 0.99.")
    ] = None,
    portal_files: Portals = None,
    allow_host: AllowHost = None,
    output: Output = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Compare a site's own sitemaps and feeds with the archive: each missing article with its reason.

    Only those that discovery does not use are read. Nothing is archived, but the result is kept for `citynews health`.
    Exit code 3: there is nothing to compare with, or less than --at-least is archived.
    """
    from crawler import config, portals
    from crawler.archive.read.reader import Reader
    from crawler.archive.storage.layout import Paths
    from crawler.drafting import recall

    chosen = config.resolve(config_file, output, portal_files or [])
    set_logging(quiet=True)
    day = inputs.day(since)
    (portal,) = inputs.select(portals.load(chosen.portals), [name], chosen.chosen, everything=False)
    inputs.existing_archive(chosen.output)
    lists = _look(portal, tuple(allow_host or chosen.allow_hosts), chosen)
    found = recall.compare(lists, portal, Reader(chosen.output), day)
    _note(Paths(chosen.output), name, day, lists, found)
    if as_json:
        emit(_summary(name, lists, found))
    else:
        _print(name, lists, found)
    enough = found.share is not None and found.share >= (at_least or 0.0)
    raise typer.Exit(Exit.OK if enough else Exit.EXPECTATION)


def _look(portal: Portal, hosts: tuple[str, ...], config: Config) -> SiteLists:
    """Asks the site; what it answers is archived nowhere."""
    import tempfile

    from crawler.crawl.options import CrawlOptions
    from crawler.crawl.survey import SurveyStoppedError, ask_site
    from crawler.drafting import recall

    with tempfile.TemporaryDirectory(prefix="citynews-recall-") as folder:
        options = CrawlOptions(config=replace(config, output=Path(folder)), allow_hosts=hosts, quiet=True)
        try:
            lists: SiteLists = ask_site(recall.steps(portal), portal, options)
        except SurveyStoppedError as ended:
            raise typer.Exit(ended.code) from None
    return lists


def _note(paths: Paths, name: str, since: str | None, lists: SiteLists, found: Recall) -> None:
    """Keeps the shares and counts for `citynews health`; says so where the archive cannot be written to."""
    from crawler.article import isoformat
    from crawler.health import recalls
    from crawler.values import clock

    counts = {"lists": len(lists.read), "failed": len(lists.failed), "not_read": len(lists.left)}
    measured = {
        "portal": name, "at": isoformat(clock.now()), "since": since, **counts, "listed": found.listed,
        "archived": found.archived, "share": found.share, "newer": found.newer, "outside": found.outside.total(),
        "missed": dict(Counter(str(miss["reason"]) for miss in found.misses)), "lag_hours": found.lag,
    }  # fmt: skip
    try:
        recalls.note(paths, measured)
    except (OSError, StorageError) as error:
        typer.echo(printable(f"the result is not kept for `citynews health`: {error}"), err=True)


def _print(name: str, lists: SiteLists, found: Recall) -> None:
    for url, entries in lists.read.items():
        typer.echo(printable(f"{name}: {url} lists {len(entries)} addresses"))
    for url, why in lists.failed.items():
        typer.echo(printable(f"{name}: {url} {why}"))
    if lists.left:
        typer.echo(f"{name}: {len(lists.left)} further sitemaps were not read")
    for why, count in found.outside.items():
        typer.echo(printable(f"{name}: {count} are {why} (such as {found.examples[why]})"))
    if found.newer:
        typer.echo(f"{name}: {found.newer} are newer than the last crawl")
    if found.share is None:
        why = (
            "none of the site's lists can be read" if lists.failed and not lists.read
            else "the site has no list of articles that discovery does not already read"
        )  # fmt: skip
        typer.echo(f"{name}: {why}: nothing to compare with")
        return
    lag = (
        f"; {found.lag['median']} h from publication to archive, 95 % within {found.lag['p95']} h" if found.lag else ""
    )
    typer.echo(f"{name}: {found.archived} of {found.listed} articles are archived, {found.share:.1%}{lag}")
    for reason, count in Counter(miss["reason"] for miss in found.misses).most_common():
        typer.echo(printable(f"{name}: {count} missed, {reason}"))
    for miss in found.misses[:SHOWN]:
        typer.echo(printable(f"  {miss['url']}  {miss['dated'] or 'no date'}  {miss['reason']}"))
    if len(found.misses) > SHOWN:
        typer.echo(f"  ... and {len(found.misses) - SHOWN} more; --json lists them all")


def _summary(name: str, lists: SiteLists, found: Recall) -> Json:
    return {
        "portal": name,
        "sources": {url: len(entries) for url, entries in lists.read.items()},
        "failed": lists.failed,
        "not_read": lists.left,
        "listed": found.listed,
        "archived": found.archived,
        "share": found.share,
        "newer": found.newer,
        "outside": dict(found.outside),
        "misses": found.misses,
        "lag_hours": found.lag,
    }
