"""Script data of a page about the article: the object that has its headline as title."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from crawler.extraction.page.document import Page

_JSON = json.JSONDecoder(strict=False)
#: How an object begins; what else has a brace is code, and the decoder counts all lines before it to say so.
_OBJECT = re.compile(r"\{\s*\"")
_KEYS = "views viewcount viewscount viewnum viewsnum readcount readnum hits clicks clickcount pageviews visitcount"
_VIEW_KEYS = frozenset(_KEYS.split())
_NEAR = 4000  #: characters before a headline in which the object begins that has it as its title
_MOST_PLACES = 4
_DEEPEST = 3


def views_in_script(page: Page, title: str | None) -> int | None:
    """The view count that the page's own data hold in the object that has its headline as title.

    None where none does, or they hold several.
    """
    if not title:
        return None
    counts = {
        count
        for quoted in {json.dumps(title, ensure_ascii=False), json.dumps(title)}  # the letters as such, and escaped
        if quoted.encode(page.encoding, "replace") in page.raw  # many times as fast as looking through the text
        for place in _places(page.text, quoted)
        for count in _counts_at(page.text, place, title)
    }
    return counts.pop() if len(counts) == 1 else None


def _places(text: str, quoted: str) -> Iterator[int]:
    place, places = text.find(quoted), 0
    while place >= 0 and places < _MOST_PLACES:
        yield place
        place, places = text.find(quoted, place + 1), places + 1


def _counts_at(text: str, place: int, title: str) -> set[int]:
    """The counts of the smallest object around *place* that is JSON and has *title* as a value."""
    begin = text.rfind("{", max(0, place - _NEAR), place)
    while begin >= 0:
        data, end = _object(text, begin) if _OBJECT.match(text, begin) else (None, 0)
        if end > place and isinstance(data, dict):
            return set(_view_counts(data, 0)) if title in data.values() else set()
        begin = text.rfind("{", max(0, place - _NEAR), begin)
    return set()


def _object(text: str, begin: int) -> tuple[Any, int]:
    """The object that begins at *begin*, and where it ends; (None, 0) where it is no JSON."""
    try:
        return _JSON.raw_decode(text, begin)
    except (ValueError, RecursionError):
        return None, 0


def _view_counts(data: dict[str, Any], depth: int) -> Iterator[int]:
    for key, value in data.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _view_counts(value, depth + 1)
        elif key.replace("_", "").lower() in _VIEW_KEYS and (count := _whole(value)):
            yield count


def _whole(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 11:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**11 else None
