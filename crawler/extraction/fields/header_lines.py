"""The lines around the headline that state time, source, author and views, read together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler.extraction.fields.header_places import (
    APART,
    ELSEWHERE,
    Candidate,
    candidates,
    may_state,
    paragraphs,
    text_start,
)
from crawler.extraction.fields.named import about_author, names_in, read_named
from crawler.extraction.fields.printed import stamp_of, text_of
from crawler.extraction.page.blocks import Line
from crawler.extraction.page.hints import Hint
from crawler.extraction.text.reading import Reading
from crawler.values.bylines import byline_at_end, byline_in_lead
from crawler.values.given_names import has_given_name
from crawler.values.header import Header, read_header
from crawler.values.labels import may_count
from crawler.values.media import media_name
from crawler.values.moments import Moment
from crawler.values.surnames import like_person
from crawler.values.text import cjk_length
from crawler.values.times import find_moments

_DIGIT = re.compile(r"\d")
_SHORT = 45  #: units of a line that holds a view count and nothing else
_WORD_FOR_AUTHOR = 12  #: characters before the names of a byline
_APART = 2  #: lines between two authors of a list: the office of the first
_MARK = 4  #: ideographs beside a day that stands alone
#: Where a writer was, and the name of an account: "Jane Doe in Springfield", "Jane Doe @jdoe".
_BESIDE_NAME = re.compile(r"\s(?:in|at) [A-Z][\w .'’-]{1,30}$|\s@\w{2,20}$")
_MEDIUM = re.compile(r"(?:[报報社网網台]|之家|周刊|杂志|客户端)$")
_NO_NAME = ELSEWHERE | Hint.SHARE | Hint.CHROME | Hint.HIDDEN


@dataclass(slots=True)
class HeaderLines:
    """What the header says, and which lines said it."""

    header: Header = field(default_factory=Header)
    used: set[int] = field(default_factory=set)
    #: What an attribute of the element says that prints the moment of publication.
    stamp: Moment | None = None
    author: Line | None = None  #: names the author and nothing else
    among: bool = False  #: that moment stood behind a paragraph, where other things are dated too


def header_of(reading: Reading) -> HeaderLines:
    """What the lines around the headline state; read once."""
    return reading.once(find_header)


def find_header(reading: Reading) -> HeaderLines:
    """Reads the lines below the headline, then those above it, then those behind the text; what is nearest wins."""
    header_lines = HeaderLines()
    lines, body, title_at = reading.lines, reading.body.lines, reading.title_at
    start, now = text_start(body, title_at), reading.now
    for candidate in candidates(lines, body, title_at, start):
        if may_state(candidate):
            _read(candidate, lines, header_lines, now)
    if header_lines.header.source is None and not header_lines.header.source_stated and title_at is not None:
        _source_beside(lines[title_at + 1 : min(start or 0, title_at + 1 + APART)], header_lines)
    if header_lines.header.published is None and title_at is not None:
        _below_repeated(lines, title_at, header_lines, now)
    if header_lines.header.published is None and title_at is not None:
        _day_of_headline(lines[title_at], header_lines, now)
    if header_lines.header.author is None:
        _author_apart(lines, body, title_at, start, header_lines)
    if header_lines.header.views is None and not header_lines.header.views_stated:
        _views_in_text(reading, body, header_lines)
    if header_lines.header.published is None:
        _moment_at_foot(body, lines, header_lines, now)
    return header_lines


def _day_of_headline(line: Line, header_lines: HeaderLines, now: datetime) -> None:
    """The moment that stands behind the headline, on its line."""
    moments = list(find_moments(line.text, now)) if _DIGIT.search(line.text[-3:]) else []
    if moments and moments[-1].hour is not None and line.text.rstrip(")]）】 ").endswith(moments[-1].raw):
        header_lines.header.published, header_lines.header.weight = moments[-1], 1


def _below_repeated(lines: Sequence[Line], title_at: int, header_lines: HeaderLines, now: datetime) -> None:
    """The header line below the headline where that stands once more, as in the frame of a picture show."""
    for line in lines[title_at + 1 : -1]:
        if line.text == lines[title_at].text and may_state(below := Candidate(lines[line.index + 1])):
            _read(below, lines, header_lines, now)


def _moment_at_foot(body: Sequence[Line], lines: Sequence[Line], header_lines: HeaderLines, now: datetime) -> None:
    """A day with its time that opens a short line below the text, or ends one that names people as well."""
    for line in reversed(body[-APART:]):
        if line.prose:
            return
        header = read_header(text_of(line, lines), now) if line.units <= 2 * _SHORT else Header()
        moment = header.published
        if moment is None or moment.hour is None:
            continue
        opens = line.units <= _SHORT and line.text.lstrip("([（【 ").startswith(moment.raw)
        if opens or ((header.author_labelled or header.editor) and line.text.rstrip(")]）】 ").endswith(moment.raw)):
            header_lines.header.published, header_lines.header.weight = moment, header.weight
            header_lines.used.add(line.index)
            return


def _read(candidate: Candidate, lines: Sequence[Line], header_lines: HeaderLines, now: datetime) -> None:
    line, late = candidate.line, candidate.late
    header = read_header(text_of(line, lines), now)
    announced = header.author_labelled
    read_named(line, header, now, near=not late or header_lines.header.author is None)
    if late:
        header.author_labelled = announced  # an element's name may be that of another article's author there
    foreign = (candidate.behind or line.prose) and not header.published
    signs = not candidate.behind and header.author_labelled and _signs(line.text, header.author)
    if late and foreign and header.author and header.author.isascii() and not signs:
        header.author = None  # "By April, the office said": prose; "By Jane Doe" of another article
    if header.published and header.weight < 2 and header.published.day > now.date() + timedelta(days=1):
        header.published = None  # no text is published before it can be read
    if candidate.among and not _states_alone(header, line):
        return
    if _lists_author(line, header, header_lines):
        header_lines.header.author = f"{header_lines.header.author}, {header.author}"
        header_lines.used.add(line.index)
    if not late and header.author == line.text and like_person(line.text):
        header_lines.author = line
    before = header_lines.header.published
    if not header or not _merge(header_lines.header, header, late=late):
        return
    if not header.author_signed and (not late or _byline(header)):  # other notes behind are known by their words
        header_lines.used.add(line.index)
    if header_lines.header.published is not before and header_lines.header.published is not None:
        header_lines.stamp = stamp_of(line, header_lines.header.published, now)
        header_lines.among = candidate.among


def _lists_author(line: Line, header: Header, header_lines: HeaderLines) -> bool:
    """Whether *line* is the next of a list of authors: a name alone, in an element like that of the one before."""
    before = header_lines.author
    if before is None or line.text != header.author or line.index - before.index > _APART or not like_person(line.text):
        return False
    one, other = before.node.element, line.node.element
    known = header.author in names_in(header_lines.header.author or "")
    return one.tag == other.tag and one.get("class") == other.get("class") and not known


def _signs(text: str, author: str | None) -> bool:
    """Whether the line is a word or two and names of people: "Written by Jane Doe, John Roe"."""
    if author is None or not text.endswith(author):
        return False
    return len(text) - len(author) <= _WORD_FOR_AUTHOR and all(like_person(name) for name in names_in(author))


def _states_alone(header: Header, line: Line) -> bool:
    """Whether the line does nothing but state: a label announces the value, or little stands next to the day."""
    if header.labelled or header.author_labelled or header.source_labelled:
        return True
    stated = header.published.raw if header.published else header.author or ""
    if not stated:
        return False
    before, _, after = line.text.partition(stated)
    day = header.published if header.published and header.published.hour is None else None
    if day and not (header.source or header.author) and cjk_length(before + after) > _MARK:
        return False  # a caption, an event
    behind = after[:1]
    return len(stated) * 4 >= len(line.text) and not (behind.isalpha() and not behind.isascii())


def _author_apart(
    lines: Sequence[Line], body: Sequence[Line], title_at: int | None, start: int | None, header_lines: HeaderLines
) -> None:
    """A name alone on a line below the headline; else in brackets in the lead, or behind the last sentence."""
    if title_at is not None:
        for line in lines[title_at + 1 : min(start if start is not None else len(lines), title_at + 1 + APART)]:
            around = {_above(lines, line), line.index + 1} & (header_lines.used | {title_at})
            announced = lines[line.index - 1].text.endswith((":", "："))  # the value of another label
            if (
                around
                and not announced
                and line.units <= _SHORT
                and not line.node.hint & _NO_NAME
                and (people := _people(line))
            ):
                header_lines.header.author = people
                header_lines.used.add(line.index)
                return
    prose = paragraphs(body, title_at)
    for line in prose[:2]:
        if (byline := byline_in_lead(line.text)) and byline.author:
            header_lines.header.author = byline.author
            return
    for line in reversed(body[-3:]):
        if (byline := byline_at_end(line.text)) and byline.author:
            header_lines.header.author = byline.author
            return


def _above(lines: Sequence[Line], line: Line) -> int:
    """The index of the line above *line*, tools passed over."""
    at = line.index - 1
    while at > 0 and lines[at].node.hint & Hint.SHARE:
        at -= 1
    return at


def _people(line: Line) -> str | None:
    """The text of *line* where it is names of people and nothing else: Chinese, or Latin ones with known given names.

    What stands behind a comma may be where the writer was: "Jane Doe, Springfield".
    """
    text = line.text
    names = [name for name in re.split(r"[\s、,，]+", text) if name]
    if 0 < len(names) <= 4 and all(not name.isascii() and like_person(name) for name in names):
        return text
    if line.linked or about_author(line.node.element):
        return None
    latin = names_in(text)
    if 0 < len(latin) <= 4 and all(map(has_given_name, latin)):
        return text
    first, comma, place = _BESIDE_NAME.sub("", text).partition(", ")
    if not comma and first != text:
        return first if has_given_name(first) else None
    return first if comma and has_given_name(first) and len(place.split()) <= 2 and place[:1].isupper() else None


def _source_beside(header: Sequence[Line], header_lines: HeaderLines) -> None:
    """A medium's name alone on a line directly next to that of the date."""
    for line in header:
        around = {line.index - 1, line.index + 1} & header_lines.used and line.index not in header_lines.used
        if around and line.units <= _SHORT and _MEDIUM.search(line.text) and media_name(line.text) == line.text:
            header_lines.header.source = line.text
            header_lines.used.add(line.index)
            return


