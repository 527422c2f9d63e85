"""Where header lines may be: around the headline, after a summary, after the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line, Node
from crawler.extraction.page.repetitions import Kind
from crawler.values.text import reads_as_prose

_ABOVE = 6  #: lines above the headline that may belong to the header
_BELOW = 25  #: lines below it, as long as no prose stands between
APART = 5  #: lines between a summary and the text, or the headline and a summary
_BEHIND = 8  #: lines behind the text
_FOOT = 6  #: lines at the end of its container, and behind its last paragraph
#: How lines begin that state something at the foot, of this text and not of a work that they name.
_LABELLED = re.compile(r"[^:：《|｜丨]{1,12}[:：|｜丨]|\w{0,8}(?:记者|記者|通讯员)\s")
_CAPTION = 120  #: units; a shorter line that is named a caption may be a byline below the picture
SHORT = 45  #: units of a line that holds one value and hardly anything else
_LONGEST = 400  #: units of a header line
ELSEWHERE = Hint.COMMENT | Hint.RELATED | Hint.RANKING
_OUTSIDE = ELSEWHERE | Hint.CAPTION


class Candidate(NamedTuple):
    """A line that may be of the header, and where it stands."""

    line: Line
    late: bool = False  #: behind the beginning of the text
    behind: bool = False  #: behind its end, where other articles are named too
    among: bool = False  #: between a summary and the text, where other short lines stand


def may_state(candidate: Candidate) -> bool:
    """Whether a line is neither prose nor another article's, a comment's or a caption."""
    if candidate.line.kind:
        return False  # another article, a comment, or a picture's own
    line, hint = candidate.line, candidate.line.node.hint
    if hint & Hint.CAPTION and (line.units > _CAPTION or line.node.tag == "figcaption"):
        return False
    if candidate.late and line.legal:
        return False  # the site's own, and its count
    elsewhere = ELSEWHERE | Hint.CHROME if candidate.behind else ELSEWHERE
    if not candidate.late and _counts_comments(line.node):
        elsewhere &= ~Hint.COMMENT
    if line.units > _LONGEST or hint & elsewhere or reads_as_prose(line.text):
        return False
    return not line.node.hidden or _for_engines(line)


def _counts_comments(node: Node) -> bool:
    """Whether *node* is named a header line that has comments in it ("entry-meta comments"), and is in no thread."""
    outer = node.parent.hint if node.parent is not None else 0
    return bool(node.own_hint & Hint.META and node.own_hint & Hint.COMMENT and not outer & Hint.COMMENT)


def _for_engines(line: Line) -> bool:
    """Whether the line states for a search engine what the visible one says: metadata, shown or not."""
    return any((element.get("id") or "").endswith("_baidu") for _, element, _ in line.pieces)


def paragraphs(body: Sequence[Line], title_at: int | None) -> list[Line]:
    """The lines of prose; the caption of the picture above the text is none."""
    return [line for line in body if line.prose > 90 and not line.node.hint & _OUTSIDE and line.index != title_at]


def _among(lines: Sequence[Line], start: int) -> Sequence[Line]:
    """The short lines between what stands alone below the headline (a summary, a caption) and the text."""
    boxed: list[Line] = []
    prose = 0
    for line in lines[start + 1 : start + 1 + _BEHIND]:
        prose += bool(line.prose)
        if line.prose and (boxed or prose > 1):
            break
        if not line.prose and not line.text.endswith((".", "。")):
            boxed.append(line)
    return boxed


def above_paragraphs(lines: Sequence[Line], body: Sequence[Line], title_at: int) -> Iterator[Line]:
    """The lines directly above the first two paragraphs in a row, nearest first: a summary may stand above them."""
    behind = [line for line in paragraphs(body, title_at) if line.index > title_at]
    for line, following in pairwise(behind):
        if following.index == line.index + 1 and following.node.tag == line.node.tag:
            yield from reversed(lines[max(title_at + 1, line.index - _ABOVE) : line.index])
            return


def text_start(body: Sequence[Line], title_at: int | None) -> int | None:
    """The index of the first line of prose behind the headline."""
    behind = paragraphs(body, title_at)
    if title_at is not None and (after := [line for line in behind if line.index > title_at]):
        behind = after
    return behind[0].index if behind else body[-1].index if body else None


def candidates(
    lines: Sequence[Line], body: Sequence[Line], title_at: int | None, start: int | None
) -> Iterator[Candidate]:
    """The lines that may state something, nearest to the headline first."""
    end = start if start is not None else len(lines)
    between: Sequence[Line] = ()
    if title_at is not None and title_at < end:
        top = list(lines[title_at + 1 : min(end, title_at + 1 + _BELOW)])
        between = _among(lines, end) if end - title_at <= APART else ()
        above = [
            line
            for line in lines[max(0, title_at - 60) : title_at]
            if title_at - line.index <= _ABOVE or line.node.hint & Hint.META
        ]
    else:
        begin = min(end, body[0].index) if body else end
        top, above = [], list(lines[max(0, begin - 2 * _ABOVE, end - 40) : end])
    yield from map(Candidate, top)
    for line in between:
        yield Candidate(line, among=True)
    yield from map(Candidate, reversed(above))
    for line in lines[end : end + 2]:
        yield Candidate(line, late=True)
    if body:
        last = body[-1].index
        ends = max((line.index for line in paragraphs(body, title_at)), default=last)  # the container may hold more
        tail = [
            line
            for n, line in enumerate(body, -len(body))
            if (n >= -_FOOT or (0 < line.index - ends <= _FOOT and _LABELLED.match(line.text)))
            and line.index > end + 1
            and not line.kind & Kind.OTHERS
        ]
        behind = islice((line for line in lines[last + 1 :] if not line.kind & Kind.OTHERS), _BEHIND)
        for line in (*tail, *behind):
            yield Candidate(line, late=True, behind=line.index > last)
