"""The download handler: Scrapy's own, each request in the turn that the gate of its site gives it."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.archive import of_settings
from crawler.middlewares.gates import gate_of


class PoliteDownloadHandler(HTTP11DownloadHandler):
    """Keeps delay, concurrency, pauses and hours over http and https together; notes ``request.meta["started_at"]``.

    Scrapy's own slots are left open: they count a request as under way only once its task runs (43 of them where 8 were
    allowed), know no pause, and hand out what waits in the order of its coming.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._gate = gate_of(crawler)
        self._tally = of_settings(crawler.settings).tallies[crawler.spidercls.name]

    async def download_request(self, request: Request) -> Response:
        download = super().download_request
        return await self._gate.send(request, self._tally, lambda: download(request))
