"""The download handler: Scrapy's own, with the throttle of the site, and with the transferred bytes kept."""

from __future__ import annotations

import logging

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, ResponseDataLossError
from scrapy.http import Response

from crawler.crawl.downloader.address_guard import PrivateAddressError
from crawler.crawl.downloader.proxy import ProxyError, proxy_of
from crawler.crawl.downloader.wire import Wire, current_wire
from crawler.crawl.request import put_wire, takes_cut
from crawler.crawl.run import run_of
from crawler.values.coding import is_cut

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
        self._strict = crawler.settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")
        self._maxsize = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._proxy = proxy_of(crawler.settings, self._run.portal.name)
        self._said = False
        self._tapped = _tap(self)
        if not self._tapped:
            logger.warning("this version of Scrapy hides the bytes of its connections: WARC heads are reconstructed")

    async def download_request(self, request: Request) -> Response:
        return await self._run.throttle.send(request, self._run.budget, lambda: self._recorded(request))

    def _checked(self, response: Response, request: Request) -> Response:
        """*response*, where it is all that the server meant to send. Raises ResponseDataLossError.

        Scrapy trusts Content-Length alone, and takes what is left of a compressed body for the whole.
        """
        if self._proxy is not None and response.status == 407:  # its own answer, not the site's
            put_wire(request, None)
            error = ProxyError(f"the proxy {self._proxy.place} wants another name or password (407)")
            self._say(error)
            raise error
        coding = (response.headers.get("Content-Encoding") or b"").decode("latin-1")
        cut = is_cut(response.body, coding, short="dataloss" in response.flags)
        if cut and self._strict and not takes_cut(request) and request.method != "HEAD":
            raise ResponseDataLossError(f"{request.url}: {len(response.body)} bytes received, incomplete")
        return response

    def _say(self, error: ProxyError) -> None:
        """Names a proxy that does not work, once: what follows of it is counted as "proxy"."""
        if not self._said:
            self._said = True
            logger.error("%s: %s", self._run.portal.name, error)

    async def _recorded(self, request: Request) -> Response:
        put_wire(request, None)
        request.meta["download_fail_on_dataloss"] = False  # judged below
        if not self._tapped:
            return self._checked(await super().download_request(request), request)
        maxsize = request.meta.get("download_maxsize", self._maxsize)
        wire = Wire(2 * maxsize + FRAMING if maxsize else 0, proxied=self._proxy is not None)
        put_wire(request, wire)
        token = current_wire.set(wire)
        try:
            return self._checked(await super().download_request(request), request)
        except CannotResolveHostError as error:
            if wire.inside is None:
                raise
            raise PrivateAddressError(f"{request.url} leads to {wire.inside}") from error
        except Exception as error:  # raised again, but for what is the proxy's fault
            if self._proxy is None or (found := self._proxy.error(error, began=wire.started_at is not None)) is None:
                raise
            self._say(found)
            raise found from error
        finally:
            current_wire.reset(token)


def _tap(handler: HTTP11DownloadHandler) -> bool:
    try:
        from crawler.crawl.downloader.recorder import tap  # noqa: PLC0415 - needs the reactor, and names that may be gone
    except ImportError:
        return False
    return tap(handler)
