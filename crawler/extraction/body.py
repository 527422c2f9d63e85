"""The article's text: the container that holds it, and which of its lines belong.

The container is the node whose lines weigh most, where prose counts for it and links, menus and comments count against it: the
maximum subsequence segmentation of Pasternack and Roth (WWW 2009), over subtrees instead of token runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.extraction.blocks import Blocks, Line, Node
from crawler.extraction.hints import Hint

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
    value = line.prose
    if line.linked > 0.5:
        return -min(60.0, line.units * line.linked)
    if not value:
        free = line.units * (1 - line.linked)
        return -8.0 if free < 60 else free * 0.15
    if _LEGAL.search(line.text):
        return -20.0
    hint = line.node.hint
    if hint & _OUTSIDE:
        return value * (-0.3 if hint & (Hint.COMMENT | Hint.RELATED) else 0.1)
    return value


_UNHINTED = frozenset(("p", "main", "body", "html", "h1", "blockquote", "li", "b", "strong", "em"))
_NEGATIVE = _OUTSIDE | Hint.NOISE


def judge_hints(blocks: Blocks, usable: list[Line]) -> None:
    """Settles what every node hints at, its ancestors' hints included.

    A name that says "share" or "banner" on a node that holds most of the page's prose is a name for the whole page, and a
    paragraph is a paragraph whatever it is called: such hints are dropped.
    """
    for line in usable:
        line.node.prose += line.prose
    total = 0.0
    for node in reversed(blocks.nodes.values()):  # children were made after their parents
        if node.parent is not None:
            node.parent.prose += node.prose
        else:
            total = max(total, node.prose)
    for node in blocks.nodes.values():
        own = node.own_hint
        if own & _NEGATIVE:
            if node.tag in _UNHINTED or node.prose > total * 0.5:
                own &= ~_NEGATIVE | (Hint.COMMENT if node.prose < total * 0.9 and node.tag not in _UNHINTED else 0)
            elif own & Hint.BODY:
                own &= ~Hint.NOISE
            node.own_hint = own
        node.hint = own | (node.parent.hint if node.parent else 0)


def find_container(blocks: Blocks, usable: list[Line]) -> Node | None:
    """The node with the largest sum of :func:`weigh`; the deepest of equals."""
    for line in usable:
        line.node.mass += weigh(line)
    best: Node | None = None
    score = 0.0
    for node in reversed(blocks.nodes.values()):
        if node.parent is not None:
            node.parent.mass += node.mass
        if node.block and node.mass > score:
            best, score = node, node.mass
    return best


def find_body(blocks: Blocks) -> Body:
    """The article's container and lines; no node where the page has no prose."""
    usable = [line for line in blocks.lines if not line.node.hidden]
    if not any(line.prose for line in usable):
        usable = blocks.lines
    judge_hints(blocks, usable)
    node = find_container(blocks, usable)
    if node is None:
        return Body(None, [])
    return Body(node, [line for line in usable if line.node.within(node)])
