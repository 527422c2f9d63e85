"""The one walk over a page: its visible lines of text in order, and what every container holds.

libxml2 collects the text nodes (one compiled XPath); Python sees each of them once. A *line* is what a browser shows as
one: the text between two boundaries of block elements or ``<br>``. A *node* is an element on the way to some text; what
all lines below it weigh is summed up once, from the leaves to the root.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

from crawler.extraction.boilerplate import is_legal
from crawler.extraction.hints import Hint, hint_of
from crawler.values.text import paragraph

_TEXTS = etree.XPath("/html/descendant::text()[not(parent::script or parent::style) and normalize-space()]")
_BELOW = etree.XPath("descendant::text()[not(parent::script or parent::style) and normalize-space()]")
_BREAK = "\ufdd0"  #: no character; stands in the tail of every <br>, so that the XPath above returns it in its place
#: How elements behave: bit 1 inline, bit 2 never shown as text, bit 4 their names are not looked at (there are many,
#: and they say little).
_INLINE, _SKIPPED, _UNNAMED = 1, 2, 4
_TAGS: dict[int, str] = {
    0: "article aside div footer form header main nav p section td th li ul ol dl dd dt table h1 h2 h3 h4 h5 h6",
    _UNNAMED: "body html tr tbody thead",
    _INLINE: "abbr acronym bdi bdo cite code data del dfn ins kbd label mark nobr q rb ruby s samp span strike time "
    "tt var wbr "
    "input o:p st1",
    _INLINE | _UNNAMED: "a b big br em font i img small strong sub sup u",
    _SKIPPED: "script style noscript template select option textarea iframe svg object applet head title button "
    "datalist rt rp "
    "canvas audio video math",
}
_KINDS: dict[str, int] = {tag: kind for kind, tags in _TAGS.items() for tag in tags.split()}


class Node:
    """An element that holds text: how it is called, what it is part of, and the sums over all lines below it."""

    __slots__ = (
        "block",
        "element",
        "hidden",
        "hint",
        "line_node",
        "link",
        "mass",
        "own_hint",
        "parent",
        "prose",
        "skipped",
        "tag",
    )

    def __init__(self, element: Any, parent: Node | None) -> None:
        tag = element.tag
        kind = _KINDS.get(tag)
        if kind is None:  # an element without a meaning is inline, a custom one too; comments are not shown
            kind = _INLINE if isinstance(tag, str) and "-" in tag else 0 if isinstance(tag, str) else _SKIPPED
        self.element = element
        self.parent = parent
        self.tag: str = tag
        self.own_hint = own = 0 if kind & _UNNAMED else hint_of(element, tag)
        self.mass = 0.0  #: how much speaks for this node being the article's container
        self.prose = 0.0  #: units of prose below it, wherever they stand
        self.block = block = not kind & _INLINE
        if parent is None:
            self.line_node: Node = self
            self.hint: int = own
            self.link: Any = None
            self.skipped = False
        else:
            self.line_node = self if block else parent.line_node
            self.hint = own | parent.hint
            self.link = element if tag == "a" else parent.link  #: the <a> it is part of, if any
            self.skipped = parent.skipped or bool(kind & _SKIPPED)
        self.hidden = bool(self.hint & Hint.HIDDEN)

    def within(self, other: Node) -> bool:
        """Whether this node is *other* or lies below it."""
        node: Node | None = self
        while node is not None:
            if node is other:
                return True
            node = node.parent
        return False


_SENTENCE = re.compile(r"[。！？；，、：!?;؟،۔।]|[.,:](?:\s|$)|[”」]")
_STRONG = re.compile(r"[。！？!?؟۔।]|\.(?:\s|$)|\.[”\"’]")


def _prose(text: str, free: float) -> float:
    """Units of prose in a line of *free* units outside links: all of them where it reads like a sentence."""
    if free < 60 or not _SENTENCE.search(text) or is_legal(text):
        return 0.0
    return free if free > 150 or _STRONG.search(text) else free * 0.6


#: A piece of a line: its text, the node that holds it (never an <a>: links are many, and need none), the <a> it is
#: part of.
Piece = tuple[Any, Node, Any]


def _linked(pieces: list[Piece], length: int) -> float:
    if len(pieces) == 1:
        return 0.0 if pieces[0][2] is None else 1.0
    linked = 0
    for text, _, link in pieces:
        if link is not None:
            linked += len(text.strip())
    return min(1.0, linked / length)


class Line:
    """A line of text as shown, the block it stands in and the inline pieces it is made of."""

    __slots__ = ("index", "linked", "node", "pieces", "prose", "text", "units")

    def __init__(self, node: Node, pieces: list[Piece], text: str, index: int) -> None:
        self.node = node
        self.pieces = pieces
        self.text = text
        self.index = index
        #: Length in bytes of UTF-8: an ideograph says as much as three Latin letters.
        self.units = units = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        #: Share of the text that is the text of links, 0 to 1.
        self.linked = linked = _linked(pieces, len(text))
        self.prose = _prose(text, units * (1 - linked)) if linked <= 0.5 and units >= 60 else 0.0


class Blocks:
    """All lines and nodes of one page."""

    __slots__ = ("lines", "nodes")

    def __init__(self, root: Any, places: Iterable[Any] | None = None) -> None:
        """Of the whole page *root*; of the elements *places* alone, in the order of the page, where they are given."""
        self.nodes: dict[Any, Node] = {}
        self.lines: list[Line] = []
        texts: list[Any] = []
        for top in [root] if places is None else places:
            for br in top.iter("br"):
                if not (br.tail or "").startswith(_BREAK):
                    br.tail = _BREAK + (br.tail or "")
            below: Any = _TEXTS(root) if places is None else _BELOW(top)
            texts += below
        self._walk(texts)

    def node(self, element: Any) -> Node:
        """The node of *element*; made, with those of its ancestors, where it is asked for first."""
        nodes = self.nodes
        found = nodes.get(element)
        if found is not None:
            return found
        chain = [element]
        above = element.getparent()
        while above is not None:
            found = nodes.get(above)
            if found is not None:
                break
            chain.append(above)
            above = above.getparent()
        while chain:
            each = chain.pop()
            found = nodes[each] = Node(each, found)
        assert found is not None
        return found

    def _walk(self, texts: list[Any]) -> None:
        pieces: list[Piece] = []
        current: Node | None = None
        known, make = self.nodes.get, self.node
        for text in texts:
            element = owner = text.getparent()
            tail = text.is_tail
            boundary = False
            if tail:
                tag = element.tag
                boundary = tag == "br" or not _KINDS.get(tag, _INLINE) & _INLINE
                element = element.getparent()
            link = None
            if element.tag == "a":
                link, above = element, element.getparent()
                node = known(above) or make(above)
            else:
                node = known(element) or make(element)
                link = node.link
            if node.skipped:
                continue
            if boundary or node.line_node is not current:
                if pieces:
                    self._finish(current, pieces)
                pieces, current = [(text, node, link)], node.line_node
                continue
            if (not tail or not (owner.text or len(owner))) and _spaced(owner):  # an icon holds no text
                pieces.append((" ", node.line_node, None))
            pieces.append((text, node, link))
        if pieces:
            self._finish(current, pieces)

    def _finish(self, node: Node | None, pieces: list[Piece]) -> None:
        joined = pieces[0][0] if len(pieces) == 1 else "".join([piece[0] for piece in pieces])
        if node is not None and node.tag == "pre":
            text = "\n".join(filter(None, map(paragraph, joined.split("\n"))))
        else:
            text = paragraph(joined)
        if text and node is not None:
            self.lines.append(Line(node, pieces, text, len(self.lines)))


def _spaced(element: Any) -> bool:
    """Whether white space alone stands between inline *element* and the text before it."""
    while element is not None:
        before = element.getprevious()
        if before is not None:
            return bool(before.tail) and before.tail.isspace()
        element = element.getparent()
        if element is None or not _KINDS.get(element.tag, 0) & _INLINE:
            return False
        if element.text:
            return bool(element.text.isspace())
    return False
