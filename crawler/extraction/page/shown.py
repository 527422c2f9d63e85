"""The visible lines of a page, where the plain traversal is wrong.

An element that browsers do not show may not hold most of the prose, a link may not hold the text, and neither a count
in a bubble at the end of every paragraph nor a link in square brackets behind a heading ("[edit]") is of it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.lines import Line

_WORTH = 100  #: bytes of UTF-8 of a closed element from which on it is looked into
_LINES_OF_LINK = 3  #: a teaser has a headline and a summary; what links more lines of prose wraps the text
_SHARE_OF_LINK = 0.5  #: ... and so does what links half of the page
_BUBBLES = 3  #: at least; and at the end of most paragraphs
_DIGITS_OF_BUBBLE = 5
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BRACKETED = re.compile(r"\[[^\[\]]{1,40}\]$")


def shown(root: Any) -> Blocks:
    """The lines of the page *root*, and the elements that hold them."""
    blocks = Blocks(root)
    prose = _prose(blocks)
    for element in blocks.closed:
        text = "".join(element.itertext())
        if len(text) > _WORTH and len(text.encode("utf-8", "replace")) > max(_WORTH, 2 * prose):
            opened = Blocks(root, shown={element})
            if _prose(opened) > 2 * prose and not _asks_for_script(opened, blocks):
                blocks = opened
                break
    _release_links(blocks)
    _drop_bubbles(blocks.unlisted)
    for line in [line for line in blocks.unlisted if line.text[-1:] == "]"]:
        if line.node.tag in _HEADINGS:
            _drop_bracketed_link(line)
    return blocks


def _prose(blocks: Blocks) -> float:
    return sum([line.prose for line in blocks.unlisted])


def _asks_for_script(opened: Blocks, before: Blocks) -> bool:
    """Whether what an element shows, opened, is a note on scripts and browsers."""
    known = {line.text for line in before.lines}
    fresh = " ".join(line.text for line in opened.lines if line.text not in known).lower()
    return len(fresh) < 400 and any(word in fresh for word in ("javascript", "脚本", "腳本", "浏览器", "瀏覽器"))


def _release_links(blocks: Blocks) -> None:
    """A link around many lines of prose, or around most of it, is no link of these lines: somebody forgot its end."""
    lines = blocks.lines
    linked = [line for line in lines if line.units >= 60 and line.linked > 0.5 and line.sentence]
    if not linked:
        return
    total = sum(line.units for line in lines)
    wrapped: dict[Any, list[Line]] = {}
    for line in linked:
        link = line.link
        if all(link_around is link for _, _, link_around in line.pieces):
            wrapped.setdefault(link, []).append(line)
    for inside in wrapped.values():
        units = sum(line.units for line in inside)
        if len(inside) >= _LINES_OF_LINK or units > _SHARE_OF_LINK * total:
            for line in inside:
                line.unlink()
                blocks.unlist(line)


def _drop_bubbles(lines: list[Line]) -> None:
    """Takes the number in an element of its own from the end of every paragraph, where most have one."""
    ends = [(line, bubble) for line in lines if len(line.pieces) > 1 and (bubble := _bubble(line)) is not None]
    if len(ends) < _BUBBLES:
        return
    names = Counter(_name(bubble) for _, bubble in ends)
    name, number = names.most_common(1)[0]
    inside = [line for line, bubble in ends if _name(bubble) == name]
    columns = {id(line.node.parent) for line in inside}
    paragraphs = sum(bool(line.prose) for line in lines if id(line.node.parent) in columns)
    if number >= _BUBBLES and sum(bool(line.prose) for line in inside) > 0.5 * paragraphs:
        for line in inside:
            line.drop_last()


def _bubble(line: Line) -> Any:
    """The element of the last of several pieces of *line*, where that is a number alone in an element of its own."""
    if not line.text[-1:].isdigit():
        return None
    text, element, _ = line.pieces[-1]
    text = text.strip()
    own = element is not line.node.element and text.isdigit() and len(text) <= _DIGITS_OF_BUBBLE and text != line.text
    return element if own else None


def _drop_bracketed_link(heading: Line) -> None:
    """Takes a link in square brackets from the end of *heading*: an editor's tool, a note."""
    match = _BRACKETED.search(heading.text)
    if match is None:
        return
    wanted, tail = re.sub(r"\s", "", match[0]), ""
    for count in range(1, len(heading.pieces)):
        tail = re.sub(r"\s", "", heading.pieces[-count][0]) + tail
        if len(tail) >= len(wanted):
            if tail == wanted and any(link is not None for _, _, link in heading.pieces[-count:]):
                heading.drop_last(count)
            return


def _name(element: Any) -> tuple[str, str]:
    return element.tag, element.get("class") or ""
