"""The header line of an article ("来源：… 时间：… 浏览：…"): labels, moments and counts, and the values between them.

The text is that of :func:`crawler.values.pieces.printed`: it knows where elements part. Labels, moments and breaks cut
it; a label owns what stands behind it, up to the next of them. What no label owns may still be a source (a name that
only media bear, next to a date), an author (a name that only people bear, between a medium and a date) or a view count
(digits glued to the seconds). Everything else stays unread: a wrong value is worse than none.
"""

from __future__ import annotations

import re
from datetime import datetime

from crawler.values.bylines import by_office, may_sign, read_byline
from crawler.values.counts import count_of, find_count
from crawler.values.given_names import has_given_name
from crawler.values.header_fields import Header
from crawler.values.labels import Label, find_labels
from crawler.values.media import like_medium, media_name, stated_name
from crawler.values.moments import Moment
from crawler.values.persons import EDGES, person_name
from crawler.values.pieces import BREAK, folded
from crawler.values.stamps import compact_stamp
from crawler.values.surnames import like_person
from crawler.values.times import find_moments
from crawler.values.unlabelled import before_bracket, reporter, signed

_LONGEST = 1000  #: characters of a header line; what is longer is prose
_READ = "阅读|浏览|点击|查看|围观|看过|閱讀|瀏覽|點閱|点阅|觀看|观看"
_COUNT_FIRST = re.compile(
    rf"(?<![\d:.\-/])(?P<count>\d[\d,]{{0,14}}(?:\.\d{{1,2}})?\s?[万萬亿kKwW]?\+?)\s?(?:次|人次|人)?\s?"
    rf"(?:已)?(?:(?:{_READ})(?:量|数)?(?!(?:次数|人数|人次|全文|更多|原文)?\s?[:：]\s?\d)|(?:views|reads|hits)\b)",
    re.IGNORECASE,
)
#: "已被阅读178次", in the middle of whatever.
_READ_TIMES = re.compile(
    rf"(?<![总總站计計今昨日])(?:{_READ})(?:了|过|過)?\s?(?P<count>\d[\d,]{{0,14}}(?:\.\d{{1,2}})?\s?[万萬wW]?\+?)\s?(?:人?次)(?![数數元年月日])"
)
#: Digits glued to the seconds, or alone behind them on the line; not the beginning of a name ("39健康网").
_BARE_COUNT = re.compile(
    rf"(?:[ \xa0\u3000{BREAK}]{{1,6}}(?=\d\d))?(\d{{1,9}})(?=\s|$|[|·•【\[(（]|来源|來源|作者|编辑|編輯|出处|责任|责编|"
    r"评论|字号)(?!\s?[.:/%-])"
)
#: Without any of these a line states nothing.
_MAY_STATE = re.compile(r"[\d:：/╱|丨昨今前刚源處处稿者辑輯文撰录来來自员員【〔(\[（]|[Bb][Yy]\b")
_DIGIT = re.compile(r"\d")
_NOT_A_COUNT = re.compile(
    r"\s?(?:min|分钟|分鐘|秒|年|月|日|天|[-:/]\s?\d|%|元)|(?:个|条|人)?(?:评论|参与|comment)(?!\s?[:：]\s?\d)",
    re.IGNORECASE,
)
#: Beside a count: it is that of a person, a topic or a forum, not of a text.
_PROFILE = re.compile(
    r"(?:粉丝|讨论|討論|积分|获赞|等级|相册|日志)[数數]?\s?[:：]?\s?\d|(?:文章|博文|帖子|主题|微博)[数數]?\s?[:：]\s?\d|\d\s?(?:粉丝|讨论)|全文\s?[(（]\d"
)
_NUMBER_NEXT = re.compile(r"\s?\d")
_WORD_BEFORE = re.compile(r"[\u3400-\u9fff]\s?$")
_OFFICE = re.compile("[部室组組处處站团團群们們]")  #: makes another word of one for people: 编辑部, 作者群
_WEEKDAY = re.compile(r"^\s?[(（]?(?:星期|周|礼拜|禮拜)[一二三四五六日天][)）]?")
_FROM = (
    "来自",
    "來自",
    "转自",
    "轉自",
)  #: words of prose as well: behind them without a colon stands a medium, or nothing
_EVENTS = ("published", "modified", "drafted", "dated")
_FLAG = re.compile(r"^(?:原创|原創|转载|轉載)\s?:?$|^(?:原创|原創)\s?:\s?")


