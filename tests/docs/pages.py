"""The documentation as data: pages, their fenced blocks, their tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    *(ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its page, the line it begins at, its language, its text."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """The blocks of all pages in one of *languages*."""
    return [block for page in PAGES for block in blocks_of(page) if block.language in languages]


def blocks_of(page: Path) -> Iterator[Block]:
    """The fenced blocks of *page*."""
    text = page.read_text("utf-8")
    for match in _FENCE.finditer(text):
        yield Block(page, text.count("\n", 0, match.start()) + 1, match[1], match[2])


def prose(page: Path) -> str:
    """*page* without its fenced blocks."""
    return _FENCE.sub("", page.read_text("utf-8"))


def section(page: Path, heading: str) -> str:
    """What stands under *heading*, up to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", prose(page), re.MULTILINE | re.DOTALL)
    assert found, f"{page.name} has no heading {heading!r}"
    return found[1]


def rows(text: str, table: int = 0) -> list[list[str]]:
    """The cells of the rows of the table number *table* of *text*, without its head; none where it has no table."""
    tables = [found[0] for found in re.finditer(r"(?:^\|.*\n?)+", text, re.MULTILINE)]
    lines = tables[table].splitlines()[2:] if tables or table else []
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def code(cell: str) -> list[str]:
    """The code spans of *cell*, in order."""
    return re.findall(r"`([^`]+)`", cell)


def keys(text: str, table: int = 0) -> list[str]:
    """The code spans in the first column of a table: what it claims to exist."""
    return [name for row in rows(text, table) for name in code(row[0])]


def spans(page: Path) -> list[str]:
    """Every code span of *page* outside its blocks."""
    return re.findall(r"(?<!`)`([^`]+)`(?!`)", prose(page).replace("\n", " "))


def recipe(target: str) -> list[str]:
    """The commands of *target* in the Makefile."""
    found = re.search(rf"^{target}:.*\n((?:\t.*\n)*)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert found, f"the Makefile has no target {target}"
    return [line.strip().replace("$(BIN)/", "") for line in found[1].splitlines()]
