"""`citynews portals check`: a live check of portals, and what has to be fixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli import inputs
from crawler.cli.options import AllowHost, AsJson, ConfigFile, Output, Portals, set_logging
from crawler.cli.output import emit, printable
from crawler.cli.portal_filters import ALL_PORTALS, PortalFilters, with_options
from crawler.cli.portals import portals_app
from crawler.exit_codes import Exit, UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.config import Config
    from crawler.drafting.check import Inspection
    from crawler.portals import Portal

ARCHIVED = 50  #: latest records that a portal is compared with
TO_LEARN = 20  #: articles asked for where the template is to be learned again


@portals_app.command("check")
@with_options(PortalFilters)
def portals_check(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Portals [default: all].")] = None,
    filters: PortalFilters = ALL_PORTALS,
    repair: Annotated[bool, typer.Option("--repair", help="Learn the template again, propose a definition.")] = False,
    write: Annotated[Path, typer.Option("--write", help="The folder for proposed definitions.")] = Path("repaired"),
    articles: Annotated[int, typer.Option("--articles", min=1, max=100, help="Number of articles to fetch.")] = 6,
    portal_files: Portals = None,
    allow_host: AllowHost = None,
    output: Output = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Check portals live: lists, a few articles, coverage, drift from golden pages and archive.

    Says what to fix. Nothing is archived. Exit code 3: something is below what the definition expects.
    """
    from crawler import config, portals
    from crawler.crawl.survey import SurveyStoppedError
    from crawler.drafting import check

    chosen = config.resolve(config_file, output, portal_files or [])
    set_logging(quiet=True)
    wanted = inputs.select(portals.load(chosen.portals), names or [], chosen.chosen, filters, everything=not names)
    targets = [write / f"{portal.name}.toml" for portal in wanted]
    if repair and (there := [path for path in targets if path.exists()]):
        raise UsageError(f"{there[0]}: exists already; move it, or give another --write")
    hosts = tuple(allow_host or chosen.allow_hosts)
    try:
        inspections = _look(wanted, max(articles, TO_LEARN) if repair else articles, hosts, chosen)
    except SurveyStoppedError as ended:
        raise typer.Exit(ended.code) from None
    codes = []
    for seen in inspections:
        check.find_problems(seen, _goldens(seen.portal, chosen), _archived(seen.portal, chosen))
        proposed = _repair(seen, write) if repair else None
        if as_json:
            emit(_summary(seen, proposed))
        else:
            _print(seen)
        codes.append(Exit.EXPECTATION if seen.problems else Exit.OK)
    raise typer.Exit(max(codes, default=Exit.OK))


def _look(portals: Sequence[Portal], articles: int, hosts: tuple[str, ...], config: Config) -> list[Inspection]:
    """Asks the sites of *portals*; what they answer is archived nowhere. Raises SurveyStoppedError."""
    import tempfile

    from crawler.crawl.options import CrawlOptions
    from crawler.crawl.survey import ask_sites
    from crawler.drafting import check

    with tempfile.TemporaryDirectory(prefix="citynews-check-") as folder:
        options = CrawlOptions(config=replace(config, output=Path(folder)), allow_hosts=hosts, quiet=True)
        return ask_sites(
            [(portal, check.steps(portal, articles, check.local_lists(portal))) for portal in portals], options
        )


def _goldens(portal: Portal, config: Config) -> Path | None:
    """The golden pages in the folders of the given definitions."""
    from crawler.drafting.golden import FOLDER

    folders = [path if path.is_dir() else path.parent for path in config.portals]
    return next((each for path in folders if (each := path / FOLDER / portal.name).is_dir()), None)


def _archived(portal: Portal, config: Config) -> list[Json]:
    """The latest records of *portal* in the archive, where there is one."""
    from crawler.archive.read.reader import Reader

    if not config.output.is_dir():
        return []
    files = sorted((config.output / "articles" / portal.name).glob("*.jsonl*"), reverse=True)
    records: list[Json] = (
        [dict(article) for article in Reader(config.output).articles() if article["portal"] == portal.name]
        if files
        else []
    )
    return list(islice(reversed(records), ARCHIVED))


def _repair(seen: Inspection, folder: Path) -> Path | None:
    """Writes the definition with a newly learned template into *folder*; says why where it cannot."""
    from crawler.drafting import repair

    if seen.portal.template is not None and seen.held == len(seen.articles) > 0:
        typer.echo(f"{seen.portal.name}: the template matches all {seen.held} articles: nothing to repair", err=True)
        return None
    learned = repair.learn_again(seen)
    if learned is None or not learned.good:
        typer.echo(f"{seen.portal.name}: no template can be learned from {len(seen.articles)} articles", err=True)
        return None
    text = repair.repaired(seen.portal, learned, datetime.now(UTC).astimezone(seen.portal.zone).date())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{seen.portal.name}.toml"
    path.write_text(text, "utf-8")
    typer.echo(
        f"{seen.portal.name}: learned from {learned.pages} pages, matches {learned.held}; wrote {path}", err=True
    )
    return path


def _print(seen: Inspection) -> None:
    """A portal in a line, and below it what is wrong."""
    shares = ", ".join(f"{name} {share:.0%}" for name, share in seen.coverage().items())
    held = f", template on {seen.held}" if seen.portal.template is not None else ""
    pages = len(seen.found) + len(seen.failed)
    typer.echo(
        printable(
            f"{seen.portal.name}: {len(seen.found)} of {pages} discovery pages, "
            f"{sum(seen.found.values())} articles found, "
            f"{len(seen.articles)} of {len(seen.results)} read{held}; {shares or 'no field'}"
        )
    )
    for sentence in seen.problems or ["all well"]:
        typer.echo(printable(f"  {sentence}"))


def _summary(seen: Inspection, proposed: Path | None) -> Json:
    return {
        "portal": seen.portal.name,
        "discovery": seen.found,
        "failed": seen.failed,
        "articles": len(seen.articles),
        "asked": len(seen.results),
        "template": seen.held if seen.portal.template is not None else None,
        "coverage": seen.coverage(),
        "problems": seen.problems,
        "proposed": str(proposed) if proposed else None,
    }
