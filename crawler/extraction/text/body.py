"""The article's text: the container that holds it, and which of its lines belong.

The container is the node whose lines weigh most, where prose counts for it, and links, menus and comments count against
it: the maximum subsequence segmentation of Pasternack and Roth (WWW 2009), over subtrees instead of token runs.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line, Node, index_of
from crawler.extraction.page.repetitions import Kind
from crawler.extraction.page.trust import NEGATIVE, trust_container, trust_headline
from crawler.extraction.text.insets import inset_links
from crawler.extraction.text.second import HEADLINE, dated, rank_of, second_headline
from crawler.extraction.text.weight import MOST_OF_LINK, NEAR, SENTENCE, VERSE, verse_of, weigh

_ABOVE, _BELOW = 0.3, 2.5  #: factors of what stands above the headline, and near below it
_NAMED = (1.15, 30.0)  #: factor of, and addition to, a node that is named after the text
_HEAD = 5  #: lines between the heading of a text and its first sentence
_FAR, _NOTICE = 60, 400.0  #: lines behind the headline; units of prose of a notice
_LINKED = 0.5  #: share of a paragraph that is links
_GAP = 8  #: lines of an inset between two paragraphs at most


@dataclass(slots=True)
class Body:
    """The container and the lines of the article in it."""

    node: Node | None
    lines: list[Line]


def find_container(blocks: Blocks, usable: list[Line], title_at: int | None, *, kinds: bool = True) -> Node | None:
    """The node that holds the text.

    With a headline, the text begins below it: the node with the largest sum of :func:`weigh`, where what stands near
    below the headline counts more and what stands above less; another box wins over the text that begins there only
    where no heading of its own says that it is another text. Without one, the largest sum decides. Of equals the
    deepest. Without *kinds* what is part of a repetition counts as any text.
    """
    for node in blocks.nodes.values():
        node.mass = 0.0
    verse, insets = verse_of(usable, title_at), inset_links(usable, title_at)
    for line in usable:
        if line.index in insets:
            continue
        if line.linked == 1.0:  # most lines: a call for each costs more than all others
            line.node.mass -= min(MOST_OF_LINK, line.units)
            continue
        weight = VERSE * line.units if line.index in verse else weigh(line, kinds=kinds)
        if weight > 0 and title_at is not None:
            ahead = line.index - title_at
            weight *= _ABOVE if ahead < 0 else _BELOW if ahead < NEAR else 1.0
        line.node.mass += weight
    for node in reversed(blocks.nodes.values()):
        if (mass := node.mass) and (above := node.parent) is not None:
            above.mass += mass
    best = _heaviest(reversed(blocks.nodes.values()))
    if best is None or title_at is None:
        return best
    first = _beginning(usable, title_at)
    if first is None or first.node.within(best) or not _headed(usable, best, blocks.lines[title_at]):
        return best
    return _heaviest(_upwards(first.node)) or best


def _heaviest(nodes: Iterable[Node]) -> Node | None:
    best: Node | None = None
    score = 0.0
    for node in nodes:
        mass = node.mass
        if mass <= 0 or not node.block:
            continue
        if node.own_hint & Hint.BODY:
            mass = mass * _NAMED[0] + _NAMED[1]
        if mass > score:
            best, score = node, mass
    return best


def _upwards(node: Node) -> Iterator[Node]:
    """*node* and what it lies in, while it is not the whole page."""
    above: Node | None = node
    while above is not None and above.tag not in ("body", "html"):
        yield above
        above = above.parent


def _beginning(usable: Sequence[Line], title_at: int) -> Line | None:
    """The first line of prose near below the headline."""
    return next(
        (x for x in usable if 0 < x.index - title_at < NEAR and x.prose >= SENTENCE and weigh(x) >= SENTENCE), None
    )


def _headed(usable: Sequence[Line], node: Node, title: Line) -> bool:
    """Whether *node*, which stands away from the headline *title*, has one of its own above its first sentence."""
    prose = next((line.index for line in usable if line.prose and line.index >= node.first), node.first)
    above = [line for line in usable if max(title.index, prose - _HEAD) < line.index < prose]
    heading = next((line for line in above if rank_of(line) and line.units >= HEADLINE), None)
    return heading is not None and (rank_of(heading) == rank_of(title) or any(map(dated, above)))


def _next(lines: Iterable[Line], goes_on: Callable[[Line], bool]) -> int | None:
    """How many lines away the text goes on, past an inset without prose; None where it does not."""
    for number, line in enumerate(lines, 1):
        if goes_on(line):
            return number
        if line.prose:
            break
    return None


_FULL_STOP = re.compile(r"[。！？.!?][”\"）)]?$")


def _short_text(usable: list[Line], title_at: int) -> Node | None:
    """The node of an article so short that nothing weighs: it holds the first full sentence below the headline."""
    for line in usable:
        near = 0 < line.index - title_at < NEAR and line.linked < 0.3 and not line.node.hint & NEGATIVE
        if near and _FULL_STOP.search(line.text) and not line.legal:
            node = line.node.parent if line.node.tag == "p" else None
            return node or line.node
    return None


def _named_text(usable: list[Line], node: Node, title_at: int) -> Node | None:
    """The box near below the headline that is named after the text, where *node* is a few sentences far from it.

    Its lines may be too short to weigh; a dialog or a notice at the foot of the page is no text for all that.
    """
    if node.first - title_at < _FAR or node.prose > _NOTICE:
        return None
    for line in usable:
        near = 0 < line.index - title_at < NEAR and line.node.tag == "p"
        if near and not line.linked and not line.node.hint & NEGATIVE:
            named = next((above for above in _upwards(line.node) if above.own_hint & Hint.BODY), None)
            if named is not None and title_at < named.first:
                return named
    return None


def find_body(blocks: Blocks, title_at: int | None = None) -> Body:
    """The article's container and lines; no node where the page has no prose.

    *title_at* is the index of the headline, None where it is not known.
    """
    if title_at is not None:
        trust_headline(blocks, title_at)
    usable = [line for line in blocks.lines if not line.node.hidden]
    second = second_headline(blocks, title_at) if title_at is not None else None
    if second is not None:
        for line in blocks.lines[second.start : second.stop]:
            line.kind = line.kind or Kind.ANOTHER
        usable = [line for line in usable if line.index not in second]
    node = find_container(blocks, usable, title_at)
    if node is None and any(line.kind for line in usable):  # nothing else is there: the entries are the text
        node = find_container(blocks, usable, title_at, kinds=False)
    if title_at is not None and (node is None or (not node.prose and node.first <= title_at <= node.last)):
        node = _short_text(usable, title_at) or node  # a long headline weighs as well
    elif title_at is not None and node is not None:
        node = _named_text(usable, node, title_at) or node
    if node is None:
        return Body(None, [])
    trust_container(blocks, node)
    lines = usable[bisect_left(usable, node.first, key=index_of) : bisect_right(usable, node.last, key=index_of)]
    if title_at is None and (second := second_headline(blocks, None, node.first)) is not None:
        lines = [line for line in lines if line.index not in second]
    return _grown(node, lines, usable)


def _grown(node: Node, lines: list[Line], usable: list[Line]) -> Body:
    """The text of *node*; with the paragraphs beside it where it is a paragraph itself."""
    parent = node.parent
    if node.tag != "p" or parent is None or not lines:
        return Body(node, lines)
    at = next(n for n, line in enumerate(usable) if line is lines[0])
    first, last = at, at + len(lines) - 1

    def goes_on(line: Line) -> bool:
        same = line.node.parent is parent and line.node.tag == node.tag and not line.legal and not dated(line)
        return same and line.linked < _LINKED and not line.kind & Kind.OTHERS and not line.node.hint & NEGATIVE

    while (before := _next(reversed(usable[max(0, first - _GAP) : first]), goes_on)) is not None:
        first -= before
    while (behind := _next(usable[last + 1 : last + 1 + _GAP], goes_on)) is not None:
        last += behind
    return Body(node, lines) if last - first + 1 == len(lines) else Body(parent, usable[first : last + 1])
