"""The one spider: it finds the articles of its portal and requests what each visit needs.

All differences between portals are in their definitions. The frontier decides what is requested, and which known pages
again; the middlewares, what is allowed and what is recorded; the pipelines, the outcome of a visit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.http import HtmlResponse, Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.article import Capture, Refusal, Role, Wanted
from crawler.assembly import Visit
from crawler.crawl.failures import reason_of
from crawler.crawl.request import capture_of, meta_of, request_of
from crawler.crawl.skipped import is_gave_up, is_limit, is_skipped
from crawler.crawl.spiders import discovery
from crawler.crawl.spiders.discovery_spider import PRIORITY, DiscoverySpider
from crawler.extraction import Page
from crawler.values.listing import Found

Output = Iterator[Request | Visit]
LaterOutput = AsyncIterator[Request | Visit]


class PortalSpider(DiscoverySpider):
    """Crawls one portal. Made for each definition by the loader; yields one Visit for each article address."""

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        slot = {"delay": 0, "concurrency": 64, "jitter": 0.0}  # the throttle of the site keeps the pace
        settings.set("DOWNLOAD_SLOTS", {cls.portal.name: slot}, "spider")
        settings.set("DOWNLOAD_VERIFY_CERTIFICATES", cls.portal.verify_tls, "spider")

    async def start(self) -> AsyncIterator[Any]:
        due = self.run.frontier.due()
        for request in self._articles_only() if self.run.only else self._begin():
            yield request
        for url in due:  # after what is new, those first that came first
            yield self._article(self.portal.address(url) or url, "revisit", admitted=True)
        if not self.run.only:
            for kind, place in self.run.frontier.pages.left():
                for request in self._discover(kind, [Found(place.name)]):
                    yield request.replace(priority=PRIORITY["left"], meta=meta_of(kind, list_page=place))

    def _articles_only(self) -> Iterator[Request]:
        for url in self.run.only:
            yield self._article(self.portal.address(url) or url, "article")

    # -- articles ----------------------------------------------------------------------------------------------------

    def _article(self, url: str, why: str, *, dated: datetime | None = None, admitted: bool = False) -> Request:
        """The request for the article *url*; *why* is a key of PRIORITY."""
        return Request(
            url,
            callback=self.on_article,
            errback=self.on_article_failed,
            priority=PRIORITY[why],
            dont_filter=True,  # the frontier knows better what was asked for
            meta=meta_of("article", dated=dated, admitted=admitted),
            cb_kwargs={"visit": Visit(self.portal, asked=url)},
        )

    async def on_article(self, response: Response, visit: Visit) -> LaterOutput:
        """The first page of an article."""
        visit.captures.append(_captured(response, "page", visit.asked))
        async for output in self._next(visit):
            yield output

    def on_article_failed(self, failure: Failure) -> Output:
        """An article address without a response. A request that was not made (robots.txt, a limit) is not a visit."""
        request, reason = request_of(failure), reason_of(failure)
        visit: Visit = request.cb_kwargs["visit"]
        if not is_skipped(failure.value):
            visit.failure = reason
        elif request.meta.get("retry_times") and is_gave_up(failure.value):
            visit.failure = "outage"  # it was asked once, at least
        hops = request.meta.get("redirect_times", 0)
        # a refused address changes no exit code
        sent_on = hops and not is_limit(failure.value) and reason != "private-address"
        if reason == "redirects" or (sent_on and is_skipped(failure.value)):
            yield from self.run.outages.turned_away(visit, request.url, hops + (reason == "redirects"))
        elif visit.failure:
            yield from self.run.outages.passed(visit)

    async def on_more(self, response: Response, visit: Visit, want: Wanted) -> LaterOutput:
        """A further page of an article, or its counter."""
        visit.captures.append(_captured(response, want.role, want.url))
        if response.status != 200:
            visit.missing.append(want)
        async for output in self._next(visit):
            yield output

    async def on_more_failed(self, failure: Failure) -> LaterOutput:
        """A part of the article cannot be fetched: the article is stored without it, and says so."""
        asked = request_of(failure).cb_kwargs
        asked["visit"].missing.append(asked["want"])
        async for output in self._next(asked["visit"]):
            yield output

    async def _next(self, visit: Visit) -> LaterOutput:
        """The request for what *visit* still needs, or the visits that can be decided if it is complete."""
        with self.run.throttle.reading():
            want = await self.run.run.workers.wanted(visit)
        if want is None:
            for decidable in self.run.outages.passed(visit):
                yield decidable
            if isinstance(visit.result, Refusal) and (target := self._refreshed(visit)) is not None:
                yield self._article(target, "article")
            return
        yield Request(
            want.url,
            callback=self.on_more,
            errback=self.on_more_failed,
            priority=PRIORITY["more"],
            dont_filter=True,
            headers={"Referer": want.referer} if want.referer else None,
            meta=meta_of(want.role),
            cb_kwargs={"visit": visit, "want": want},
        )

    def _refreshed(self, visit: Visit) -> str | None:
        """The article that a page without one sends its readers on to: an address of its own."""
        if not visit.captures or not isinstance(visit.page, Page):
            return None
        first = visit.captures[0]
        page = HtmlResponse(first.url, body=visit.page.text, encoding="utf-8")
        target = self.portal.address(discovery.refreshed(page) or "")
        return target if target and target != first.url and self.portal.is_article(target) else None


def _captured(response: Response, role: Role, asked: str) -> Capture:
    return replace(capture_of(response), role=role, asked=asked)
