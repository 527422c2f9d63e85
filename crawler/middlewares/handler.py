"""The download handler: Scrapy's own, never more at once than allowed, and the moment each request goes out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

_turns: WeakKeyDictionary[Crawler, asyncio.Semaphore] = WeakKeyDictionary()


class PoliteDownloadHandler(HTTP11DownloadHandler):
    """Keeps CONCURRENT_REQUESTS_PER_DOMAIN, over http and https together, and notes ``request.meta["started_at"]``.

    Scrapy 2.19 counts a request as under way only once its task runs: without a delay, all that are queued in one turn
    of the loop start at once, 43 of them where 8 were allowed.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        allowed = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._turn = _turns.setdefault(crawler, asyncio.Semaphore(allowed))

    async def download_request(self, request: Request) -> Response:
        async with self._turn:
            request.meta["started_at"] = datetime.now(UTC)
            return await super().download_request(request)
