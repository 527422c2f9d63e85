"""Limits requests for page requisites to the hosts that the definition names, on every hop."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.crawl.request import REQUISITES, kind_of
from crawler.crawl.run import PortalRun, run_of
from crawler.crawl.skipped import skip

_ACCEPT = {"image": b"image/*,*/*;q=0.5", "style": b"text/css,*/*;q=0.1", "attachment": b"*/*"}


class RequisiteMiddleware:
    """Before the guards; what they and the throttle say holds for requisites as for all else."""

    def __init__(self, run: PortalRun) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = run_of(crawler)
        if not run.portal.requisites.wanted:
            raise NotConfigured
        return cls(run)

    def process_request(self, request: Request) -> None:
        kind = kind_of(request)
        if kind not in REQUISITES:
            return
        if not self._run.portal.lends(request.url):
            raise skip(self._run.stats, "other-host", request)
        request.headers["Accept"] = _ACCEPT[kind]
        request.meta["download_maxsize"] = self._run.portal.requisites.most
