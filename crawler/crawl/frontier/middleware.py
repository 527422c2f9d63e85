"""The ledger lets through only what is new or due, and brings back what is due and was not found again.

It reads the archive's index, never a file of its own: after a crash, or a reindex, it knows exactly what is archived.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.archive.index.index import Address
from crawler.archive.write.shared import of_settings
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import parse_moment
from crawler.crawl.frontier.depth import DiscoveryDepth
from crawler.crawl.frontier.schedule import MAX_FAILURES, Priority, due, turn
from crawler.crawl.frontier.skipped import DISCOVERY
from crawler.portals import Portal
from crawler.values.traps import trap
from crawler.values.urls import article_id

LIMIT, SINCE, ONLY = "CITYNEWS_LIMIT", "CITYNEWS_SINCE", "CITYNEWS_ONLY"


class FrontierMiddleware:
    """A spider middleware: counts what discovery brings, drops what is known and not due, adds what is due."""

    def __init__(self, crawler: Crawler, archive: ArchiveWriter) -> None:
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
        self._depth = DiscoveryDepth(archive, self._portal)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, of_settings(crawler.settings))

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        spider: Any = self._crawler.spider  # a PortalSpider
        again = [address.url for _, address in self._due() if self._admits(address.id, address)]
        async for each in start:
            if self._passes(each):
                yield each
        for url in again:
            yield spider.revisit_request(url)
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

    def _due(self) -> list[tuple[Priority, Address]]:
        """The known addresses that are due, the most valuable first; those that are not are counted as known."""
        found = []
        for address in self._archive.index.addresses(self._portal.name):
            if address.outcome == "failed" and address.failures > MAX_FAILURES:
                continue
            known = self._archive.index.article(address.id)
            when = turn(address, known, self._portal, self._now)
            if when is None:
                self._tally.known.add(address.id)
            else:
                found.append((when, address))
        return sorted(found, key=lambda each: each[0])

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
