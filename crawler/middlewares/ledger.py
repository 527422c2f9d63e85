"""The ledger lets through only what is new or due, and brings back what is due and was not found again.

It reads the archive's index, never a file of its own: after a crash, or a reindex, it knows exactly what is archived.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.archive import Address, Archive, Known, of_settings
from crawler.archive.index import ALIAS, DUPLICATE, REMOVED
from crawler.article import parse_moment
from crawler.middlewares.depth import Depth
from crawler.middlewares.refused import DISCOVERY
from crawler.portals import Portal
from crawler.values.traps import trap
from crawler.values.urls import article_id

LIMIT, SINCE, ONLY = "CITYNEWS_LIMIT", "CITYNEWS_SINCE", "CITYNEWS_ONLY"
#: A refused page is looked at again after these times, then no more.
REFUSED_AGAIN = (timedelta(days=1), timedelta(days=7))
#: An address that keeps failing is asked on its own account this often; after that only where discovery still names it.
MAX_FAILURES = 10


def due(address: Address, known: Known | None, portal: Portal, now: datetime) -> bool:
    """Whether an address that was visited before is to be visited again."""
    last = parse_moment(address.last_at)
    if address.rank in {ALIAS, DUPLICATE, REMOVED}:
        return False
    if address.outcome == "failed":  # of an archived article too: that visit has not been made
        return True
    if known is not None:
        born = parse_moment(known.first_at)
        return any(last < born + age <= now for age in portal.revisit.after)
    waits = REFUSED_AGAIN[address.refusals - 1 : address.refusals]
    return bool(waits) and now >= last + waits[0]


class LedgerMiddleware:
    """A spider middleware: counts what discovery brings, drops what is known and not due, adds what is due."""

    def __init__(self, crawler: Crawler, archive: Archive) -> None:
        self._crawler, self._archive = crawler, archive
        self._portal: Portal = crawler.spidercls.portal  # type: ignore[attr-defined] # a PortalSpider
        self._tally = archive.tallies[self._portal.name]
        self._asked: set[str] = set()
        self._left: set[str] = set()  # left out by --since or --limit, whoever names them again
        self._limit = crawler.settings.getint(LIMIT)
        since = crawler.settings.get(SINCE)
        self._since = parse_moment(since) if since else None
        self._now = datetime.now(UTC)
        self._discovers = not crawler.settings.getlist(ONLY)
        self._depth = Depth(archive, self._portal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, of_settings(crawler.settings))

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        spider: Any = self._crawler.spider  # a PortalSpider
        for address in self._archive.index.addresses(self._portal.name):
            if address.outcome == "failed" and address.failures > MAX_FAILURES:
                continue
            if self._admits(address.id, address):
                yield spider.revisit_request(address.url)
        async for each in start:
            if self._passes(each):
                yield each
        for url, kind in self._depth.left() if self._discovers else ():
            for each in spider.left_requests(url, kind):
                if self._passes(each):
                    yield each

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        page = self._depth.page()
        async for each in result:
            if isinstance(each, Request) and self._trapped(each):
                continue
            if isinstance(each, Request) and not page.wants(each):
                self._tally.discovery["skipped"] += 1
                spider: Any = self._crawler.spider
                spider.forget(each)
            elif self._passes(each):
                yield each

    def process_spider_input(self, response: Response) -> None:
        if response.meta.get("kind") in {"list", "feed", "sitemap"}:
            self._tally.discovery["answered" if response.status == 200 else "failed"] += 1
            self._tally.discovery["unanswered"] += response.status >= 500 or response.status in {408, 425, 429}

    def _trapped(self, request: Request) -> bool:
        """Whether *request*, found on a page, is one of those that a server can make without end; counted by kind."""
        kind = request.meta.get("kind")
        caught = trap(request.url, self._now) if kind in {"article", *DISCOVERY} else None
        if caught is None:
            return False
        self._tally.limits[f"trap-{caught}"] += 1
        if kind in DISCOVERY:
            spider: Any = self._crawler.spider
            spider.forget(request)
        return True

    def _passes(self, item: Any) -> bool:
        if not isinstance(item, Request):
            return True
        kind = item.meta.get("kind")
        if kind in {"list", "feed", "sitemap"}:
            self._tally.discovery["asked"] += 1
        if kind != "article":
            return True
        ident = article_id(item.url)
        self._tally.seen.add(ident)
        return self._admits(ident, self._archive.index.address(ident), item.meta.get("dated"))

    def _admits(self, ident: str, address: Address | None, dated: datetime | None = None) -> bool:
        if ident in self._asked:
            return False
        known = self._archive.index.article(ident) if address else None
        if address is not None and not due(address, known, self._portal, self._now):
            self._tally.known.add(ident)
            return False
        if ident in self._left or self._leaves(ident, dated):
            return False
        self._asked.add(ident)
        self._tally.asked += 1
        return True

    def _leaves(self, ident: str, dated: datetime | None) -> bool:
        """Whether the operator's --since or --limit leaves an address out; counted once an address."""
        if self._since and dated and dated < self._since:
            self._tally.drops["before-since"] += 1
        elif self._limit and self._tally.asked >= self._limit:
            self._tally.limits["limit"] += 1
        else:
            return False
        self._left.add(ident)
        return True
