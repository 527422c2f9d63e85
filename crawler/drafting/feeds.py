"""The addresses that the feeds and sitemaps of a site name."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from typing import Any

import feedparser
from lxml import etree

from crawler.drafting.document import Document
from crawler.values import json_feed, urls
from crawler.values.coding import CodingError, decode

_LOC = etree.XPath("//*[local-name()='loc']/text()")


def feed_entries(document: Document) -> list[str]:
    """The addresses that a feed names."""
    return [url for url, _ in dated_entries(document)]


def dated_entries(document: Document) -> list[tuple[str, datetime | None]]:
    """The addresses that a feed names, each with when it was published, or else changed."""
    if json_feed.is_json_feed(document.body):
        try:
            named = list(json_feed.entries(document.body))
        except ValueError:
            return []
    else:
        parsed = feedparser.parse(document.body, response_headers={"content-location": document.url})
        named = [
            (entry.get("link") or "", _utc(entry.get("published_parsed") or entry.get("updated_parsed")))
            for entry in parsed.entries
        ]
    return [(url, moment) for place, moment in named if (url := urls.clean(place, document.url))]


def sitemap_entries(document: Document) -> list[str]:
    """The addresses that a sitemap, or an index of them, names."""
    try:
        body = decode(document.body, "gzip") if document.body[:2] == b"\x1f\x8b" else document.body
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    except (etree.XMLSyntaxError, CodingError):
        return []
    located: list[str] = _LOC(root) if root is not None else []  # type: ignore[assignment] # a path of text nodes
    return [url for entry in located if (url := urls.clean(str(entry)))]


def _utc(stated: Any) -> datetime | None:
    """feedparser's struct_time."""
    try:
        return datetime.fromtimestamp(calendar.timegm(stated), UTC) if stated else None
    except (ValueError, OverflowError, OSError):
        return None
