"""The one spider: it finds the articles of its portal and requests what each visit needs.

All differences between portals are in their definitions. The frontier decides what is requested, and which known pages
again; the middlewares, what is allowed and what is recorded; the pipelines, the outcome of a visit.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.article import Capture, Refusal, Role, Wanted
from crawler.assembly import Visit, assemble
from crawler.crawl.failures import failure_name
from crawler.crawl.request import Discovery, ListPage, capture_of, discovery_kind, list_page_of, meta_of, request_of
from crawler.crawl.run import PortalRun
from crawler.crawl.skipped import SkippedRequest, is_limit
from crawler.crawl.spiders import discovery, reading_list
from crawler.crawl.spiders.diagnose import why_nothing
from crawler.extraction import Page
from crawler.portals import Portal, api
from crawler.values import address_lists, clock
from crawler.values.listing import Found
from crawler.values.paging import continues, page_number
from crawler.values.urls import article_id

logger = logging.getLogger(__name__)
Output = Iterator[Request | Visit]
LaterOutput = AsyncIterator[Request | Visit]
#: What a visit still wants, new articles, where discovery begins, what is due, pages that were left, further ones.
PRIORITY = {"more": 30, "article": 20, "begin": 15, "revisit": 10, "left": 5, "discovery": 0}
#: Reasons of refusals by which a page that was asked for as a list says that it is none.
_INSTEAD = frozenset({"bot-wall", "login", "error-page", "off-site"})


class PortalSpider(Spider):
    """Crawls one portal. Made for each definition by the loader; yields one Visit for each article address."""

    portal: ClassVar[Portal]
    run: ClassVar[PortalRun]  #: set before the spider is made

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
            for kind, place in self.run.frontier.left_pages():
                for request in self._discover(kind, [Found(place.name)]):
                    yield request.replace(priority=PRIORITY["left"], meta=meta_of(kind, list_page=place))

    def _articles_only(self) -> Iterator[Request]:
        for url in self.run.only:
            yield self._article(self.portal.address(url) or url, "article")

    def _begin(self) -> Iterator[Request]:
        where = self.portal.discover
        begin: tuple[tuple[Discovery, tuple[str, ...]], ...] = (
            ("list", where.pages), ("feed", where.feeds), ("sitemap", where.sitemaps)
        )  # fmt: skip
        for kind, addresses in begin:
            yield from self._discover(kind, (Found(url) for url in addresses))
        for rows in where.api:
            yield from self._api(api.ApiStep(rows, rows.first_page))
        yield from self._discover("feed", (Found(url) for url in where.urls if not address_lists.is_file(url)))
        for url in filter(address_lists.is_file, where.urls):
            yield from self._of_file(url)

    def _of_file(self, url: str) -> Iterator[Request]:
        """The articles that the local list *url* names; it counts as a discovery page."""
        request = Request(reading_list.shown(url), meta=meta_of("feed", list_page=ListPage(url, url)))
        self.run.frontier.passes(request)
        try:
            response = reading_list.opened(url, request)
        except OSError as error:
            self.run.frontier.unanswered(request, "no-file")
            logger.warning("%s: %s: %s", self.name, url, error.strerror)
            return
        self.run.frontier.answered(request, response.status)
        yield from self._entries(response)

    # -- discovery ---------------------------------------------------------------------------------------------------

    def on_list(self, response: Response) -> Output:
        """A list page: articles, and further list pages."""
        if response.status != 200:
            return
        assert response.request is not None
        place = list_page_of(response.request)
        hidden = (lambda url: self.portal.is_article(self.portal.bare(url)[0])) if self._patterns else lambda url: False
        found = self._bare(discovery.links(response, hidden))
        target = self._sent_on(response, found)
        redirected = response.request.meta.get("redirect_times") and response.url != place.name
        if place.further and (redirected or target is not None):
            self.run.frontier.unreadable(response.request, "redirect")  # to a page that is there, of this list or none
        if target is not None:
            yield from self._discover("list", [Found(target)], on=response)
            return
        if self._repeats(response, found):
            return
        yield from self._articles(response, found)
        pages = [link for link in found if self.portal.is_list(link.url)]
        further = list(self._discover("list", pages, on=response))
        self.run.frontier.read(
            response.request, self._article_urls(found), leads_on=bool(further),
            ended=discovery.comes_to_its_end(response),
        )  # fmt: skip
        yield from further

    def _article_urls(self, found: Iterable[Found]) -> frozenset[str]:
        return frozenset(link.url for link in found if self.portal.is_article(link.url))

    def _repeats(self, page: Response, found: Sequence[Found]) -> bool:
        """Whether the list page *page*, which names *found*, is another page of its list once more."""
        assert page.request is not None
        return self.run.frontier.repeats(page.request, self._article_urls(found))

    def _sent_on(self, page: Response, found: Sequence[Found]) -> str | None:
        """Where the list page *page*, which names no article, sends its readers on; once, and within the portal."""
        target = self.portal.address(discovery.refreshed(page) or "")
        articles = any(self.portal.is_article(link.url) for link in found)
        assert page.request is not None
        return target if target and not articles and self.portal.owns(target) and target != page.url else None

    def on_feed(self, response: Response) -> Output:
        """An RSS or Atom feed, or a list of addresses that is kept elsewhere."""
        if response.status == 200:
            yield from self._entries(response)

    def _entries(self, response: Response) -> Iterator[Request]:
        assert response.request is not None
        elsewhere = list_page_of(response.request).name in self.portal.discover.urls
        try:
            found = self._bare((reading_list.addresses if elsewhere else discovery.feed)(response))
        except discovery.CutError as error:
            self._cut(response, error)
            found = self._bare(error.found)
        except ValueError as error:
            self._unreadable(response, "not-a-feed", error)
            return
        yield from self._articles(response, found)

    def on_sitemap(self, response: Response) -> Output:
        """A sitemap, or an index of sitemaps."""
        if response.status != 200:
            return
        try:
            documents, further = map(self._bare, discovery.sitemap(response))
        except discovery.CutError as error:
            self._cut(response, error)
            documents, further = map(self._bare, error.found)
        except ValueError as error:
            self._unreadable(response, "not-a-sitemap", error)
            return
        if documents or not further:
            yield from self._articles(response, documents)
        yield from self._discover("sitemap", further, on=response)

    def on_api(self, response: Response, step: api.ApiStep) -> Output:
        """A page of a list that is served as data (``[[discover.api]]``)."""
        if response.status != 200:
            return
        text = response.text if isinstance(response, TextResponse) else ""
        try:
            found, following = api.read(text, response.url, step, self.portal.zone, clock.now())
        except api.AnswerError as error:
            self._unreadable(response, "not-the-data", error)
            return
        named = self._bare(found)
        if self._repeats(response, named):
            return
        yield from self._articles(response, named)
        if following is not None:
            yield from self._api(following, further=True)

    def _unreadable(self, response: Response, reason: str, error: ValueError) -> None:
        """A discovery page does not have the format that the definition says."""
        assert response.request is not None
        kind = discovery_kind(response.request) or "list"
        why = why_nothing(response, kind, [], self.portal)
        self.run.frontier.unreadable(response.request, reason)
        self.run.stats.note_nothing(response.url, why)
        logger.warning("%s: %s: %s (%s)", self.name, response.url, error, why)

    def _cut(self, response: Response, error: discovery.CutError) -> None:
        """A discovery page lacks its end: what stands before it is taken, and the rest is asked for again."""
        assert response.request is not None
        self.run.frontier.unreadable(response.request, "truncated")
        logger.warning("%s: %s: %s", self.name, response.url, error)

    def _api(self, step: api.ApiStep, *, further: bool = False) -> Iterator[Request]:
        """The request for *step*; it counts as a list page, identified by all that is sent with it."""
        for request in self._discover("list", [Found(step.url())], name=step.name):
            place = replace(list_page_of(request), root=step.api.url, further=further)
            yield request.replace(
                meta=meta_of("list", list_page=place),
                method=step.api.method,
                headers=step.headers(),
                body=step.body().encode(),
                callback=self.on_api,
                cb_kwargs={"step": step},
                dont_filter=True,
                priority=PRIORITY["discovery" if further else "begin"],
            )

    @property
    def _patterns(self) -> bool:
        return bool(self.portal.discover.article_urls)

    def _bare(self, found: Iterable[Found]) -> list[Found]:
        """*found* under the addresses that the portal knows them by, each once; notes parameters that change."""
        kept: dict[str, Found] = {}
        for link in found:
            url, changing = self.portal.bare(link.url)
            if changing and self.portal.is_article(url):
                for name in changing:
                    self.run.stats.changing[name].add(article_id(url))
            kept.setdefault(url, link if url == link.url else replace(link, url=url))
        return list(kept.values())

    def _discover(
        self, kind: Discovery, found: Iterable[Found], name: str = "", on: Response | None = None
    ) -> Iterator[Request]:
        """Requests for discovery pages of *kind* that were found *on* a page, within their bound.

        *name* tells apart what the address does not.
        """
        root = list_page_of(on.request).root if on is not None and on.request is not None else ""
        for link in found:
            admitted = self.run.frontier.admits_page(kind, name or link.url)
            if admitted is None:
                return
            if not admitted:
                continue
            further = on is not None and continues(root, on.url, link.url)
            numbered = on is not None and page_number(link.url) > page_number(on.url)
            place = ListPage(name or link.url, root if further else link.url, further, numbered)
            yield Request(
                link.url,
                callback=getattr(self, f"on_{kind}"),
                errback=self.on_discovery_failed,
                priority=PRIORITY["begin" if on is None else "discovery"],
                dont_filter=True,  # admitted above; a redirect to a page that was asked is an answer all the same
                meta=meta_of(kind, list_page=place, dated=link.dated),
            )

    def on_discovery_failed(self, failure: Failure) -> None:
        """A discovery page that got no answer, or one that led to where nothing may be asked."""
        request = request_of(failure)
        if not _skipped(failure):
            reason = _reason(failure)
            self.run.frontier.unanswered(request, reason)
        elif not request.meta.get("redirect_times") or is_limit(failure.value):
            return
        else:
            assert isinstance(failure.value, SkippedRequest)
            reason = failure.value.reason
            self.run.frontier.unreadable(request, reason)
        logger.warning("%s: %s: %s", self.name, request.url, reason)

    # -- articles ----------------------------------------------------------------------------------------------------

    def _articles(self, page: Response, found: Sequence[Found]) -> Iterator[Request]:
        """The articles among the addresses *found* on the discovery page *page*; notes where there is none."""
        articles = [link for link in found if self.portal.is_article(link.url)]
        if not articles:
            self._names_nothing(page, found)
        self.run.frontier.lists(link.url for link in articles)
        for link in articles:
            yield self._article(link.url, "article", dated=link.dated)

    def _names_nothing(self, page: Response, found: Sequence[Found]) -> None:
        assert page.request is not None
        kind = discovery_kind(page.request) or "list"
        self.run.stats.note_nothing(page.url, why_nothing(page, kind, found, self.portal))
        if kind == "sitemap" and not found:
            self.run.frontier.unreadable(page.request, "empty")
        elif kind == "list":
            reason = self._instead(page)
            if reason in _INSTEAD or list_page_of(page.request).further or not found:
                self.run.frontier.unreadable(page.request, reason)

    def _instead(self, page: Response) -> str:
        """What a list page that names no article is: a wall, a page that says there is none, or just empty."""
        visit = Visit(self.portal, asked=page.url, captures=[capture_of(page)])
        result = assemble(visit)
        if isinstance(result, Refusal) and result.reason in _INSTEAD:
            return result.reason
        assert page.request is not None
        return "redirect" if page.request.meta.get("redirect_times") else "empty"

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
        request, reason = request_of(failure), _reason(failure)
        visit: Visit = request.cb_kwargs["visit"]
        if not _skipped(failure):
            visit.failure = reason
        # a refused address changes no exit code
        sent_on = request.meta.get("redirect_times") and not is_limit(failure.value) and reason != "private-address"
        if sent_on and (reason == "redirects" or _skipped(failure)):
            yield from self.run.outages.turned_away(visit, request.url)
        elif visit.failure:
            yield visit

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


def _skipped(failure: Failure) -> bool:
    """Whether a middleware of ours did not let the request out; Scrapy's own IgnoreRequest is too many redirects."""
    return isinstance(failure.value, IgnoreRequest) and type(failure.value) is not IgnoreRequest


def _reason(failure: Failure) -> str:
    """The name under which *failure* is counted."""
    assert failure.value is not None
    return failure_name(failure.value)


def _captured(response: Response, role: Role, asked: str) -> Capture:
    return replace(capture_of(response), role=role, asked=asked)
