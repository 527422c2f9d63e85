"""The frontier as a spider middleware: every request of the spider passes it before it is scheduled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response

from crawler.archive.storage.errors import StorageError
from crawler.crawl.request import discovery_kind
from crawler.crawl.run import PortalRun, run_of


class FrontierMiddleware:
    """Drops what is known and not due, what a server can make without end, and pages behind what is known."""

    def __init__(self, run: PortalRun, crawler: Crawler) -> None:
        self._frontier, self._outages, self._stats, self._crawler = run.frontier, run.outages, run.stats, crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(run_of(crawler), crawler)
        crawler.signals.connect(middleware.idle, signals.spider_idle)
        return middleware

    def idle(self) -> None:
        """Everything has been answered: what waited for that goes out, if the run may still ask."""
        if requests := self._frontier.held_back():
            assert self._crawler.engine is not None
            for request in requests:
                self._crawler.engine.crawl(request)
            raise DontCloseSpider

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        try:
            async for item in start:
                if not isinstance(item, Request) or self._frontier.passes(item):
                    yield item
        except StorageError:  # the archive knows of that itself, and stops the crawl
            return
        except Exception:
            self._stats.failures["internal-error"] += 1  # Scrapy only logs it
            raise

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        page = self._frontier.page()
        async for item in result:
            if not isinstance(item, Request):
                yield item
            elif self._frontier.trapped(item):
                continue
            elif not page.wants(item):
                self._frontier.pages.skipped(item)
            elif self._frontier.passes(item, page):
                yield item

    def process_spider_input(self, response: Response) -> None:
        if response.request is not None and discovery_kind(response.request):
            self._frontier.pages.answered(response.request, response.status)
            self._outages.listed(response.status)
