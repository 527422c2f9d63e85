"""The one spider: it finds the articles of its portal and asks for what each still wants.

Everything that varies is in the portal's definition. What is known already, what is recorded and what is allowed is not
decided here but in crawler/middlewares; what becomes of a visit, in crawler/pipelines.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.article import Capture, Wanted
from crawler.assembly import Visit
from crawler.crawl.spiders import api, discovery
from crawler.crawl.spiders.discovery import Found
from crawler.crawl.spiders.workers import JOBS, look
from crawler.portals import Portal
from crawler.values.failures import failure_name
from crawler.values.paging import continues

logger = logging.getLogger(__name__)
Kind = Literal["list", "feed", "sitemap"]
Output = Iterator[Request | Visit]
LaterOutput = AsyncIterator[Request | Visit]
ONLY = "CITYNEWS_ONLY"  #: the setting with article addresses that are asked for instead of any discovery
MAX_SITEMAPS = 500  #: sitemap files a run
#: What a visit still wants, new articles, where discovery begins, what is due, pages that were left, further ones.
PRIORITY = {"more": 30, "article": 20, "begin": 15, "revisit": 10, "left": 5, "discovery": 0}


class PortalSpider(Spider):
    """Crawls one portal. Made for each definition by the loader; yields one Visit for each article address."""

    portal: ClassVar[Portal]
    _bounds: ClassVar[dict[Kind, str]] = {"list": "max_list_pages", "sitemap": "max_sitemaps"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unanswered = 0  #: discovery pages without an answer
        self._asked: dict[Kind, set[str]] = {"list": set(), "feed": set(), "sitemap": set()}

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        slot = {"delay": 0, "concurrency": 64, "jitter": 0.0}  # the gate in middlewares/ keeps the pace
        settings.set("DOWNLOAD_SLOTS", {cls.portal.name: slot}, "spider")
        settings.set("DOWNLOAD_VERIFY_CERTIFICATES", cls.portal.verify_tls, "spider")

    async def start(self) -> AsyncIterator[Any]:
        if only := self.settings.getlist(ONLY):
            for url in only:
                yield self.article_request(url, PRIORITY["article"])
            return
        where = self.portal.discover
        for kind, addresses in (("list", where.pages), ("feed", where.feeds), ("sitemap", where.sitemaps)):
            for request in self._discover(kind, (Found(url) for url in addresses)):  # type: ignore[arg-type] # literals of the tuple
                yield request
        for each in where.api:
            for request in self._api(api.Step(each, each.first_page)):
                yield request

    # -- discovery ---------------------------------------------------------------------------------------------------

    def on_list(self, response: Response) -> Output:
        """A list page: articles, and further list pages."""
        found = list(discovery.links(response))
        yield from self._articles(found)
        yield from self._discover("list", (each for each in found if self.portal.is_list(each.url)), on=response)

    def on_feed(self, response: Response) -> Output:
        """An RSS or Atom feed."""
        try:
            found = list(discovery.feed(response))
        except ValueError as error:
            logger.warning("%s: %s: %s", self.name, response.url, error)
            return
        yield from self._articles(found)

    def on_sitemap(self, response: Response) -> Output:
        """A sitemap, or an index of sitemaps."""
        try:
            documents, further = discovery.sitemap(response)
        except ValueError as error:
            logger.warning("%s: %s: %s", self.name, response.url, error)
            return
        yield from self._articles(documents)
        yield from self._discover("sitemap", further, on=response)

    def on_api(self, response: Response, step: api.Step) -> Output:
        """A page of a list that is served as data."""
        text = response.text if isinstance(response, TextResponse) else ""
        try:
            found, following = api.read(text, response.url, step, self.portal.zone, datetime.now(UTC))
        except api.AnswerError as error:
            logger.warning("%s: %s: %s", self.name, response.url, error)
            return
        yield from self._articles(found)
        if following is not None:
            yield from self._api(following, further=True)

    def _api(self, step: api.Step, *, further: bool = False) -> Iterator[Request]:
        """The request for *step*; it counts as a list page, told from others by all that is asked with it."""
        url, body, headers = step.url(), step.body(), step.headers()
        for request in self._discover("list", [Found(url)], name=f"{step.api.method} {url} {body} {headers}"):
            request.meta["further"] = further
            yield request.replace(
                method=step.api.method,
                headers=headers,
                body=body.encode(),
                callback=self.on_api,
                cb_kwargs={"step": step},
                dont_filter=True,
                priority=PRIORITY["discovery" if further else "begin"],
            )

    def left_requests(self, url: str, kind: Kind) -> Iterator[Request]:
        """The request for a discovery page that an earlier run left, where the definition still has it."""
        if self.portal.is_list(url) if kind == "list" else self.portal.owns(url):
            for each in self._discover(kind, [Found(url)]):
                yield each.replace(priority=PRIORITY["left"])

    def forget(self, request: Request) -> None:
        """A discovery page is not asked for after all; another page may name it yet."""
        self._asked[request.meta["kind"]].discard(request.meta["name"])

    def _discover(
        self, kind: Kind, found: Iterable[Found], name: str = "", on: Response | None = None
    ) -> Iterator[Request]:
        """Requests for discovery pages of *kind* that were found *on* a page, within their bound.

        *name* tells apart what the address does not.
        """
        root = on.meta["root"] if on is not None else ""
        asked = self._asked[kind]
        bound = {"list": self.portal.discover.max_list_pages, "sitemap": MAX_SITEMAPS}.get(kind)
        for each in found:
            if (name or each.url) in asked:
                continue
            if bound is not None and len(asked) >= bound:
                self._limit(self._bounds[kind])
                return
            asked.add(name or each.url)
            further = on is not None and continues(root, on.url, each.url)
            yield Request(
                each.url,
                callback=getattr(self, f"on_{kind}"),
                errback=self.on_discovery_failed,
                priority=PRIORITY["begin" if on is None else "discovery"],
                meta={
                    "kind": kind,
                    "root": root if further else each.url,
                    "further": further,
                    "dated": each.dated,
                    "name": name or each.url,
                },
            )

    def _limit(self, name: str) -> None:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"citynews/limit/{name}")

    def on_discovery_failed(self, failure: Failure) -> None:
        """A discovery page that got no answer."""
        if not _refused(failure):
            self.unanswered += 1
            logger.warning("%s: %s: %s", self.name, failure.request.url, _reason(failure))  # type: ignore[attr-defined] # Scrapy adds it

    # -- articles ----------------------------------------------------------------------------------------------------

    def _articles(self, found: Iterable[Found]) -> Iterator[Request]:
        for each in found:
            if self.portal.is_article(each.url):
                yield self.article_request(each.url, PRIORITY["article"], dated=each.dated)

    def article_request(self, url: str, priority: int, **meta: Any) -> Request:
        """The request for the article address *url*."""
        return Request(
            url,
            callback=self.on_article,
            errback=self.on_article_failed,
            priority=priority,
            dont_filter=True,  # the ledger knows better what was asked for
            meta={"kind": "article", **meta},
            cb_kwargs={"visit": Visit(self.portal, asked=url)},
        )

    def revisit_request(self, url: str) -> Request:
        """The request for an article address that is due again: after what is new, those first that came first."""
        return self.article_request(url, PRIORITY["revisit"])

    async def on_article(self, response: Response, visit: Visit) -> LaterOutput:
        """The first page of an article."""
        visit.captures.append(_captured(response, "page", visit.asked))
        yield await self._next(visit)

    def on_article_failed(self, failure: Failure) -> Output:
        """An article address that got no answer. What was not asked for (robots.txt, a guard, a limit) is no visit."""
        if _refused(failure):
            return
        visit: Visit = failure.request.cb_kwargs["visit"]  # type: ignore[attr-defined] # Scrapy adds it
        visit.failure = _reason(failure)
        yield visit

    async def on_more(self, response: Response, visit: Visit, want: Wanted) -> LaterOutput:
        """A further page of an article, or its counter."""
        visit.captures.append(_captured(response, want.role, want.url))
        if response.status != 200:
            visit.missing.append(want)
        yield await self._next(visit)

    async def on_more_failed(self, failure: Failure) -> LaterOutput:
        """What a visit wanted cannot be had: the article is stored without it, and says so."""
        asked = failure.request.cb_kwargs  # type: ignore[attr-defined] # Scrapy adds it
        asked["visit"].missing.append(asked["want"])
        yield await self._next(asked["visit"])

    async def _next(self, visit: Visit) -> Request | Visit:
        """The request for what *visit* still wants, or the visit when it wants nothing more."""
        want = await look(visit, self.settings.getint(JOBS, 1))
        if want is None:
            return visit
        return Request(
            want.url,
            callback=self.on_more,
            errback=self.on_more_failed,
            priority=PRIORITY["more"],
            dont_filter=True,
            headers={"Referer": want.referer} if want.referer else None,
            meta={"kind": want.role},
            cb_kwargs={"visit": visit, "want": want},
        )


def _refused(failure: Failure) -> bool:
    """Whether a middleware of ours did not let the request out; Scrapy's own IgnoreRequest is too many redirects."""
    return isinstance(failure.value, IgnoreRequest) and type(failure.value) is not IgnoreRequest


def _reason(failure: Failure) -> str:
    """The name under which *failure* is counted."""
    assert failure.value is not None
    return failure_name(failure.value)


def _captured(response: Response, role: Any, asked: str) -> Capture:
    capture: Capture = response.meta["capture"]
    return replace(capture, role=role, asked=asked)
