"""`citynews demo`: serves the sample portals on loopback, crawls them with the real command, prints the result."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.app import app
from crawler.cli.options import Output, set_logging
from crawler.cli.output import printable

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from crawler.archive.records.jsonl import Json
    from crawler.archive.storage.layout import Paths
    from crawler.crawl.options import CrawlOptions
    from crawler.crawl.session import CrawlReport
    from crawler.samples import Samples

NEXT = """What to do next:
  {program} verify{option}
      prove the archive whole
  {program} replay {warc} --output again
      the same records from the same bytes
  {program} search 数据{option}
      exact search, from one character up
  {program} browse{option}
      the archive in your web browser
  {program} export tables{option}
      the tables of the archive as Parquet; or news.duckdb, news.xlsx ...
  {program} demo --days 30{option}
      a month of it: versions, views over time, copies
  {program} crawl --help
      crawl a real portal; `{program} portals` lists those that come along"""


@app.command()
def demo(
    output: Output = None,
    days: Annotated[
        int,
        typer.Option("--days", min=1, max=366, help="Simulate this many days, with one crawl per day."),
    ] = 1,
) -> None:
    """Crawl sample portals served on loopback; print the result.

    With --days the portals change: stories appear, counts grow, texts are corrected, reprinted and deleted, so that you
    can try versions, views over time and copies. The last day is today.
    """
    import tempfile

    from crawler.config import Config
    from crawler.crawl.options import CrawlOptions
    from crawler.samples import Samples

    set_logging(quiet=days > 1)
    with tempfile.TemporaryDirectory(prefix="citynews-demo-") as folder, Samples() as samples:
        files = samples.write_definitions(Path(folder))
        hosts = tuple(base.partition("//")[2] for base in samples.base.values())
        config = Config(contact="demo on loopback", output=output or Path("output"), portals=tuple(files))
        options = CrawlOptions(config=config, allow_hosts=hosts)
        report = _crawl(options) if days == 1 else _live(samples, options, days)
    _print(report)
    raise typer.Exit(report.exit)


def _crawl(options: CrawlOptions, back: timedelta = timedelta()) -> CrawlReport:
    """One crawl of all sample portals, *back* before now."""
    from crawler import portals
    from crawler.cli.crawl import watched
    from crawler.values import clock

    clock.move(-back)
    return watched(list(portals.load(options.config.portals, bundled=False).values()), options)


def _live(samples: Samples, options: CrawlOptions, days: int) -> CrawlReport:
    """*days* days of *samples*, each crawled by a process of its own, as a day's crawl is."""
    from multiprocessing import get_context

    from crawler.samples.days import Days
    from crawler.values import clock

    context = get_context("forkserver")
    context.set_forkserver_preload(["crawler.cli.crawl", "crawler.crawl.session", "crawler.settings"])
    life, options = Days(samples), replace(options, quiet=True)
    for number in range(days):
        back = timedelta(days=days - 1 - number)
        if number:
            life.pass_day(clock.now() - back)
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_one_day, args=(options, back, sender))
        process.start()
        sender.close()
        try:
            report: CrawlReport = receiver.recv()
        except EOFError:
            process.join()
            raise typer.Exit(process.exitcode if process.exitcode and process.exitcode > 0 else 1) from None
        process.join()
        outcomes = sum((Counter(stats["outcomes"]) for stats in report.portals.values()), Counter())
        said = ", ".join(f"{outcomes[name]} {name}" for name in ("new", "duplicate", "changed", "gone", "unchanged"))
        typer.echo(f"day {number + 1} of {days}: {said}", err=True)
    return report


def _one_day(options: CrawlOptions, back: timedelta, answer: Connection) -> None:
    """What the process of a day does."""
    set_logging(quiet=True)
    answer.send(_crawl(options, back))
    answer.close()


def _print(report: CrawlReport) -> None:
    import orjson
    from rich.console import Console
    from rich.table import Table

    from crawler.archive.storage.layout import STREAMS, Paths
    from crawler.samples import NAMES

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True, width=100)
    table = Table("portal", "requests", "found", "new", "duplicates", "refused", "in the archive", title="What landed")
    paths = Paths(report.output)
    for name in NAMES:
        stats = report.portals[name]
        outcomes = stats["outcomes"]
        counts = [stats["requests"], stats["seen"], *(outcomes.get(k, 0) for k in ("new", "duplicate", "refused"))]
        table.add_row(name, *map(str, counts), str(_lines(paths, name)))
    console.print(table)
    if record := _showpiece(paths):
        console.print("\nOne record, whole:")
        text = orjson.dumps(record, option=orjson.OPT_INDENT_2).decode()
        console.print("\n".join(printable(line) for line in text.split("\n")), markup=False)
    console.print("\nThe files:")
    for stream in STREAMS:
        for file in paths.stream_files(stream):
            console.print(f"  {file}", markup=False)
    for file in [*paths.warc_files().values(), paths.run_file(report.run)]:
        console.print(f"  {file}", markup=False)
    console.print("\n" + _next_commands(report.output), markup=False)


def _next_commands(output: Path) -> str:
    """`NEXT` as it can be typed here: the archive is not always in output/, the program not always on PATH."""
    here = Path(sys.argv[0])
    program = "citynews" if shutil.which("citynews") or not here.exists() else shlex.quote(os.path.relpath(here))
    option = "" if output == Path("output") else f" --output {shlex.quote(str(output))}"
    return NEXT.format(program=program, option=option, warc=shlex.quote(str(output / "warc")))


def _lines(paths: Paths, portal: str) -> int:
    from crawler.archive.records import jsonl

    return sum(
        1 for file in paths.stream_files("articles") if file.parent.name == portal for _ in jsonl.whole_lines(file)
    )


def _showpiece(paths: Paths) -> Json | None:
    """The article the project was born from; any other where it is not there."""
    from crawler.archive.records import jsonl
    from crawler.samples import NAMES

    found: Json | None = None
    for file in paths.stream_files("articles"):
        if file.parent.name == NAMES[0]:
            for _, line in jsonl.whole_lines(file):
                record = jsonl.decode(line)
                if record["source"] == "国家数据局" and record["view_count"] == 40172:
                    return record
                found = found or record
    return found
