"""A request that is not made, and why: counted by reason in the run's tally."""

from __future__ import annotations

from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from crawler.archive.runs.stats import PortalStats

#: Why a run leaves something for the next one.
LIMITS = frozenset({"max_requests", "max_minutes", "quiet_hours", "retry_after", "gave_up", "stopped"})
#: Kinds of requests that find articles.
DISCOVERY = frozenset({"list", "feed", "sitemap"})


class SkippedRequest(IgnoreRequest):
    """The request was not made, for *reason*."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refuse(tally: PortalStats, reason: str) -> SkippedRequest:
    """Counts a refusal for *reason* and returns what to raise."""
    tally.drops[reason] += 1
    return SkippedRequest(reason)


def leave(tally: PortalStats, reason: str, request: Request) -> SkippedRequest:
    """Counts a request that a limit of the run leaves for the next one, and returns what to raise."""
    kind = request.meta.get("kind")
    if kind is not None:  # else a robots.txt: what it was needed for is counted
        tally.limits[reason] += 1
    if kind in DISCOVERY:
        tally.leave(request.url, kind)
    elif kind == "article":
        tally.left_articles += 1
    return refuse(tally, reason)
