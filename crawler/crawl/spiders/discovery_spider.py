"""How the articles of a portal are found: list pages, feeds, sitemaps, lists served as data or kept elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from crawler.crawl.failures import reason_of
from crawler.crawl.request import Discovery, ListPage, discovery_kind, list_page_of, meta_of, request_of
from crawler.crawl.run import PortalRun
from crawler.crawl.skipped import SkippedRequest, is_limit, is_skipped
from crawler.crawl.spiders import discovery, reading_list
from crawler.crawl.spiders.diagnose import INSTEAD, shown_instead, why_nothing
from crawler.portals import Portal, api
from crawler.values import address_lists, clock
from crawler.values.listing import Found
from crawler.values.paging import continues, page_number
from crawler.values.urls import article_id

logger = logging.getLogger(__name__)
#: What a visit still wants, new articles, where discovery begins, what is due, pages that were left, further ones.
PRIORITY = {"more": 30, "article": 20, "begin": 15, "revisit": 10, "left": 5, "discovery": 0}


class DiscoverySpider(Spider):
    """Reads the discovery pages of one portal; a subclass makes the requests for articles."""

    portal: ClassVar[Portal]
    run: ClassVar[PortalRun]  #: set before the spider is made

    def _article(self, url: str, why: str, *, dated: datetime | None = None) -> Request:
        """The request for the article *url*; *why* is a key of PRIORITY."""
        raise NotImplementedError

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
            self.run.frontier.pages.unanswered(request, "no-file")
            logger.warning("%s: %s: %s", self.name, url, error.strerror)
            return
        self.run.frontier.pages.answered(request, response.status)
        yield from self._entries(response)

    # -- responses ---------------------------------------------------------------------------------------------------

    def on_list(self, response: Response) -> Iterator[Request]:
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
            self.run.frontier.pages.unreadable(
                response.request, "redirect"
            )  # to a page that is there, of this list or none
        if target is not None:
            yield from self._discover("list", [Found(target)], on=response)
            return
        if self._repeats(response, found):
            return
        yield from self._articles(response, found)
        pages = [link for link in found if self.portal.is_list(link.url)]
        further = list(self._discover("list", pages, on=response))
        self.run.frontier.pages.read(
            response.request, self._article_urls(found), leads_on=bool(further),
            ended=discovery.comes_to_its_end(response),
        )  # fmt: skip
        yield from further

    def _article_urls(self, found: Iterable[Found]) -> frozenset[str]:
        return frozenset(link.url for link in found if self.portal.is_article(link.url))

    def _repeats(self, page: Response, found: Sequence[Found]) -> bool:
        """Whether the list page *page*, which names *found*, is another page of its list once more."""
        assert page.request is not None
        return self.run.frontier.pages.repeats(page.request, self._article_urls(found))

    def _sent_on(self, page: Response, found: Sequence[Found]) -> str | None:
        """Where the list page *page*, which names no article, sends its readers on; once, and within the portal."""
        target = self.portal.address(discovery.refreshed(page) or "")
        articles = any(self.portal.is_article(link.url) for link in found)
        assert page.request is not None
        return target if target and not articles and self.portal.owns(target) and target != page.url else None

    def on_feed(self, response: Response) -> Iterator[Request]:
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

    def on_sitemap(self, response: Response) -> Iterator[Request]:
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

    def on_api(self, response: Response, step: api.ApiStep) -> Iterator[Request]:
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
        self.run.frontier.pages.unreadable(response.request, reason)
        self.run.stats.note_nothing(response.url, why)
        logger.warning("%s: %s: %s (%s)", self.name, response.url, error, why)

    def _cut(self, response: Response, error: discovery.CutError) -> None:
        """A discovery page lacks its end: what stands before it is taken, and the rest is asked for again."""
        assert response.request is not None
        self.run.frontier.pages.unreadable(response.request, "truncated")
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
            admitted = self.run.frontier.pages.admits(kind, name or link.url)
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
        if not is_skipped(failure.value):
            reason = reason_of(failure)
            self.run.frontier.pages.unanswered(request, reason)
        elif not request.meta.get("redirect_times") or is_limit(failure.value):
            return
        else:
            assert isinstance(failure.value, SkippedRequest)
            reason = failure.value.reason
            self.run.frontier.pages.unreadable(request, reason)
        logger.warning("%s: %s: %s", self.name, request.url, reason)

    # -- the articles they name --------------------------------------------------------------------------------------

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
            self.run.frontier.pages.unreadable(page.request, "empty")
        elif kind == "list":
            reason = shown_instead(page, self.portal)
            if reason in INSTEAD or list_page_of(page.request).further or not found:
                self.run.frontier.pages.unreadable(page.request, reason)
