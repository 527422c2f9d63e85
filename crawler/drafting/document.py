"""What a fetched page is: an article, a list of articles, something else; and what it links to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crawler.article import Capture, Refusal
from crawler.assembly import charset_of
from crawler.extraction import Fields, Page, extract
from crawler.extraction.page import tree
from crawler.extraction.page.lines import Line
from crawler.extraction.text.reading import reading_of
from crawler.portals import Portal
from crawler.values import listing, urls
from crawler.values.coding import CodingError, decode
from crawler.values.json_feed import is_json_feed
from crawler.values.text import line, squash

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_FEED_NAME = re.compile(r"(?:^|[/._-])(?:rss|feed|atom)(?:[/._-]|\d|$)|\.(?:rss|atom)$", re.IGNORECASE)
_XML_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)\b")
_XML_SITEMAP = re.compile(rb"<(?:urlset|sitemapindex)\b")
_HEADLINE = 20  #: units of a line that may be the headline of a teaser
_SHORTEST = 60  #: characters of an article's text


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link as a page shows it."""

    url: str
    text: str


class Document:
    """One answer, looked at for what it is."""

    def __init__(
        self, asked: str, capture: Capture, portal: Portal | None = None, drop: Collection[str] = ()
    ) -> None:  # fmt: skip
        self.asked, self.capture = asked, capture
        self.drop = drop  #: parameters that name no page: removed from every address
        self.url = urls.bare(urls.clean(capture.url) or capture.url, drop)[0]
        self.portal = portal

    @cached_property
    def body(self) -> bytes:
        """The body without its content coding; empty where that cannot be undone."""
        try:
            return decode(self.capture.payload, self.capture.header("content-encoding"))
        except CodingError:
            return b""

    @property
    def usable(self) -> bool:
        return self.capture.status == 200 and bool(self.body)

    @property
    def is_feed(self) -> bool:
        return bool(_XML_FEED.search(self.body[:2000])) or is_json_feed(self.body)

    @property
    def is_sitemap(self) -> bool:
        return bool(_XML_SITEMAP.search(self.body[:2000])) or self.body[:2] == b"\x1f\x8b"

    @cached_property
    def page(self) -> Page:
        charset = charset_of(self.capture.header("content-type"))
        at = self.capture.fetched_at
        return Page(self.body, url=self.url, fetched_at=at, charset=charset, portal=self.portal)

    @cached_property
    def fields(self) -> Fields | Refusal:
        """What generic extraction reads on it."""
        return extract([self.page])

    @cached_property
    def anchors(self) -> list[PageLink]:
        """Its links to pages, each address once, with the longest text that it is shown with."""
        found: dict[str, str] = {}
        for element in self._links:
            if full := self.page.resolve(element.get("href")):
                url = urls.bare(full, self.drop)[0]
                shown = line("".join(element.itertext())) or line(element.get("title") or "")
                found[url] = max(found.get(url, ""), shown, key=len)
        return [PageLink(url, text) for url, text in found.items()]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often it links to each address."""
        return Counter(urls.bare(url, self.drop)[0] for url in self.hrefs)

    @cached_property
    def hrefs(self) -> list[str]:
        """The addresses that it links to as it has them, with every parameter."""
        found = (self.page.resolve(element.get("href")) for element in self._links)
        return [url for url in found if url]

    @cached_property
    def _links(self) -> list[Any]:
        """Its <a> elements, those of records that a script would show (CDATA) among them."""
        more = tree.parse(listing.records(self.page.text).encode("utf-8", "replace")).iter("a")
        own = list(self.page.root.iter("a"))
        known = {anchor.get("href") for anchor in own}
        return own + [anchor for anchor in more if anchor.get("href") not in known]

    @cached_property
    def further(self) -> list[str]:
        """Addresses of further pages of the list that a script would link."""
        found = map(self.page.resolve, listing.further(self.page.root, self.page.text))
        return [urls.bare(url, self.drop)[0] for url in found if url]

    def feeds(self) -> Iterator[str]:
        """Addresses of feeds that the page names."""
        for element in self.page.root.iter("link"):
            if (element.get("type") or "").lower() in _FEED_TYPES and (url := self.page.resolve(element.get("href"))):
                yield url
        for anchor in self.anchors:
            if _FEED_NAME.search(anchor.url.partition("://")[2].partition("/")[2]) and len(anchor.text) < 20:
                yield anchor.url

    @cached_property
    def is_article(self) -> bool:
        """Whether it is an article: a headline, a text and a time; not a list with teasers."""
        fields = self.fields
        if not self.usable or isinstance(fields, Refusal):
            return False
        return bool(
            fields.title and fields.published_at and len(squash(fields.body or "")) >= _SHORTEST
            and not self._is_of_teasers
        )  # fmt: skip

    @property
    def _is_of_teasers(self) -> bool:
        """Whether what was taken for a text is a list of teasers: headlines that are links stand between the prose."""
        lines = reading_of(self.page).body.lines
        prose = [line.index for line in lines if line.prose]
        headlines = sum(line.index < prose[-1] and _is_headline(line) for line in lines if prose)
        return headlines >= 3 and headlines * 2.5 >= len(prose)


def _is_headline(line: Line) -> bool:
    """Whether a line is little more than a link as long as a headline."""
    return line.linked > 0.4 and line.units * line.linked >= _HEADLINE
