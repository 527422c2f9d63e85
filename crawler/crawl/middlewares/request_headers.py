"""Headers, User-Agent suffix and proxy that the operator and a definition add to requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.crawl.downloader.proxy import Proxy, proxy_of
from crawler.crawl.run import run_of
from crawler.portals import Portal


class RequestHeadersMiddleware:
    """Sets them on every request of the portal; headers only on those to its own hosts.

    A redirect takes the headers of its request along: one that leaves the portal loses them here.
    """

    def __init__(self, portal: Portal, agent: str, proxy: Proxy | None) -> None:
        self._portal, self._proxy = portal, proxy
        self._headers: Mapping[str, str] = portal.request.headers
        suffix = portal.request.user_agent_suffix
        self._agent = f"{agent} {suffix}" if suffix else agent
        self._own = {"User-Agent", *self._headers, *(name for rows in portal.discover.api for name in rows.headers)}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        portal = run_of(crawler).portal
        return cls(portal, str(crawler.settings["USER_AGENT"]), proxy_of(crawler.settings, portal.name))

    def process_request(self, request: Request) -> None:
        if self._proxy is not None:
            self._proxy.put(request)
        if self._portal.owns(request.url):
            for name, value in self._headers.items():
                request.headers.setdefault(name, value)
            request.headers["User-Agent"] = self._agent
        elif request.meta.get("redirect_times"):
            for name in self._own:  # Scrapy's middlewares set the defaults
                request.headers.pop(name, None)
