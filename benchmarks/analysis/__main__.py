"""Measures `citynews export`, `search` and their refresh over a generated archive, and the same work by hand.

    python -m benchmarks.analysis --pages 200000 --folder /tmp/bench

Each row is a process of its own: seconds, CPU seconds, peak memory of the process and its children, bytes made, and,
for who does it by hand, whether pages a day and views came out right.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.analysis.generate import add_a_day, generate, size
from benchmarks.analysis.queries import time_queries

#: (name, arguments of citynews, what it makes, target for a million pages: seconds, MiB)
EXPORTS = (
    ("Parquet", ("export", "tables"), "tables", (90, 600)),
    ("DuckDB", ("export", "news.duckdb"), "news.duckdb", (90, 600)),
    ("SQLite with search", ("export", "news.sqlite"), "news.sqlite", (1500, 300)),
)
BY_HAND = ("pandas", "polars", "duckdb", "sqlite_utils")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took."""

    seconds: float
    cpu: float
    mebibytes: int
    out: str
    code: int


def run(command: Sequence[str], folder: Path) -> Cost:
    """Runs *command* in *folder*."""
    begun = time.monotonic()
    env = os.environ | {"XDG_CACHE_HOME": str(folder / "cache")}
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss >> 10, out, process.returncode
    )  # fmt: skip


def made(path: Path) -> int:
    """MiB under *path*."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) >> 20


def row(name: str, cost: Cost, mebibytes: int | None, note: str) -> None:
    """Prints a row."""
    size_made = "" if mebibytes is None else f"{mebibytes} MiB"
    failed = "" if cost.code == 0 else f" FAILED ({cost.code})"
    took = f"{cost.seconds:8.1f} s {cost.cpu:8.1f} s CPU {cost.mebibytes:6} MiB"
    print(f"{name:34} {took} {size_made:>10}  {note}{failed}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, default=Path("bench-analysis"))
    parser.add_argument("--by-hand", action=argparse.BooleanOptionalAction, default=True)
    chosen = parser.parse_args()
    folder: Path = chosen.folder.resolve()
    archive = folder / f"archive-{chosen.pages}"
    folder.mkdir(parents=True, exist_ok=True)
    if not archive.exists():
        generate(archive, chosen.pages)
    scale = chosen.pages / 1_000_000
    print(f"{chosen.pages} pages, {size(archive) >> 20} MiB of lines, load {os.getloadavg()[0]:.1f}")
    citynews = (sys.executable, "-m", "crawler")
    root = ("--output", str(archive), "--quiet")
    for name, arguments, target, (seconds, mebibytes) in EXPORTS:
        path = folder / target
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        cost = run((*citynews, *arguments, *root), folder)
        row(name, cost, made(path), f"target {seconds * scale:.0f} s, {mebibytes} MiB")
    workbook = folder / "news.xlsx"
    first = "2025-12-31" if chosen.pages > 150_000 else "2026-12-31"
    cost = run((*citynews, "export", str(workbook), "--until", first, *root), folder)
    row("XLSX of a part, with bodies", cost, made(workbook), "target 100,000 pages in 60 s, 100 MiB")
    index = ("--index", str(folder / "news.sqlite"))  # an export is an index too
    row("`search`, counted", run((*citynews, "search", "交通", "--count", *root, *index), folder), None, "")
    report = folder / "report.html"
    cost = run((*citynews, "report", "-o", str(report), *root, *index), folder)
    row("`report`", cost, made(report), f"target {120 * scale:.0f} s, 600 MiB")
    time_queries(archive, folder / "news.sqlite")
    add_a_day(archive)
    for name, arguments, target, _ in EXPORTS:
        row(f"{name}, a day later", run((*citynews, *arguments, *root), folder), made(folder / target), "target 10 s")
    for name in BY_HAND if chosen.by_hand else ():
        cost = run((sys.executable, "-m", "benchmarks.analysis.by_hand", name, str(archive)), Path.cwd())
        told = json.loads(cost.out.splitlines()[-1]) if cost.code == 0 and cost.out else {}
        row(f"by hand: {name}", cost, None, ", ".join(f"{key}: {value}" for key, value in told.items()))


if __name__ == "__main__":
    main()
