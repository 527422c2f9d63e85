"""The article's text: the container that holds it, and which of its lines belong.

The container is the node whose lines weigh most, where prose counts for it and links, menus and comments count against it: the
maximum subsequence segmentation of Pasternack and Roth (WWW 2009), over subtrees instead of token runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extraction.blocks import Blocks, Line, Node
from crawler.extraction.hints import Hint

_SENTENCE = re.compile(r"[。！？；，、：!?;]|[.,:](?:\s|$)|[”」]")
_STRONG = re.compile(r"[。！？!?]|\.(?:\s|$)|\.[”\"’]")
_OUTSIDE = Hint.COMMENT | Hint.CHROME | Hint.RELATED | Hint.RANKING | Hint.SHARE | Hint.CRUMB
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LEGAL = re.compile(r"copyright|©|all rights reserved|icp备|版权所有|备案|许可证|举报电话|违法和不良|未经授权|privacy policy|terms of (?:use|service)", re.I)


@dataclass(slots=True)
class Body:
    """The container and the lines of the article in it."""

    node: Node | None
    lines: list[Line]


def weigh(line: Line) -> float:
    """How much *line* speaks for its container being the article: prose more, the longer; links and chrome against it."""
    free = line.units * (1 - line.linked)
    node = line.node
    if line.linked > 0.5:
        value = -min(60.0, line.units * line.linked)
    elif _SENTENCE.search(line.text) and free >= 60:
        value = free if _STRONG.search(line.text) or free > 150 else free * 0.6
    else:
        value = -8.0 if free < 60 else free * 0.15
    if value > 0:
        if node.hint & _OUTSIDE:
            value = -value * 0.3 if node.hint & (Hint.COMMENT | Hint.RELATED) else value * 0.3
        if _LEGAL.search(line.text):
            value = -20.0
    return value


def find_container(blocks: Blocks, usable: list[Line]) -> Node | None:
    """The node with the largest sum of :func:`weigh`; the deepest of equals."""
    for node in blocks.nodes.values():
        node.mass = 0.0
    for line in usable:
        line.node.mass += weigh(line)
    best: Node | None = None
    score = 0.0
    for node in reversed(blocks.nodes.values()):  # children were made after their parents
        if node.parent is not None:
            node.parent.mass += node.mass
        if node.block and node.mass > score:
            best, score = node, node.mass
    return best


def find_body(blocks: Blocks) -> Body:
    """The article's container and lines; no node where the page has no prose."""
    usable = [line for line in blocks.lines if not line.node.hidden]
    node = find_container(blocks, usable)
    if node is None:
        usable = blocks.lines
        node = find_container(blocks, usable)
    if node is None:
        return Body(None, [])
    return Body(node, [line for line in usable if line.node.within(node)])
