"""The download handler: Scrapy's own, each request when the throttle of its site lets it, its bytes kept."""

from __future__ import annotations

import logging

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response

from crawler.crawl.downloader.address_guard import PrivateAddressError
from crawler.crawl.downloader.wire import Wire, current_wire
from crawler.crawl.request import put_wire
from crawler.crawl.run import run_of

logger = logging.getLogger(__name__)
#: Bytes that heads and framing may take besides a body of DOWNLOAD_MAXSIZE, which may come in small chunks.
FRAMING = 1 << 20


class PoliteDownloadHandler(HTTP11DownloadHandler):
    """Keeps delay, concurrency, pauses and hours over http and https together; leaves the wire in the request.

    Scrapy's own slots are left open: they count a request as under way only once its task runs (43 of them where 8 were
    allowed), know no pause, and hand out what waits in the order of its coming.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._run = run_of(crawler)
        self._maxsize = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._tapped = _tap(self)
        if not self._tapped:
            logger.warning("this version of Scrapy hides the bytes of its connections: WARC heads are reconstructed")

    async def download_request(self, request: Request) -> Response:
        return await self._run.throttle.send(request, self._run.budget, lambda: self._recorded(request))

    async def _recorded(self, request: Request) -> Response:
        put_wire(request, None)
        if not self._tapped:
            return await super().download_request(request)
        maxsize = request.meta.get("download_maxsize", self._maxsize)
        wire = Wire(2 * maxsize + FRAMING if maxsize else 0)
        put_wire(request, wire)
        token = current_wire.set(wire)
        try:
            return await super().download_request(request)
        except CannotResolveHostError as error:
            if wire.inside is None:
                raise
            raise PrivateAddressError(f"{request.url} leads to {wire.inside}") from error
        finally:
            current_wire.reset(token)


def _tap(handler: HTTP11DownloadHandler) -> bool:
    try:
        from crawler.crawl.downloader.recorder import tap  # noqa: PLC0415 - needs the reactor, and names that may be gone
    except ImportError:
        return False
    return tap(handler)
