"""Page requisites: recorded when articles are extracted, requested when nothing else is left to request.

A spider that has asked for everything is idle: then its pictures, styles and attachments leave, a few at a time,
through the same throttle, robots.txt and guards as its articles. What a run leaves is due in the next one, since the
archive knows what is needed and what was asked for (crawler/archive/index/requisites.py).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Literal, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, DownloadCancelledError, NotConfigured
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive.index.requisites import SETTLED, DueRequisite
from crawler.archive.records.decisions import Decision
from crawler.archive.records.requisites import asked_of, needs_of
from crawler.archive.storage.errors import StorageError
from crawler.article import Article, Capture
from crawler.assembly import Visit, charset_of
from crawler.crawl.failures import failure_name
from crawler.crawl.request import capture_of, meta_of, request_of
from crawler.crawl.run import DRY_RUN, PortalRun, run_of
from crawler.crawl.skipped import LIMITS, SkippedRequest
from crawler.extraction.page import requisites
from crawler.values.coding import CodingError, decode
from crawler.values.encoding import decode as decode_text

MOST_OF_PAGE = 500  #: requisites of one page that are noted; what a page names beyond is counted
AT_ONCE = 8  #: requests that leave before it is looked again what may still be asked


class RequisiteExtension:
    """Absent from portals whose definition asks for no requisites."""

    def __init__(self, crawler: Crawler, run: PortalRun) -> None:
        self._crawler, self._run, self._stats = crawler, run, run.stats
        self._chosen = run.portal.requisites
        self._due: Iterator[DueRequisite] | None = None
        self._found: list[DueRequisite] = []  # named by styles of this run
        self._asked: set[str] = set()
        self._ended = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = run_of(crawler)
        if not run.portal.requisites.wanted or crawler.settings.getbool(DRY_RUN) or run.only:
            raise NotConfigured
        extension = cls(crawler, run)
        crawler.signals.connect(extension.read, signals.item_scraped)
        crawler.signals.connect(extension.idle, signals.spider_idle)
        return extension

    # -- what pages need ---------------------------------------------------------------------------------------------

    def read(self, item: tuple[Visit, Decision]) -> None:
        """A visit was decided: notes what the pages of an article need."""
        visit, _ = item
        if not isinstance(visit.result, Article):
            return
        files = [requisites.Requisite("attachment", attachment.url) for attachment in visit.result.attachments]
        with contextlib.suppress(StorageError):  # the archive has noted it, and stops the crawl
            for page in self._pages(visit):
                self._note(page, [*requisites.of_page(_text(page), page.url), *files], "page")
                files = []

    @staticmethod
    def _pages(visit: Visit) -> list[Capture]:
        found = (capture for capture in visit.captures if capture.role in {"page", "next"})
        return [page for page in found if page.status == 200 and page.payload]

    def _note(
        self, page: Capture, found: list[requisites.Requisite], of: Literal["page", "style"]
    ) -> list[requisites.Requisite]:
        wanted = [requisite for requisite in found if requisite.kind in self._chosen.wanted]
        allowed = [requisite for requisite in wanted if self._run.portal.lends(requisite.url)]
        for reason, count in (
            ("other-host", len(wanted) - len(allowed)),
            ("too-many", len(allowed[MOST_OF_PAGE:])),
        ):
            if count:
                self._stats.requisites_left_out[reason] += count
        if kept := allowed[:MOST_OF_PAGE]:
            self._run.archive.note_requisites(needs_of(self._run.portal.name, page, kept, of))
        return kept

    # -- asking ------------------------------------------------------------------------------------------------------

    def idle(self) -> None:
        """Nothing else is asked for: lets the next requisites leave. Raises DontCloseSpider while there are some."""
        if self._ended:
            return
        try:
            requests = list(self._next())
        except StorageError:  # the archive has noted it, and stops the crawl
            return
        if not requests:
            self._ended = True
            return
        engine = self._crawler.engine
        assert engine is not None
        for request in requests:
            engine.crawl(request)
        raise DontCloseSpider

    def _next(self) -> Iterator[Request]:
        if self._due is None:
            self._due = iter(list(self._run.archive.index.requisites.due(self._run.portal.name, self._chosen.wanted)))
        free = self._chosen.most_of_run - self._stats.requisites["bytes"]
        count = min(AT_ONCE, max(1, free // self._chosen.most))
        for due in self._waiting():
            request = self._request(due)
            reason = "max_run_bytes" if free <= 0 else self._run.throttle.against(request, self._run.budget)
            if reason is not None:
                self._leave(reason, 1 + sum(1 for _ in self._waiting()))
                return
            yield request
            count -= 1
            if not count:
                return

    def _waiting(self) -> Iterator[DueRequisite]:
        """What is due, no address twice: what styles of this run need, then the rest."""
        assert self._due is not None
        while True:
            due = self._found.pop() if self._found else next(self._due, None)
            if due is None:
                return
            if due.url not in self._asked:
                self._asked.add(due.url)
                yield due

    def _request(self, due: DueRequisite) -> Request:
        kind: requisites.Kind = due.kind  # type: ignore[assignment] # the index holds no others
        return Request(
            due.url,
            callback=self.on_answer,
            errback=self.on_failure,
            dont_filter=True,
            meta=meta_of(kind),
            headers={"Referer": _origin(self._run.portal.home)},
            cb_kwargs={"due": due},
        )

    def _leave(self, reason: str, count: int) -> None:
        self._stats.requisites["left"] += count
        self._stats.requisites_left_out[reason] += count

    def on_answer(self, response: Response, due: DueRequisite) -> None:
        """The answer to a request for a requisite."""
        answer = capture_of(response)
        self._stats.requisites["asked"] += 1
        self._stats.requisites["bytes"] += len(answer.payload)
        outcome = {200: "new", 304: "not-modified"}.get(answer.status, "failed")
        self._stats.requisites[outcome] += 1
        archive, portal = self._run.archive, self._run.portal.name
        archive.note_requisites(asked_of(portal, due.kind, due.url, answer, None))
        if due.kind == "style" and answer.status == 200:
            for requisite in self._note(answer, requisites.of_style(_text(answer), answer.url), "style"):
                if archive.index.requisites.is_due(portal, requisite.url):
                    self._found.append(DueRequisite(requisite.kind, requisite.url))

    def on_failure(self, failure: Failure) -> None:
        """A request for a requisite that was not made, or got no whole answer."""
        due: DueRequisite = request_of(failure).cb_kwargs["due"]
        error = failure.value
        assert error is not None
        reason = error.reason if isinstance(error, SkippedRequest) else failure_name(error)
        if reason in LIMITS:
            self._leave(reason, 1)
            return
        if isinstance(error, DownloadCancelledError):
            reason = "too-large"
            self._stats.requisites["bytes"] += self._chosen.most
        if reason in SETTLED:
            self._stats.requisites_left_out[reason] += 1
        else:
            self._stats.requisites["failed"] += 1
        self._stats.requisites["asked"] += not isinstance(error, SkippedRequest)
        self._run.archive.note_requisites(asked_of(self._run.portal.name, due.kind, due.url, None, reason))


def _text(capture: Capture) -> str:
    """A page or style sheet as text; nothing where its coding does not hold."""
    headers = {name.lower(): value for name, value in capture.headers}
    try:
        body = decode(capture.payload, headers.get("content-encoding"))
    except CodingError:
        return ""
    return decode_text(body, charset_of(headers.get("content-type")))[0]


def _origin(home: str) -> str:
    """What a browser tells other hosts of the page: on which site it stands, and not which it is."""
    parts = urlsplit(home)
    return f"{parts.scheme}://{parts.netloc}/"
