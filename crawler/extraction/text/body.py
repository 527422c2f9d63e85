"""The article's text: the container that holds it, and which of its lines belong.

The container is the node whose lines weigh most, where prose counts for it, and links, menus and comments count against
it: the maximum subsequence segmentation of Pasternack and Roth (WWW 2009), over subtrees instead of token runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extraction.page.blocks import Blocks, Line, Node
from crawler.extraction.page.hints import OUTSIDE, Hint
from crawler.extraction.page.trust import NEGATIVE, trust_container, trust_headline

_CELLS = frozenset(("td", "th"))


@dataclass(slots=True)
class Body:
    """The container and the lines of the article in it."""

    node: Node | None
    lines: list[Line]


def weigh(line: Line) -> float:
    """How much *line* speaks for its container being the article: prose more, the longer; links and chrome against
    it."""
    value = line.prose
    if line.linked > 0.5:
        return -min(60.0, line.units * line.linked)
    if line.kind:
        return -0.3 * value - 1.0
    if not value:
        free = line.units * (1 - line.linked)
        short = 0.0 if line.node.tag in _CELLS else -1.0  # a table of figures has hundreds
        return short if free < 60 else free * 0.15
    hint = line.node.hint
    if hint & OUTSIDE:
        return value * (-0.3 if hint & (Hint.COMMENT | Hint.RELATED) else 0.1)
    return value


_NEAR = 15  #: lines behind the headline in which the text begins


def find_container(blocks: Blocks, usable: list[Line], title_at: int | None) -> Node | None:
    """The node with the largest sum of :func:`weigh`; the deepest of equals. What stands before the headline
    counts less,
    what follows it counts more."""
    for each in blocks.nodes.values():
        each.mass = 0.0
    for line in usable:
        weight = weigh(line)
        if title_at is not None and weight > 0:
            ahead = line.index - title_at
            weight *= 0.3 if ahead < 0 else 2.5 if ahead < _NEAR else 1.0
        line.node.mass += weight
    best: Node | None = None
    score = 0.0
    for node in reversed(blocks.nodes.values()):
        if node.parent is not None:
            node.parent.mass += node.mass
        if not node.block:
            continue
        mass = node.mass * 1.15 + 30 if node.own_hint & Hint.BODY and node.mass > 0 else node.mass
        if mass > score:
            best, score = node, mass
    return best


_FULL_STOP = re.compile(r"[。！？.!?][”\"）)]?$")


def _short_text(usable: list[Line], title_at: int) -> Node | None:
    """The node of an article so short that nothing weighs: it holds the first full sentence below the headline."""
    for line in usable:
        near = 0 < line.index - title_at < _NEAR and line.linked < 0.3 and not line.node.hint & NEGATIVE
        if near and _FULL_STOP.search(line.text) and not line.legal:
            node = line.node.parent if line.node.tag == "p" else None
            return node or line.node
    return None


def find_body(blocks: Blocks, title_at: int | None = None) -> Body:
    """The article's container and lines; no node where the page has no prose.

    *title_at* is the index of the headline, None where it is not known.
    """
    if title_at is not None:
        trust_headline(blocks, title_at)
    usable = [line for line in blocks.lines if not line.node.hidden]
    node = find_container(blocks, usable, title_at)
    if node is None and any(line.kind for line in usable):  # nothing else is there: the entries are the text
        for line in usable:
            line.kind = 0
        node = find_container(blocks, usable, title_at)
    if node is None and title_at is not None:
        node = _short_text(usable, title_at)
    if node is None:
        return Body(None, [])
    trust_container(blocks, node)
    return Body(node, [line for line in usable if line.node.within(node)])
