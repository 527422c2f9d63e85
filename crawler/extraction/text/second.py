"""A second article on the page, below that of the headline: where it begins and ends."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.lines import Line, Node, index_of
from crawler.extraction.text.weight import NEAR, SENTENCE, weigh
from crawler.values.labels import find_labels
from crawler.values.pieces import folded
from crawler.values.text import squash

_HEADINGS = frozenset(("h1", "h2", "h3"))
_DAY = re.compile(r"\b(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}|\b[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4}|\d [A-Z][a-z]{2,8} \d{4}")
#: A day with its time, and nothing else.
_MOMENT = re.compile(r"[\d\s年月日/.-]{8,16}\d{1,2}[:：]\d\d(?:[:：]\d\d)?")
_CLOCK = re.compile(r"\d[:：]\d\d")
_BYLINE = re.compile(r"by\s+[A-Z]", re.IGNORECASE)
_BY = ("By", "by", "BY")
_LOWEST = "h9"  #: the rank of what is no heading
_YEAR = re.compile(r"\d{4}")  #: stands in every day of a year
_SHORT = 120  #: units of a line that names a day
HEADLINE = 12  #: units
_SECTIONS = 2  #: further headings of one rank: they head the parts of the text


def second_headline(blocks: Blocks, title_at: int | None, first: int = 0) -> range | None:
    """The indexes of the lines of *blocks* that are another article behind that of the headline, from its heading on.

    None where there is none. It ends with the box that it has of its own, else with the page.

    It is of the headline's rank or a higher one, where that has one, or has a box and a header line of its own; text
    stands before it, it has a text of its own, and either a box of its own around both (with h1 alone) or a day below
    it. Where no headline is known, the article begins at line *first*, and must say more than the other.
    """
    lines = blocks.lines
    title, passed = None if title_at is None else lines[title_at], 0.0
    rank = rank_of(title) if title is not None else None
    begin = first if title_at is None else title_at + 1
    behind = blocks.unlisted[bisect_left(blocks.unlisted, begin, key=index_of) :]
    ranks = {x.index: here for x in behind if x.units >= HEADLINE and (here := rank_of(x))}
    ranks = _unranked(lines, behind, begin) | ranks
    if not ranks:
        return None
    count = Counter(ranks.values())
    for line in behind:
        here = ranks.get(line.index) if passed >= SENTENCE else None
        if here and (here <= (rank or here) or _heads_article(lines, line, begin)):
            box = _box(lines, line, begin)
            day_below = any(map(dated, lines[line.index + 1 : line.index + 4]))
            alike = title is not None and rank is not None and _named_alike(title, line)
            day_below = day_below and (box is not None or alike)
            alone = rank == here == "h1" and box is not None and count[here] - 1 < _SECTIONS
            own = sum(below.prose for below in lines[line.index + 1 : line.index + NEAR])
            other = passed >= own if title is None else squash(line.text) != squash(title.text)
            if other and own >= SENTENCE and (day_below or alone):
                return range(line.index, len(lines) if box is None else box.last + 1)
        passed += max(0.0, weigh(line)) if line.prose else 0.0
    return None


def _heads_article(lines: Sequence[Line], heading: Line, begin: int) -> bool:
    """Whether a *heading* of a lower rank opens a box of its own and has a header line below, as articles have."""
    following = [x for x in lines[heading.index + 1 : heading.index + 3] if dated(x) and not x.linked and not x.kind]
    if not following or (box := _box(lines, heading, begin)) is None:
        return False
    own = box.tag == "article" and box.first == heading.index
    return own or any(_MOMENT.fullmatch(x.text) or _BYLINE.match(x.text) or _labelled(x) for x in following)


def _labelled(line: Line) -> bool:
    """Whether *line* says when or where an article was published."""
    return any(label.colon and label.field in ("published", "source") for label in find_labels(folded(line.text)))


def _full_header(line: Line) -> bool:
    """Whether *line*, which has a day, says more that header lines say: a time and a label, or a name behind "By"."""
    return _BYLINE.match(line.text) is not None or (_CLOCK.search(line.text) is not None and _labelled(line))


def _unranked(lines: Sequence[Line], behind: Sequence[Line], begin: int) -> dict[int, str]:
    """The indexes of lines that are no headings and stand above a header line, one of *behind*: headlines of articles.

    Of others, and in boxes of their own, for that of the page is none of *lines* from *begin* on.
    """
    found = {}
    for line in behind:
        text = line.text
        if line.linked or line.prose or (":" not in text and "：" not in text and text[:2] not in _BY):
            continue
        if line.index == begin:
            continue
        above = lines[line.index - 1]
        plain = above.units >= HEADLINE and not above.prose and not above.linked and not line.kind
        if plain and dated(line) and _full_header(line) and not dated(above):
            found[above.index] = _LOWEST
    return found


def dated(line: Line) -> bool:
    """Whether a short line names a day of a year."""
    short = line.units <= _SHORT and not line.prose
    return short and bool(_YEAR.search(line.text)) and bool(_DAY.search(line.text))


def rank_of(line: Line) -> str | None:
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


def _box(lines: Sequence[Line], heading: Line, begin: int) -> Node | None:
    """The smallest element around *heading* that holds prose: none of it above, and nothing above line *begin*."""
    node = heading.node.parent
    while node is not None and not node.prose:
        node = node.parent
    if node is None or node.first < begin or any(line.prose for line in lines[node.first : heading.index]):
        return None
    return node
