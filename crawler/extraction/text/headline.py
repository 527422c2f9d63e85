"""The headline: the heading that the page's <title>, its metadata and its place above the text agree on."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line, Node, index_of
from crawler.extraction.page.metadata import Described, MetaTags
from crawler.values.labels import find_labels, is_label
from crawler.values.pieces import folded
from crawler.values.text import reads_as_prose, squash
from crawler.values.urls import is_home

TAGS = {"h1": 3.0, "h2": 2.0, "h3": 1.0, "h4": 0.5, "h5": 0.5}
_NAMED = re.compile(r"title|headline|biaoti|(?<![a-z])tit(?![a-z])|(?<![a-z])bt(?![a-z])", re.IGNORECASE)
ELSEWHERE = Hint.RELATED | Hint.RANKING | Hint.COMMENT | Hint.CRUMB | Hint.CHROME
DATE = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}")
STATED = ("og:title", "twitter:title", "title", "articletitle")
_PARTING = tuple("-_|｜丨—–－·")
STOPS = ("。", ":", "：", "；")
LEAST_OF_HEADLINE = 4  #: letters
_LONG = 24  #: units of the only h1 of a page
_ALONE = 1.0  #: what the only h1 scores that no title knows
_OPENS_PART = 1.5
_TEXT = 900.0  #: units of prose of a page that has a text
_BELOW = 0.2  #: share of the page's prose below a headline, at least
_UNKNOWN = 0.5  #: share of the page's prose above a headline that no title knows, at most
_ONLY = 1.5  #: what the only h1 scores more where it is like the <title>
_UNNAMED = 1.8  #: what a line above a date scores to begin with
#: A short line above another one and the date is the name of a column: units, and what it scores less.
_COLUMN, _LESS = 24, 0.1
_HEADER = 3  #: lines below a headline, the date among them; a label in a cell of its own and its value are one
_CELLS = 6  #: such cells at most
_STEPS = re.compile(r"[>〉»›→]")
_HOME = re.compile(r"(?:首[页頁]|home)[\s/|·-]", re.IGNORECASE)  #: a breadcrumb whose steps white space parts
#: A day behind the headline on its line, in brackets or not; a day within a headline is part of it.
_AT_DAYS_END = frozenset("0123456789日)）]】 ")
_DAY_BEHIND = re.compile(
    rf"(?<=\w)\W{{0,3}}?[\s\u3000]{{0,4}}[(（\[【]?\s?(?:{DATE.pattern})日?(?:[\sT]{{0,4}}\d{{1,2}}[:：]\d\d(?:[:：]\d\d)?)?\s?[)）\]】]?\s*$"
)
LABELLED = re.compile(
    r"^.{1,6}[:：].{0,12}$|\d[:：]\d\d|首页|^\d{1,4}\s?[-/.年月]\s?\d{1,2}(?:\D.{0,7})?$|\w@\w|"
    r"\d\s?人?次$|\d[-/.]\d{1,2}[-/.](?:19|20)\d\d"
)


def headline_index(blocks: Blocks, document: str, said: Described, meta: MetaTags) -> int | None:
    """The index of the line of *blocks* that is the headline.

    None where no line agrees with what the page calls itself, and none that looks like a headline stands above a date.
    """
    whole = squash(document)
    stated = [squash(t) for t in (said.title, meta.first(*STATED)) if t]
    best, score = None, 1.5
    lines, unlisted = blocks.lines, blocks.unlisted
    total, above = sum([candidate.prose for candidate in unlisted]), 0.0
    days = _dated(unlisted)
    dated: set[int] | None = days
    near = {at - ahead for at in days for ahead in range(1, _CELLS + 2)}  # whose lines below may have a date
    for candidate in _candidates(blocks, whole):
        above += candidate.prose
        if above > _UNKNOWN * total:
            dated = None  # of another article, where no title knows the line
        text, node = candidate.text, candidate.node
        if not 3 <= len(text) <= 300 or node.hidden:
            continue
        tag = TAGS.get(node.tag, 0.0) or (TAGS.get(node.parent.tag, 0.0) if node.parent else 0.0)
        opening = text[:2].lower()
        if tag or not opening.isalnum() or opening in whole:
            if candidate.linked > 0.8 and (not (tag or _own_link(candidate, whole)) or _leads_home(candidate)):
                continue
            points = _score(candidate, lines, tag, whole, stated, dated)
            if points and _opens(document, text):
                points += _OPENS_PART  # a whole part of the <title>, the first
        elif dated and candidate.index in near and _above_date(candidate, lines, dated, whole):
            points = _bonus(candidate, _UNNAMED)
            if candidate.units <= _COLUMN and candidate.index + 1 not in dated:
                points -= _LESS
        else:
            continue
        if points > score and total - above < _BELOW * total:  # a headline has its text below it
            points -= 3.0 if total < _TEXT else points
        if points > score and not is_code(text) and not _breadcrumb(text, document):
            best, score = candidate.index, points
    return best if best is None else _first_of(lines, best)


def _candidates(blocks: Blocks, whole: str) -> list[Line]:
    """The lines that may be the headline; of an entry of a list of links, the <title> (squashed: *whole*) knows it."""
    entries = [
        line
        for node in blocks.lists
        for line in blocks.entries(node)
        if (opening := line.text[:2].lower()) in whole or not opening.isalnum()
    ]
    return sorted([*blocks.unlisted, *entries], key=index_of) if entries else blocks.unlisted


def _first_of(lines: Sequence[Line], best: int) -> int:
    """The line that is the headline where the line *best* says it again as a heading within the text.

    It says the same above, unlinked and outside of what leads elsewhere, and text stands between the two.
    """
    wanted, opening = squash(lines[best].text), lines[best].text[:1]
    between = 0.0
    for line in reversed(lines[:best]):
        between += line.prose
        if not between or line.linked or not line.text.startswith(opening) or line.node.hidden:
            continue
        if not line.node.hint & ELSEWHERE and squash(line.text) == wanted:
            return line.index
    return best


def _breadcrumb(text: str, document: str) -> bool:
    """Whether *text* has the steps of a breadcrumb, which the <title> *document* says otherwise."""
    return _STEPS.search(text) is not None and text not in document and "«" not in text


def undated(text: str, titles: Collection[str]) -> str:
    """*text* without the day behind it, where what is left is (squashed) in one of *titles*, the whole in none."""
    match = _DAY_BEHIND.search(text) if text[-1:] in _AT_DAYS_END else None
    if match is None:
        return text
    rest = text[: match.start()]
    whole, bare = squash(text), squash(rest)
    if len(bare) < LEAST_OF_HEADLINE or any(whole in title for title in titles):
        return text
    return rest if any(bare in title for title in titles) else text


def is_code(text: str) -> bool:
    """Whether a line is for machines: an address, a template that no script has filled."""
    return "://" in text or "{{" in text


def _opens(document: str, text: str) -> bool:
    """Whether *text* is the first part of the <title> *document*, which has more."""
    return document.startswith(text) and document[len(text) :].lstrip()[:1] in _PARTING


def _leads_home(candidate: Line) -> bool:
    """Whether a line that is a link leads to the site's home page: it is the site's name, whatever it is tagged as."""
    href = candidate.link.get("href") or ""
    return bool(href) and is_home(href)


def _own_link(candidate: Line, whole: str) -> bool:
    """Whether a link may be the headline: named so, or most of the <title>, which it opens."""
    if "title" in candidate.node.element.get("class", ""):
        return True
    if candidate.text.isascii() and len(candidate.text) <= 0.6 * len(whole):
        return False
    mine = squash(candidate.text)
    return len(mine) > 0.6 * len(whole) and whole.startswith(mine)


def _score(
    candidate: Line, lines: Sequence[Line], tag: float, whole: str, stated: list[str], dated: set[int] | None
) -> float:
    """How well a line serves as headline.

    Its share of the <title>, agreement with the metadata, its tag, its name, and a date below it. Where *dated* is
    None, it must be one that a title knows.
    """
    text = undated(candidate.text, (whole, *stated))
    mine = squash(text)
    if len(mine) < 2:
        return 0.0
    share, inside = 0.0, mine in whole
    agreed = any(mine == other or (other.startswith(mine) and len(mine) > 0.6 * len(other)) for other in stated)
    if inside or agreed:
        share = len(mine) / max(1, len(whole)) if inside else 0.5
        opens = whole.startswith(mine) or (share > 0.5 and whole.endswith(mine))
        score = 4.0 * share + (2.0 if agreed else 0.0) + (1.0 if opens else 0.0)
    elif tag >= 2 and _alike(mine, whole):  # headings of sections may be, too
        score = 2.0 + (_ONLY if tag == TAGS["h1"] and _alone(candidate, lines) else 0.0)
    elif dated and _above_date(candidate, lines, dated, whole):
        score = _UNNAMED
    elif dated is not None and tag == TAGS["h1"] and _alone(candidate, lines):
        score = _ALONE
    else:
        return 0.0
    if inside and not agreed and share < 0.6 and not whole.startswith(mine):
        score -= 1.0
    if len(_STEPS.findall(candidate.text)) > 1 or _HOME.match(candidate.text):
        score -= 3.0
    if inside and share > 0.6 and candidate.linked > 0.8 and whole.startswith(mine):
        score += 1.5  # a headline that links to its own page
    return _bonus(candidate, score + tag)


def _alone(candidate: Line, lines: Sequence[Line]) -> bool:
    """Whether a line is the page's only heading of the first rank, and long enough for a headline."""
    if candidate.units < _LONG or candidate.linked or candidate.text.endswith(STOPS):
        return False
    return not any(other.node.tag == "h1" and other is not candidate and not other.node.hidden for other in lines)


