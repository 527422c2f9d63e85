"""What a page is made of once it is traversed: nodes that hold text, and lines of text as shown."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import Any

from crawler.extraction.page.elements import INLINE, UNNAMED
from crawler.extraction.page.hints import Hint, hint_of
from crawler.extraction.page.phrases import is_legal

_HIDDEN = Hint.HIDDEN
_SENTENCE = re.compile(r"[。！？；，、：!?;؟،۔।”」.,:](?:(?<![.,:])|\s|$)")
_SOME, _MOST = 0.3, 0.9  #: shares of links between which the marks that separate them decide
_SEPARATOR = re.compile(r"\s*[|｜·•、/／丨>»]\s*")
_STRONG = re.compile(r"[。！？!?؟۔।]|\.(?:\s|$)|\.[”\"’]")
index_of = attrgetter("index")  #: of a line: what lines are sorted by
#: A piece of a line: its text, the element that holds it, the <a> it is part of.
Piece = tuple[str, Any, Any]


class Node:
    """An element that holds text: how it is called, what it is part of, and the sums over all lines below it."""

    __slots__ = (
        "block", "element", "first", "hidden", "hint", "holder", "last", "mass", "own_hint", "parent", "prose", "tag",
    )  # fmt: skip

    def __init__(self, element: Any, tag: str, kind: int, parent: Node | None) -> None:
        self.element = element
        self.parent = parent
        self.tag = tag
        self.own_hint = own = 0 if kind & UNNAMED else hint_of(element, tag)
        self.mass = 0.0  #: how much speaks for this node being the article's container
        self.prose = 0.0  #: units of prose below it, wherever they stand
        self.first = self.last = -1  #: the indexes of the first and the last line below it; -1 where there is none
        self.block = block = not kind & INLINE
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
            if pieces[0][2] is not None:  # most lines of most pages
                self.linked, self.prose = 1.0, 0.0
                return
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

    def drop_last(self, count: int = 1) -> None:
        """Without its last *count* pieces."""
        for _ in range(count):
            last = self.pieces.pop()[0].strip()
            self.text = self.text.removesuffix(last).rstrip()
        self.units = len(self.text.encode("utf-8", "replace"))
        if self.link is None:
            self.linked = 0.0

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
