"""Every shell and Python block of the documentation is run, each in a folder of its own, with portals behind it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.samples.samples import FIRST_PORT
from tests.docs.conftest import Demo, DocumentedPortals, run
from tests.docs.pages import ROOT, Block, blocks, recipe

_MAKE = re.compile(r"^make ([\w-]+)(?: [A-Z]+=\S+)*\s*(?:#.*)?$")
#: Minutes of work on pages that are not in the repository: that the program is there must do.
_BENCHMARK = re.compile(r"^(?:\.venv/bin/)?python (?:-m )?(benchmarks[./][\w./]*)")
#: Where the first sample portal stands when its port is free.
SHOWN = f"127.0.0.1:{FIRST_PORT}"
NOTEBOOK = "notebook.md"  #: its blocks are cells: one process runs them all
_BEGINS = re.compile(r"(?:citynews|scrapy) (?:crawl|demo)\b")


def script(text: str) -> str:
    """What is run of the shell block *text*: a clone is there already, and `make` is not called by its own tests."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith(("git clone ", "pre-commit install", "python3 -m venv", "venv/bin/pip")):
            continue  # tests/docs/test_install.py runs the page that has the last two
        if made := _MAKE.match(line):
            assert recipe(
                made[1]
            )  # that of `make demo` is run by the fixture demo; the others are the tests themselves
        elif benchmark := _BENCHMARK.match(line):
            program = ROOT / benchmark[1].replace(".", "/").replace("/py", ".py")
            assert program.exists() or program.is_dir(), f"{line}: there is no such program"
        else:
            lines.append(line)
    return "\n".join(lines).replace("venv/bin/citynews", "citynews")


def chosen(language: str) -> list[Any]:
    """The blocks in *language*; those of README.md are run by `make test`, the others by `make test-ci`."""
    first = ROOT / "README.md"
    return [
        pytest.param(block, id=block.name, marks=() if block.page == first else pytest.mark.ci)
        for block in blocks(language)
        if block.page.name != NOTEBOOK
    ]


@pytest.mark.parametrize("block", chosen("sh"))
def test_shell(block: Block, demo: Demo, documented: DocumentedPortals, tmp_path: Path) -> None:
    commands = script(block.text)
    if not commands.strip() or "psql" in commands:  # tests/docs/test_postgresql.py runs that, where there is a server
        return
    folder = documented.workspace(tmp_path / "workspace", None if _BEGINS.search(commands) else demo.archive)
    commands = commands.replace(SHOWN, urlsplit(demo.record["url"]).netloc)
    if "citynews.toml" in commands:
        (folder / "citynews.toml").write_text('output = "output"\nportals = ["portals"]\n', "utf-8")
    done = run(["bash", "-euo", "pipefail", "-c", commands], folder, documented.environment)
    assert done.returncode == 0, f"{block.name}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr


@pytest.mark.parametrize("block", chosen("python"))
def test_python(block: Block, demo: Demo, documented: DocumentedPortals, tmp_path: Path) -> None:
    folder = documented.workspace(tmp_path / "workspace", demo.archive)
    done = run([sys.executable, "-W", "error", "-c", block.text], folder, documented.environment)
    assert done.returncode == 0, f"{block.name}\n{done.stdout}\n{done.stderr}"


@pytest.mark.ci
def test_the_cells_of_the_notebook_in_one_kernel(demo: Demo, documented: DocumentedPortals, tmp_path: Path) -> None:
    folder = documented.workspace(tmp_path / "workspace", demo.archive)
    cells = [block.text for block in blocks("python") if block.page.name == NOTEBOOK]
    done = run([sys.executable, "-W", "error", "-c", "\n".join(cells)], folder, documented.environment)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert {path.name for path in folder.glob("*.svg")} == {"pages.svg", "views.svg", "reprints.svg"}


def test_blocks_say_what_they_are() -> None:
    unclear = [block.name for block in blocks("bash", "shell", "console", "")]
    assert not unclear, "sh is run, text is not: name one of them"
