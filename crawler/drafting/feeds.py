"""The addresses that the feeds and sitemaps of a site name."""

from __future__ import annotations

import feedparser
from lxml import etree

from crawler.drafting.document import Document
from crawler.values import urls
from crawler.values.coding import CodingError, decode

_LOC = etree.XPath("//*[local-name()='loc']/text()")


def feed_entries(document: Document) -> list[str]:
    """The addresses that a feed names."""
    parsed = feedparser.parse(document.body)
    return [url for entry in parsed.entries if (url := urls.clean(entry.get("link") or "", document.url))]


def sitemap_entries(document: Document) -> list[str]:
    """The addresses that a sitemap, or an index of them, names."""
    try:
        body = decode(document.body, "gzip") if document.body[:2] == b"\x1f\x8b" else document.body
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    except (etree.XMLSyntaxError, CodingError):
        return []
    located: list[str] = _LOC(root) if root is not None else []  # type: ignore[assignment] # a path of text nodes
    return [url for entry in located if (url := urls.clean(str(entry)))]
