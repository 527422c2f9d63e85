"""Requests that are not made, and why: counted by reason in the portal's statistics."""

from __future__ import annotations

from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from crawler.archive.runs.stats import PortalStats
from crawler.article import OUTAGES
from crawler.crawl.request import REQUISITES, discovery_kind, kind_of

#: Why a run leaves something for the next one.
LIMITS = OUTAGES | {"max_requests", "max_minutes", "quiet_hours", "retry_after", "gave_up", "stopped", "turn"}


class SkippedRequest(IgnoreRequest):
    """The request was not made, for *reason*."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_skipped(error: BaseException | None) -> bool:
    """Whether *error* says that a request was not let out; Scrapy's own IgnoreRequest is too many redirects."""
    return isinstance(error, IgnoreRequest) and type(error) is not IgnoreRequest


def is_limit(error: BaseException | None) -> bool:
    """Whether *error* says that a limit of the run left a request for the next one."""
    return isinstance(error, SkippedRequest) and error.reason in LIMITS


def is_gave_up(error: BaseException | None) -> bool:
    """Whether *error* says that a request was left since its site failed in one after another."""
    return isinstance(error, SkippedRequest) and error.reason == "gave_up"


def skip(stats: PortalStats, reason: str, request: Request) -> SkippedRequest:
    """Counts a request that is not allowed, for *reason*, and returns what to raise."""
    if kind_of(request) not in REQUISITES:  # those have counts of their own
        stats.drops[reason] += 1
    return SkippedRequest(reason)


def defer(stats: PortalStats, reason: str, request: Request) -> SkippedRequest:
    """Counts a request that a limit of the run leaves for the next one, and returns what to raise."""
    kind = kind_of(request)
    if kind is not None and kind not in REQUISITES:  # none: a robots.txt; what it was needed for is counted
        stats.limits[reason] += 1
    if (discovery := discovery_kind(request)) is not None:
        stats.leave(request.url, discovery)
    elif kind == "article":
        stats.left_articles += 1
    return skip(stats, reason, request)
