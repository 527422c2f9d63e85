"""Cookies that a site requires before it answers: a redirect to the same URL with Set-Cookie.

Such a cookie is sent back, to the host that set it and by this portal's spider alone, until the run ends. Any other
cookie is ignored: what a site shows should not depend on who asked before.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from typing import Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.crawl.run import run_of

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_COOKIES = 20  #: of a host
MOST_ROUNDS = 3  #: times that an address is asked with a new cookie
_PAIR = re.compile(r"([!-:<>-~]{1,200})=([!-:<-~]{0,3000})")
Origin = tuple[str, str]


class CookieMiddleware:
    """Sends back what was demanded, and asks again the address that demanded it."""

    def __init__(self) -> None:
        self._jars: defaultdict[Origin, dict[str, str]] = defaultdict(dict)
        self._sent: set[bytes | None] = set()  # headers of ours, as against those of a definition

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run_of(crawler)
        return cls()

    def process_request(self, request: Request) -> None:
        if request.headers.get("Cookie") in self._sent:
            del request.headers["Cookie"]  # of the host that redirected here
        if jar := self._jars.get(_origin(request.url)):
            cookie = "; ".join(f"{name}={value}" for name, value in jar.items()).encode()
            request.headers["Cookie"] = cookie
            self._sent.add(cookie)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        if response.status not in _REDIRECTS:
            return response
        location = (response.headers.get("Location") or b"").decode("latin-1")
        target = urljoin(request.url, location).partition("#")[0]
        earlier = request.meta.get("redirect_urls", [])
        before = [request.url, *earlier]
        if _place(target) not in map(_place, before):
            return response
        offered, jar = _offered(response), self._jars[_origin(request.url)]
        if all(jar.get(name) == value for name, value in offered.items()):  # no cookie, or one that it has
            if (request.url, target) in pairwise([*earlier, request.url]):
                raise IgnoreRequest(f"{request.url}: a circle of redirects")  # as Scrapy does after too many of them
            return response
        jar.update(list(offered.items())[: MOST_COOKIES - len(jar)])
        rounds = request.meta.get("redirect_times", 0)
        if target not in before or rounds >= MOST_ROUNDS:
            return response  # the same page with another query: a redirect like any other
        again = request.replace(url=target, dont_filter=True)
        again.meta["redirect_times"] = rounds + 1
        return again


def _offered(response: Response) -> dict[str, str]:
    """Name -> value of the cookies that *response* sets."""
    lines = (line.decode("latin-1").partition(";")[0].strip() for line in response.headers.getlist("Set-Cookie"))
    return {match[1]: match[2] for line in lines if (match := _PAIR.fullmatch(line))}


def _origin(url: str) -> Origin:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _place(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc, parts.path
