"""When a request may leave: one gate a site, which keeps its delay, its pauses and its hours over all hosts of it.

Portals of one site share a gate, www. and m. too. What waits leaves by priority, not in the order in which it came.
The gap between two requests is measured where they leave, and is written into the run's record.
"""

from __future__ import annotations

import asyncio
import heapq
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from scrapy import Request
from scrapy.http import Response

from crawler.archive.runs.stats import PortalStats
from crawler.crawl.frontier.skipped import SkippedRequest, leave
from crawler.values.hours import Hours
from crawler.values.urls import host_of, site_of
from crawler.values.waits import retry_after

LONGEST_PAUSE = 900.0  #: seconds that a run waits for a server; who asks for more is left alone until then
GIVE_UP = 20  #: failures in a row after which a site is left alone for the rest of the run
MOST_DELAY = 60.0  #: seconds between requests to a site that fails, at most
_BUSY = frozenset({429, 503})
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


@dataclass(slots=True)
class Share:
    """What one portal may still ask for in this run, and what it has."""

    tally: PortalStats
    left: int  #: requests


class SiteThrottle:
    """The gate of one site. Not for several threads."""

    def __init__(self, terms: ThrottlePolicy) -> None:
        self.terms = terms
        self.closed: str | None = None  #: why nothing leaves any more in this run
        self.away_until: datetime | None = None  #: when the server will have us again
        self._waiting: list[tuple[int, int, Request, Share, asyncio.Future[None]]] = []
        self._turns = count()
        self._under_way = 0
        self._next = 0.0  # time.monotonic() from which the next one may leave
        self._last: dict[str, float] = {}
        self._failures = 0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def slow_down(self, delay: float) -> None:
        """At least *delay* seconds between two requests from now on."""
        if delay > self.terms.delay:
            self.terms.delay = delay
            self.terms.concurrency = 1  # who asks for a pause wants no two at once
            self._next = max(self._next, max(self._last.values(), default=0.0) + delay)

    async def send(self, request: Request, of: Share, download: Callable[[], Awaitable[Response]]) -> Response:
        """*download*, in its turn. Raises RefusedRequest where the site is left alone by then, or *of* is used up."""
        tally = of.tally
        await self._turn(request, of)
        self._note(request, tally)
        try:
            response = await download()
        except Exception:  # counted against the site, and raised again
            self._failed()
            raise
        else:
            self._answered(response)
            tally.host(host_of(request.url))["bytes"] += len(response.body)
            return response
        finally:
            self._under_way -= 1
            if self.terms.concurrency == 1:  # the server has seen the request by now, however long the way was
                self._next = max(self._next, time.monotonic() + self.terms.delay)
            self._pump()

    def stay_away(self, until: datetime) -> None:
        """The server asked an earlier run not to come back before *until*."""
        if until > datetime.now(UTC):
            self.closed, self.away_until = "retry_after", until

    def stop(self) -> None:
        """The run is stopped: nothing leaves any more, what waits is refused."""
        self.closed = "stopped"
        self._pump()

    def shut(self) -> str | None:
        """Why nothing may leave now, or None."""
        if self.closed is None:
            terms = self.terms
            if terms.quiet is not None and terms.quiet.hold(datetime.now(terms.zone)):
                self.closed = "quiet_hours"
            elif terms.deadline is not None and time.monotonic() >= terms.deadline:
                self.closed = "max_minutes"
        return self.closed

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _turn(self, request: Request, of: Share) -> None:
        loop = asyncio.get_running_loop()
        granted: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._waiting, (-request.priority, next(self._turns), request, of, granted))
        loop.call_soon(self._pump)  # whoever comes in this turn of the loop is compared first
        try:
            await granted
        except SkippedRequest as refused:
            raise leave(of.tally, refused.reason, request) from None

    def _pump(self) -> None:
        """Lets out what may leave now, and comes back when the next may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            _, _, request, of, granted = self._waiting[0]
            if granted.cancelled():
                heapq.heappop(self._waiting)
            elif (reason := self.against(request, of)) is not None:
                heapq.heappop(self._waiting)
                granted.set_exception(SkippedRequest(reason))
            elif self._under_way >= self.terms.concurrency:
                return
            elif (wait := self._next - time.monotonic()) > 0:
                self._timer = asyncio.get_running_loop().call_later(self._until(wait), self._pump)
                return
            else:
                heapq.heappop(self._waiting)
                self._under_way += 1
                of.left -= 1
                gap = self.terms.delay * (1 + random.uniform(0, self.terms.jitter))  # noqa: S311 - no secret
                self._next = time.monotonic() + gap
                granted.set_result(None)

    def _until(self, wait: float) -> float:
        """*wait*, or less where the run ends before."""
        end = self.terms.deadline
        return wait if end is None or self.closed else max(min(wait, end - time.monotonic()), 0.001)

    def against(self, request: Request, of: Share) -> str | None:
        """Why *request* may not leave at all."""
        if of.left <= 0:
            return "max_requests"
        reason = self.shut()
        return None if reason is None or self._may_finish(request, reason) else reason

    def _may_finish(self, request: Request, reason: str) -> bool:
        """Whether *request* completes a visit whose pages were asked for while there was time."""
        end = self.terms.deadline
        late = reason == "max_minutes" and end is not None and time.monotonic() < end + GRACE
        return late and request.meta.get("kind") in {"next", "counter"}

    def _note(self, request: Request, tally: PortalStats) -> None:
        now, host = time.monotonic(), host_of(request.url)
        request.meta["started_at"] = datetime.now(UTC)
        self._next = max(self._next, now + self.terms.delay)  # the loop may have been late
        tally.sent(host, request.meta.get("kind", "robots"), now - self._last[host] if host in self._last else None)
        self._last[host] = now

    def _answered(self, response: Response) -> None:
        wanted = response.headers.get("Retry-After")
        wait = retry_after(wanted.decode("latin-1") if wanted else None, datetime.now(UTC))
        if response.status in _BUSY and wait is not None:
            self._pause(wait)
        elif response.status == 429:
            self._failed(least=1.0)
        elif response.status >= 500:
            self._failed()
        else:
            self._failures = 0

    def _pause(self, wait: float) -> None:
        """Nothing leaves for *wait* seconds; where that is longer than the run can wait, nothing leaves any more."""
        now = time.monotonic()
        self._next = max(self._next, now + wait)
        if wait > LONGEST_PAUSE or (self.terms.deadline is not None and now + wait > self.terms.deadline):
            self.closed = self.closed or "retry_after"
        if self.closed == "retry_after":
            self.away_until = datetime.now(UTC) + timedelta(seconds=wait)

    def _failed(self, least: float = 0.0) -> None:
        """The more failures in a row, the longer the gap; after many of them the site is left alone."""
        self._failures += 1
        wait = min(max(self.terms.delay, least) * 2 ** min(self._failures, 10), MOST_DELAY)
        self._next = max(self._next, time.monotonic() + max(wait, self.terms.delay))
        if self._failures >= GIVE_UP:
            self.closed = self.closed or "gave_up"


class Throttles:
    """The gates of a run: portals whose domains lie in one site get the same one."""

    def __init__(self) -> None:
        self._gates: list[tuple[set[str], SiteThrottle]] = []

    def stop(self) -> None:
        """Stops all gates."""
        for _, gate in self._gates:
            gate.stop()

    def of(self, domains: Iterable[str], terms: ThrottlePolicy) -> SiteThrottle:
        """The gate of the site that *domains* belong to, at the slower pace where another portal has it already."""
        sites = {site_of(domain) for domain in domains}
        for known, gate in self._gates:
            if any(_same(one, other) for one in sites for other in known):
                known.update(sites)
                gate.terms.delay = max(gate.terms.delay, terms.delay)
                gate.terms.concurrency = min(gate.terms.concurrency, terms.concurrency)
                gate.terms.quiet = gate.terms.quiet or terms.quiet
                return gate
        gate = SiteThrottle(terms)
        self._gates.append((sites, gate))
        return gate


def _same(one: str, other: str) -> bool:
    return one == other or one.endswith("." + other) or other.endswith("." + one)
