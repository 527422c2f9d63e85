"""The one traversal of a page: its visible lines of text in order, and the contents of every container.

libxml2 hands out the elements in the order of the page; Python touches each of them once, and what is never shown only
to pass it by. A *line* is what a browser shows as one: the text between two boundaries of block elements or ``<br>``.
A *node* is an element that holds others or text; what all lines below it weigh is summed up once, from the leaves to
the root.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import Any

from crawler.extraction.page.hints import HEADINGS, Hint, hides, hint_of
from crawler.extraction.page.phrases import is_legal
from crawler.values.text import paragraph

#: How elements behave: inline; never shown as text; their names are not looked at (there are many, and they say
#: little); end a line; leave the line as it is where they end.
_INLINE, _SKIPPED, _UNNAMED, _BREAK, _GOES_ON, _KNOWN, _OUTSIDE, _NOTED = 1, 2, 4, 8, 16, 32, 64, 128
_TAGS: dict[int, str] = {
    0: "article aside div footer form header main nav p section td th li ul ol dl dd dt table h1 h2 h3 h4 h5 h6",
    _UNNAMED: "body html tr tbody thead",
    _INLINE: "abbr acronym bdi bdo cite code data del dfn ins kbd label mark nobr q rb ruby s samp span strike time "
    "tt var wbr "
    "input o:p st1",
    _INLINE | _UNNAMED: "a b big em font i img small strong sub sup u",
    _INLINE | _UNNAMED | _BREAK: "br",
    _SKIPPED: "script style noscript template select option textarea iframe svg object applet head title button "
    "datalist rt rp "
    "canvas audio video math",
}
_KINDS: dict[str, int] = {
    tag: kind | _KNOWN | (_GOES_ON if kind & _INLINE else 0) for kind, tags in _TAGS.items() for tag in tags.split()
}
#: Elements that are noted on the way: those that tell of the page rather than show it, links, and what may hold the
#: text although it is not shown.
TELLING = ("base", "title", "meta", "link", "script", "time", "a")
CLOSED = ("noscript", "template", "button", "select", "object")
for _tag in (*TELLING, *CLOSED):
    _KINDS[_tag] = _KINDS.get(_tag, _GOES_ON) | _NOTED
_KINDS["#end"] = _SKIPPED | _KNOWN
_HIDDEN = Hint.HIDDEN
_PASSED = _INLINE | _UNNAMED  #: both: no node of its own, unless it holds others
_UNSEEN = _SKIPPED | _OUTSIDE
#: A button in a heading shows and hides what the heading is for: its label is the heading.
_HEADS = HEADINGS | {"dt"}
_OF_HEADING = _INLINE | _UNNAMED | _GOES_ON | _KNOWN


def _kind(tag: str) -> int:
    """How an element behaves: one without a meaning is a block, a custom one inline; neither ends a line."""
    return _KINDS.get(tag) or (_INLINE if "-" in tag else 0) | _GOES_ON


class Node:
    """An element that holds text: how it is called, what it is part of, and the sums over all lines below it."""

    __slots__ = (
        "block", "element", "first", "hidden", "hint", "holder", "last", "mass", "own_hint", "parent", "prose", "tag",
    )  # fmt: skip

    def __init__(self, element: Any, tag: str, kind: int, parent: Node | None) -> None:
        self.element = element
        self.parent = parent
        self.tag = tag
        self.own_hint = own = 0 if kind & _UNNAMED else hint_of(element, tag)
        self.mass = 0.0  #: how much speaks for this node being the article's container
        self.prose = 0.0  #: units of prose below it, wherever they stand
        self.first = self.last = -1  #: the indexes of the first and the last line below it; -1 where there is none
        self.block = block = not kind & _INLINE
        #: The block whose lines its text is part of; None where it is one itself: a reference to itself would leave
        #: the node, and with it the page, to the cyclic garbage collector.
        self.holder: Node | None = None if block or parent is None else parent.holder or parent
        hint = own if parent is None else own | parent.hint
        self.hint: int = hint  #: its own and those of what it is part of
        self.hidden = hint & _HIDDEN != 0

    def within(self, other: Node) -> bool:
        """Whether this node is *other* or lies below it."""
        node: Node | None = self
        while node is not None:
            if node is other:
                return True
            node = node.parent
        return False


_SENTENCE = re.compile(r"[。！？；，、：!?;؟،۔।”」.,:](?:(?<![.,:])|\s|$)")
_SOME, _MOST = 0.3, 0.9  #: shares of links between which the marks that separate them decide
_SEPARATOR = re.compile(r"\s*[|｜·•、/／丨>»]\s*")
_STRONG = re.compile(r"[。！？!?؟۔।]|\.(?:\s|$)|\.[”\"’]")


#: A piece of a line: its text, the element that holds it, the <a> it is part of.
Piece = tuple[str, Any, Any]
#: A text on the page: the element that holds it, the node and the <a> that it is part of, whether it begins a line,
#: whether white space stands before it.
_Text = tuple[str, Any, Any, Any, bool, bool]
#: Stands for the node of an element as long as it holds no other one, and no text or is one of those that are passed.
_LATER: Any = object()


class Line:
    """A line of text as shown, the block it stands in and the inline pieces it is made of."""

    __slots__ = ("_legal", "index", "kind", "linked", "node", "opening", "pieces", "prose", "text", "units")

    def __init__(self, node: Node, opening: Node | None, pieces: list[Piece], text: str, index: int) -> None:
        self.node = node
        self.opening = opening  #: the node that its first piece stands in directly: *node* or an inline one in it
        self.pieces = pieces
        self.text = text
        self.index = index
        self.kind = 0  #: the repetition that it is part of, see repetitions
        self._legal: bool | None = None
        #: Length in bytes of UTF-8: an ideograph says as much as three Latin letters.
        self.units = units = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
        linked = 0.0
        if len(pieces) == 1:
            linked = 0.0 if pieces[0][2] is None else 1.0
        else:
            for piece, _, link in pieces:
                if link is not None:
                    linked += len(piece.strip())
            if linked:
                share = linked / len(text)
                if _SOME < share < _MOST:  # what stands between links (、 | ·) counts for neither side
                    share = linked / (len(_SEPARATOR.sub("", text)) or 1)
                linked = min(1.0, share)
        self.linked = linked  #: Share of the text that is the text of links, 0 to 1.
        self.prose = self._prose(units * (1 - linked)) if units >= 60 and linked <= 0.5 else 0.0

    @property
    def sentence(self) -> bool:
        """Whether the text reads like prose, links or not."""
        return self.units >= 60 and self._prose(self.units) > 0

    @property
    def link(self) -> Any:
        """The first <a> that a piece is part of."""
        return next((link for _, _, link in self.pieces if link is not None), None)

    def unlink(self) -> None:
        """What its pieces are part of is no link."""
        self.pieces = [(text, element, None) for text, element, _ in self.pieces]
        self.linked, self.prose = 0.0, self._prose(self.units)

    def drop_last(self) -> None:
        """Without its last piece."""
        last = self.pieces.pop()[0].strip()
        self.text = self.text.removesuffix(last).rstrip()
        self.units = len(self.text.encode("utf-8", "replace"))

    @property
    def legal(self) -> bool:
        """Whether the text is a legal notice, a cookie banner or a disclaimer."""
        if self._legal is None:
            self._legal = is_legal(self.text)
        return self._legal

    def _prose(self, free: float) -> float:
        """Units of prose in a line of *free* units outside links: all of them where it reads like a sentence."""
        if free < 60 or not _SENTENCE.search(self.text) or self.legal:
            return 0.0
        return free if free > 150 or _STRONG.search(self.text) else free * 0.6


class Blocks:
    """All lines and nodes of one page."""

    __slots__ = ("_shown", "addresses", "closed", "lines", "nodes", "noted", "related")

    def __init__(self, root: Any, places: Iterable[Any] | None = None, *, shown: Collection[Any] = ()) -> None:
        """Of the whole page *root*; of the elements *places* alone, in the order of the page, where they are given.

        *shown* are elements that are shown, although their like are not.
        """
        self.nodes: dict[Any, Node] = {}
        self._shown = shown
        self.closed: list[Any] = []  #: the elements of CLOSED, in order
        #: The elements of TELLING by tag, in order; those of CLOSED under every tag of theirs.
        self.noted: dict[str, list[Any]] = {tag: [] for tag in TELLING} | dict.fromkeys(CLOSED, self.closed)
        #: Of the links under "a": the address of each, and those that have a relation, with it. Asked for on the walk,
        #: while the element is at hand: to come back for it costs as much as the walk over the element.
        self.addresses: list[str | None] = []
        self.related: list[tuple[Any, str]] = []
        self.lines: list[Line] = []
        self._gather(chain.from_iterable(map(self._texts, [root] if places is None else places)))

    def node(self, element: Any) -> Node:
        """The node of *element*; made, with those of its ancestors, where it is asked for first."""
        nodes = self.nodes
        node = nodes.get(element)
        chain = []
        while node is None and element is not None:
            chain.append(element)
            element = element.getparent()
            node = nodes.get(element)
        for holder in reversed(chain):
            node = nodes[holder] = Node(holder, holder.tag, _kind(holder.tag), node)
        assert node is not None
        return node

    def _gather(self, texts: Iterator[_Text]) -> None:
        """Puts the texts of a page together to lines."""
        pieces: list[Piece] = []
        block: Node | None = None
        opening: Node | None = None
        for text, element, node, link, begins, spaced in texts:
            holder = node.holder or node
            if begins or holder is not block:
                if block is not None:
                    self._finish(block, opening, pieces)
                pieces, block = [(text, element, link)], holder
                opening = node if element is node.element or element is link else None
                continue
            if spaced:
                pieces.append((" ", block.element, None))
            pieces.append((text, element, link))
        if block is not None:
            self._finish(block, opening, pieces)

    def _finish(self, block: Node, opening: Node | None, pieces: list[Piece]) -> None:
        joined = pieces[0][0] if len(pieces) == 1 else "".join([piece[0] for piece in pieces])
        text = paragraph(joined) if block.tag != "pre" else "\n".join(filter(None, map(paragraph, joined.split("\n"))))
        if text:
            self.lines.append(Line(block, opening, pieces, text, len(self.lines)))

    def _texts(self, place: Any) -> Iterator[_Text]:  # noqa: C901, PLR0912 - a call an element would cost a third more
        """The texts of the element *place* that may be shown, in order; makes the nodes on the way to them."""
        kinds, nodes, revealed, noted, addresses = _KINDS.get, self.nodes, self._shown, self.noted, self.addresses
        end = _End(place.getparent())
        top: Any = end.parent  # what is open: the element, its node, the <a> it is in, how it behaves
        node, link, opened = self._around(place)
        stack: list[tuple[Any, Any, Any, int]] = []
        tag, spaced = "", True
        for element in chain(place.iter("*"), (end,)):
            above = element.getparent()
            while above is not top:
                closed, ends = top, not opened & _GOES_ON
                top, node, link, opened = stack.pop()
                if not opened & _UNSEEN and (tail := closed.tail):
                    blank = tail.isspace()
                    if not (blank and tail.isascii()):
                        yield tail, top, node, link, ends, spaced
                    spaced = blank
            if node is _LATER:  # the element before holds this one
                node = nodes[top] = Node(top, tag, opened, stack[-1][1])
            tag = element.tag
            kind = kinds(tag) or _kind(tag)
            if kind & _NOTED:
                noted[tag].append(element)
                if tag == "a":
                    addresses.append(element.get("href"))
                    if relation := element.get("rel"):
                        self.related.append((element, relation))
                elif element in revealed or (tag == "button" and above.tag in _HEADS):
                    kind = _KNOWN if element in revealed else _OF_HEADING
            stack.append((top, node, link, opened))
            top, opened = element, kind | opened & _SKIPPED
            if kind & _PASSED == _PASSED and (style := element.get("style")) and hides(style[:500]):
                opened |= _SKIPPED
            if opened & _SKIPPED:
                continue
            text = element.text
            holder = node
            if tag == "a":
                link = element
            else:
                node = _LATER
            if text and not (text.isspace() and text.isascii()):
                if kind & _PASSED != _PASSED and tag != "a":
                    node = holder = nodes[element] = Node(element, tag, kind, holder)
                yield text, element, holder, link, False, spaced
                spaced = False
            elif kind & _BREAK:
                yield text or "", above, holder, link, True, spaced
                spaced = False
            elif text:
                spaced = True

    def _around(self, place: Any) -> tuple[Any, Any, int]:
        """What *place* stands in: the node, the <a>, how it behaves."""
        above = list(place.iterancestors())
        skipped = any(_kind(node.tag) & _SKIPPED for node in above)
        link = next((node for node in above if node.tag == "a"), None)
        return self.node(above[0]) if above else None, link, _OUTSIDE | (_SKIPPED if skipped else 0)


class _End:
    """Stands behind the last element of a place, so that whatever is open is closed; is not shown."""

    tag = "#end"

    def __init__(self, parent: Any) -> None:
        self.parent = parent

    def getparent(self) -> Any:
        return self.parent
