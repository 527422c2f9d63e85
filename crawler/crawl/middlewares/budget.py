"""A run's bounds for one portal: so many requests, so many minutes, not in quiet hours. The rest goes on next time."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.crawl.downloader.throttle import Share, SiteThrottle
from crawler.crawl.downloader.throttles import gate_of, share_of
from crawler.crawl.frontier.skipped import leave


class BudgetMiddleware:
    """Turns back at once what the gate would not let out any more."""

    def __init__(self, portal: str, gate: SiteThrottle, share: Share) -> None:
        self._portal, self._gate, self._share = portal, gate, share

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.spidercls.name, gate_of(crawler), share_of(crawler))

    def process_request(self, request: Request) -> None:
        reason = self._gate.against(request, self._share)
        if reason is not None:
            raise leave(self._share.tally, reason, request)
        request.meta["download_slot"] = self._portal  # one wide slot: the gate keeps the pace
