"""The download handler: Scrapy's own, with the moment at which each request goes out."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response


class TimingDownloadHandler(HTTP11DownloadHandler):
    """Notes in ``request.meta["started_at"]`` when the request left the queue of its slot: the WARC-Date."""

    lazy = True

    async def download_request(self, request: Request) -> Response:
        request.meta["started_at"] = datetime.now(UTC)
        return await super().download_request(request)
