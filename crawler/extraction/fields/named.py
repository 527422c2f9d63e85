"""Header values that no label announces, but the name of the element they stand in: class="source", an eye icon."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from crawler.extraction.page.blocks import Line
from crawler.values.counts import parse_count
from crawler.values.header import Header
from crawler.values.labels import is_label
from crawler.values.media import stated_name
from crawler.values.text import line as tidy
from crawler.values.times import first_moment

_SOURCE = re.compile(
    r"(?<![a-z])(?:source|laiyuan|ly|media-?name|media|mediasource|origin|from|copyfrom|wz-?ly)(?![a-z])|source",
    re.IGNORECASE,
)
_NOT_SOURCE = re.compile(
    r"resource|source-?(?:time|date|box|wrap|info|code)|opensource|rich_?media|social|photo|"
    r"media[-_]?(?:body|object|heading|left|right|producer|meta|content|wrap|box|list)",
    re.IGNORECASE,
)
#: What stands in such an element without being a source: a day, the credit of a picture.
_NO_NAME = re.compile(
    r"^(?:刚刚|今天|昨天|前天|昨日|今日)|(?:[/／╱\s]|^)(?:摄影|攝影)|(?:摄|攝)[)）]?$|^(?:Read|View|Click|Download|See)\b"
)
_VIEWS = re.compile(
    r"(?<![a-z])(?:views?|view-?(?:count|num)s?|hits?|clicks?|click-?(?:count|num)|read-?(?:count|num|times)|pv|"
    r"liulan(?:liang)?|yuedu|browse|icon-?(?:eye|view|read|look)|eye|fa-eye|pageviews?)(?![a-z])",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"[\d.,\s]{1,16}[万萬kKwW]?\+?\s{0,2}(?:次|人)?\Z")


def read_named(line: Line, header: Header, now: datetime) -> None:
    """Completes *header* from the names of the elements of *line*."""
    if len(line.text) > 200:
        return
    if header.views is None and not header.views_stated and _DIGIT.search(line.text):
        _views(line, header)
    if not (header.source_labelled or header.source_stated):  # a name read out of the whole line may run too far
        _source(line, header, now)


def _source(line: Line, header: Header, now: datetime) -> None:
    for text, holder, link in line.pieces:
        element = holder if link is None else link
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if not _SOURCE.search(name) or _NOT_SOURCE.search(name):
            continue
        value = tidy(text)
        if (
            2 <= len(value) <= 30
            and not first_moment(value, now)
            and not re.search(r"[:：]", value)
            and not is_label(value)
            and not _NO_NAME.search(value)
            and (found := stated_name(value))
        ):
            header.source = found
            return


def _views(line: Line, header: Header) -> None:
    for text, element, link in line.pieces:
        value = tidy(text)
        if not value[:1].isdigit() or not _DIGITS.match(value):
            continue
        if _counts_views(element if link is None else link, text) and (count := parse_count(value)) is not None:
            header.views, header.views_raw, header.views_labelled = count, value, True
            return


def _counts_views(element: Any, text: str) -> bool:
    """Whether the element, or the icon directly before *text* in it, is named after views."""
    if _VIEWS.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
        return True
    before = next((child for child in element if child.tail == text), None)
    if before is None:
        before = element.getprevious()
        if before is None or (before.tail or "").strip():
            return False
    return not "".join(before.itertext()).strip() and bool(_VIEWS.search(before.get("class") or ""))
