"""`citynews demo`: serves the sample portals on loopback, crawls them for real, prints what landed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crawler.cli.app import app
from crawler.cli.options import Output, set_logging
from crawler.cli.output import printable

if TYPE_CHECKING:
    from crawler.archive.records.jsonl import Json
    from crawler.archive.storage.layout import Paths
    from crawler.crawl.session import Report

NEXT = """What to do next:
  citynews verify                          prove the archive whole
  citynews replay {output}/warc --output again   the same records from the same bytes
  citynews crawl --help                    crawl a real portal; `citynews portals` lists those that come along
  citynews schema --for duckdb             the column types for analysts"""


@app.command()
def demo(output: Output = None) -> None:
    """Crawl sample portals served on loopback; print what landed."""
    import tempfile

    from crawler import portals
    from crawler.cli.crawl import watched
    from crawler.config import Config
    from crawler.crawl.session import Options
    from crawler.samples import Samples

    set_logging(quiet=False)
    with tempfile.TemporaryDirectory(prefix="citynews-demo-") as folder, Samples() as samples:
        files = samples.write_definitions(Path(folder))
        hosts = tuple(base.partition("//")[2] for base in samples.base.values())
        config = Config(contact="demo on loopback", output=output or Path("output"), portals=tuple(files))
        found = portals.load(files, bundled=False)
        report = watched(list(found.values()), Options(config=config, allow_hosts=hosts))
    _print(report)
    raise typer.Exit(report.exit)


def _print(report: Report) -> None:
    import orjson
    from rich.console import Console
    from rich.table import Table

    from crawler.archive.storage.layout import STREAMS, Paths
    from crawler.samples import NAMES

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True, width=100)
    table = Table("portal", "requests", "found", "new", "duplicates", "refused", "in the archive", title="What landed")
    paths = Paths(report.output)
    for name in NAMES:
        tally = report.portals[name]
        outcomes = tally["outcomes"]
        counts = [tally["requests"], tally["seen"], *(outcomes.get(k, 0) for k in ("new", "duplicate", "refused"))]
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
    console.print("\n" + NEXT.format(output=report.output), markup=False)


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
