"""The start of commands that only read, beside an interpreter that imports what a command line is made with."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from benchmarks.speed.measure import CITYNEWS, Ratio, alternating, ratio, run
from harness.large_portal import fill, serve
from harness.scripted import Scripted


def measure(folder: Path, articles: int, rounds: int) -> list[Ratio]:
    """`status` and `show` of a small archive."""
    folder.mkdir()
    with Scripted() as server:
        definition = serve(server, min(articles, 100), folder)
        fill(folder / "archive", server, definition)
        place: list[str | Path] = ["--output", folder / "archive"]
        commands: dict[str, list[str | Path]] = {
            "typer": [sys.executable, "-c", "import typer"],
            "status": [CITYNEWS, "status", *place],
            "show": [CITYNEWS, "show", f"{server.base}/a/7", *place],
        }
        print(f"start: {rounds} rounds", flush=True)
        took = alternating({name: partial(run, command) for name, command in commands.items()}, rounds)
    for name, runs in took.items():
        print(f"  {name:32} {sorted(run.cpu for run in runs)[rounds // 2]:6.2f} s CPU")
    cpu = {name: [run.cpu for run in runs] for name, runs in took.items()}
    return [
        ratio(f"start: CPU of {name} by that of `import typer`", cpu[name], cpu["typer"]) for name in ("status", "show")
    ]
