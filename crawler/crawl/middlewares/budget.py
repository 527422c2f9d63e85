"""The limits of a run for one portal: requests, minutes, quiet hours. The rest is left for the next run."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.crawl.run import PortalRun, run_of
from crawler.crawl.skipped import defer


class BudgetMiddleware:
    """Turns back at once what the throttle would not let out any more."""

    def __init__(self, run: PortalRun) -> None:
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(run_of(crawler))

    def process_request(self, request: Request) -> None:
        reason = self._run.throttle.against(request, self._run.budget)
        if reason is not None:
            raise defer(self._run.stats, reason, request)
        request.meta["download_slot"] = self._run.portal.name  # one wide slot: the throttle keeps the pace
