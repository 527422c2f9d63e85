"""Extracts URLs from list pages, feeds and sitemaps. Pure functions of the response."""

from __future__ import annotations

import calendar
import codecs
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from itertools import chain, islice
from typing import Any

import feedparser
from lxml import etree
from scrapy import Selector
from scrapy.http import Response, TextResponse
from scrapy.utils.sitemap import Sitemap

from crawler.values import json_feed, listing, urls
from crawler.values.coding import CodingError, decode, has_html_end
from crawler.values.listing import Found
from crawler.values.start_tags import bounded

MOST_ENTRIES = 5000  #: of a feed; nested ones take feedparser 0.1 ms each
_DECLARED = re.compile(r"(?<=<\?xml)[^<>]*(?=\?>)")  # version and encoding of an XML document
_GZIP = b"\x1f\x8b"
_END = re.compile(rb"</(?:[\w.-]{1,20}:)?(?:rss|feed|RDF|urlset|sitemapindex)\s*>", re.IGNORECASE)
_SITEMAP_TYPES = frozenset({"urlset", "sitemapindex"})
MOST_WAIT = 5.0  #: seconds after which a page that sends its readers on is one that is read first
_REFRESH = re.compile(r"(\d{1,4}(?:\.\d+)?)?\s*[;,]?\s*url\s*=\s*(.+)", re.IGNORECASE)
#: What may be an address in the text of a script: quoted, in brackets, or an attribute's whole value.
_QUOTED = re.compile(r"(?:^|[\"'(=\s])((?:https?:/)?/?[^\"'\s()<>\\]{3,400})(?=[\"')\s<]|$)")
_MARKUP = frozenset({"html", "xml"})  #: types of selectors; JSON is data, which a site may return instead
_LINKS = "//a/@href | //area/@href | //link[@rel='next']/@href"


class _Sitemap(Sitemap):
    """Knows news sitemaps too, whose entries may be dated by nothing but <news:publication_date>.

    Uses a hook that Scrapy keeps to itself; tests/crawl/test_guards.py notices when it changes.
    """

    def _process_sitemap_element(self, elem: Any) -> dict[str, Any] | None:
        dated = next(
            (element.text for element in elem.iter("{*}publication_date")), None
        )  # gone once Scrapy has looked
        entry = super()._process_sitemap_element(elem)
        return {**entry, "publication_date": dated} if entry else entry


class CutError(ValueError):
    """A document without its end; *found*: the addresses that stand before the cut, as the function gives them."""

    def __init__(self, kind: str, found: Any) -> None:
        super().__init__(f"a {kind} that is cut off")
        self.found = found


def links(response: Response, is_article: Callable[[str], bool] = lambda url: False) -> Iterator[Found]:
    """The http(s) URLs on a list page, cleaned and unique: its links, then those that scripts would build.

    These are the further pages of the list (createPageHTML, page-url), and what *is_article* takes for an article among
    the texts of scripts, CDATA sections, text areas, onclick and data-* attributes, or of an answer in JSON.
    """
    if not isinstance(response, TextResponse):
        return
    base, page = base_of(response), tree(response)
    seen: set[str] = set()
    for href in chain(page.xpath(_LINKS).getall(), listing.further(page.root, response.text)):
        url = urls.clean(href, base, response.encoding)
        if url and url not in seen:
            seen.add(url)
            yield Found(url)
    for text in listing.hidden(page.root, response.text) if _selector(response).type in _MARKUP else [response.text]:
        plain = unescape(text).replace("\\/", "/").replace('\\"', '"')
        for quoted in dict.fromkeys(match[1] for match in _QUOTED.finditer(plain)):
            url = urls.clean(quoted, base, response.encoding)
            if url and url not in seen and is_article(url):
                seen.add(url)
                yield Found(url)


def tree(response: TextResponse) -> Selector:
    """The elements of the page; none for data such as JSON, which a site may return instead."""
    selector = _selector(response)
    return selector if selector.type in _MARKUP else Selector(text="", type="html")


