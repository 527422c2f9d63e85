"""Conditional requests: a page that has not changed since its last capture is not sent again.

Validators (ETag, Last-Modified) are the headers of that capture, read from the WARC. A list page, a feed or a sitemap
that answers 304 is read from the archive instead, so that discovery sees the same links. An article that answers 304 is
a visit of its own, "not-modified".
"""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawler.archive.index.last_captures import LastCapture, Use
from crawler.archive.read.captures import ArchivedResponse, read_answer
from crawler.article import WarcRef
from crawler.crawl.request import DISCOVERY, REQUISITES, capture_of, discovery_kind, kind_of, put_refers, refers_of
from crawler.crawl.run import PortalRun, run_of
from crawler.values.urls import article_id

#: Header of an answer -> header of the next request.
_VALIDATORS = (("etag", b"If-None-Match"), ("last-modified", b"If-Modified-Since"))
MAX_VALIDATOR = 1000  #: characters
#: Last outcomes after which the archive holds what the page showed; after "gone" the whole page is wanted.
_HELD = frozenset({"new", "unchanged", "changed", "not-modified", "back"})


class ConditionalMiddleware:
    """Above capture, so that a 304 is archived as what it was."""

    def __init__(self, run: PortalRun) -> None:
        self._archive, self._portal, self._stats = run.archive, run.portal.name, run.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(run_of(crawler))

    def process_request(self, request: Request) -> None:
        for _, header in _VALIDATORS:
            request.headers.pop(header, None)  # of the address that redirected here
        ref = self._last(request)
        answer = read_answer(self._archive.paths, ref) if ref else None
        put_refers(request, None)
        for name, header in _VALIDATORS if answer else ():
            value = next((v for k, v in answer.headers if k.lower() == name), "")  # type: ignore[union-attr] # not None
            if value and len(value) <= MAX_VALIDATOR and value.isascii() and value.isprintable():
                request.headers[header] = value
                put_refers(request, ref)

    def process_response(self, request: Request, response: Response) -> Response:
        kind = discovery_kind(request)
        if kind is None:
            return response
        if response.status == 304 and refers_of(request) is not None:
            ref = self._last(request)
            answer = read_answer(self._archive.paths, ref) if ref else None
            if answer is not None:
                self._stats.discovery["not-modified"] += 1
                return _restored(answer, request)
        elif response.status == 200 and request.method == "GET":
            self._archive.note_page(self._portal, kind, capture_of(request))
        return response

    def _last(self, request: Request) -> WarcRef | None:
        """The capture that a new answer is compared with."""
        kind, index = kind_of(request), self._archive.index
        if request.method != "GET" or request.body:
            return None
        if kind in DISCOVERY or kind in REQUISITES:
            use: Use = "page" if kind in DISCOVERY else "requisite"
            return _ref(index.captures.last(article_id(request.url), use))
        if kind != "article":
            return None
        ident = article_id(request.url)
        address = index.address(ident)
        if address is None or address.outcome not in _HELD or (known := index.article(ident)) is None:
            return None
        record = self._archive.latest(known)
        apart = record["extracted_by"]["view_count"] == "counter" or "counter" in record["incomplete"]
        if apart or len(record["page_urls"]) > 1:  # the first page does not tell whether the rest has changed
            return None
        return _ref(index.captures.last(ident, "article"))


def _restored(answer: ArchivedResponse, request: Request) -> Response:
    """The archived answer, as if it had come from the server just now."""
    headers = Headers()
    for name, value in answer.headers:
        headers.appendlist(name, value)
    of = responsetypes.from_args(headers=headers, url=request.url, body=answer.payload)
    return of(url=request.url, status=answer.status, headers=headers, body=answer.payload, request=request)


def _ref(last: LastCapture | None) -> WarcRef | None:
    return last.ref if last else None
