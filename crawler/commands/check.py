"""`citynews portals check`: a polite live look at portals, and what has to be repaired."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import typer

from crawler.archive.read.reader import Reader
from crawler.archive.records.jsonl import Json
from crawler.commands.crawl import Options
from crawler.commands.draft import GOLDEN
from crawler.commands.report import emit, printable
from crawler.commands.survey import Ended, ask_sites
from crawler.config import Config
from crawler.drafting import inspect, repair
from crawler.drafting.inspect import Inspection
from crawler.exit_codes import Exit, UsageError
from crawler.portals import Portal

ARCHIVED = 50  #: latest records that a portal is compared with
TO_LEARN = 20  #: articles asked for where the template is to be learned anew


@dataclass(frozen=True, slots=True)
class Request:
    """What `portals check` was asked to do."""

    portals: Sequence[Portal]
    articles: int = 6
    repair: bool = False
    write: Path = Path("repaired")
    allow_hosts: tuple[str, ...] = ()


def check(request: Request, config: Config, *, as_json: bool) -> Exit:
    """Looks, prints a line a portal and what is wrong below it. What is fetched is thrown away."""
    articles = max(request.articles, TO_LEARN) if request.repair else request.articles
    targets = [request.write / f"{portal.name}.toml" for portal in request.portals]
    if request.repair and (there := [path for path in targets if path.exists()]):
        raise UsageError(f"{there[0]}: there already; move it, or give another --write")
    with tempfile.TemporaryDirectory(prefix="citynews-check-") as folder:
        options = Options(config=replace(config, output=Path(folder)), allow_hosts=request.allow_hosts, quiet=True)
        try:
            found = ask_sites([(p, inspect.steps(p, articles)) for p in request.portals], options)
        except Ended as ended:
            return ended.code
    codes = []
    for seen in found:
        assert isinstance(seen, Inspection)
        inspect.judge(seen, _goldens(seen.portal, config), _archived(seen.portal, config))
        proposed = _repair(seen, request) if request.repair else None
        if as_json:
            emit(_summary(seen, proposed))
        else:
            show(seen)
        codes.append(Exit.EXPECTATION if seen.problems else Exit.OK)
    return max(codes, default=Exit.OK)


def _goldens(portal: Portal, config: Config) -> Path | None:
    """The golden pages that lie beside the definitions that were given."""
    beside = [path if path.is_dir() else path.parent for path in config.portals]
    return next((each for path in beside if (each := path / GOLDEN / portal.name).is_dir()), None)


def _archived(portal: Portal, config: Config) -> list[Json]:
    """The latest records of *portal* in the archive, where there is one."""
    if not config.output.is_dir():
        return []
    files = sorted((config.output / "articles" / portal.name).glob("*.jsonl*"), reverse=True)
    records: list[Json] = (
        [dict(each) for each in Reader(config.output).articles() if each["portal"] == portal.name] if files else []
    )
    return list(islice(reversed(records), ARCHIVED))


def _repair(seen: Inspection, request: Request) -> Path | None:
    """Writes the definition with a template learned anew; says why where it cannot."""
    if seen.portal.template is not None and seen.held == len(seen.articles) > 0:
        typer.echo(f"{seen.portal.name}: the template holds on all {seen.held} articles: nothing to repair", err=True)
        return None
    learned = repair.learn_anew(seen)
    if learned is None or not learned.good:
        typer.echo(f"{seen.portal.name}: no template can be learned from {len(seen.articles)} articles", err=True)
        return None
    text = repair.repaired(seen.portal, learned, datetime.now(UTC).astimezone(seen.portal.zone).date())
    request.write.mkdir(parents=True, exist_ok=True)
    path = request.write / f"{seen.portal.name}.toml"
    path.write_text(text, "utf-8")
    typer.echo(
        f"{seen.portal.name}: learned from {learned.pages} pages, holds on {learned.held}; wrote {path}", err=True
    )
    return path


def show(seen: Inspection) -> None:
    """A portal in a line, and below it what is wrong."""
    shares = ", ".join(f"{name} {share:.0%}" for name, share in seen.coverage().items())
    held = f", template on {seen.held}" if seen.portal.template is not None else ""
    pages = len(seen.found) + len(seen.failed)
    typer.echo(
        printable(
            f"{seen.portal.name}: {len(seen.found)} of {pages} discovery pages, "
            f"{sum(seen.found.values())} articles named, "
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