def _selector(response: TextResponse) -> Selector:
    """``response.selector``, of a page whose tags are bounded."""
    source = response.text.encode("utf-8", "replace")
    page = bounded(source)
    return response.selector if page == source else Selector(response.replace(body=page, encoding="utf-8"))


def base_of(response: TextResponse) -> str:
    """The base URL of the page: its <base>, wherever that is, otherwise its URL."""
    base = tree(response).xpath("//base/@href").get()
    return urls.clean(base, response.url) or response.url if base else response.url


def refreshed(response: Response) -> str | None:
    """The URL to which a page redirects within 5 seconds, by <meta http-equiv=refresh> outside of noscript."""
    if not isinstance(response, TextResponse):
        return None
    for element in tree(response).xpath("//meta[@http-equiv and @content][not(ancestor::noscript)]"):
        match = _REFRESH.match(element.attrib["content"].strip())
        if element.attrib["http-equiv"].lower() == "refresh" and match and float(match[1] or 0) <= MOST_WAIT:
            return urls.clean(match[2].strip(" '\""), base_of(response), response.encoding)
    return None


def comes_to_its_end(response: Response) -> bool | None:
    """Whether the HTML of a list page does: what a server that breaks off sends may pass for a whole answer.

    None where that cannot be said: it is a piece of HTML, or data.
    """
    if not isinstance(response, TextResponse) or b"<html" not in response.body[:2000].lower():
        return None
    return has_html_end(response.body)


def feed(response: Response) -> list[Found]:
    """The entries of an RSS, Atom or JSON feed.

    Raises ValueError for what is no feed, and for one that would take long to read; CutError for one without its end.
    """
    if json_feed.is_json_feed(response.body):
        dated = islice(json_feed.entries(response.body), MOST_ENTRIES)
        return [Found(url, moment) for place, moment in dated if (url := urls.clean(place, response.url))]
    body = _utf8(response.body)
    if body.count(b"<item") + body.count(b"<entry") > MOST_ENTRIES:
        raise ValueError(f"not a feed: more than {MOST_ENTRIES} entries")
    parsed = feedparser.parse(io.BytesIO(body), response_headers={"content-location": response.url})
    version = parsed.get("version")
    if not version and not parsed.entries:
        raise ValueError("not a feed")
    found = [
        Found(url, _latest(_utc(entry.get("updated_parsed")), _utc(entry.get("published_parsed"))))
        for entry in parsed.entries
        if (url := urls.clean(entry.get("link") or "", response.url))
    ]
    if version and not _END.search(body):
        raise CutError("feed", found)
    return found


def sitemap(response: Response) -> tuple[list[Found], list[Found]]:
    """(addresses of documents, addresses of further sitemaps) of a sitemap or sitemap index, gzipped or not.

    Raises ValueError for what is no sitemap, CutError for one without its end.
    """
    body = response.body
    if body.startswith(_GZIP):
        try:
            body = decode(body, "gzip")
        except CodingError as error:
            raise ValueError(f"not a sitemap: {error}") from error
    try:
        parsed = _Sitemap(body := _utf8(body).lstrip())
        entries = [
            Found(url, _latest(_date(entry.get("lastmod")), _date(entry.get("publication_date"))))
            for entry in parsed
            if (url := _loc(entry, response.url))
        ]
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise ValueError(f"not a sitemap: {error}") from error
    if parsed.type not in _SITEMAP_TYPES:
        raise ValueError(f"not a sitemap: its element is <{parsed.type}>")
    found: tuple[list[Found], list[Found]] = ([], entries) if parsed.type == "sitemapindex" else (entries, [])
    if not _END.search(body):
        raise CutError("sitemap", found)
    return found


def _utf8(body: bytes) -> bytes:
    """*body*, an XML document, in UTF-8 where it is UTF-16: feedparser finds nothing in that."""
    if body[:2] not in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return body
    return _DECLARED.sub("", body.decode("utf-16", "replace"), count=1).encode()


def _loc(entry: dict[str, str], base: str) -> str | None:
    return urls.clean(entry.get("loc") or "", base)


def _latest(*moments: datetime | None) -> datetime | None:
    """The time when a document was published or changed, whichever is later."""
    return max((moment for moment in moments if moment is not None), default=None)


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
