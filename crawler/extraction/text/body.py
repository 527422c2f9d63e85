"""The article's text: the container that holds it, and which of its lines belong.

The container is the node whose lines weigh most, where prose counts for it, and links, menus and comments count against
it: the maximum subsequence segmentation of Pasternack and Roth (WWW 2009), over subtrees instead of token runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.extraction.page.blocks import Blocks, Line, Node
from crawler.extraction.page.hints import OUTSIDE, Hint
from crawler.extraction.page.repetitions import Kind
from crawler.extraction.page.trust import NEGATIVE, trust_container, trust_headline
from crawler.values.labels import find_labels
from crawler.values.pieces import folded
from crawler.values.text import squash

_CELLS = frozenset(("td", "th"))
_ROWS = frozenset(("td", "th", "li", "dt", "dd", "label"))
_HEADINGS = frozenset(("h1", "h2", "h3"))
_DAY = re.compile(r"\b(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}|\b[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d [A-Z][a-z]{2,8} \d{4}")
_YEAR = re.compile(r"\d{4}")  #: stands in every day of a year
_LABELLED = re.compile(r"^[^\s:：]{1,8}[:：]|[:：]$")

#: The weights of find_container. What set them: the development corpus, both languages (F1 falls by .001 and more where
#: one is halved or doubled), and the cases of tests/extraction/test_text.py.
_NEAR = 15  #: lines behind the headline in which the text begins
_ABOVE, _BELOW = 0.3, 2.5  #: factors of what stands above the headline, and near below it
_NAMED = (1.15, 30.0)  #: factor of, and addition to, a node that is named after the text
_SENTENCE = 60.0  #: units of prose
_HEADLINE = 12  #: units
_HEAD = 5  #: lines between the heading of a text and its first sentence
_VERSE, _VERSES = 0.5, 6  #: weight of a unit of verse; lines of it at least
_GAP = 8  #: lines of an inset between two paragraphs at most
_SHORTEST, _LONGEST = 6, 60  #: units of a line of verse


@dataclass(slots=True)
class Body:
    """The container and the lines of the article in it."""

    node: Node | None
    lines: list[Line]


def weigh(line: Line, *, kinds: bool = True) -> float:
    """How much *line* speaks for its container being the article: prose more, the longer.

    Links and chrome against it.
    """
    value = line.prose
    if line.linked > 0.5:
        return -min(60.0, line.units * line.linked)
    if kinds and line.kind & Kind.OTHERS:
        return -0.3 * value - 1.0
    if line.kind == Kind.RECORDS and not value:
        return 0.0
    if not value:
        free = line.units * (1 - line.linked)
        short = 0.0 if line.node.tag in _CELLS else -1.0  # a table of figures has hundreds
        return short if free < 60 else free * 0.15
    hint = line.node.hint
    if hint & OUTSIDE:
        return value * (-0.3 if hint & (Hint.COMMENT | Hint.RELATED) else 0.1)
    return value


def find_container(blocks: Blocks, usable: list[Line], title_at: int | None, *, kinds: bool = True) -> Node | None:
    """The node that holds the text.

    With a headline, the text begins below it: the node with the largest sum of :func:`weigh`, where what stands near
    below the headline counts more and what stands above less; another box wins over the text that begins there only
    where no heading of its own says that it is another text. Without one, the largest sum decides. Of equals the
    deepest. Without *kinds* what is part of a repetition counts as any text.
    """
    for node in blocks.nodes.values():
        node.mass = 0.0
    verse = _verse(usable, title_at)
    for line in usable:
        weight = _VERSE * line.units if line.index in verse else weigh(line, kinds=kinds)
        if title_at is not None and weight > 0:
            ahead = line.index - title_at
            weight *= _ABOVE if ahead < 0 else _BELOW if ahead < _NEAR else 1.0
        line.node.mass += weight
    for node in reversed(blocks.nodes.values()):
        if node.parent is not None:
            node.parent.mass += node.mass
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
        if not node.block:
            continue
        mass = node.mass * _NAMED[0] + _NAMED[1] if node.own_hint & Hint.BODY and node.mass > 0 else node.mass
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
        (x for x in usable if 0 < x.index - title_at < _NEAR and x.prose >= _SENTENCE and weigh(x) >= _SENTENCE), None
    )


def _headed(usable: Sequence[Line], node: Node, title: Line) -> bool:
    """Whether *node*, which stands away from the headline *title*, has one of its own above its first sentence."""
    prose = next((line.index for line in usable if line.prose and line.index >= node.first), node.first)
    above = [line for line in usable if max(title.index, prose - _HEAD) < line.index < prose]
    heading = next((line for line in above if _rank(line) and line.units >= _HEADLINE), None)
    return heading is not None and (_rank(heading) == _rank(title) or any(map(_dated, above)))


def _verse(usable: Sequence[Line], title_at: int | None) -> set[int]:
    """The indexes of short lines of one shape, unlinked, many in a row near below the headline.

    Verse, a diary, an interview in short turns.
    """
    if title_at is None:
        return set()
    verses: set[int] = set()
    run: list[Line] = []
    for line in (*usable, None):
        if line is not None and not run and line.index - title_at >= _NEAR:
            break  # none begins any more
        goes_on = line is not None and line.index > title_at and _short(line)
        if goes_on and line is not None and (not run or _alike(run[-1], line)):
            run.append(line)
            continue
        if len(run) >= _VERSES and run[0].index - title_at < _NEAR:
            verses.update(member.index for member in run)
        run = [line] if goes_on and line is not None else []
    return verses


def _short(line: Line) -> bool:
    return (
        not line.prose and line.linked == 0.0 and _SHORTEST <= line.units <= _LONGEST and not line.kind
        and not line.node.hint & (NEGATIVE | Hint.META) and line.node.tag not in _ROWS
        and not _LABELLED.search(line.text)
    )  # fmt: skip


def _alike(one: Line, other: Line) -> bool:
    return one.node.tag == other.node.tag and (one.node is other.node or one.node.parent is other.node.parent)


def _next(lines: Iterable[Line], goes_on: Callable[[Line], bool]) -> int | None:
    """How many lines away the text goes on, past an inset without prose; None where it does not."""
    for number, line in enumerate(lines, 1):
        if goes_on(line):
            return number
        if line.prose:
            break
    return None


def second_headline(lines: Sequence[Line], title_at: int) -> range | None:
    """The indexes of the lines of another article behind the one of the headline, from its heading on.

    None where there is none. It ends with the box that it has of its own, else with the page.

    It is of the headline's rank, where that has one, or has a box and a header line of its own; text stands before it,
    it has a text of its own, and either a box of its own around both (with h1 alone) or a day below it.
    """
    title, passed = lines[title_at], 0.0
    rank = _rank(title)
    ranks = {x.index: here for x in lines[title_at + 1 :] if x.units >= _HEADLINE and (here := _rank(x))}
    if not ranks:
        return None
    for line in lines[title_at + 1 :]:
        here = ranks.get(line.index) if passed >= _SENTENCE else None
        if here and (here == (rank or here) or _heads_article(lines, line, title_at)):
            other = squash(line.text) != squash(title.text)
            dated = any(map(_dated, lines[line.index + 1 : line.index + 4]))
            box = _box(lines, line, title_at)
            dated = dated and (box is not None or (rank is not None and _named_alike(title, line)))
            alone = rank == here == "h1" and box is not None
            own = sum(below.prose for below in lines[line.index + 1 : line.index + _NEAR])
            if other and own >= _SENTENCE and (dated or (alone and not _sections(lines, line, here))):
                return range(line.index, len(lines) if box is None else box.last + 1)
        passed += max(0.0, weigh(line)) if line.prose else 0.0
    return None


def _heads_article(lines: Sequence[Line], heading: Line, title_at: int) -> bool:
    """Whether a *heading* of a lower rank opens a box of its own and has a header line below, as articles have."""
    following = [x for x in lines[heading.index + 1 : heading.index + 3] if _dated(x) and not x.linked and not x.kind]
    labels = (label for x in following for label in find_labels(folded(x.text)))
    stated = any(label.colon and label.field in ("published", "source") for label in labels)
    return stated and _box(lines, heading, title_at) is not None


def _dated(line: Line) -> bool:
    """Whether a short line names a day of a year."""
    short = line.units <= 2 * _LONGEST and not line.prose
    return short and bool(_YEAR.search(line.text)) and bool(_DAY.search(line.text))


def _sections(lines: Sequence[Line], heading: Line, rank: str) -> bool:
    """Whether more headings like *heading* follow: they head the sections of the text."""
    return sum(_rank(line) == rank for line in lines[heading.index + 1 :]) >= 2


def _rank(line: Line) -> str | None:
    """The heading that *line* is, or is the text of."""
    node: Node | None = line.node
    for _ in range(2):
        if node is not None and node.tag in _HEADINGS:
            return node.tag
        node = node.parent if node is not None else None
    return None


def _named_alike(one: Line, other: Line) -> bool:
    """Whether both headings, or what holds them, bear one class."""
    names = [
        [node.element.get("class") for node in (line.node, line.node.parent) if node is not None]
        for line in (one, other)
    ]
    return any(name and name == another for name, another in zip(*names, strict=False))


def _box(lines: Sequence[Line], heading: Line, title_at: int) -> Node | None:
    """The smallest element around *heading* that holds prose, where it holds none that stands before it."""
    node = heading.node.parent
    while node is not None and not node.prose:
        node = node.parent
    if node is None or node.first <= title_at or any(line.prose for line in lines[node.first : heading.index]):
        return None
    return node


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
    second = second_headline(blocks.lines, title_at) if title_at is not None else None
    if second is not None:
        for line in blocks.lines[second.start : second.stop]:
            line.kind = line.kind or Kind.ANOTHER
        usable = [line for line in usable if line.index not in second]
    node = find_container(blocks, usable, title_at)
    if node is None and any(line.kind for line in usable):  # nothing else is there: the entries are the text
        node = find_container(blocks, usable, title_at, kinds=False)
    if node is None and title_at is not None:
        node = _short_text(usable, title_at)
    if node is None:
        return Body(None, [])
    trust_container(blocks, node)
    lines = [line for line in usable if node.first <= line.index <= node.last]
    return _grown(node, lines, usable)


def _grown(node: Node, lines: list[Line], usable: list[Line]) -> Body:
    """The text of *node*; with the paragraphs beside it where it is a paragraph itself."""
    parent = node.parent
    if node.tag != "p" or parent is None or not lines:
        return Body(node, lines)
    at = next(n for n, line in enumerate(usable) if line is lines[0])
    first, last = at, at + len(lines) - 1

    def goes_on(line: Line) -> bool:
        same = line.node.parent is parent and line.node.tag == node.tag
        return same and bool(line.prose) and not line.kind & Kind.OTHERS

    while (before := _next(reversed(usable[max(0, first - _GAP) : first]), goes_on)) is not None:
        first -= before
    while (behind := _next(usable[last + 1 : last + 1 + _GAP], goes_on)) is not None:
        last += behind
    return Body(node, lines) if last - first + 1 == len(lines) else Body(parent, usable[first : last + 1])
