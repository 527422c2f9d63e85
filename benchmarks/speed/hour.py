"""The hourly run of a portal where nothing has changed: over many archived articles beside over few."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.speed.measure import CITYNEWS, Ratio, Took, alternating, ratio, run
from harness.conditional_server import Changing
from harness.large_portal import fill, serve

FEW = 1000


def measure(folder: Path, articles: int, rounds: int) -> list[Ratio]:
    """The unchanged hour over *articles* and over a thousand; the sitemaps, which would name them all, left out."""
    print(f"hour: {articles} articles and {FEW}, {rounds} rounds", flush=True)
    with ExitStack() as stack:
        hours = {}
        for name, count in (("many", articles), ("few", FEW)):
            server = stack.enter_context(Changing())
            (folder / name).mkdir(parents=True)
            definition = serve(server, count, folder / name)
            definition.write_text(definition.read_text("utf-8").replace("\nsitemaps =", "\n# sitemaps ="), "utf-8")
            fill(folder / name / "archive", server, definition)
            place: list[str | Path] = [
                "--portals",
                definition,
                "--output",
                folder / name / "archive",
                "--allow-host",
                server.host,
            ]
            hours[name] = partial(_hour, [CITYNEWS, "crawl", "scripted", *place, "--jobs", "1", "--quiet"])
        for hour in [*hours.values()] * 2:  # the first reads to the end, the next works out when each address is due
            hour()
        took = alternating(hours, rounds)
    for name, runs in took.items():
        print(f"  {name:32} {sorted(run.cpu for run in runs)[rounds // 2]:6.2f} s CPU")
    name = "hour: CPU over many articles by that over 1,000"
    return [ratio(name, *([run.cpu for run in took[which]] for which in ("many", "few")))]


def _hour(command: list[str | Path]) -> Took:
    return run(command)