def read_header(text: str, now: datetime) -> Header:
    """The fields that *text* states; *now* (aware, in the page's zone) completes dates without a year."""
    text = folded(text[:_LONGEST])
    header = Header()
    if not _MAY_STATE.search(text):
        return header
    moments = list(find_moments(text, now))
    labels = [label for label in find_labels(text) if not any(m.start <= label.start < m.end for m in moments)]
    moments = _with_compact(text, labels, moments, now)
    owned = _read_labels(text, header, labels, moments)
    if header.published is None:
        header.published = next((m for m in moments if m.start not in owned), None)
        header.weight = 1 if header.published else 0
    if header.published and header.published.relative:  # "3 hours ago" beside the moment itself
        exact = (m for m in moments if not (m.relative or m.yearless) and m.start not in owned)
        header.published = next(exact, header.published)
    if not moments:
        _read_byline(text, header)
        if not labels and BREAK in text:
            _read_pair(text, header)
    if _DIGIT.search(text):
        _read_counts(text, header, moments)
    _read_unlabelled(text, header, labels)
    if header.published is None:
        header.published = header.modified
    return header


def _read_byline(text: str, header: Header) -> None:
    """Whom a line without a moment names as the writer, where no label does."""
    if header.author is None and may_sign(text) and (byline := read_byline(text)):
        header.author, header.author_labelled = byline.author, byline.author is not None
        header.author_signed = header.author_labelled
        if byline.medium and header.source is None:
            header.source, header.source_labelled = byline.medium, True


def _read_pair(text: str, header: Header) -> None:
    """A medium and a reporter in elements of their own, and nothing else: "原创: 王小明 滨江日报"."""
    parts = [part for piece in text.split(BREAK) if (part := _FLAG.sub("", piece.strip()).strip(EDGES))]
    people = [part for part in parts if re.match("[\u3400-\u9fff]", part) and like_person(part)]
    media = [part for part in parts if like_medium(part)]
    if len(parts) == 2 and len(people) == len(media) == 1:
        header.author = header.author or people[0]
        header.source = header.source or media[0]


def _with_compact(text: str, labels: list[Label], moments: list[Moment], now: datetime) -> list[Moment]:
    """*moments* with those of digits alone, which only a label tells from a number: "发布时间：20240511084232"."""
    ends = [label.end for label in labels if label.field in _EVENTS]
    compact = [
        m
        for end in ends
        if (m := compact_stamp(text, end, now)) and not any(o.start < m.end and m.start < o.end for o in moments)
    ]
    return sorted([*moments, *compact], key=lambda m: m.start) if compact else moments


def _read_labels(text: str, header: Header, labels: list[Label], moments: list[Moment]) -> set[int]:
    """Gives *header* what the labels own; where the moments begin that they own."""
    owned: set[int] = set()
    if not labels:
        return owned
    counts = [match.start("count") for match in _COUNT_FIRST.finditer(text)]
    starts = sorted([label.start for label in labels] + [m.start for m in moments] + counts + [len(text)])
    for label in labels:
        stop = next((s for s in starts if s >= label.end), len(text))
        if label.field in _EVENTS:
            owned |= _take_moment(text, header, label, labels, moments)
        elif label.field == "views":
            _take_count(header, text, label)
        elif label.field != "other" and not _by_what(text, label, dated=bool(moments)):
            value = _value(text, label, stop, dated=bool(moments))
            _take_name(header, label, value, loose=text.startswith(_FROM, label.start) and not label.colon)
    return owned


def _by_what(text: str, label: Label, *, dated: bool) -> bool:
    """Whether a bare "by" in brackets or behind a comma says how something is sorted: "Costs (by type)"."""
    bare = not dated and text[label.start : label.end].strip().lower() == "by"
    if not bare or text[: label.start].rstrip()[-1:] not in ("(", "[", ","):
        return False
    return not has_given_name(text[label.end :].strip(" )]"))


def _value(text: str, label: Label, stop: int, *, dated: bool) -> str:
    """What stands behind *label* on its line, or on the next one where a colon waits for it."""
    first, _, rest = text[label.end : stop].partition("\n")
    value = first if first.strip() or not label.colon else rest.partition("\n")[0]
    if label.colon or text[label.start].isascii():
        return value
    if value[:1].isspace():  # "来源 采财网 廖泽凌": one word, and only next to a date
        return value.split()[0] if dated and value.strip() else ""
    if label.field == "source" and ":" in value and not media_name(value):
        return ""
    return value


