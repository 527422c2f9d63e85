"""Every exchange goes into the archive before anything else sees it: redirects, retries and robots.txt too."""

from __future__ import annotations

from typing import Self
from urllib.parse import urldefrag, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError
from scrapy.http import Headers, Response

from crawler.archive.runs.stats import PortalStats
from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc.exchange import Exchange, Truncated, request_of
from crawler.archive.write.writer import ArchiveWriter
from crawler.crawl.request import put_capture, put_wire, refers_of, started_at_of, wire_of
from crawler.crawl.run import run_of
from crawler.values import clock


class CaptureMiddleware:
    """Nearest to the downloader: bodies are still content-encoded.

    Puts the capture into the request. An answer that broke off is archived as far as it came; the request fails all the
    same. A 304 to a request that refers to an archived record becomes a revisit record.
    """

    def __init__(self, archive: ArchiveWriter, stats: PortalStats) -> None:
        self._archive = archive
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = run_of(crawler)
        return cls(run.archive, run.stats)

    def process_response(self, request: Request, response: Response) -> Response:
        self._stats.statuses[str(response.status)] += 1
        self._stats.received += len(response.body)
        exchange = _of_wire(request, None)
        if exchange is None or exchange.payload != response.body or exchange.status != response.status:
            exchange = _rebuilt(request, response)
        put_capture(request, self._archive.capture(exchange, refers=refers_of(request)))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        exchange = _of_wire(request, _truncation(request, exception))
        if exchange is not None:
            self._stats.received += len(exchange.payload)
            self._archive.capture(exchange)


def _of_wire(request: Request, truncated: Truncated | None) -> Exchange | None:
    """The exchange as its bytes crossed the connection; None where nobody listened or no answer began."""
    wire = wire_of(request)
    if wire is None or wire.started_at is None or not wire.size:
        return None
    try:
        return Exchange.of_wire(
            urldefrag(request.url).url,
            wire.started_at,
            wire.sent,
            wire.received,
            address=wire.address,
            tls=wire.tls,
            truncated=truncated,
        )
    except DamagedError:  # bytes that no reader of WARC files would take for HTTP
        return None
    finally:
        put_wire(request, None)


def _truncation(request: Request, exception: Exception) -> Truncated:
    """Why an answer broke off, in the words of WARC-Truncated."""
    wire = wire_of(request)
    if isinstance(exception, DownloadCancelledError) or (wire is not None and wire.overflown):
        return "length"
    return "time" if isinstance(exception, DownloadTimeoutError) else "disconnect"


def _rebuilt(request: Request, response: Response) -> Exchange:
    """The exchange as Scrapy knows it: names of headers and their order are its own."""
    host = urlsplit(request.url).netloc.rpartition("@")[2]
    url = urldefrag(request.url).url
    return Exchange.rebuilt(
        url=url,
        started_at=started_at_of(request) or clock.now(),
        request=request_of(url, request.method, (("Host", host), *_headers(request.headers)), request.body),
        status=response.status,
        headers=_headers(response.headers),
        payload=response.body,
        protocol=response.protocol or "HTTP/1.1",
        address=str(response.ip_address) if response.ip_address else None,
    )


def _headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name in headers for value in headers.getlist(name)
    )
