"""What the portal may be asked: robots.txt as RFC 9309 has it, with the pace that it asks for."""

from __future__ import annotations

import logging
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.stats import MOST_NAMED
from crawler.archive.write.shared import of_settings
from crawler.crawl.downloader.throttles import gate_of
from crawler.crawl.frontier.skipped import LIMITS, SkippedRequest, leave, refuse
from crawler.values.failures import failure_name

logger = logging.getLogger(__name__)
MAX_ROBOTS = 512 * 1024  #: bytes of a robots.txt that are read; RFC 9309 asks for 500 KiB at least
MOST_DELAY = 86_400.0  #: seconds; who wants more gets no second request in this run either
_DENY_ALL = b"User-agent: *\nDisallow: /\n"


class RobotsMiddleware(RobotsTxtMiddleware):
    """A server that fails is not crawled, a huge file is read up to a bound, Crawl-delay and Request-rate are kept.

    Scrapy takes a failing server for a permission. Its private hooks are used; tests/crawl/test_guards.py notices when
    they change.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._tally = of_settings(crawler.settings).tallies[crawler.spidercls.name]
        self._name = crawler.spidercls.name
        self._gate = gate_of(crawler)
        self._unasked: dict[str, str] = {}  # hosts whose robots.txt a limit of the run left for later
        crawler.signals.connect(self._slow_down, signals.robots_parsed)

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules for *request*. Of several that wait for one robots.txt, Scrapy gives them to the first alone, and
        None, which permits all, to the others."""
        found = await super().robot_parser(request)
        rules: Any = self._parsers[_netloc(request)]
        return found if found is not None else rules

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        if (reason := self._unasked.get(_netloc(request))) is not None:
            raise leave(self._tally, reason, request)
        agent = self._robotstxt_useragent or request.headers.get(b"User-Agent") or self._default_useragent
        if rp is not None and not rp.allowed(request.url, agent):
            raise refuse(self._tally, "robots")

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        status, followed = response.status, "obeyed"
        if response.status >= 500 or response.status == 429:
            logger.warning("%s: robots.txt answers %d: the host is not crawled", netloc, response.status)
            response = response.replace(status=200, body=_DENY_ALL)
            followed = "not crawled"
        elif not 200 <= response.status < 300:
            followed = "no rules"
            response = response.replace(body=b"")
        elif len(response.body) > MAX_ROBOTS:
            self._tally.limits["robots_size"] += 1
            whole_lines = response.body[:MAX_ROBOTS].rpartition(b"\n")[0]
            response = response.replace(body=whole_lines)
        self._note(netloc, {"status": status, "followed": followed})
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        reason = exc.reason if isinstance(exc, SkippedRequest) else failure_name(exc)
        if isinstance(exc, SkippedRequest) and exc.reason in LIMITS:
            self._unasked[netloc] = reason
        else:
            self._tally.failures[reason] += 1
            logger.warning("%s: robots.txt cannot be fetched (%s): the host is not crawled", netloc, reason)
        self._note(netloc, {"status": reason, "followed": "not crawled"})
        waiting: Any = self._parsers[netloc]
        deny = build_from_crawler(self._parserimpl, self.crawler, _DENY_ALL)
        self._parsers[netloc] = deny
        waiting.callback(deny)

    def _slow_down(self, robotparser: RobotParser, request: Request) -> None:
        agent = self._robotstxt_useragent or self._default_useragent
        rules: Any = robotparser.rp  # type: ignore[attr-defined] # Protego's, which knows Request-rate besides
        delay, rate = rules.crawl_delay(agent), rules.request_rate(agent)
        paces = {"crawl_delay": delay, "request_rate": rate.seconds / rate.requests if rate and rate.requests else None}
        longest = min(max((pace for pace in paces.values() if pace), default=0.0), MOST_DELAY)
        self._gate.slow_down(longest)
        if longest:
            logger.info("%s: robots.txt asks for %g s between requests", self._name, longest)
            self._tally.robots.get(_netloc(request), {}).update(paces)

    def _note(self, netloc: str, what: Json) -> None:
        if len(self._tally.robots) < MOST_NAMED:
            self._tally.robots[netloc] = what


def _netloc(request: Request) -> str:
    return request.url.split("/", 3)[2]
