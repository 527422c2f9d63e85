"""From lines to paragraphs: rows of tables as one, pages in order without lost or doubled ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from crawler.extraction.page.lines import Line, Node

T = TypeVar("T")
_CELLS = ("td", "th")
_LONGEST = 200  #: units of a cell of a table of data; what is longer is a page laid out by a table


def paragraphs_of(lines: Sequence[Line]) -> list[str]:
    """The texts of *lines*; the cells of a table's row are one paragraph, separated by spaces."""
    paragraphs: list[str] = []
    before: Line | None = None
    for line in lines:
        row = row_of(line)
        if before is not None and row is not None and row_of(before) is row and _cell(before) is not _cell(line):
            paragraphs[-1] = f"{paragraphs[-1]} {line.text}"
        else:
            paragraphs.append(line.text)
        before = line
    return paragraphs


def _cell(line: Line) -> Node | None:
    return line.node if line.node.tag in _CELLS else line.node.parent


def row_of(line: Line) -> Node | None:
    """The row of a table of data that *line* is a cell of."""
    node = _cell(line)
    if node is None or node.tag not in _CELLS or line.units > _LONGEST:
        return None
    return node.parent


def joined(pages: Iterable[Sequence[str]]) -> list[str]:
    """The paragraphs of all *pages* in order; what a page repeats of those before it at its beginning, once."""
    paragraphs: list[str] = []
    for page in pages:
        known = set(paragraphs)
        fresh = next((i for i, paragraph in enumerate(page) if paragraph not in known), len(page))
        paragraphs += page[fresh:]
    return paragraphs


def fresh(pages: Sequence[tuple[T, Sequence[Line]]]) -> list[tuple[T, Sequence[Line]]]:
    """*pages* with their lines, without those that :func:`joined` leaves out."""
    known: set[str] = set()
    new: list[tuple[T, Sequence[Line]]] = []
    for reading, lines in pages:
        paragraphs = paragraphs_of(lines)
        first = next((i for i, line in enumerate(lines) if line.text not in known), len(lines))
        known.update(paragraphs, (line.text for line in lines))
        new.append((reading, lines[first:]))
    return new
