"""Repeated elements of a page: siblings of the same structure, and what they are.

A stream of teasers, a thread of comments and the sections of a text look alike from afar: three and more siblings of
one tag and one class. They are told apart by what one member holds, never by what it is called: a headline that is a
link and a short summary (a stream); a name, a moment and some sentences (a thread); anything else is left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.lines import Line, Node

#: What sets these: the stream of a portal's home page has three entries and more; the development corpus has no text
#: whose sections are links with a summary of one paragraph and which has prose elsewhere.
_MEMBERS = 3
_ALIKE = 0.7  #: share of members that must look like the kind
_HEADLINE = 18  #: units of a link that may be a headline: six ideographs
_SUMMARY = 700  #: units of prose of a teaser at most
_LINES = 7  #: of a teaser at most ...
_FREE = 3  #: ... and of those that are no links: a day, a column, a summary
_SIGNATURE = 90  #: units of the line of a comment that names its author and moment
#: A comment names its day and time, or how long ago it was: a clock alone stands in timetables and live reports.
_MOMENT = re.compile(
    r"\d{1,4}\s?[-/.年月]\s?\d{1,2}\s?[-/.月日]?\s?(?:\d{1,2}\s?日?)?[\sT,]{0,3}\d{1,2}[:：]\d\d"
    r"|\d{1,2}\s?(?:秒|分钟|分鐘|小时|小時|天|日|个月|月|年)之?前|(?:昨天|前天)\s?\d|刚刚"
    r"|\b\d{1,3}\s?(?:min(?:ute)?s?|h(?:ou)?rs?|days?|weeks?|months?|years?|[hdwmy]) ago\b"
    r"|\b(?:\d{1,2}|[a-z]{3,9}\.?),? \d{4},? (?:at )?\d{1,2}:\d\d",
    re.IGNORECASE,
)
_OF_MOMENT = re.compile("[:：前天刚]| ago", re.IGNORECASE)  #: one of these stands in each
#: A line that is nothing but a way to answer, or the number of a floor.
_REPLY = re.compile(
    r"(?:(?:回[复覆應应]|举报|舉報|引用|[顶踩赞讚]|点赞|reply|report|quote|like)\s?[(（\d)）]{0,8}[\s|·]{0,3}){1,4}"
    r"|[#＃]\s?\d{1,4}|(?:第\s?)?\d{1,4}\s?[楼樓#＃]|沙发|板凳",
    re.IGNORECASE,
)
_HOST = re.compile(r"\s*(?:https?:)?//(?:www\.|m\.)?([^/?#:]{1,200})", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?:)?//\S{4,}")
_NUMBERS = re.compile(r"[\d\s:./-]+")
#: One of these stands in every signature.
_TELLING = re.compile(r"[\d刚回举舉引顶踩赞讚点沙板]|^(?:reply|report|quote|like)", re.IGNORECASE)
_SPACED_DIGITS = re.compile(r"[\d\s]+")
_LEVELS = 3  #: elements around a thread that may be its box
_PAGE = frozenset(("body", "html", "article", "main", "td"))
_HEADINGS = frozenset(("h2", "h3", "h4", "h5", "h6", "dt"))


class Kind:
    """What a line is part of."""

    NONE = 0
    STREAM = 1  #: teasers of other articles
    THREAD = 2  #: readers' comments
    RECORDS = 4  #: data about pictures, for a script that shows them: addresses, numbers, days, captions
    ANOTHER = 8  #: an article of its own below the first
    OTHERS = STREAM | THREAD | ANOTHER  #: not of the article


def mark_repetitions(blocks: Blocks) -> None:
    """Notes on every line of *blocks* what repetition it is part of."""
    lines = blocks.lines
    for siblings in _groups(blocks):
        prose = any(node.prose for node in siblings)
        for look, kind in _KINDS:
            if kind == Kind.THREAD and not prose:
                continue
            for run in _runs(lines, [node for node in siblings if look(lines[node.first : node.last + 1])]):
                if len(run) >= max(_MEMBERS, _ALIKE * _between(siblings, run)):
                    first, last = run[0].first, run[-1].last
                    if kind == Kind.THREAD:
                        first, last = _box(lines, run)
                    _mark(lines[first : last + 1], kind)
    if sum([line.linked > 0.8 and line.node.tag in _HEADINGS for line in blocks.unlisted]) >= _MEMBERS:
        for entries in _flat_streams(lines):
            _mark(entries, Kind.STREAM)


def _box(lines: Sequence[Line], thread: Sequence[Node]) -> tuple[int, int]:
    """The lines of the box around a *thread*: the rules for comments and the form stand in it, never the headline."""
    first, last = thread[0].first, thread[-1].last
    prose = sum(line.prose for line in lines[first : last + 1])
    node = thread[0].parent
    for _ in range(_LEVELS):
        if node is None or node.tag in _PAGE or any(map(_is_title, lines[node.first : node.last + 1])):
            break
        own = sum(line.prose for line in lines[node.first : node.last + 1]) - prose
        above = node.parent
        if own > prose or above is None or not any(line.prose for line in lines[above.first : node.first]):
            break  # there is no text before it: it holds the text
        first, last = min(first, node.first), max(last, node.last)
        node = node.parent
    return first, last


def _mark(lines: Sequence[Line], kind: int) -> None:
    if kind == Kind.STREAM and not _of_one_site(lines):
        return
    for line in lines:
        line.kind = line.kind or kind


def _of_one_site(lines: Sequence[Line]) -> bool:
    """Whether the entries lead to one site: those of a list of recommendations in a text lead to many."""
    hosts = Counter(
        match[1] if (match := _HOST.match(link.get("href") or "")) else ""
        for line in lines if line.linked > 0.5 and line.units >= _HEADLINE and (link := line.link) is not None
    )  # fmt: skip
    return not hosts or hosts.most_common(1)[0][1] >= _ALIKE * hosts.total()


def _flat_streams(lines: Sequence[Line]) -> Iterable[Sequence[Line]]:
    """Headings that are links, each with a line or two of text below, that no element holds together."""
    start, entries, free = 0, 0, 0
    parent: Node | None = None
    for position, line in enumerate([*lines, None]):
        heads = line is not None and line.linked > 0.8 and line.units >= _HEADLINE and line.node.tag in _HEADINGS
        if line is not None and heads and line.node.parent is parent and 0 < free <= _FREE:
            entries, free = entries + 1, 0
            continue
        beside = line is not None and not heads and line.node.parent is parent
        if line is not None and entries and beside and (line.linked <= 0.5 or line.units < _HEADLINE):
            free += 1
            if free <= _FREE:
                continue
        if entries >= _MEMBERS:
            yield lines[start : position - max(0, free - _FREE)]
        start, entries, free = position, int(heads), 0
        parent = line.node.parent if line is not None and heads else None


def _runs(lines: Sequence[Line], members: Sequence[Node]) -> Iterable[list[Node]]:
    """*members* in runs without prose between them."""
    run: list[Node] = []
    for node in members:
        if run and any(line.prose for line in lines[run[-1].last + 1 : node.first]):
            yield run
            run = []
        run.append(node)
    if run:
        yield run


def _between(siblings: Sequence[Node], run: Sequence[Node]) -> int:
    """How many of *siblings* stand where *run* does."""
    return sum(run[0].first <= node.first <= run[-1].last for node in siblings)


def _groups(blocks: Blocks) -> Iterable[list[Node]]:
    """Runs of siblings of one shape, of which some hold more than one line."""
    below: dict[int, list[Node]] = {}
    for node in blocks.nodes.values():
        if node.last > node.first and node.block and node.parent is not None:
            key = id(node.parent)
            if key in below:
                below[key].append(node)
            else:
                below[key] = [node]
    for children in below.values():
        if len(children) < _MEMBERS:
            continue
        alike: dict[tuple[str, str], list[Node]] = {}
        for child in children:
            alike.setdefault(_shape(child), []).append(child)
        for members in alike.values():
            if len(members) >= _MEMBERS:
                yield members


def _shape(node: Node) -> tuple[str, str]:
    """The tag of *node* and the first of its classes; what marks the odd or the last of a row comes behind it."""
    return node.tag, _first_class(node.element.get("class") or "")


@lru_cache(maxsize=4096)
def _first_class(names: str) -> str:
    return _SPACED_DIGITS.sub(" ", names).strip().partition(" ")[0]


def _is_teaser(lines: Sequence[Line]) -> bool:
    """A link that may be a headline, and hardly any text beside it."""
    if len(lines) > _LINES or not any(line.linked > 0.5 and line.units >= _HEADLINE for line in lines):
        return False
    free = [line for line in lines if line.linked <= 0.5]
    return len(free) <= _FREE and sum(line.prose for line in free) <= _SUMMARY and not any(map(_is_title, lines))


def _is_title(line: Line) -> bool:
    return line.node.tag == "h1" or (line.node.parent is not None and line.node.parent.tag == "h1")


def _is_comment(lines: Sequence[Line]) -> bool:
    """A short line with a moment and something else, or a word for answering; and unlinked text."""
    signed = text = False
    for line in lines:
        if line.linked > 0.5 and line.units >= 2 * _HEADLINE:
            return False  # a headline
        if line.units <= _SIGNATURE and _signature(line.text):
            signed = True
        elif line.linked <= 0.5:
            text = True
    return signed and text


def _is_record(lines: Sequence[Line]) -> bool:
    """A line that is nothing but an address."""
    return any("//" in line.text[:8] and not line.linked and _ADDRESS.fullmatch(line.text) for line in lines)


def is_datum(text: str) -> bool:
    """Whether a line of a record is for a machine: an address, a number, a moment."""
    return bool(_ADDRESS.fullmatch(text) or _NUMBERS.fullmatch(text) or _names_moment(text))


def _names_moment(text: str) -> bool:
    return _OF_MOMENT.search(text) is not None and _MOMENT.search(text) is not None


def _signature(text: str) -> bool:
    if not _TELLING.search(text):
        return False
    return _names_moment(text) or _REPLY.fullmatch(text) is not None


#: Tried in this order: a record names moments too.
_KINDS = ((_is_record, Kind.RECORDS), (_is_teaser, Kind.STREAM), (_is_comment, Kind.THREAD))
