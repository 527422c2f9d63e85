"""When a request is sent: one throttle per site, with its delay, pauses and quiet hours for all its hosts.

Portals of one site share a throttle, www. and m. too. What waits leaves by priority, not in the order in which it came.
The gap between two requests is measured where they leave, and is written into the run file.
"""

from __future__ import annotations

import asyncio
import heapq
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from scrapy import Request
from scrapy.http import Response

from crawler.archive.runs.stats import PortalStats
from crawler.crawl.downloader.failing import SiteFailures
from crawler.crawl.request import COMPLETES_VISIT, ROBOTS, kind_of, put_started_at
from crawler.crawl.skipped import SkippedRequest, defer
from crawler.values import clock
from crawler.values.cores import usable_cores
from crawler.values.hours import Hours
from crawler.values.statuses import is_transient
from crawler.values.urls import host_of
from crawler.values.waits import retry_after

LONGEST_PAUSE = 900.0  #: seconds that a run waits for a server; one that asks for more is left alone until then
GAVE_UP = "gave_up"  #: why a site that fails is left alone for the rest of the run
UNREAD = max(6, 3 * usable_cores())  #: pages that wait to be read, from which on none is asked for: one may be a ban
MOST_DELAY = 60.0  #: seconds between requests to a site that fails, at most
_MAY_NAME_WAIT = frozenset({429, 503})  #: the statuses whose Retry-After says when to come back
FIRST_PAUSE = 0.05  #: seconds from which pauses grow where the delay is 0
#: What completes a visit is still asked for this long after the run's time is over.
GRACE = 60.0


@dataclass(slots=True)
class ThrottlePolicy:
    """What holds for a site: *delay* seconds between requests, up to *jitter* of it more, at most *concurrency*."""

    delay: float = 0.0
    jitter: float = 0.0
    concurrency: int = 1
    deadline: float | None = None  #: of time.monotonic()
    quiet: Hours | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    may_ask: Callable[[], bool] = lambda: True  #: whether this machine may ask the site at all, by what it shares


@dataclass(slots=True)
class RequestBudget:
    """What one portal may still ask for in this run, and what it has asked for."""

    stats: PortalStats
    left: int  #: requests
    pending: int = 0  #: requests that wait for their turn or for an answer


