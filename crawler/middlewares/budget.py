"""A run's bounds for one portal: so many requests, so many minutes, not in quiet hours. The rest goes on next time."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.archive import of_settings
from crawler.archive.tally import Tally
from crawler.middlewares.gate import Gate
from crawler.middlewares.gates import gate_of
from crawler.middlewares.refused import leave


class BudgetMiddleware:
    """No request beyond max_requests, nor one that the gate would not let out any more."""

    def __init__(self, crawler: Crawler, tally: Tally, gate: Gate) -> None:
        self._portal = crawler.spidercls.portal  # type: ignore[attr-defined] # a PortalSpider
        self._tally, self._gate = tally, gate
        self._left = self._portal.politeness.max_requests

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, of_settings(crawler.settings).tallies[crawler.spidercls.name], gate_of(crawler))

    def process_request(self, request: Request) -> None:
        reason = self._gate.shut() if request.meta.get("kind") not in {"next", "counter"} else None
        if reason is not None:
            raise leave(self._tally, reason, request)
        if self._left <= 0:
            raise leave(self._tally, "max_requests", request)
        self._left -= 1
        request.meta["download_slot"] = self._portal.name  # one wide slot: the gate keeps the pace
