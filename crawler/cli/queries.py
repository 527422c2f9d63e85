"""`citynews queries`: lists, sends and tests saved queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.app import app
from crawler.cli.inputs import existing_archive
from crawler.cli.options import AsJson, ConfigFile, Output, Portals, set_logging
from crawler.cli.output import emit, printable
from crawler.exit_codes import UsageError

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.config import Config
    from crawler.crawl.session import CrawlReport


@app.command("queries")
def queries(
    send: Annotated[bool, typer.Option("--send", help="Send pending matches, like the end of a crawl.")] = False,
    test: Annotated[
        str | None,
        typer.Option("--test", metavar="NAME", help="Send a test message to webhook and command."),
    ] = None,
    output: Output = None,
    portal_files: Portals = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """The saved queries of citynews.toml, and what was sent.

    A crawl sends new matches at its end. If a delivery fails, the next crawl, or --send, tries again.
    """
    from crawler import config, portals
    from crawler import queries as saving

    chosen = config.resolve(config_file, output, portal_files or [])
    saved = saving.saved(chosen)
    chosen.chosen.check(portals.load(chosen.portals))
    set_logging(quiet=False)
    if not saved:
        raise UsageError(f"{chosen.chosen.file}: no [queries.NAME] here; see docs/queries.md")
    if test is not None:
        if test not in saved:
            raise UsageError(f"--test {test}: no such query; there are {', '.join(saved)}")
        if error := saving.test(saved[test], chosen.output):
            raise UsageError(f"--test {test}: {error}")
        typer.echo(f"{test}: sent")
        return
    existing_archive(chosen.output)
    said = _sent(chosen) if send else {}
    rows = saving.states(saved, existing_archive(chosen.output), said)
    if as_json:
        emit({"exit_code": 0, "queries": rows})
        return
    for row in rows:
        typer.echo(printable(f"{row['name']}: {row['title']}: {row['understood']}"))
        for way, state in row["ways"].items():
            typer.echo(printable(f"  {way}: {state['to']}; {_cursor(state['run'])}{_news(state)}"))


def _cursor(run: str | None) -> str:
    return "no crawl has seen it" if run is None else f"sent up to run {run}"


def _news(state: Json) -> str:
    if "sent" not in state:
        return ""
    return f"; {state['sent']} sent now, {state['waiting']} wait"


def begin_queries(config: Config) -> None:
    """Notes what is new among the saved queries of *config*, before a run that they are to see."""
    if not config.queries:  # which most crawls do without: neither need they import what reads them
        return
    from crawler import queries as saving
    from crawler.archive.storage.layout import Paths

    saving.begin(saving.saved(config), Paths(config.output))


def send_matches(config: Config, report: CrawlReport) -> Json:
    """Sends what the run of *report* and those before it found; {} where there is nothing to say."""
    from crawler.exit_codes import Exit

    if not config.queries or report.head is None or report.exit in {Exit.INTERRUPTED, Exit.TERMINATED, Exit.BUSY}:
        return {}  # of a run that is to end at once, or that another machine got in before: the next one sends
    return {"queries": _sent(config)}


def _sent(config: Config) -> dict[str, Json]:
    from crawler import queries as saving
    from crawler.archive.storage.layout import Paths
    from crawler.cli.search import defined

    return saving.deliver(saving.saved(config), Paths(config.output), defined(config.portals))
