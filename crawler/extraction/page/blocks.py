"""The one traversal of a page: its visible lines of text in order, and the contents of every container.

libxml2 hands out the elements in the order of the page; Python touches each of them once, and what is never shown only
to pass it by. A *line* is what a browser shows as one: the text between two boundaries of block elements or ``<br>``.
A *node* is an element that holds others or text; what all lines below it weigh is summed up once, from the leaves to
the root.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from crawler.extraction.page.elements import (
    BREAK,
    CLOSED,
    GOES_ON,
    HEADS,
    KINDS,
    KNOWN,
    NOTED,
    OF_HEADING,
    OUTSIDE,
    PASSED,
    SKIPPED,
    TELLING,
    UNSEEN,
    kind_of,
)
from crawler.extraction.page.hints import hides
from crawler.extraction.page.lines import Line, Node, Piece, index_of
from crawler.extraction.page.link_lists import FEWEST, LISTS, Entries, entries_of
from crawler.values.text import paragraph

#: A text on the page: the element that holds it, the node and the <a> that it is part of, whether it begins a line,
#: whether white space stands before it.
_Text = tuple[str, Any, Any, Any, bool, bool]


class Blocks:
    """All lines and nodes of one page."""

    __slots__ = ("_shown", "addresses", "closed", "lines", "lists", "nodes", "noted", "related", "unlisted")

    def __init__(self, root: Any, places: Iterable[Any] | None = None, *, shown: Collection[Any] = ()) -> None:
        """Of the whole page *root*; of the elements *places* alone, in the order of the page, where they are given.

        The page has no comments, as :func:`tree.parse` leaves it.

        *shown* are elements that are shown, although their like are not.
        """
        self.nodes: dict[Any, Node] = {}
        self._shown = shown
        self.closed: list[Any] = []  #: the elements of CLOSED, in order
        #: The elements of TELLING by tag, in order; those of CLOSED under every tag of theirs.
        self.noted: dict[str, list[Any]] = {tag: [] for tag in TELLING} | dict.fromkeys(CLOSED, self.closed)
        #: Of the links under "a": the address of each ("" where it has none), and those that have a relation, with it.
        #: Asked for on the walk, while the element is at hand: to come back costs as much as the walk over it.
        self.addresses: list[str] = []
        self.related: list[tuple[Any, str]] = []
        self.lines: list[Line] = []
        #: Those that are no entries of lists of links, which are links as a whole and no headings; and these lists: the
        #: node of the entries of each.
        self.unlisted: list[Line] = []
        self.lists: list[Node] = []
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
            node = nodes[holder] = Node(holder, holder.tag, kind_of(holder.tag), node)
        assert node is not None
        return node

    def entries(self, node: Node) -> list[Line]:
        """The lines of a list of links, one of *lists*."""
        return self.lines[node.first : node.last + 1]

    def unlist(self, line: Line) -> None:
        """*line* is no link as a whole, and so no entry of a list of them."""
        at = bisect_left(self.unlisted, line.index, key=index_of)
        if self.unlisted[at : at + 1] != [line]:
            self.unlisted.insert(at, line)

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
            lines = self.lines
            index = len(lines)
            line = Line(block, opening, pieces, text, index)
            lines.append(line)
            self.unlisted.append(line)
            if block.first < 0:
                block.first = index
            block.last = index

    def _texts(self, place: Any) -> Iterator[_Text]:  # noqa: C901, PLR0912, PLR0915 - a call an element costs a third more
        """The texts of the element *place* that may be shown, in order; makes the nodes on the way to them."""
        kinds, nodes, revealed, noted, addresses = KINDS.get, self.nodes, self._shown, self.noted, self.addresses
        top: Any = place.getparent()  # what is open: the element, its node, the <a> it is in, how it behaves,
        node, link, opened = self._around(place)
        left = 1  # and how many elements in it are still to come
        stack: list[tuple[Any, Any, Any, int, int]] = []
        spaced = True
        for element in (elements := place.iter("*")):
            tag = element.tag
            kind = kinds(tag) or kind_of(tag)
            if kind & NOTED:
                noted[tag].append(element)
                if tag == "a":
                    addresses.append(element.get("href", ""))
                    if relation := element.get("rel"):
                        self.related.append((element, relation))
                elif element in revealed or (tag == "button" and top.tag in HEADS):
                    kind = KNOWN if element in revealed else OF_HEADING
            behaves, inside, inner = kind | opened & SKIPPED, node, len(element)
            if kind & PASSED == PASSED and (style := element.get("style")) and hides(style[:500]):
                behaves |= SKIPPED
            if behaves & SKIPPED:
                if inner:
                    stack.append((top, node, link, opened, left))
                    top, opened, left = element, behaves, inner
                    continue
            elif inner >= FEWEST and tag in LISTS and link is None and (entries := entries_of(element)):
                inside = nodes[element] = Node(element, tag, kind, node)
                yield "", element, inside, None, True, False  # ends the line before
                self._add(entries, inside)
                deque(islice(elements, 2 * len(entries.links)), maxlen=0)
            else:
                text, within = element.text, element if tag == "a" else link
                if text and not (text.isspace() and text.isascii()):
                    if kind & PASSED != PASSED and tag != "a":
                        inside = nodes[element] = Node(element, tag, kind, node)
                    yield text, element, inside, within, False, spaced
                    spaced = False
                elif kind & BREAK:
                    yield text or "", top, node, link, True, spaced
                    spaced = False
                elif text:
                    spaced = True
                if inner:
                    if inside is node and tag != "a":  # holds others
                        inside = nodes[element] = Node(element, tag, kind, node)
                    stack.append((top, node, link, opened, left))
                    top, node, link, opened, left = element, inside, within, behaves, inner
                    continue
            while True:  # *element* ends
                if not opened & UNSEEN and (tail := element.tail):
                    blank = tail.isspace()
                    if not (blank and tail.isascii()):
                        yield tail, top, node, link, not behaves & GOES_ON, spaced
                    spaced = blank
                left -= 1
                if left or not stack:
                    break
                element, behaves = top, opened  # noqa: PLW2901 - what it was the last one of ends as well
                top, node, link, opened, left = stack.pop()

    def _add(self, entries: Entries, holder: Node) -> None:
        """The lines of a list of links, of which *holder* is the node: its entries share one."""
        first = entries.first
        node = self.nodes[first] = Node(first, first.tag, KINDS[first.tag], holder)
        self.noted["a"] += entries.links
        self.addresses += entries.addresses
        self.related += entries.related
        lines = self.lines
        node.first = len(lines)
        for index, (text, link) in enumerate(zip(entries.texts, entries.links, strict=True), node.first):
            lines.append(Line(node, node, [(text, link, link)], text, index))
        node.last = len(lines) - 1
        self.lists.append(node)

    def _around(self, place: Any) -> tuple[Any, Any, int]:
        """What *place* stands in: the node, the <a>, how it behaves."""
        above = list(place.iterancestors())
        skipped = any(kind_of(node.tag) & SKIPPED for node in above)
        link = next((node for node in above if node.tag == "a"), None)
        return self.node(above[0]) if above else None, link, OUTSIDE | (SKIPPED if skipped else 0)
