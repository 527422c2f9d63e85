"""Commands, options, links, files and names: what is there is written down, what is written down is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from crawler.cli import app, register
from harness.command_reference import reference
from harness.portal_catalogue import catalogue
from tests.architecture.test_layers import MAY, ROWS, TOP
from tests.docs.pages import PAGES, ROOT, blocks_of, code, prose, rows, section, spans

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?:^|[\s(/`])citynews ((?:portals show|[a-z]+|--[a-z-]+)\b[^`|;&>#)]*)", re.MULTILINE)
_PATH = re.compile(r"(?<![\w/.])(?:crawler|tests|docs|benchmarks|output)/[\w./-]*\w")
#: Folders that a run makes, and that no clone has.
_MADE = re.compile(r"output/(?!README)")


def commands() -> dict[str, set[str]]:
    """Command -> its options, as the help shows them; "" for the options before any command."""
    found: dict[str, set[str]] = {}

    def walk(command: Any, name: str) -> None:
        shown = [param for param in command.params if not getattr(param, "hidden", False)]
        found[name] = {opt for param in shown for opt in [*param.opts, *param.secondary_opts] if opt[:1] == "-"} | {
            "--help"
        }
        for word, below in getattr(command, "commands", {}).items():
            walk(below, f"{name} {word}".strip())

    register()
    walk(typer.main.get_command(app), "")
    return found


COMMANDS = commands()
EVERYTHING = "\n".join(page.read_text("utf-8") for page in PAGES)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_option_is_documented_where_its_command_is(command: str) -> None:
    """In the command's own section of docs/commands.md: an option of one command says nothing of another's."""
    text = section(ROOT / "docs" / "commands.md", f"citynews {command}".strip())
    documented = {option for row in rows(text) for cell in code(row[0]) for option in re.findall(r"--?[\w-]+", cell)}
    assert documented == COMMANDS[command] - {"--help"}, "`make docs` writes it"


def test_the_reference_is_the_help() -> None:
    assert (ROOT / "docs" / "commands.md").read_text("utf-8") == reference(), "`make docs` writes it"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    texts = [block.text for block in blocks_of(page) if block.language in {"sh", "cron", "ini"}]
    for text in [*texts, *spans(page)]:
        for found in _COMMAND.finditer(text.replace("\\\n", " ")):
            _exists(found[1].partition("\n")[0], f"{page.name}: {found[0]!r}")


def _exists(mentioned: str, where: str) -> None:
    words = shlex.split(mentioned, comments=True)
    name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]
    name = "" if name.startswith("-") else name
    assert name in COMMANDS, f"{where}: there is no such command"
    options = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    unknown = [option for option in options if option not in COMMANDS[name] | COMMANDS[""]]
    assert not unknown, f"{where}: it has no {unknown}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page: Path) -> None:
    for target in _LINK.findall(prose(page)):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), f"{page.name}: {target}: there is no such file"
        assert not anchor or anchor in anchors(there), f"{page.name}: {target}: there is no such heading"


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of *page*, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    named = {path for span in spans(page) for path in _PATH.findall(span) if not _MADE.match(path)}
    missing = [path for path in sorted(named) if "<" not in path and not (ROOT / path).exists()]
    assert not missing


def test_names_of_the_architecture_are_those_of_the_code() -> None:
    files = [path for folder in ("crawler", "harness") for path in ROOT.glob(f"{folder}/**/*.py")]
    words = {word for path in files for word in re.findall(r"\w+", path.read_text("utf-8"))}
    words |= {path.stem for path in ROOT.glob("crawler/**/*")}
    named = {
        match[1]
        for span in spans(ROOT / "docs" / "architecture.md")
        if (match := re.fullmatch(r"(?:[a-z_]+\.)*(\w+)(?:\([\w, ]*\))?", span)) and not span.endswith((".md", ".toml"))
    }
    named |= {
        part
        for span in spans(ROOT / "docs" / "architecture.md")
        if re.fullmatch(r"[A-Z]\w+\.\w+", span)
        for part in span.split(".")
    }
    assert not named - words


def test_packages_are_those_of_the_layer_table() -> None:
    table = rows(section(ROOT / "docs" / "architecture.md", "Packages and what they may import"))
    said = {re.sub(r"/$|\.py$", "", code(row[0])[0]): row[2] for row in table}
    assert said.keys() == MAY.keys() | TOP
    inside = rows(section(ROOT / "docs" / "architecture.md", "Inside the archive"))
    assert [code(row[0])[0].rstrip("/") for row in inside] == list(ROWS["archive"])
    for package, allowed in MAY.items():
        assert set(re.findall(r"\w+", said[package])) & MAY.keys() == set(allowed.split()), package


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_prose_wraps_at_120(page: Path) -> None:
    """Tables and addresses cannot be wrapped."""
    long = [line for line in prose(page).splitlines() if len(line) > 120 and not line.startswith("|")]
    assert [line for line in long if " " in line.strip()] == []


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([\w-]+)`|^make ([\w-]+)", EVERYTHING, re.MULTILINE))
    assert {name for pair in named for name in pair if name} <= targets


def test_the_catalogue_is_that_of_the_definitions() -> None:
    assert (ROOT / "docs" / "portals.md").read_text("utf-8") == catalogue(), "`make docs` writes it"
