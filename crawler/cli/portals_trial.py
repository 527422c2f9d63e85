"""`citynews portals trial`: a live test of portals as one file that anybody can evaluate again."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli import inputs
from crawler.cli.options import AllowHost, AsJson, ConfigFile, Portals, Unverified, set_logging
from crawler.cli.output import emit, printable
from crawler.cli.portal_filters import ALL_PORTALS, PortalFilters, with_options
from crawler.cli.portals import portals_app
from crawler.exit_codes import Exit, UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.config import Config
    from crawler.portals import Portal


@portals_app.command("trial")
@with_options(PortalFilters)
def portals_trial(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Portals.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="The portals of `crawl --all`.")] = False,
    unverified: Unverified = False,
    filters: PortalFilters = ALL_PORTALS,
    target: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="The file to write.")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Evaluate this trial again, without requests.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Write definitions that passed, with last_seen set.")
    ] = None,
    articles: Annotated[int, typer.Option("--articles", min=1, max=100, help="Number of articles per portal.")] = 6,
    portal_files: Portals = None,
    allow_host: AllowHost = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """A short live test, saved as one shareable file: lists, articles, coverage, what the site really does.

    The file contains definitions, the site's responses and the report; nothing about the client. Exit code 3: something
    is below what a definition expects.
    """
    from crawler import config
    from crawler.drafting import trial

    if (source is None) == (not names and not everything and filters.is_everything):
        raise UsageError("name portals, or use --all or --place, or give a trial with --from: one of these")
    if target is not None and (target.exists() or source is not None):
        raise UsageError(
            f"{target}: exists already; move it" if target.exists() else "--from and --report: give only one of them"
        )
    set_logging(quiet=True)
    wanted: list[Portal] = []
    with TemporaryDirectory(prefix="citynews-trial-") as name:
        folder = Path(name)
        if source is None:
            chosen = config.resolve(config_file, None, portal_files or [])
            wanted = inputs.select_known(chosen, names or [], filters, everything=everything, unverified=unverified)
            source = target or folder / "trial.zip"
            _look(wanted, tuple(allow_host or chosen.allow_hosts), chosen, articles, source)
        try:
            opened = trial.unpack(source, folder)
        except trial.NotATrialError as error:
            raise UsageError(str(error)) from error
        found = trial.judge(opened)
        if target is not None:
            trial.report(target, found, articles)
        if write is not None:
            _write(write, wanted or opened.portals, found)
        if as_json:
            emit({"portals": found, "differing": trial.differences(opened.reported, found)})
        else:
            _print(found, trial.differences(opened.reported, found))
    raise typer.Exit(Exit.EXPECTATION if any(judged["problems"] for judged in found) else Exit.OK)


def _look(portals: Sequence[Portal], hosts: tuple[str, ...], config: Config, articles: int, target: Path) -> None:
    """Asks the sites of *portals*, and packs what they answer into *target*."""
    from crawler.crawl.options import CrawlOptions
    from crawler.crawl.survey import SurveyStoppedError, ask_sites
    from crawler.drafting import check, trial

    local = {portal.name: check.local_lists(portal) for portal in portals}
    with TemporaryDirectory(prefix="citynews-look-") as name:
        folder = Path(name)
        options = CrawlOptions(config=replace(config, output=folder), allow_hosts=hosts, quiet=True)
        try:
            seen = ask_sites(
                [(portal, check.steps(portal, articles, local[portal.name])) for portal in portals], options
            )
        except SurveyStoppedError as ended:
            raise typer.Exit(ended.code) from None
        target.parent.mkdir(parents=True, exist_ok=True)
        files = sorted(folder.glob("warc/*/*.warc.gz"))
        for key in dict.fromkeys(trial.pack(target, seen, files, articles, local, config.contact)):
            typer.echo(printable(f"{key} is left out of the file, or shortened"), err=True)


def _write(folder: Path, portals: Sequence[Portal], found: Sequence[Json]) -> None:
    """Writes the definitions of the portals that were found well; of one that is there only ``last_seen`` changes."""
    from crawler import portals as definitions
    from crawler.drafting import sharing, trial

    folder.mkdir(parents=True, exist_ok=True)
    seen = {report["portal"]: report for report in found}
    for portal in portals:
        path, judged = folder / f"{portal.name}.toml", seen[portal.name]
        if judged["problems"] or not judged["articles"]:
            typer.echo(f"{portal.name}: not written: the trial found problems", err=True)
            continue
        text = portal.text
        if path.exists():
            there = definitions.read(path)
            if sharing.same(there, portal):
                text = path.read_text("utf-8")
            else:
                typer.echo(f"{portal.name}: not written: {path} differs from the definition of the trial", err=True)
                continue
        path.write_text(trial.seen_on(text, judged["at"], folder), "utf-8")
        typer.echo(f"{portal.name}: wrote {path}", err=True)


def _print(found: Sequence[Json], differing: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    heads = ("portal", "seen", "robots", "answers", "lists", "articles", "coverage (expected)")
    table = Table(*heads, box=None, pad_edge=False)
    for judged in found:
        cells = (
            judged["portal"],
            judged["at"] or "never",
            _pairs(judged["robots"]) or "none",
            _pairs(judged["statuses"]) or "none",
            f"{len(judged['discovery'])} of {len(judged['discovery']) + len(judged['failed'])}",
            f"{judged['articles']} of {judged['asked']}",
            ", ".join(_share(name, share, judged["expected"]) for name, share in judged["coverage"].items()) or "-",
        )
        table.add_row(*(printable(cell) for cell in cells))
    Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 240, markup=False).print(table)
    for judged in found:
        for sentence in _facts(judged):
            typer.echo(printable(f"{judged['portal']}: {sentence}"))
        for sentence in judged["problems"]:
            typer.echo(printable(f"{judged['portal']}: {sentence}"))
    for sentence in differing:
        typer.echo(printable(f"differs from the report: {sentence}"))


def _share(name: str, share: float, expected: dict[str, float]) -> str:
    return f"{name} {share:.0%}" + (f" ({expected[name]:.0%})" if name in expected else "")


def _facts(judged: Json) -> Iterator[str]:
    """What the site does, a sentence for each kind that was seen."""
    for url, target in judged["redirects"].items():
        yield f"redirect {url} -> {target}"
    for name in ("refused", "walls", "encodings", "counters"):
        if judged[name]:
            yield f"{name} {', '.join(f'{what} {count}' for what, count in judged[name].items())}"
    dates = judged["dates"]
    if dates["newest"]:
        yield f"newest article {dates['newest']}; times by {_pairs(dates['precision'])}"


def _pairs(counts: dict[str, int]) -> str:
    return " ".join(f"{name}:{count}" for name, count in counts.items())
