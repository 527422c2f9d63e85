"""`citynews portals trial`: a live look at portals as one file that anybody can judge again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli import inputs
from crawler.cli.options import AllowHost, AsJson, ConfigFile, Portals, Unverified, set_logging
from crawler.cli.output import emit, printable
from crawler.cli.portals import portals_app
from crawler.exit_codes import Exit, UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.config import Config
    from crawler.drafting.trial import Trial
    from crawler.portals import Portal


@portals_app.command("trial")
def portals_trial(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Portals.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="What `crawl --all` means.")] = False,
    unverified: Unverified = False,
    target: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Write the trial here.")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Judge this trial again; asks nobody.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Write definitions that hold, with last_seen set.")
    ] = None,
    articles: Annotated[int, typer.Option("--articles", min=1, max=100, help="Articles per portal.")] = 6,
    portal_files: Portals = None,
    allow_host: AllowHost = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """A polite live look, as one shareable file: lists, articles, coverage, what the site really does.

    The file holds definitions, the site's answers and the report; nothing of who asked. Exit code 3: something is below
    what a definition expects.
    """
    from crawler import config
    from crawler.drafting import trial

    if (source is None) == (not names and not everything):
        raise UsageError("name portals, or say --all, or give a trial with --from: one of them")
    if target is not None and (target.exists() or source is not None):
        raise UsageError(f"{target}: there already; move it" if target.exists() else "--from and --report: one of them")
    set_logging(quiet=True)
    with TemporaryDirectory(prefix="citynews-trial-") as name:
        folder = Path(name)
        if source is None:
            chosen = config.resolve(config_file, None, portal_files or [])
            wanted = inputs.select_known(chosen, names or [], everything=everything, unverified=unverified)
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
            _write(write, opened, found)
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

    with TemporaryDirectory(prefix="citynews-look-") as name:
        folder = Path(name)
        options = CrawlOptions(config=replace(config, output=folder), allow_hosts=hosts, quiet=True)
        try:
            ask_sites([(portal, check.steps(portal, articles)) for portal in portals], options)
        except SurveyStoppedError as ended:
            raise typer.Exit(ended.code) from None
        target.parent.mkdir(parents=True, exist_ok=True)
        trial.pack(target, portals, sorted(folder.glob("warc/*/*.warc.gz")), articles)


def _write(folder: Path, opened: Trial, found: Sequence[Json]) -> None:
    """Writes the definitions of the portals that were found well."""
    from crawler.drafting import trial

    folder.mkdir(parents=True, exist_ok=True)
    for portal, judged in zip(opened.portals, found, strict=True):
        path = folder / f"{portal.name}.toml"
        if judged["problems"] or not judged["articles"]:
            typer.echo(f"{portal.name}: not written: the trial did not hold", err=True)
        else:
            path.write_text(trial.seen_on(portal.text, judged["at"]), "utf-8")
            typer.echo(f"{portal.name}: wrote {path}", err=True)


def _print(found: Sequence[Json], differing: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("portal", "seen", "robots", "answers", "lists", "articles", "coverage", box=None, pad_edge=False)
    for judged in found:
        cells = (
            judged["portal"],
            judged["at"] or "never",
            _pairs(judged["robots"]) or "none",
            _pairs(judged["statuses"]) or "none",
            f"{len(judged['discovery'])} of {len(judged['discovery']) + len(judged['failed'])}",
            f"{judged['articles']} of {judged['asked']}",
            ", ".join(f"{name} {share:.0%}" for name, share in judged["coverage"].items()) or "-",
        )
        table.add_row(*(printable(cell) for cell in cells))
    Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 240, markup=False).print(table)
    for judged in found:
        for sentence in judged["problems"]:
            typer.echo(printable(f"{judged['portal']}: {sentence}"))
    for sentence in differing:
        typer.echo(printable(f"otherwise than reported: {sentence}"))


def _pairs(counts: dict[str, int]) -> str:
    return " ".join(f"{name}:{count}" for name, count in counts.items())
