"""What the portal may be asked, and how often: robots.txt, its Crawl-delay, one queue a portal, a bound for the run."""

from __future__ import annotations

import logging
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler

from crawler.archive import of_settings
from crawler.archive.tally import Tally
from crawler.middlewares.refused import refuse
from crawler.values.failures import failure_name

logger = logging.getLogger(__name__)
MAX_ROBOTS = 512 * 1024  #: bytes of a robots.txt that are read; RFC 9309 asks for 500 KiB at least
_DENY_ALL = b"User-agent: *\nDisallow: /\n"


class BudgetMiddleware:
    """One queue for all hosts of the portal, so that www. and m. share its delay; no request beyond max_requests."""

    def __init__(self, crawler: Crawler, tally: Tally) -> None:
        self._portal = crawler.spidercls.portal  # type: ignore[attr-defined] # a PortalSpider
        self._tally = tally
        self._left = self._portal.politeness.max_requests

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, of_settings(crawler.settings).tallies[crawler.spidercls.name])

    def process_request(self, request: Request) -> None:
        if self._left <= 0:
            self._tally.limits["max_requests"] += 1
            raise refuse(self._tally, "max_requests")
        self._left -= 1
        request.meta["download_slot"] = self._portal.name


class RobotsMiddleware(RobotsTxtMiddleware):
    """robots.txt as RFC 9309 has it: a server that fails is not crawled, a huge file is read up to a bound.

    Scrapy takes both for permission. Its private hooks are used; tests/crawl/test_robots.py notices when they change.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._tally = of_settings(crawler.settings).tallies[crawler.spidercls.name]
        self._slot = crawler.spidercls.name
        crawler.signals.connect(self._apply_crawl_delay, signals.robots_parsed)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        agent = self._robotstxt_useragent or request.headers.get(b"User-Agent") or self._default_useragent
        if rp is not None and not rp.allowed(request.url, agent):
            raise refuse(self._tally, "robots")

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            logger.warning("%s: robots.txt answers %d: the host is not crawled", netloc, response.status)
            response = response.replace(status=200, body=_DENY_ALL)
        elif not 200 <= response.status < 300:
            response = response.replace(body=b"")
        elif len(response.body) > MAX_ROBOTS:
            self._tally.limits["robots_size"] += 1
            whole_lines = response.body[:MAX_ROBOTS].rpartition(b"\n")[0]
            response = response.replace(body=whole_lines)
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        reason = failure_name(exc)
        self._tally.failures[reason] += 1
        logger.warning("%s: robots.txt cannot be fetched (%s): the host is not crawled", netloc, reason)
        waiting: Any = self._parsers[netloc]
        deny = build_from_crawler(self._parserimpl, self.crawler, _DENY_ALL)
        self._parsers[netloc] = deny
        waiting.callback(deny)

    def _apply_crawl_delay(self, robotparser: RobotParser) -> None:
        agent = self._robotstxt_useragent or self._default_useragent
        delay = robotparser.crawl_delay(agent)
        slot = self.crawler.engine.downloader.slots.get(self._slot)
        if delay and slot is not None and delay > slot.delay:
            slot.delay = delay
            logger.info("%s: robots.txt asks for %g s between requests", self._slot, delay)
