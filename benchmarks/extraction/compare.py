"""Extraction compared with open extractors on a corpus: writes docs/extraction-results.md, fails below a floor.

    python -m benchmarks.extraction --corpus DIR [--peers-python PYTHON] [--no-write]

The corpus (CITYNEWS_CORPUS) is not part of the project: without one there is nothing to do, and that is no failure.
Peers run where --peers-python (CITYNEWS_PEERS_PYTHON) has them installed; one that is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.extraction.run import truths
from benchmarks.extraction.scoring import score

HERE = Path(__file__).parent
FLOORS = HERE / "floors.json"
REPORT = HERE.parents[1] / "docs" / "extraction-results.md"
PEERS = ("trafilatura", "readability-lxml", "gne", "newspaper4k")
Answers = dict[tuple[str, str], dict[str, Any]]

#: Group of pages -> whether a page is of it.
GROUPS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "zh": lambda t: t["lang"] == "zh" and not t["dataset"].startswith("synth"),
    "zh_portal": lambda t: t["dataset"] == "zh_portal",
    "magic_html zh": lambda t: t["dataset"] == "magic_html" and t["lang"] == "zh",
    "daniel_zh": lambda t: t["dataset"] == "daniel_zh",
    "synthetic headers": lambda t: t["dataset"].startswith("synth"),
    "en": lambda t: t["lang"] == "en",
    "scrapinghub": lambda t: t["dataset"] == "scrapinghub",
    "wcxb": lambda t: t["dataset"] == "wcxb" and t["lang"] == "en",
    "fundus": lambda t: t["dataset"] == "fundus" and t["lang"] == "en",
}
#: Group -> its heading in the report.
TITLES = {
    "zh": "Chinese, all",
    "zh_portal": "Chinese portals",
    "magic_html zh": "Chinese, sites of many kinds",
    "daniel_zh": "Chinese press",
    "synthetic headers": "Chinese header lines, synthetic",
    "en": "English, all",
    "scrapinghub": "English, the article extraction benchmark of Scrapinghub",
    "wcxb": "English, sites of many kinds",
    "fundus": "English, publishers that Fundus knows",
}
_COLUMNS = (
    "body complete title date minute second source author views views_invented "
    "related_recall related_precision links_recall links_precision"
)
COLUMNS = _COLUMNS.split()


def run(python: str, corpus: Path, name: str) -> tuple[dict[str, str], Answers] | None:
    """(what ran, its answers); None where *name* is not installed there."""
    command = [python, str(HERE / "run.py"), str(corpus), name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    if done.returncode:
        print(f"{name}: left out ({done.stderr.strip().splitlines()[-1:]})", file=sys.stderr)
        return None
    about, *lines = map(json.loads, filter(None, done.stdout.split("\n")))
    return about, {(line["dataset"], line["id"]): line for line in lines}


def below_floors(
    ours: dict[str, dict[str, float]], ratio: float | None, floors: dict[str, dict[str, float]]
) -> list[str]:
    """Every floor that is undercut, in words. Measures of what is invented and of cost are ceilings."""
    found = []
    for group, measures in floors.items():
        for name, floor in measures.items():
            value = ratio if group == "cpu" else ours.get(group, {}).get(name)
            if value is None:
                continue
            ceiling = group == "cpu" or name in ("views_invented", "failed")
            if value > floor if ceiling else value < floor:
                found.append(f"{group}: {name} is {value:.3f}, the {'ceiling' if ceiling else 'floor'} is {floor:.3f}")
    return found


_EXPLANATION = """\
Written by `python -m benchmarks.extraction --corpus DIR --peers-python PYTHON`. What each column means, and how it is
measured: [benchmarks.md](benchmarks.md#extraction)."""


def report(scores: dict[str, dict[str, dict[str, float]]], versions: dict[str, str]) -> str:
    """docs/extraction-results.md."""
    ran = ", ".join(f"{name} {version}" for name, version in versions.items() if name != "ours") or "no peers"
    day, machine = f"{datetime.now(UTC):%Y-%m-%d}", f"{platform.machine()}, Python {platform.python_version()}"
    lines = [
        "# Extraction: results",
        "",
        textwrap.fill(f"Measured {day} on {machine}: {ran}.", 120, break_on_hyphens=False),
        "",
        _EXPLANATION,
    ]
    for group in GROUPS:
        rows = {name: measures[group] for name, measures in scores.items() if measures[group]["pages"]}
        if not rows:
            continue
        base = rows.get("trafilatura", {}).get("ms")
        lines += [
            "",
            f"## {TITLES[group]} ({rows['ours']['pages']:.0f} pages)",
            "",
            f"| | {' | '.join(COLUMNS)} | CPU | failed |",
            "|---|" + "---|" * (len(COLUMNS) + 2),
        ]
        for name, row in rows.items():
            cells = [f"{row[c]:.3f}" if c in row else "-" for c in COLUMNS]
            cost = f"{row['ms'] / base:.2f}" if base else "-"
            lines.append(f"| {name} | {' | '.join(cells)} | {cost} | {row['failed']:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=os.environ.get("CITYNEWS_CORPUS"))
    parser.add_argument("--peers-python", default=os.environ.get("CITYNEWS_PEERS_PYTHON"))
    parser.add_argument("--no-write", action="store_true", help="leave docs/extraction-results.md as it is")
    options = parser.parse_args()
    if options.corpus is None or not Path(options.corpus).is_dir():
        print("no corpus: nothing was measured (--corpus DIR, or CITYNEWS_CORPUS)")
        return 0
    corpus = Path(options.corpus)
    ran = {"ours": run(sys.executable, corpus, "ours")}
    if options.peers_python:
        ran |= {name: run(options.peers_python, corpus, name) for name in PEERS}
    pages = list(truths(corpus))
    results = {name: lines for name, lines in ran.items() if lines is not None}
    scores = {
        name: {g: score(filter(wanted, pages), answers) for g, wanted in GROUPS.items()}
        for name, (_, answers) in results.items()
    }
    text = report(scores, {name: about["version"] for name, (about, _) in results.items()})
    print(text)
    if not options.no_write:
        REPORT.write_text(text, "utf-8")
    cost = {name: sum(a["ms"] for a in answers.values()) for name, (_, answers) in results.items()}
    ratio = cost["ours"] / cost["trafilatura"] if "trafilatura" in cost else None
    undercut = below_floors(scores["ours"], ratio, json.loads(FLOORS.read_text("utf-8")))
    print(f"CPU relative to trafilatura: {ratio:.2f}" if ratio else "CPU: trafilatura did not run", *undercut, sep="\n")
    return 1 if undercut else 0


if __name__ == "__main__":
    sys.exit(main())