def _bonus(candidate: Line, score: float) -> float:
    """*score* with what the name of the element and its place add to it or take from it."""
    if not score:
        return 0.0
    node = candidate.node
    if _named(node):
        score += 1.0
    if candidate.linked > 0.8:
        score -= 2.0
    return score - 2.0 if node.hint & ELSEWHERE else score


def _dated(lines: Sequence[Line]) -> set[int]:
    """The indexes of the short lines that have a date."""
    return {
        line.index
        for line in lines
        if line.linked < 0.5
        and ("20" in line.text or "19" in line.text)
        and len(line.text) < 200
        and DATE.search(line.text)
        and not reads_as_prose(line.text)
    }


def _above_date(candidate: Line, lines: Sequence[Line], dated: set[int], whole: str) -> bool:
    """Whether a line may be a headline that the <title> (squashed: *whole*) does not know.

    A short line with a date (*dated*: their indexes) stands directly below, or below a line that is not of the <title>,
    or below others that state something.
    """
    if not 12 <= candidate.units <= 220 or candidate.linked > 0.4 or candidate.text.endswith("。"):
        return False
    if candidate.index + 1 not in dated:
        below = _header_below(candidate, lines, dated)
        if below is None:
            return False
        first = squash(below.text)
        if len(first) >= LEAST_OF_HEADLINE and first in whole:
            return False
    if DATE.match(candidate.text) or _states(candidate):
        return False
    if candidate.index and is_label(lines[candidate.index - 1].text):
        return False  # the value of a label
    node = candidate.node  # "江西：..." in an element named after a title: what stands before the colon is no label
    return not LABELLED.search(candidate.text) or _named(node) or (node.parent is not None and _named(node.parent))


