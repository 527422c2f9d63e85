"""A request that is not made, and why: counted by reason in the run's tally."""

from __future__ import annotations

from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from crawler.archive.runs.stats import Tally

#: Why a run leaves something for the next one.
LIMITS = frozenset({"max_requests", "max_minutes", "quiet_hours", "retry_after", "gave_up", "stopped"})
#: Kinds of requests that find articles.
DISCOVERY = frozenset({"list", "feed", "sitemap"})


class RefusedRequest(IgnoreRequest):
    """The request was not made, for *reason*."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refuse(tally: Tally, reason: str) -> RefusedRequest:
    """Counts a refusal for *reason* and returns what to raise."""
    tally.drops[reason] += 1
    return RefusedRequest(reason)


def leave(tally: Tally, reason: str, request: Request) -> RefusedRequest:
    """Counts a request that a limit of the run leaves for the next one, and returns what to raise."""
    kind = request.meta.get("kind")
    if kind is not None:  # else a robots.txt: what it was needed for is counted
        tally.limits[reason] += 1
    if kind in DISCOVERY:
        tally.leave(request.url, kind)
    elif kind == "article":
        tally.left_articles += 1
    return refuse(tally, reason)
