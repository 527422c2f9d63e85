"""Renders pages of portals with `render` in a browser, and archives the result with the original response."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import HtmlResponse, Response

from crawler.article import Capture
from crawler.crawl.rendering.browser import Browser, RenderError, ScriptRequest, ScriptResponse
from crawler.crawl.request import capture_of, kind_of, meta_of, put_capture
from crawler.crawl.run import PortalRun, run_of
from crawler.extraction import Page, counter

logger = logging.getLogger(__name__)
SHOWN = frozenset({"list", "article", "next"})  #: kinds of requests whose answers may be shown
KEPT = 64  #: scripts that are kept in memory, so that each is fetched once per run
#: Headers that a script's request keeps; the rest is the crawl's own.
_PASSED = ("accept", "content-type", "x-requested-with", "referer")
#: Headers of an answer that a browser must not see: its body is decoded, and cookies are not kept.
_HIDDEN = frozenset({"content-encoding", "content-length", "transfer-encoding", "set-cookie", "connection"})


class RenderMiddleware:
    """A downloader middleware above decoding and redirects; absent from portals that show themselves without."""

    def __init__(self, crawler: Crawler, run: PortalRun) -> None:
        self._crawler, self._archive, self._portal, self._stats = crawler, run.archive, run.portal, run.stats
        self._browser: Browser | None = None
        self._scripts: OrderedDict[str, ScriptResponse] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = run_of(crawler)
        if run.portal.render is False:
            raise NotConfigured
        middleware = cls(crawler, run)
        crawler.signals.connect(middleware.close, signals.spider_closed)
        return middleware

    async def process_response(self, request: Request, response: Response) -> Response:
        if (
            kind_of(request) not in SHOWN
            or response.status != 200
            or not isinstance(response, HtmlResponse)
            or not self._portal.renders(response.url)
        ):
            return response
        page = capture_of(request)
        html = await self._shown(response, page)
        if html is None:
            return response
        assert self._browser is not None
        put_capture(request, self._archive.rendition(page, html, self._browser.name))
        return HtmlResponse(
            response.url, headers={"Content-Type": "text/html; charset=utf-8"}, body=html, encoding="utf-8",
            request=request, ip_address=response.ip_address, flags=[*response.flags, "rendered"],
        )  # fmt: skip

    async def close(self) -> None:
        """Ends the browser."""
        if self._browser is not None:
            browser, self._browser = self._browser, None
            await browser.__aexit__(None, None, None)

    async def _shown(self, response: HtmlResponse, page: Capture) -> bytes | None:
        """The document that the browser made of *response*; None where it could not, which is counted."""
        if self._browser is None:
            settings = self._crawler.settings
            patience = settings.getfloat("CITYNEWS_RENDER_SECONDS")
            self._browser = await Browser(str(settings["USER_AGENT"]), patience).__aenter__()
        headers = {"content-type": f"text/html; charset={response.encoding}"}
        forbidden = self._rising(response, page)

        async def fetch(asked: ScriptRequest) -> ScriptResponse | None:
            return None if asked.url == forbidden else await self._fetch(asked)

        try:
            return await self._browser.show(response.url, ScriptResponse(200, headers, response.body), fetch)
        except RenderError as error:
            logger.warning("%s: %s", self._portal.name, error)
            self._stats.failures["render"] += 1
            return None

    def _rising(self, response: HtmlResponse, page: Capture) -> str | None:
        """The address of a view counter that rises when it is asked, which the page's own script would ask."""
        asked = counter(Page(response.body, url=response.url, fetched_at=page.fetched_at, portal=self._portal))
        allowed = self._portal.counter is not None and self._portal.counter.ask
        return asked.url if asked is not None and asked.increments and not allowed else None

    async def _fetch(self, asked: ScriptRequest) -> ScriptResponse | None:
        """What the crawl gets for the browser: guarded, paced and archived as all it asks for."""
        if asked.url in self._scripts:
            return self._scripts[asked.url]
        headers = {name: value for name, value in asked.headers.items() if name in _PASSED}
        request = Request(
            asked.url, method=asked.method, headers=headers, body=asked.body, meta=meta_of("render"), dont_filter=True
        )
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - a script that cannot be had is a missing script, whatever the reason
            logger.info("%s: %s: %s", self._portal.name, asked.url, type(error).__name__)
            return None
        answer = ScriptResponse(response.status, _headers(response), response.body)
        if asked.method == "GET" and "javascript" in answer.headers.get("content-type", ""):
            self._scripts[asked.url] = answer
            if len(self._scripts) > KEPT:
                self._scripts.popitem(last=False)
        return answer


def _headers(response: Any) -> dict[str, str]:
    pairs = ((name.decode("latin-1").lower(), response.headers[name].decode("latin-1")) for name in response.headers)
    return {name: value for name, value in pairs if name not in _HIDDEN}
