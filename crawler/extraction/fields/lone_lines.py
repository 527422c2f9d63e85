"""Header values on a line of their own that no word announces: people, a medium, a view count."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extraction.fields.header_merge import HeaderLines
from crawler.extraction.fields.header_places import APART, ELSEWHERE, SHORT, paragraphs
from crawler.extraction.fields.named import about_author, names_in
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line
from crawler.extraction.text.reading import Reading
from crawler.values.bylines import byline_at_end, byline_in_lead
from crawler.values.given_names import has_given_name
from crawler.values.header import read_header
from crawler.values.labels import may_count
from crawler.values.media import media_name
from crawler.values.surnames import like_person

_DIGIT = re.compile(r"\d")
#: Where a writer was, and the name of an account: "Jane Doe in Springfield", "Jane Doe @jdoe".
_BESIDE_NAME = re.compile(r"\s(?:in|at) [A-Z][\w .'’-]{1,30}$|\s@\w{2,20}$")
#: What a writer is: "Jane Doe, transport reporter".
_ROLE = re.compile(
    r"(?:[\w-]{1,20} ){0,3}(?:reporter|correspondent|editor|writer|columnist|contributor)", re.IGNORECASE
)
_MEDIUM = re.compile(r"(?:[报報社网網台]|之家|周刊|杂志|客户端)$")
_NO_NAME = ELSEWHERE | Hint.SHARE | Hint.CHROME | Hint.HIDDEN


def read_author(
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
                and line.units <= SHORT
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

    What stands behind a comma may be where the writer was, or an office: "Jane Doe, Springfield".
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
    if comma and _ROLE.fullmatch(place) and like_person(first):
        return first
    return first if comma and has_given_name(first) and len(place.split()) <= 2 and place[:1].isupper() else None


def read_source(header: Sequence[Line], header_lines: HeaderLines) -> None:
    """A medium's name alone on a line directly next to that of the date."""
    for line in header:
        around = {line.index - 1, line.index + 1} & header_lines.used and line.index not in header_lines.used
        if around and line.units <= SHORT and _MEDIUM.search(line.text) and media_name(line.text) == line.text:
            header_lines.header.source = line.text
            header_lines.used.add(line.index)
            return


def read_views(reading: Reading, body: Sequence[Line], header_lines: HeaderLines) -> None:
    """A view count that stands in a short line of its own among or behind the paragraphs."""
    for line in body:
        if (
            line.units <= SHORT
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
