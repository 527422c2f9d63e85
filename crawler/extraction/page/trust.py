"""Which name hints of elements are trusted, given what the elements contain."""

from __future__ import annotations

from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.hints import OUTSIDE, Hint
from crawler.extraction.page.lines import Node

_UNHINTED = frozenset(("p", "main", "body", "html", "h1", "blockquote", "li", "b", "strong", "em"))
_FORMS = frozenset(("form", "fieldset"))  #: one around the whole page holds more; one for comments has long rules
NEGATIVE = OUTSIDE | Hint.NOISE | Hint.CAPTION


def judge_hints(blocks: Blocks) -> None:
    """Settles what every node hints at, its ancestors' hints included.

    A name that says "share" or "banner" on a node that holds most of the page's prose is a name for the whole page,
    and a paragraph is a paragraph whatever it is called: such hints are dropped. What is hidden and holds most of the
    prose is shown by a script.
    """
    total, hidden = _measure(blocks), Hint.HIDDEN
    for node in blocks.nodes.values():
        own, above = node.own_hint, node.parent
        if own:  # few have a name that hints at anything
            if own & NEGATIVE:
                own = _plausible(own, node, total)
            if own & hidden and (node.prose > total * 0.5 or node.tag == "p"):
                own &= ~hidden
            node.own_hint = own
        node.hint = hint = own if above is None else own | above.hint
        node.hidden = hint & hidden != 0


def _measure(blocks: Blocks) -> float:
    """Sums up what stands below each node, from the leaves to the root; the prose of the whole page."""
    for line in blocks.unlisted:
        if line.prose:
            line.node.prose += line.prose
    total = 0.0
    for node in reversed(blocks.nodes.values()):  # children were made after their parents
        above = node.parent
        if above is None:
            total = max(total, node.prose)
        elif node.last >= 0:
            above.prose += node.prose
            if node.last > above.last:  # noqa: PLR1730 - a call a node costs more than all else
                above.last = node.last
            if above.first < 0 or node.first < above.first:
                above.first = node.first
    return total


def _plausible(own: int, node: Node, total: float) -> int:
    """The hints of *own* that a node may have that holds its share of *total* units of prose."""
    if node.tag in _UNHINTED:
        return own & ~NEGATIVE
    if node.prose > total * 0.9:
        return own & ~NEGATIVE
    if own & Hint.CONSENT:
        return own
    if node.prose > total * 0.5:
        return own & ~(NEGATIVE & ~Hint.COMMENT)
    if node.tag not in _FORMS and (own & Hint.BODY or node.prose > total * 0.3):
        return own & ~Hint.NOISE
    return own


def trust_headline(blocks: Blocks, title_at: int) -> None:
    """What holds the headline is no sidebar, whatever it is called."""
    node: Node | None = blocks.lines[title_at].node
    wrong = []
    while node is not None:
        if node.own_hint & NEGATIVE:
            wrong.append(node)
        node = node.parent
    _clear(blocks, wrong)


def trust_container(blocks: Blocks, container: Node) -> None:
    """What holds most of the container's prose is no sidebar in it."""
    most = container.prose * 0.5
    named = [
        node
        for node in blocks.nodes.values()
        if node.own_hint & NEGATIVE & ~Hint.COMMENT and not node.own_hint & Hint.CONSENT and node.prose > most
    ]
    _clear(blocks, [node for node in named if node is not container and node.within(container)])


def _clear(blocks: Blocks, nodes: list[Node]) -> None:
    """Drops what *nodes* hint at against being the article, and what follows from it below them."""
    for node in nodes:
        node.own_hint &= ~NEGATIVE
    if nodes:
        for node in blocks.nodes.values():
            node.hint = node.own_hint | (node.parent.hint if node.parent else 0)
