"""Lists that are served as data: the requests, page after page, and the URLs in the responses. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import quote

import orjson
from lxml import html
from lxml.etree import ParserError

from crawler.portals.sections import Api
from crawler.values import listing, stamps, urls
from crawler.values.listing import Found
from crawler.values.start_tags import bounded

#: callback({...}); as a script asks for it.
_JSONP = re.compile(r"\s*[\w$.]{1,100}\s*\((.*)\)\s*;?\s*", re.DOTALL)
#: Of XML, which lxml does not take in decoded text.
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,200}\?>")
_FIELD = re.compile(r"\{([\w.]{1,100})\}")


@dataclass(frozen=True, slots=True)
class ApiStep:
    """One request of a list: the page's number, and the cursor from the previous response."""

    api: Api
    page: int
    cursor: str = ""

    @property
    def name(self) -> str:
        """Everything that is sent: it identifies the request."""
        return f"{self.api.method} {self.url()} {self.body()} {self.headers()}"

    def url(self) -> str:
        return self._filled(self.api.url, quote(self.cursor, safe=""))

    def headers(self) -> dict[str, str]:
        plain = "".join(filter(str.isprintable, self.cursor))
        return {name: self._filled(value, plain) for name, value in self.api.headers.items()}

    def body(self) -> str:
        """What is sent: the cursor goes into JSON as a string's inside, into a form percent-encoded."""
        as_json = self.api.body.lstrip().startswith(("{", "["))
        escaped = orjson.dumps(self.cursor).decode()[1:-1] if as_json else quote(self.cursor, safe="")
        return self._filled(self.api.body, escaped)

    def _filled(self, template: str, cursor: str) -> str:
        size = self.api.per_page or 0
        first = (self.page - self.api.first_page) * size + 1
        places = {"{page}": self.page, "{first}": first, "{last}": first + size - 1, "{cursor}": cursor}
        for place, value in places.items():
            template = template.replace(place, str(value))
        return template

    @property
    def has_pages(self) -> bool:
        """Whether there may be another page."""
        asked = f"{self.api.url} {self.api.body}"
        return "{page}" in asked or "{first}" in asked or self.api.cursor is not None


class AnswerError(ValueError):
    """The response does not have the format that the definition says."""


def read(text: str, url: str, step: ApiStep, zone: tzinfo, now: datetime) -> tuple[list[Found], ApiStep | None]:
    """The URLs in the response *text* from *url*, and the next step, None if there is none.

    *zone* is that of times without an offset, *now* the time of the answer. Raises AnswerError.
    """
    api = step.api
    data = None if api.items is None and api.html is None and api.cursor is None else _json(text)
    if api.items is not None:
        found = list(_rows(data, url, api, zone, now))
    else:
        found = list(_links(text if api.html is None else _text(at(data, api.html)), url))
    if not found or not step.has_pages:
        return found, None
    if api.cursor is None:
        return found, ApiStep(api, step.page + 1)
    cursor = _text(at(data, api.cursor))
    return found, ApiStep(api, step.page + 1, cursor) if cursor and cursor != step.cursor else None


def at(data: Any, path: str) -> Any:
    """The value in *data* at the dotted *path*, with list indexes; None if there is none. "" is *data*."""
    for part in filter(None, path.split(".")):
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data


def _json(text: str) -> Any:
    match = _JSONP.fullmatch(text)
    try:
        return orjson.loads(match[1] if match else text)
    except orjson.JSONDecodeError as error:
        raise AnswerError(f"not JSON: {error}") from error


def _rows(data: Any, base: str, api: Api, zone: tzinfo, now: datetime) -> Iterator[Found]:
    rows = at(data, api.items or "")
    if not isinstance(rows, list):
        raise AnswerError(f"no list of rows at {api.items!r}")
    for row in rows:
        parts = _FIELD.split(api.link)  # text and names of fields take turns
        parts[1::2] = [_text(at(row, name)) for name in parts[1::2]]
        if url := urls.clean("".join(parts), base):
            yield Found(url, moment(at(row, api.dated), zone, now) if api.dated else None)


def _links(text: str, base: str) -> Iterator[Found]:
    try:
        piece = listing.opened(_DECLARATION.sub("", text))
        tree = html.fromstring(bounded(piece.encode("utf-8", "replace")).decode())
    except (ParserError, ValueError):
        return  # empty: the list has ended
    seen: set[str] = set()
    for link in tree.iter("a"):
        url = urls.clean(link.get("href", ""), base)
        if url and url not in seen:
            seen.add(url)
            yield Found(url)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def moment(value: Any, zone: tzinfo, now: datetime) -> datetime | None:
    """A row's time: a date in any form, or seconds or milliseconds since 1970."""
    found = stamps.read_stamp(str(int(value)) if isinstance(value, float) else _text(value), now)
    return found.at(zone).astimezone(UTC) if found else None
