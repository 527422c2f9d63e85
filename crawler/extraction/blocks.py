"""The one walk over a page: its visible lines of text in order, and what every container holds.

libxml2 collects the text nodes (one compiled XPath); Python sees each of them once. A *line* is what a browser shows as
one: the text between two boundaries of block elements or ``<br>``. A *node* is an element on the way to some text; what
all lines below it weigh is summed up once, from the leaves to the root.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from crawler.extraction.boilerplate import is_legal
from crawler.extraction.hints import Hint, hint_of
from crawler.values.text import cjk_length, paragraph

_TEXTS = etree.XPath(
    "//text()[normalize-space()][not(parent::script or parent::style)]"
)
_BREAK = "\u2029"  #: stands in the tail of every <br>, so that the XPath above returns it in its place
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q rb ruby s samp small span"
    " strike strong sub sup time tt u var wbr o:p st1 input".split()
)
#: Inline elements whose names are not looked at: there are many, and they say little.
_UNNAMED = frozenset("a b strong em i font u sup sub small big br img body html tr tbody".split())
_SKIPPED = frozenset("script style noscript template select option textarea iframe svg object applet head button datalist rt rp canvas audio video math".split())


class Node:
    """An element that holds text: how it is called, what it is part of, and the sums over all lines below it."""

    __slots__ = ("block", "element", "hidden", "hint", "line_node", "link", "mass", "own_hint", "parent", "prose", "skipped", "tag")

    def __init__(self, element: Any, parent: Node | None) -> None:
        tag = element.tag
        self.element = element
        self.parent = parent
        self.tag: str = tag if isinstance(tag, str) else "!"
        self.block = self.tag not in _INLINE and "-" not in self.tag
        self.line_node: Node = self if self.block or parent is None else parent.line_node
        self.own_hint = 0 if self.tag in _UNNAMED else hint_of(element, self.tag)
        self.hint: int = self.own_hint | (parent.hint if parent else 0)
        self.link: Node | None = self if self.tag == "a" else parent.link if parent else None
        self.skipped = self.tag in _SKIPPED or bool(parent and parent.skipped)
        self.hidden = bool(self.hint & Hint.HIDDEN)
        self.mass = 0.0  #: how much speaks for this node being the article's container
        self.prose = 0.0  #: units of prose below it, wherever they stand

    def within(self, other: Node) -> bool:
        """Whether this node is *other* or lies below it."""
        node: Node | None = self
        while node is not None:
            if node is other:
                return True
            node = node.parent
        return False


_SENTENCE = re.compile(r"[。！？；，、：!?;؟،।]|[.,:](?:\s|$)|[”」]")
_STRONG = re.compile(r"[。！？!?؟।]|\.(?:\s|$)|\.[”\"’]")


def _prose(text: str, free: float) -> float:
    """Units of prose in a line of *free* units outside links: all of them where it reads like a sentence."""
    if free < 60 or not _SENTENCE.search(text) or is_legal(text):
        return 0.0
    return free if free > 150 or _STRONG.search(text) else free * 0.6


def _linked(pieces: list[tuple[str, Node]], length: int) -> float:
    if len(pieces) == 1:
        return 0.0 if pieces[0][1].link is None else 1.0
    linked = 0
    for piece, node in pieces:
        if node.link is not None:
            linked += len(piece.strip())
    return min(1.0, linked / length)


class Line:
    """A line of text as shown, the block it stands in and the inline pieces it is made of."""

    __slots__ = ("cjk", "index", "linked", "node", "pieces", "prose", "text", "units")

    def __init__(self, node: Node, pieces: list[tuple[str, Node]], text: str, index: int) -> None:
        self.node = node
        self.pieces = pieces
        self.text = text
        self.index = index
        self.cjk = cjk_length(text)
        #: Length in Latin characters: an ideograph says as much as three of them.
        self.units = len(text) + 2 * self.cjk
        #: Share of the text that is the text of links, 0 to 1.
        self.linked = _linked(pieces, len(text))
        self.prose = _prose(text, self.units * (1 - self.linked)) if self.linked <= 0.5 else 0.0


class Blocks:
    """All lines and nodes of one page."""

    __slots__ = ("lines", "nodes")

    def __init__(self, root: Any) -> None:
        self.nodes: dict[Any, Node] = {}
        self.lines: list[Line] = []
        for br in root.iter("br"):
            br.tail = _BREAK + (br.tail or "")
        self._walk(_TEXTS(root))

    def node(self, element: Any) -> Node:
        """The node of *element*; made, with those of its ancestors, where it is asked for first."""
        found = self.nodes.get(element)
        if found is not None:
            return found
        chain = []
        while element is not None and found is None:
            chain.append(element)
            element = element.getparent()
            found = self.nodes.get(element) if element is not None else None
        for each in reversed(chain):
            found = self.nodes[each] = Node(each, found)
        assert found is not None
        return found

    def _walk(self, texts: list[Any]) -> None:
        pieces: list[tuple[str, Node]] = []
        current: Node | None = None
        for text in texts:
            element = text.getparent()
            node = self.nodes.get(element) or self.node(element)
            tail = text.is_tail
            boundary = False
            if tail:
                boundary = node.block or node.tag == "br"
                assert node.parent is not None
                node = node.parent
            if node.skipped:
                continue
            if boundary or node.line_node is not current:
                self._finish(current, pieces)
                pieces, current = [], node.line_node
            elif not tail and pieces and _spaced(element):
                pieces.append((" ", node.line_node))
            pieces.append((str(text), node))
        self._finish(current, pieces)

    def _finish(self, node: Node | None, pieces: list[tuple[str, Node]]) -> None:
        if node is None or not pieces:
            return
        text = paragraph("".join([piece for piece, _ in pieces]))
        if text:
            self.lines.append(Line(node, pieces, text, len(self.lines)))


def _spaced(element: Any) -> bool:
    """Whether white space alone stands between inline *element* and the text before it."""
    while element is not None:
        before = element.getprevious()
        if before is not None:
            return bool(before.tail) and before.tail.isspace()
        element = element.getparent()
        if element is None or element.tag not in _INLINE:
            return False
        if element.text:
            return bool(element.text.isspace())
    return False