class SiteThrottle:
    """The throttle of one site. Not for several threads."""

    def __init__(self, policy: ThrottlePolicy) -> None:
        self.policy = policy
        self.closed: str | None = None  #: why nothing leaves any more in this run
        self.away_until: datetime | None = None  #: when the server will have us again
        self._waiting: list[tuple[int, int, Request, RequestBudget, asyncio.Future[None]]] = []
        self._turns = count()
        self._under_way = 0
        self._unread = 0  # pages that nobody has judged yet
        self._next = 0.0  # time.monotonic() from which the next one may leave
        self._last: dict[str, float] = {}
        self.failures = SiteFailures()
        self._timer: asyncio.TimerHandle | None = None

    def slow_down(self, delay: float) -> None:
        """At least *delay* seconds between two requests from now on."""
        if delay > self.policy.delay:
            self.policy.delay = delay
            self.policy.concurrency = 1  # a site that asks for a pause gets one request at a time
            self._next = max(self._next, max(self._last.values(), default=0.0) + delay)

    async def send(
        self, request: Request, budget: RequestBudget, download: Callable[[], Awaitable[Response]]
    ) -> Response:
        """The answer that *download* brings, started in its turn.

        Raises SkippedRequest where the site is left alone by then, or *budget* is used up.
        """
        budget.pending += 1
        try:
            await self._turn(request, budget)
            return await self._sent(request, budget, download)
        finally:
            budget.pending -= 1

    async def _sent(
        self, request: Request, budget: RequestBudget, download: Callable[[], Awaitable[Response]]
    ) -> Response:
        self._note(request, budget.stats)
        try:
            response = await download()
        except Exception as error:  # counted against the site, and raised again
            self._failed(request, error)
            raise
        else:
            self._answered(request, response)
            budget.stats.host(host_of(request.url))["bytes"] += len(response.body)
            return response
        finally:
            self._under_way -= 1
            if self.policy.concurrency == 1:  # the server has seen the request by now, however long the way was
                self._next = max(self._next, time.monotonic() + self.policy.delay)
            self._pump()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While a page of the site is read, which other processes may do: no more than a few wait for that."""
        self._unread += 1
        try:
            yield
        finally:
            self._unread -= 1
            self._pump()

    def back_off(self, times: int) -> None:
        """The site answered as one that does not want us, *times* in a row: the gap doubles with each."""
        wait = min(max(self.policy.delay, FIRST_PAUSE) * 2 ** min(times, 10), MOST_DELAY)
        self._next = max(self._next, time.monotonic() + wait)

    def close(self, reason: str) -> None:
        """Nothing leaves any more in this run, for *reason*."""
        self.closed = self.closed or reason
        self._pump()

    def hold_until(self, until: datetime) -> None:
        """The server asked an earlier run not to come back before *until*."""
        if until > clock.now():
            self.closed, self.away_until = "retry_after", until

    def stop(self) -> None:
        """The run is stopped: nothing leaves any more, what waits is refused."""
        self.closed = None
        self.close("stopped")

    def closed_reason(self) -> str | None:
        """Why nothing may leave now, or None."""
        if self.closed is None:
            policy = self.policy
            if policy.quiet is not None and policy.quiet.hold(clock.now().astimezone(policy.zone)):
                self.closed = "quiet_hours"
            elif policy.deadline is not None and time.monotonic() >= policy.deadline:
                self.closed = "max_minutes"
            elif not policy.may_ask():
                self.closed = "turn"
        return self.closed

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _turn(self, request: Request, budget: RequestBudget) -> None:
        loop = asyncio.get_running_loop()
        granted: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._waiting, (-request.priority, next(self._turns), request, budget, granted))
        loop.call_soon(self._pump)  # requests that arrive in this turn of the loop are compared first
        try:
            await granted
        except SkippedRequest as skipped:
            raise defer(budget.stats, skipped.reason, request) from None

    def _pump(self) -> None:
        """Lets out what may leave now, and comes back when the next may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            _, _, request, budget, granted = self._waiting[0]
            if granted.cancelled():
                heapq.heappop(self._waiting)
            elif (reason := self.against(request, budget)) is not None:
                heapq.heappop(self._waiting)
                granted.set_exception(SkippedRequest(reason))
            elif self._under_way >= self.policy.concurrency or self._unread >= UNREAD:
                return
            elif (wait := self._next - time.monotonic()) > 0:
                self._timer = asyncio.get_running_loop().call_later(self._until(wait), self._pump)
                return
            else:
                heapq.heappop(self._waiting)
                self._under_way += 1
                budget.left -= 1
                gap = self.policy.delay * (1 + random.uniform(0, self.policy.jitter))  # noqa: S311 - no secret
                self._next = time.monotonic() + gap
                granted.set_result(None)

    def _until(self, wait: float) -> float:
        """*wait*, or less where the run ends before."""
        end = self.policy.deadline
        return wait if end is None or self.closed else max(min(wait, end - time.monotonic()), 0.001)

    def against(self, request: Request, budget: RequestBudget) -> str | None:
        """Why *request* may not leave at all."""
        if budget.left <= 0:
            return "max_requests"
        reason = self.closed_reason()
        return None if reason is None or self._may_finish(request, reason) else reason

    def _may_finish(self, request: Request, reason: str) -> bool:
        """Whether *request* completes a visit whose pages were asked for while there was time."""
        end = self.policy.deadline
        late = reason == "max_minutes" and end is not None and time.monotonic() < end + GRACE
        return late and kind_of(request) in COMPLETES_VISIT

    def _note(self, request: Request, stats: PortalStats) -> None:
        now, host = time.monotonic(), host_of(request.url)
        put_started_at(request, clock.now())
        self._next = max(self._next, now + self.policy.delay)  # the loop may have been late
        stats.sent(host, kind_of(request) or ROBOTS, now - self._last[host] if host in self._last else None)
        self._last[host] = now

    def _answered(self, request: Request, response: Response) -> None:
        wanted = response.headers.get("Retry-After")
        wait = retry_after(wanted.decode("latin-1") if wanted else None, clock.now())
        if response.status in _MAY_NAME_WAIT and wait is not None:
            self._pause(wait)
        elif is_transient(response.status):
            self._failed(request, response.status, least=1.0 if response.status == 429 else 0.0)
        else:
            self.failures.answered(request)

    def _pause(self, wait: float) -> None:
        """Nothing leaves for *wait* seconds; where that is longer than the run can wait, nothing leaves any more."""
        now = time.monotonic()
        self._next = max(self._next, now + wait)
        if wait > LONGEST_PAUSE or (self.policy.deadline is not None and now + wait > self.policy.deadline):
            self.closed = self.closed or "retry_after"
        if self.closed == "retry_after":
            self.away_until = clock.now() + timedelta(seconds=wait)

    def _failed(self, request: Request, answer: int | Exception, least: float = 0.0) -> None:
        """The more failures in a row, the longer the gap; in the end the site is left alone."""
        self.failures.failed(request, answer)
        wait = min(max(self.policy.delay, least) * 2 ** min(self.failures.in_a_row, 10), MOST_DELAY)
        self._next = max(self._next, time.monotonic() + max(wait, self.policy.delay))
        if self.failures.are_enough():
            self.closed = self.closed or GAVE_UP
