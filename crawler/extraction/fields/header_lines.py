"""The lines around the headline that state time, source, author and views, read together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from crawler.extraction.fields.header_merge import HeaderLines, merge
from crawler.extraction.fields.header_places import (
    APART,
    SHORT,
    Candidate,
    above_paragraphs,
    candidates,
    may_state,
    text_start,
)
from crawler.extraction.fields.lone_lines import read_author, read_source, read_views
from crawler.extraction.fields.named import names_in, read_named
from crawler.extraction.fields.printed import stamp_of, text_of
from crawler.extraction.page.lines import Line
from crawler.extraction.text.headline import undated
from crawler.extraction.text.reading import Reading
from crawler.values.header import read_header
from crawler.values.header_fields import Header
from crawler.values.surnames import like_person
from crawler.values.text import cjk_length, squash
from crawler.values.times import find_moments

_DIGIT = re.compile(r"\d")
_WORD_FOR_AUTHOR = 12  #: characters before the names of a byline
_APART = 2  #: lines between two authors of a list: the office of the first
_MARK = 4  #: ideographs beside a day that stands alone


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
        read_source(lines[title_at + 1 : min(start or 0, title_at + 1 + APART)], header_lines)
    if header_lines.header.published is None and title_at is not None:
        _below_repeated(lines, title_at, header_lines, now)
    if header_lines.header.published is None and title_at is not None:
        _day_of_headline(lines[title_at], header_lines, reading)
    if header_lines.header.published is None and title_at is not None:
        for line in above_paragraphs(lines, body, title_at):
            if header_lines.header.published is None and may_state(candidate := Candidate(line, among=True)):
                _read(candidate, lines, header_lines, now)
    if header_lines.header.author is None:
        read_author(lines, body, title_at, start, header_lines)
    if header_lines.header.views is None and not header_lines.header.views_stated:
        read_views(reading, body, header_lines)
    if header_lines.header.published is None:
        _moment_at_foot(body, lines, header_lines, now)
    return header_lines


def _day_of_headline(line: Line, header_lines: HeaderLines, reading: Reading) -> None:
    """The moment that stands behind the headline, on its line; a day alone where the page's titles do not have it."""
    moments = list(find_moments(line.text, reading.now)) if _DIGIT.search(line.text[-5:]) else []
    if not moments or not line.text.rstrip(")]）】 ").endswith(moments[-1].raw):
        return
    if moments[-1].hour is not None or undated(line.text, [squash(reading.page.title)]) != line.text:
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
        header = read_header(text_of(line, lines), now) if line.units <= 2 * SHORT else Header()
        moment = header.published
        if moment is None or moment.hour is None:
            continue
        opens = line.units <= SHORT and line.text.lstrip("([（【 ").startswith(moment.raw)
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
    if not header or not merge(header_lines.header, header, late=late):
        return
    alone = header.views_labelled and line.units <= SHORT
    signed = header.author_signed and not (header.author or "").isascii()  # a Chinese text may begin so
    if not signed and (not late or alone or _byline(header)):  # other notes are known by their words
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


def _byline(header: Header) -> bool:
    """Whether a line that stands where the text begins is a header line all the same."""
    return bool(header.published and (header.author or header.source or header.modified))
