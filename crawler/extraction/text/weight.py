"""The weight of lines as text: sentences, verse, links, repetitions, names."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from crawler.extraction.page.hints import OUTSIDE, Hint
from crawler.extraction.page.lines import Line, index_of
from crawler.extraction.page.repetitions import Kind
from crawler.extraction.page.trust import NEGATIVE

_CELLS = frozenset(("td", "th"))
_ROWS = frozenset(("td", "th", "li", "dt", "dd", "label"))
_LABELLED = re.compile(r"^[^\s:：]{1,8}[:：]|[:：]$")
#: The weights of find_container. What set them: the development corpus, both languages (F1 falls by .001 and more where
#: one is halved or doubled), and the cases of tests/extraction/test_text.py.
NEAR = 15  #: lines behind the headline in which the text begins
SENTENCE = 60.0  #: units of prose
VERSE, _VERSES = 0.5, 6  #: weight of a unit of verse; lines of it at least
MOST_OF_LINK = 60.0  #: what a line that is a link weighs against its container at most
_SHORTEST, _LONGEST = 6, 60  #: units of a line of verse


def weigh(line: Line, *, kinds: bool = True) -> float:
    """How much *line* speaks for its container being the article: prose more, the longer.

    Links and chrome against it.
    """
    value = line.prose
    if line.linked > 0.5:
        return -min(MOST_OF_LINK, line.units * line.linked)
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
        return value * (-0.3 if hint & (Hint.COMMENT | Hint.RELATED | Hint.CONSENT) else 0.1)
    return value


def verse_of(usable: Sequence[Line], title_at: int | None) -> set[int]:
    """The indexes of short lines of one shape, unlinked, many in a row near below the headline.

    Verse, a diary, an interview in short turns.
    """
    if title_at is None:
        return set()
    verses: set[int] = set()
    run: list[Line] = []
    behind = bisect_right(usable, title_at, key=index_of)
    for line in (*usable[behind:], None):
        if line is not None and not run and line.index - title_at >= NEAR:
            break  # none begins any more
        goes_on = line is not None and _short(line)
        if goes_on and line is not None and (not run or _alike(run[-1], line)):
            run.append(line)
            continue
        if line is not None and line.prose and run and _alike(run[-1], line):
            continue  # a longer line among them
        if len(run) >= _VERSES and run[0].index - title_at < NEAR:
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
