"""The help: quick, in groups, and on one screen."""

from __future__ import annotations

import subprocess
import sys

from crawler.cli.app import GROUPS
from harness.command import citynews

#: Distributions that no command needs before it runs.
HEAVY = (
    "scrapy",
    "twisted",
    "lxml",
    "pydantic",
    "fastwarc",
    "rensa",
    "rapidfuzz",
    "duckdb",
    "orjson",
    "multiprocessing",
)
WIDTH, HEIGHT = 80, 50


def test_help_imports_nothing_but_typer() -> None:
    code = (
        "import sys\nbefore = set(sys.modules)\nfrom crawler.cli import run\nassert run(['--help']) == 0\n"
        f"sys.stderr.write(' '.join(name for name in {HEAVY} if name in set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout


def test_help_fits_a_screen_and_groups_every_command() -> None:
    lines = citynews("--help", env={"COLUMNS": str(WIDTH), "TERMINAL_WIDTH": str(WIDTH)}).out.splitlines()
    assert len(lines) <= HEIGHT
    assert max(map(len, lines)) <= WIDTH
    assert not any(line.endswith("...") for line in lines[1:]), "each first sentence fits on its line"
    shown: dict[str, list[str]] = {}
    for line in lines[1:]:
        if line.endswith(":") and not line.startswith(" "):
            shown[line.rstrip(":")] = names = []
        elif shown and line.startswith("  "):
            names.append(line.split()[0])
    assert shown.pop("Options") == ["--version", "--help"]
    assert shown == {group: names.split() for group, names in GROUPS.items()}, "each command in a group, on one line"
