"""Addresses out of list pages, feeds and sitemaps. Pure functions of what was fetched."""

from __future__ import annotations

import calendar
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import feedparser
from lxml import etree
from scrapy.http import Response, TextResponse
from scrapy.utils.response import get_base_url
from scrapy.utils.sitemap import Sitemap

from crawler.values import urls
from crawler.values.coding import CodingError, decode

MOST_ENTRIES = 5000  #: of a feed; nested ones take feedparser 0.1 ms each
_GZIP = b"\x1f\x8b"
_LINKS = "//a/@href | //area/@href | //link[@rel='next']/@href"


@dataclass(frozen=True, slots=True)
class Found:
    """An address, and when its document was published or changed, where that is told."""

    url: str
    dated: datetime | None = None


def links(response: Response) -> Iterator[Found]:
    """The http(s) addresses that a list page links to, cleaned, each once, in order."""
    if not isinstance(response, TextResponse):
        return
    base = get_base_url(response)
    seen: set[str] = set()
    for href in response.xpath(_LINKS).getall():
        url = urls.clean(href, base)
        if url and url not in seen:
            seen.add(url)
            yield Found(url)


def feed(response: Response) -> Iterator[Found]:
    """The entries of an RSS or Atom feed. Raises ValueError for one that would take long to read."""
    if response.body.count(b"<item") + response.body.count(b"<entry") > MOST_ENTRIES:
        raise ValueError(f"not a feed: more than {MOST_ENTRIES} entries")
    parsed = feedparser.parse(io.BytesIO(response.body), response_headers={"content-location": response.url})
    for entry in parsed.entries:
        url = urls.clean(entry.get("link") or "", response.url)
        moment = entry.get("updated_parsed") or entry.get("published_parsed")
        if url:
            yield Found(url, _utc(moment) if moment else None)


def sitemap(response: Response) -> tuple[list[Found], list[Found]]:
    """(addresses of documents, addresses of further sitemaps) of a sitemap or sitemap index, gzipped or not.

    Raises ValueError for what is no sitemap.
    """
    body = response.body
    if body.startswith(_GZIP):
        try:
            body = decode(body, "gzip")
        except CodingError as error:
            raise ValueError(f"not a sitemap: {error}") from error
    try:
        parsed = Sitemap(body)
        entries = [Found(url, _date(each.get("lastmod"))) for each in parsed if (url := _loc(each, response.url))]
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise ValueError(f"not a sitemap: {error}") from error
    return ([], entries) if parsed.type == "sitemapindex" else (entries, [])


def _loc(entry: dict[str, str], base: str) -> str | None:
    return urls.clean(entry.get("loc") or "", base)


def _date(text: str | None) -> datetime | None:
    """A W3C date; one without a zone is taken as UTC, since it only bounds what is asked for."""
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _utc(parsed: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)  # type: ignore[arg-type] # feedparser's struct_time
    except (ValueError, OverflowError, OSError, TypeError):
        return None
