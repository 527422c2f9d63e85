"""Every exchange goes into the archive before anything else sees it: redirects, retries and robots.txt too."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response

from crawler.archive import Archive, Exchange, of_settings


class CaptureMiddleware:
    """Nearest to the downloader: bodies are still content-encoded.

    Puts the capture into ``request.meta["capture"]``.
    """

    def __init__(self, archive: Archive, portal: str) -> None:
        self._archive = archive
        self._tally = archive.tallies[portal]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(of_settings(crawler.settings), crawler.spidercls.name)

    def process_response(self, request: Request, response: Response) -> Response:
        self._tally.statuses[str(response.status)] += 1
        self._tally.received += len(response.body)
        request.meta["capture"] = self._archive.capture(_exchange(request, response))
        return response


def _exchange(request: Request, response: Response) -> Exchange:
    host = urlsplit(request.url).netloc.rpartition("@")[2]
    return Exchange(
        url=request.url,
        method=request.method,
        request_headers=(("Host", host), *_headers(request.headers)),
        request_body=request.body,
        status=response.status,
        headers=_headers(response.headers),
        payload=response.body,
        started_at=request.meta.get("started_at") or datetime.now(UTC),
        protocol=response.protocol or "HTTP/1.1",
        address=str(response.ip_address) if response.ip_address else None,
    )


def _headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name in headers for value in headers.getlist(name)
    )
