"""A request that is not made, and why: counted by reason in the run's tally."""

from __future__ import annotations

from scrapy.exceptions import IgnoreRequest

from crawler.archive.tally import Tally


class RefusedRequest(IgnoreRequest):
    """The request was not made, for *reason*."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refuse(tally: Tally, reason: str) -> RefusedRequest:
    """Counts a refusal for *reason* and returns what to raise."""
    tally.drops[reason] += 1
    return RefusedRequest(reason)