def _header_below(candidate: Line, lines: Sequence[Line], dated: set[int]) -> Line | None:
    """The line below *candidate*, where the next but one has a date or all down to such a line state something."""
    if candidate.index + 2 in dated:
        return lines[candidate.index + 1]
    if dated.isdisjoint(range(candidate.index + 3, candidate.index + 2 + _CELLS)):
        return None
    count = 0
    for above, line in pairwise(lines[candidate.index : candidate.index + 2 + _CELLS]):
        if line.index in dated:
            return lines[candidate.index + 1] if count < _HEADER or is_label(above.text) else None
        if not (_states(line) or is_label(above.text)):
            return None
        count += not is_label(above.text)
    return None


def _states(line: Line) -> bool:
    """Whether *line* is a label, or begins with one ("来源：")."""
    return is_label(line.text) or any(label.start == 0 and label.colon for label in find_labels(folded(line.text)))


def _named(node: Node) -> bool:
    """Whether *node* is named after a title."""
    return bool(_NAMED.search(f"{node.element.get('class') or ''} {node.element.get('id') or ''}"))


def _alike(mine: str, whole: str) -> bool:
    """Whether a heading and the <title> say nearly the same.

    Most of the heading's pairs of characters stand in the title.
    """
    if len(mine) < 8:
        return False
    pairs = [mine[i : i + 2] for i in range(len(mine) - 1)]
    return sum(pair in whole for pair in pairs) > 0.75 * len(pairs)
