"""Prepares lines of a page for reading as header lines.

With their elements, with the rest of a row of a table or of a date, and with the moments that attributes of their
elements state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from crawler.extraction.page.lines import Line, Node
from crawler.values.labels import is_label
from crawler.values.moments import Moment
from crawler.values.pieces import BREAK, folded, printed
from crawler.values.stamps import read_stamp
from crawler.values.text import reads_as_prose, squash

#: The name of a zone, as scripts write it: "GMT+0000 (Coordinated Universal Time)".
_BRACKETED = re.compile(r"\([^()]*\)")
#: Elements that only dress a text: a word half in bold is one word.
_DRESS = frozenset(["b", "strong", "em", "i", "u", "font", "big", "small", "sub", "sup", "mark", "nobr"])
_CELLS = ("td", "th")
_LONGEST_LABEL = 10
_LONGEST_VALUE = 40
_LONGEST_PART = 24
_PART_OF_DATE = re.compile(
    r"(?:(?:19|20)\d\d(?:\s?[-/.年]\s?\d{1,2}月?)?年?|\d{1,2}\s?[-/.月]\s?\d{1,2}日?|\d{1,2}日?|"
    r"\d{1,2}:\d\d(?::\d\d)?|[A-Z][a-z]{2,8})"
)
_CLOCK_ALONE = re.compile(
    r"(?:at\s|[上下]午\s?)?\d{1,2}[:：]\d\d(?::\d\d)?(?:\s?[ap]\.?m\.?)?(?:\s[A-Z]{2,4})?", re.IGNORECASE
)
_DAY_ALONE = re.compile(
    r"\D{0,12}(?:(?:19|20)\d\d\D\d{1,2}\D\d{1,2}日?|[A-Z][a-z]{2,8}\.? \d{1,2},? (?:19|20)\d\d|"
    r"\d{1,2} [A-Z][a-z]{2,8}\.? (?:19|20)\d\d)"
)
#: Attributes in which an element says more exactly what it shows.
_STAMPS = ("datetime", "content", "title", "data-datetime", "data-time", "data-date", "data-timestamp", "data-utime")


def text_of(line: Line, lines: Sequence[Line]) -> str:
    """The text of *line*, printed.

    With that of the next ones where it is a label alone in its cell of a table, or a part of a date.
    """
    text = line_text(line)
    if len(text) > _LONGEST_PART and not text.endswith(":"):
        return text
    following = lines[line.index + 1 : line.index + 3]
    return f"{text}{_rest(line, text, following)}" if following else text


def _rest(line: Line, text: str, following: Sequence[Line]) -> str:
    """What the next lines add to *text*, that of *line*: the value of its label, or the rest of its date."""
    value = following[0]
    if len(text) <= _LONGEST_LABEL and is_label(text):
        if (row := _row(line)) is not None and _row(value) is not row:
            return ""  # the head of a column: its values stand in other rows
        return ("" if text.endswith(":") else ":") + line_text(value)[:200]
    if text.endswith(":"):
        return line_text(value) if len(value.text) <= _LONGEST_VALUE and not reads_as_prose(value.text) else ""
    if _PART_OF_DATE.fullmatch(text):
        parts = takewhile(_PART_OF_DATE.fullmatch, [line.text for line in following])
        return "".join(BREAK + part for part in parts)
    if _DAY_ALONE.fullmatch(text) and _CLOCK_ALONE.fullmatch(value.text):
        return BREAK + value.text
    return ""


def _row(line: Line) -> Node | None:
    """The row of a table that *line* stands in as a cell, or in one."""
    node = line.node if line.node.tag in _CELLS else line.node.parent
    return node.parent if node is not None and node.tag in _CELLS else None


def line_text(line: Line) -> str:
    """The text of *line* as :func:`crawler.values.pieces.printed` gives it."""
    return folded(line.text) if len(line.pieces) == 1 else printed(_pieces(line))


def _pieces(line: Line) -> Iterator[tuple[str, bool]]:
    before: Any = None
    for text, element, link in line.pieces:
        if text == " ":
            yield text, False
            continue
        owner = link if link is not None else _dressed(element)
        yield text, before is not None and owner is not before
        before = owner


def _dressed(element: Any) -> Any:
    """The element itself, or the one around it where it only dresses its text."""
    while element.tag in _DRESS and not element.get("class") and not element.get("id"):
        parent = element.getparent()
        if parent is None:
            break
        element = parent
    return element


def stamp_of(line: Line, shown: Moment, now: datetime) -> Moment | None:
    """The moment that an attribute states of the very element of *line* that prints what is *shown*."""
    wanted = squash(shown.raw)
    for text, element, _ in line.pieces:
        mine = squash(text)
        if not mine or (wanted not in mine and mine not in wanted):
            continue
        for holder in _holders(element, line.node.element):
            for name in _STAMPS:
                value = holder.get(name)
                if value and any(c.isdigit() for c in value) and (moment := _stated(value, now)):
                    return moment
    return None


def _stated(value: str, now: datetime) -> Moment | None:
    """The moment that *value* is, and hardly anything else but the name of its zone: no sentence that has one."""
    moment = read_stamp(value, now)
    said = _BRACKETED.sub("", value).strip()
    return moment if moment is not None and len(moment.raw) * 2 > len(said) else None


def _holders(element: Any, block: Any) -> Iterator[Any]:
    """*element* and what it stands in, up to the *block* of its line."""
    yield element
    while element is not block and (element := element.getparent()) is not None:
        yield element
