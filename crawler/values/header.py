"""The header line of an article ("来源：… 时间：… 浏览：…"), read from its text, not from its tags.

Labels and moments cut the text into pieces; a label owns the piece behind it, up to the next label, moment or line end.
What no label owns may still be a source (a name that only media bear, beside a date) or a view count (digits glued to
the seconds). Everything else stays unread: a wrong value is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from crawler.values.counts import count_of, find_count
from crawler.values.labels import Field, find_labels
from crawler.values.moments import Moment
from crawler.values.names import BYLINE, media_name, person_name, stated_name
from crawler.values.text import nfkc
from crawler.values.times import find_moments

_LONGEST = 1000  #: characters of a header line; what is longer is prose
_COUNT_FIRST = re.compile(
    r"(?<![\d:.\-/])(?P<count>\d[\d,]{0,14}(?:\.\d{1,2})?\s?[万萬亿kKwW]?\+?)\s?(?:次|人次|人)?\s?"
    r"(?P<what>(?:已)?(?:阅读|浏览|点击|查看|围观|看过|閱讀|瀏覽|點閱)(?:量|数)?(?!(?:次数|人数|人次)?\s?[:：]\s?\d)|(?:views|reads|"
    r"hits)\b)",
    re.IGNORECASE,
)
#: Digits glued to the seconds, or alone behind them on the line; not the beginning of a name ("39健康网").
_BARE_COUNT = re.compile(
    r"(?:[ \xa0\u3000]{1,6}(?=\d\d))?(\d{1,9})(?=\s|$|[|·•【\[(（]|来源|來源|作者|编辑|編輯|出处|责任|责编|"
    r"评论|字号)(?!\s?[.:/%-])"
)
#: Without any of these a line states nothing.
_MAY_STATE = re.compile(r"[\d:：/╱昨今前刚源處处稿者辑輯文撰录来來自]|[Bb][Yy]\b")
_DESK = re.compile(r"(?:中心|[社部報报組组室台網网])$")
_NOT_A_COUNT = re.compile(
    r"\s?(?:min|分钟|分鐘|秒|年|月|日|天|[-:/]\s?\d|%|元)|(?:个|条|人)?(?:评论|参与|comment)(?!\s?[:：]\s?\d)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Header:
    """What a header line states. Raw texts are as printed; a count or a moment is None where none was stated."""

    published: Moment | None = None
    modified: Moment | None = None
    labelled: bool = False  #: the published moment had a label of its own
    source: str | None = None
    source_labelled: bool = False
    source_stated: bool = False  #: there was a label for it, perhaps with nothing behind it
    author: str | None = None
    editor: str | None = None
    views: int | None = None
    views_raw: str | None = None
    views_labelled: bool = False
    views_stated: bool = False

    def __bool__(self) -> bool:
        return any((self.published, self.modified, self.source, self.author, self.editor, self.views is not None))


def read_header(text: str, now: datetime) -> Header:
    """The fields that *text* states; *now* (aware, in the page's zone) completes dates without a year."""
    text = nfkc(text[:_LONGEST])
    header = Header()
    if not _MAY_STATE.search(text):
        return header
    if match := BYLINE.match(text):
        return _read_byline(match, header)
    moments = list(find_moments(text, now))
    labels = [label for label in find_labels(text) if not any(m.start <= label[0] < m.end for m in moments)]
    _read_labels(text, header, labels, moments)
    if header.views is None:
        _read_count_first(text, header, moments)
    _read_unlabelled(text, header, labels, moments)
    if header.published is None:
        header.published = header.modified
    return header


def _read_byline(match: re.Match[str], header: Header) -> Header:
    """A reporter, and the medium before him; a desk ("國際中心") is no person."""
    if match["role"] or not _DESK.search(match["names"]):
        header.author = person_name(match["names"])
    if match["medium"] and (medium := media_name(match["medium"])):
        header.source, header.source_labelled = medium, True
    return header


def _read_labels(text: str, header: Header, labels: list[tuple[int, int, Field, bool]], moments: list[Moment]) -> None:
    owned: set[int] = set()
    counts = [match.start("count") for match in _COUNT_FIRST.finditer(text)]
    starts = sorted([label[0] for label in labels] + [m.start for m in moments] + counts + [len(text)])
    for begin, end, field, colon in labels:
        stop = next((s for s in starts if s >= end), len(text))
        piece = text[end:stop].split("\n", 1)
        value = piece[0] if piece[0].strip() or not colon else (piece[1].split("\n", 1)[0] if len(piece) > 1 else "")
        if field in ("published", "modified"):
            moment = next(
                (m for m in moments if end <= m.start and not text[end : m.start].strip(" \n(（[,:-|于")), None
            )
            if moment:
                owned.add(moment.start)
                _take_moment(header, field, moment)
        elif field == "views":
            _take_count(header, text, end, colon)
        elif field != "other":
            if (
                not colon and value[:1].isspace() and not text[begin].isascii()
            ):  # "来源 采财网 廖泽凌": one word, and only beside a date
                value = value.split()[0] if moments and value.strip() else ""
            elif not colon and field == "source" and ":" in value and not media_name(value):
                value = ""
            _take_name(header, field, value, colon)
    if header.published is None:
        header.published = next((m for m in moments if m.start not in owned), None)


def _take_moment(header: Header, field: Field, moment: Moment) -> None:
    if field == "modified":
        header.modified = header.modified or moment
    elif not header.labelled:
        header.published, header.labelled = moment, True


def _take_count(header: Header, text: str, position: int, colon: bool) -> None:
    header.views_stated = True
    while position < len(text) and text[position] in " \n\t(（[【量数:约共已有":
        position += 1
    match = find_count(text, position)
    if match and header.views is None and not _NOT_A_COUNT.match(text, match.end()):
        header.views, header.views_raw, header.views_labelled = count_of(match), match[0].strip(), True


def _take_name(header: Header, field: Field, value: str, colon: bool) -> None:
    if field == "source":
        header.source_stated = header.source_stated or colon
        if header.source is None and (name := stated_name(value)):
            header.source, header.source_labelled = name, True
    elif field == "author" and header.author is None:
        header.author = person_name(value)
    elif field == "editor" and header.editor is None:
        header.editor = person_name(value)


def _read_count_first(text: str, header: Header, moments: list[Moment]) -> None:
    """``1164次阅读``; and digits glued to the seconds of a time, which have two digits ("8:42:3240172")."""
    for match in _COUNT_FIRST.finditer(text):
        if any(m.start < match.end("count") and match.start() < m.end for m in moments):
            continue
        header.views_stated = True
        if count := find_count(text, match.start("count")):
            header.views, header.views_raw, header.views_labelled = count_of(count), count[0].strip(), True
            return
    if header.views_stated:
        return
    for moment in moments:
        if moment.precision == "second" and (bare := _BARE_COUNT.match(text, moment.end)):
            header.views, header.views_raw = int(bare[1]), bare[1]
            return


def _read_unlabelled(
    text: str, header: Header, labels: list[tuple[int, int, Field, bool]], moments: list[Moment]
) -> None:
    """A name that only media bear, directly before or behind the date, is the source where no label states one."""
    if header.source_stated or header.source is not None or header.published is None or not moments:
        return
    moment = header.published
    stop = min((label[0] for label in labels if label[0] >= moment.end), default=len(text))
    behind = _BARE_COUNT.match(text, moment.end)
    start = behind.end() if behind and header.views_raw == behind[1] else moment.end
    after = media_name(text[start : min(stop, start + 60)].partition("\n\n")[0])
    begin = max((label[1] for label in labels if label[1] <= moment.start), default=0)
    header.source = after or media_name(text[max(begin, moment.start - 40) : moment.start], last=True)
    if header.source is None and labels and labels[0][0] < moment.start:  # "滨江网 作者：王小明 2019-09-28"
        header.source = media_name(text[: labels[0][0]])
