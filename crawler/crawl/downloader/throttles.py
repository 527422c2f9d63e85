"""Which portals of a run share a throttle: those of one site."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.crawl.downloader.throttle import SiteThrottle, ThrottlePolicy
from crawler.values.urls import site_of


class Throttles:
    """The throttles of a run: portals whose domains lie in one site get the same one."""

    def __init__(self) -> None:
        self._throttles: list[tuple[set[str], SiteThrottle]] = []

    def stop(self) -> None:
        """Stops all of them."""
        for _, throttle in self._throttles:
            throttle.stop()

    def of(self, domains: Iterable[str], policy: ThrottlePolicy) -> SiteThrottle:
        """The throttle of the site that *domains* belong to, at the slower pace where another portal has it already."""
        sites = {site_of(domain) for domain in domains}
        for known, throttle in self._throttles:
            if any(_same(one, other) for one in sites for other in known):
                known.update(sites)
                throttle.policy.delay = max(throttle.policy.delay, policy.delay)
                throttle.policy.concurrency = min(throttle.policy.concurrency, policy.concurrency)
                throttle.policy.quiet = throttle.policy.quiet or policy.quiet
                return throttle
        throttle = SiteThrottle(policy)
        self._throttles.append((sites, throttle))
        return throttle


def _same(one: str, other: str) -> bool:
    return one == other or one.endswith("." + other) or other.endswith("." + one)