def _views_in_text(reading: Reading, body: Sequence[Line], header_lines: HeaderLines) -> None:
    """A view count that stands in a short line of its own among or behind the paragraphs."""
    for line in body:
        if (
            line.units <= _SHORT
            and not line.node.hint & ELSEWHERE
            and _DIGIT.search(line.text)
            and may_count(line.text)
            and not line.legal
        ):
            header = read_header(line.text, reading.now)
            if header.views_labelled and not header.published:
                header_lines.header.views, header_lines.header.views_raw = header.views, header.views_raw
                header_lines.used.add(line.index)
                return


def _byline(header: Header) -> bool:
    """Whether a line that stands where the text begins is a header line all the same."""
    return bool(header.published and (header.author or header.source or header.modified))


def _merge(merged: Header, added: Header, *, late: bool) -> bool:
    """Adds to *merged* what *added* knows better; behind the text (*late*) only what is labelled.

    Whether it was of use.
    """
    used = False
    signed = added.author is not None and added.published is not None and added.published.hour is not None
    if added.published and (not late or added.labelled or signed) and _better(added, merged):
        merged.published, merged.weight, used = added.published, added.weight, True
    if added.modified and merged.modified is None:
        merged.modified, used = added.modified, True
    if (
        added.source
        and (not late or added.source_labelled)
        and (merged.source is None or (added.source_labelled and not merged.source_labelled and not late))
    ):
        merged.source, merged.source_labelled, used = added.source, added.source_labelled, True
    merged.source_stated |= added.source_stated
    if added.author and (merged.author is None or (added.author_labelled and not merged.author_labelled and not late)):
        merged.author, merged.author_labelled, used = added.author, added.author_labelled, True
    if added.editor and merged.editor is None:
        merged.editor, used = added.editor, True
    if (
        added.views is not None
        and merged.views is None
        and not (late and (merged.views_stated or not added.views_labelled))
    ):
        merged.views, merged.views_raw, used = added.views, added.views_raw, True
    merged.views_stated |= added.views_stated
    return used


def _better(added: Header, merged: Header) -> bool:
    """A labelled moment beats an unlabelled one, and one with a time the same day without."""
    new, old = added.published, merged.published
    if old is None or new is None:
        return old is None
    if new.day == old.day and (
        old.hour is None or ((old.hour, old.minute) == (new.hour, new.minute) and old.second is None)
    ):
        return new.hour is not None and (old.hour is None or new.second is not None)
    return added.weight > merged.weight
