"""JSON Feed (https://www.jsonfeed.org/version/1.1/): the addresses that it names, with their dates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

_VERSION = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\b')
_DATES = ("date_modified", "date_published")


def is_json_feed(body: bytes) -> bool:
    """Whether *body* says that it is a JSON Feed."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and bool(_VERSION.search(body.decode("utf-8", "replace")))


def entries(body: bytes) -> Iterator[tuple[str, datetime | None]]:
    """(address as written, when the item was published or changed, whichever is later) of each item with an address.

    Raises ValueError for what is no JSON.
    """
    feed: Any = json.loads(body.decode("utf-8-sig", "replace"))
    items = feed.get("items") if isinstance(feed, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("url"), str):
            moments = [moment for name in _DATES if (moment := _moment(item.get(name))) is not None]
            yield item["url"], max(moments, default=None)


def _moment(stated: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(stated) if isinstance(stated, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
