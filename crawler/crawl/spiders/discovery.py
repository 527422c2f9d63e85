"""Addresses out of list pages, feeds and sitemaps. Pure functions of what was fetched."""

from __future__ import annotations

import calendar
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import feedparser
from lxml import etree
from scrapy.http import Response, TextResponse
from scrapy.utils.response import get_base_url
from scrapy.utils.sitemap import Sitemap

from crawler.values import urls
from crawler.values.coding import CodingError, decode, is_cut

MOST_ENTRIES = 5000  #: of a feed; nested ones take feedparser 0.1 ms each
_GZIP = b"\x1f\x8b"
_LINKS = "//a/@href | //area/@href | //link[@rel='next']/@href"


@dataclass(frozen=True, slots=True)
class Found:
    """An address, and when its document was published or changed, where that is stated."""

    url: str
    dated: datetime | None = None


class _Sitemap(Sitemap):
    """Knows news sitemaps too, whose entries may be dated by nothing but <news:publication_date>.

    Uses a hook that Scrapy keeps to itself; tests/crawl/test_guards.py notices when it changes.
    """

    def _process_sitemap_element(self, elem: Any) -> dict[str, Any] | None:
        dated = next((each.text for each in elem.iter("{*}publication_date")), None)  # gone once Scrapy has looked
        entry = super()._process_sitemap_element(elem)
        return {**entry, "publication_date": dated} if entry else entry


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
        if url:
            yield Found(url, _latest(_utc(entry.get("updated_parsed")), _utc(entry.get("published_parsed"))))


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
        if is_cut(response.body, "gzip", short=False):
            raise ValueError("a sitemap that is cut off")
    try:
        parsed = _Sitemap(body)
        entries = [
            Found(url, _latest(_date(each.get("lastmod")), _date(each.get("publication_date"))))
            for each in parsed
            if (url := _loc(each, response.url))
        ]
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise ValueError(f"not a sitemap: {error}") from error
    return ([], entries) if parsed.type == "sitemapindex" else (entries, [])


def _loc(entry: dict[str, str], base: str) -> str | None:
    return urls.clean(entry.get("loc") or "", base)


def _latest(*moments: datetime | None) -> datetime | None:
    """When a document was published or changed, whichever came last."""
    return max((each for each in moments if each is not None), default=None)


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
