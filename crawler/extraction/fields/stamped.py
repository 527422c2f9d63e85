"""Machine-readable times of a page: in metadata, scripts, a <time>, the comment of a content management system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta

from crawler.extraction.page.document import Page
from crawler.extraction.page.hints import Hint
from crawler.extraction.text.reading import Reading
from crawler.values.moments import Moment, from_datetime
from crawler.values.stamps import read_stamp

_ELSEWHERE = Hint.COMMENT | Hint.RELATED | Hint.RANKING | Hint.CHROME
#: The names under which a page's own script keeps the moment of publication, and that of creation: looked for as they
#: are, for a pattern over a page of megabytes takes as long as all else.
_PUBLISHED_WORDS = ("publish", "Publish", "pubTime", "pubDate", "pubtime", "pubdate", "pub_time", "pub_date")
_CREATED_WORDS = ("createTime", "create_time", "createtime", "ct =", "ct=")
_IN_SCRIPT = re.compile(
    r"(?i:publish(?:ed)?_?(?:at|on|time|date)?|pub_?(?:time|date)|create_?time|ct)[\"']?\s{0,3}[:=]"
    r"\s{0,3}[\"'](\d{4}-\d\d?-\d\d?[T ]?[\d:.Z+-]{0,20}|\d{10}(?:\d{3})?)[\"']"
)
#: What every such assignment holds. They begin with letters that are the same in all: looked for at the speed of a
#: search for these, a twentieth of what a pattern takes.
_ASSIGNED = rb"[\"']?\s{0,3}[:=]\s{0,3}[\"']\d"
_ANY_PUBLISHED = (re.compile(rb"ub(?i:lish(?:ed)?_?(?:at|on|time|date)?|_?(?:time|date))" + _ASSIGNED),)
_ANY_CREATED = (re.compile(rb"reate(?i:_?time)" + _ASSIGNED), re.compile(rb"ct ?=\s{0,3}[\"']\d"))
_OF_NEWSPAPERS = b"<!--enpproperty"
_FARTHEST = timedelta(days=366)
_MOST_PLACES = 50  #: where a word is looked at
_NOTED = re.compile(r"<date>(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)")


def in_script(reading: Reading) -> Moment | None:
    """The moment of publication in the page's own script; that of creation where it names no other."""
    return reading.once(_script_moment)


def _script_moment(reading: Reading) -> Moment | None:
    text, raw = reading.page.text, reading.page.raw
    for words, some in ((_PUBLISHED_WORDS, _ANY_PUBLISHED), (_CREATED_WORDS, _ANY_CREATED)):
        if not any(pattern.search(raw) for pattern in some):
            continue
        there = (word for word in words if word.encode() in raw)  # looked for one by one: the first is most often it
        values = (value for word in there for value in _values(text, word))
        if moment := next((moment for value in values if (moment := stamp(value, reading))), None):
            return moment
    return None


def _values(text: str, word: str) -> Iterator[str]:
    """The moments that *text* assigns to names that begin with *word*, or end with it behind "date"."""
    place, places = text.find(word), 0
    while place >= 0 and places < _MOST_PLACES:
        before = text[place - 1 : place]
        whole = not (before.isalnum() or before == "_") or text[place - 4 : place] == "date"
        if whole and (match := _IN_SCRIPT.match(text, place)):
            yield match[1]
        place, places = text.find(word, place + 1), places + 1


def of_newspaper(page: Page) -> str | None:
    """The moment of publication as a newspaper's editorial system (翔宇) notes it in a comment of every page."""
    if _OF_NEWSPAPERS not in page.raw:  # a fifth of what a pattern takes
        return None
    text = page.text
    start = text.find(_OF_NEWSPAPERS.decode())
    match = _NOTED.search(text, start, start + 2000) if start >= 0 else None
    return match[1] if match else None


def stamp(value: str, reading: Reading) -> Moment | None:
    """What *value* names."""
    moment = read_stamp(value, reading.now)
    return on_page_clock(moment, reading) if moment else None


def on_page_clock(moment: Moment, reading: Reading) -> Moment:
    """*moment*, on the page's own clock where it counts seconds since 1970: such a number has no offset."""
    if not moment.raw.isdigit() or moment.offset != 0:
        return moment
    return replace(from_datetime(moment.at(UTC).astimezone(reading.zone), moment.raw), raw=moment.raw)


def in_time_tag(reading: Reading) -> Moment | None:
    """The first <time datetime> outside related blocks and comments."""
    for element in reading.elements("time"):
        value = element.get("datetime") or ""
        if value and not reading.blocks.node(element).hint & _ELSEWHERE and (moment := stamp(value, reading)):
            return moment
    return None


def stamps(reading: Reading, values: list[str | None]) -> list[Moment]:
    """What *values* name, but for moments more than a year after the capture."""
    moments = (moment for value in values if value and (moment := stamp(value, reading)))
    return [moment for moment in moments if moment.at(reading.zone).date() <= reading.now.date() + _FARTHEST]
