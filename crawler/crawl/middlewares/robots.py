"""Obeys robots.txt according to RFC 9309, with the delay that it asks for."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.stats import MOST_NAMED
from crawler.crawl.failures import failure_name
from crawler.crawl.run import PortalRun, run_of
from crawler.crawl.skipped import LIMITS, SkippedRequest, defer, skip
from crawler.values.statuses import is_transient

logger = logging.getLogger(__name__)
MAX_ROBOTS = 512 * 1024  #: bytes of a robots.txt that are read; RFC 9309 asks for 500 KiB at least
MOST_DELAY = 86_400.0  #: seconds; a site that wants more gets no second request in this run either
FIRST = 1000  #: the priority of a robots.txt: before all that waits for it
NOT_CRAWLED = "not crawled"  #: what is noted of a host whose robots.txt could not be read
_DENY_ALL = "User-agent: *\nDisallow: /\n"


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What one host's robots.txt says; *left*: the limit of the run for which it was not asked."""

    robots: Protego
    left: str | None = None


class RobotsMiddleware:
    """Asks each host for its robots.txt before anything else, once per run.

    A host that fails (transient statuses, no answer) is not crawled; one without a robots.txt (another 4xx) has no
    rules; a huge file is read up to a bound; Crawl-delay and Request-rate are kept.
    """

    def __init__(self, crawler: Crawler, run: PortalRun) -> None:
        self._crawler, self._run = crawler, run
        self._agent = str(crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"])
        self._rules: dict[str, asyncio.Task[RobotsRules]] = {}  # by scheme and host with port
        self._waiting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # which is handed on in order

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        return cls(crawler, run_of(crawler))

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):  # a robots.txt itself
            return
        rules = await self._of(request)
        if rules.left is not None:
            raise defer(self._run.stats, rules.left, request)
        if not rules.robots.can_fetch(request.url, self._agent):
            raise skip(self._run.stats, "robots", request)

    async def _of(self, request: Request) -> RobotsRules:
        """The rules for *request*; of several requests that wait for one robots.txt, one asks for it.

        They go on in the order in which they came: one that comes while the others wake up does not overtake them.
        """
        parts = urlsplit(request.url)
        async with self._waiting[parts.netloc]:
            if parts.netloc not in self._rules:
                url = f"{parts.scheme}://{parts.netloc}/robots.txt"
                self._rules[parts.netloc] = asyncio.ensure_future(self._fetch(url, parts.netloc))
            return await asyncio.shield(self._rules[parts.netloc])

    async def _fetch(self, url: str, netloc: str) -> RobotsRules:
        request = Request(url, priority=FIRST, meta={"dont_obey_robotstxt": True}, callback=NO_CALLBACK)
        try:
            response = await self._crawler.engine.download_async(request)
            return RobotsRules(self._read(response, netloc))
        except Exception as error:  # noqa: BLE001 - without an answer the host may not be asked, whatever the reason
            return self._failed(error, netloc)

    def _read(self, response: Response, netloc: str) -> Protego:
        """The rules in *response*, whose pace is kept from now on."""
        followed, body = "obeyed", response.body
        if is_transient(response.status):
            logger.warning("%s: robots.txt answers %d: the host is not crawled", netloc, response.status)
            followed, body = NOT_CRAWLED, _DENY_ALL.encode()
        elif not 200 <= response.status < 300:
            followed, body = "no rules", b""
        elif len(body) > MAX_ROBOTS:
            self._run.stats.limits["robots_size"] += 1
            body = body[:MAX_ROBOTS].rpartition(b"\n")[0]  # whole lines
        self._note(netloc, {"status": response.status, "followed": followed})
        robots = Protego.parse(body.decode("utf-8-sig", "replace"))
        self._slow_down(robots, netloc)
        return robots

    def _failed(self, error: Exception, netloc: str) -> RobotsRules:
        left = error.reason if isinstance(error, SkippedRequest) and error.reason in LIMITS else None
        reason = error.reason if isinstance(error, SkippedRequest) else failure_name(error)
        if left is None:
            self._run.stats.failures[reason] += 1
            logger.warning("%s: robots.txt cannot be fetched (%s): the host is not crawled", netloc, reason)
        self._note(netloc, {"status": reason, "followed": NOT_CRAWLED})
        return RobotsRules(Protego.parse(_DENY_ALL), left)

    def _slow_down(self, robots: Protego, netloc: str) -> None:
        delay, rate = robots.crawl_delay(self._agent), robots.request_rate(self._agent)
        paces = {"crawl_delay": delay, "request_rate": rate.seconds / rate.requests if rate and rate.requests else None}
        longest = min(max((pace for pace in paces.values() if pace), default=0.0), MOST_DELAY)
        self._run.throttle.slow_down(longest)
        if longest:
            logger.info("%s: robots.txt asks for %g s between requests", self._run.portal.name, longest)
            self._run.stats.robots.get(netloc, {}).update(paces)

    def _note(self, netloc: str, answer: Json) -> None:
        if len(self._run.stats.robots) < MOST_NAMED:
            self._run.stats.robots[netloc] = answer