def _take_moment(text: str, header: Header, label: Label, labels: list[Label], moments: list[Moment]) -> set[int]:
    """The moment behind *label*.

    Where those begin that are now spoken for: every one up to the next label that tells of another event, for such an
    event may last.
    """
    moment = next(
        (m for m in moments if label.end <= m.start and not text[label.end : m.start].strip(f" \n(（[,:-|于{BREAK}")),
        None,
    )
    if moment is None:
        return set()
    if label.field == "dated":
        stop = next((other.start for other in labels if other.start >= label.end), len(text))
        return {m.start for m in moments if label.end <= m.start < stop}
    if label.field == "modified":
        header.modified = header.modified or moment
    elif label.field == "published" and header.weight < 2:
        header.published, header.weight = moment, 2
    elif label.field == "drafted" and header.published is None:
        header.published, header.weight = moment, 1
    return {moment.start}


def _take_count(header: Header, text: str, label: Label) -> None:
    header.views_stated = True
    position = label.end
    while position < len(text) and text[position] in f" \n\t(（[【量数:约共已有{BREAK}":
        position += 1
    match = find_count(text, position)
    if match is None or header.views is not None or _PROFILE.search(text):
        return
    apart = text.startswith(BREAK, match.start() + len(match[0].rstrip()))  # what follows is of another element
    if apart or not _NOT_A_COUNT.match(text, match.end()):
        header.views, header.views_raw, header.views_labelled = count_of(match), match[0].strip(), True


def _take_name(header: Header, label: Label, value: str, *, loose: bool) -> None:
    if label.field == "source":
        header.source_stated = header.source_stated or label.colon
        name = stated_name(value)
        if header.source is None and name and ((like_medium(name) and "的" not in name) or not loose):
            header.source, header.source_labelled = name, True
    elif not label.colon and _OFFICE.match(value):
        return
    elif label.field == "author" and header.author is None:
        header.author = person_name(value)
        header.author_labelled = header.author is not None
    elif label.field == "editor" and header.editor is None:
        header.editor = person_name(value)


def _read_counts(text: str, header: Header, moments: list[Moment]) -> None:
    """``1164次阅读``, ``阅读178次``; and digits glued to the seconds of a time, which have two ("8:42:3240172")."""
    if header.views is not None:
        return
    for match in (*_COUNT_FIRST.finditer(text), *_READ_TIMES.finditer(text)):
        if any(m.start < match.end("count") and match.start() < m.end for m in moments) or _PROFILE.search(text):
            continue
        if _of_another(text, match):
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


def _of_another(text: str, match: re.Match[str]) -> bool:
    """Whether the number before the word for views has a word of its own before it: "字数 1680 阅读 12分钟"."""
    if match.start() != match.start("count"):
        return False
    crosses = BREAK in match[0] and bool(text[: match.start()].rpartition(BREAK)[2].strip())
    return crosses or bool(_NUMBER_NEXT.match(text, match.end()) and _WORD_BEFORE.search(text[: match.start()]))


def _read_unlabelled(text: str, header: Header, labels: list[Label]) -> None:
    """The medium and the reporter next to the date that no label announces."""
    moment = header.published
    if moment is None:
        return
    begin = max((label.end for label in labels if label.end <= moment.start), default=0)
    before = text[begin : moment.start]
    stop = min((label.start for label in labels if label.start >= moment.end), default=len(text))
    start = moment.end
    if (bare := _BARE_COUNT.match(text, start)) and header.views_raw == bare[1]:
        start = bare.end()
    after = _WEEKDAY.sub("", text[start : min(stop, start + 60)].partition("\n\n")[0])
    signed_by = (by_office(before) if not begin else None) or by_office(after.lstrip(EDGES))
    if signed_by and header.author is None:
        header.author, header.author_labelled = signed_by.author, True
        if header.source is None and not header.source_stated:
            header.source = signed_by.medium
    if header.source is None and not header.source_stated:
        header.source = media_name(after) or media_name(before[-40:], last=True) or before_bracket(text, moment)
        if header.source is None and signed_by:
            header.source = media_name(after, last=True)
        if header.source is None and labels and labels[0].start < moment.start:  # "滨江网 作者：王小明 2019-09-28"
            header.source = media_name(text[: labels[0].start])
    if header.author is None and not any(label.field == "author" for label in labels):
        header.author = signed(text, labels, moment) or reporter("" if begin else before, after, header.source)
