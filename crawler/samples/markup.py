"""The light markup stories are written in, and the plain text an ideal extractor makes of it.

Blocks are separated by blank lines:

    A paragraph, with [a link](https://example.org/) and **strong words** in it.
    ## A heading inside the article
    > A quotation
    - an item of a list (one line each)
    | a cell | another | (one line a row, the first is the header)
    ![A caption](/images/name.png)
    === (the article goes on at the next page)
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["paragraph", "heading", "quote", "list", "table", "figure", "break"]
_MARKS: tuple[tuple[str, Kind], ...] = (
    ("## ", "heading"), ("> ", "quote"), ("- ", "list"), ("| ", "table"), ("![", "figure"), ("===", "break"),
)  # fmt: skip
_FIGURE = re.compile(r"!\[(.*?)\]\((\S+)\)")
_LINK = re.compile(r"\[(.+?)\]\((\S+?)\)")
_STRONG = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class StoryBlock:
    """One block of a story; its lines are paragraphs, items, rows (cells separated by a tab), or [caption, address]."""

    kind: Kind
    lines: tuple[str, ...]


def blocks(text: str) -> Iterator[StoryBlock]:
    """The blocks of *text*, in order."""
    for chunk in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in chunk.splitlines()]
        kind: Kind = next((kind for mark, kind in _MARKS if lines[0].startswith(mark)), "paragraph")
        if kind == "figure":
            match = _FIGURE.fullmatch(lines[0])
            assert match, f"not a figure: {lines[0]}"
            yield StoryBlock(kind, match.groups())
        elif kind == "table":
            yield StoryBlock(kind, tuple("\t".join(c.strip() for c in line.strip("|").split("|")) for line in lines))
        elif kind == "paragraph":
            yield StoryBlock(kind, tuple(lines))
        else:
            yield StoryBlock(kind, tuple(re.sub(r"^(?:## |> |- )", "", line) for line in lines))


def pages(text: str) -> list[list[StoryBlock]]:
    """The blocks of every page of *text*."""
    found: list[list[StoryBlock]] = [[]]
    for block in blocks(text):
        if block.kind == "break":
            found.append([])
        else:
            found[-1].append(block)
    return found


def plain(text: str) -> str:
    """What an ideal extractor returns.

    Every paragraph, heading, item, quotation and row (its cells separated by a space) is a paragraph; captions belong
    to their images, not to the text.
    """
    kept = (block for block in blocks(text) if block.kind not in ("figure", "break"))
    return "\n\n".join(strip_inline(line).replace("\t", " ") for block in kept for line in block.lines)


def strip_inline(line: str) -> str:
    """*line* without the marks of links and strong words."""
    return _STRONG.sub(r"\1", _LINK.sub(r"\1", line))


def inline(line: str) -> str:
    """*line* as HTML, links and strong words marked up."""
    escaped = html.escape(line, quote=False)
    return _STRONG.sub(r"<strong>\1</strong>", _LINK.sub(r'<a href="\2">\1</a>', escaped))
