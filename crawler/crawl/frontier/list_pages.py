"""Discovery pages that fail: what is behind one is not lost, and what has simply ended is not asked for for ever.

A run in which a discovery page failed is not whole, and the next one reads on to where discovery ended. A further page
that is gone, or empty, in two runs while all pages before it answered is the end of its list. Any other page that fails
in THREE runs in a row is reported to the operator (crawler/health/expectations.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrapy import Request

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.stats import MOST_NAMED, PortalStats
from crawler.crawl.request import ListPage, discovery_kind, list_page_of

#: What the page after the last one of a list answers.
ENDS = frozenset({"http-404", "http-410", "empty", "error-page", "redirect"})


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    root: str
    further: bool
    url: str
    kind: str
    again: bool  #: whether its address alone is enough to ask for it again


class FailingPages:
    """The discovery pages of one run that failed, against those of the run before (*before*: name -> what it noted)."""

    def __init__(self, before: Mapping[str, Json]) -> None:
        self._before = before
        self._failed: dict[str, _Failure] = {}

    def failed(self, request: Request, reason: str) -> None:
        """The answer to *request*, a discovery page, is none: *reason*."""
        place = list_page_of(request)
        again = request.method == "GET" and place.name == request.url
        kind = discovery_kind(request) or "list"
        self._failed[place.name] = _Failure(reason, place.root, place.further, request.url, kind, again)

    def place(self, url: str) -> ListPage:
        """The place in its list of the page at *url*, as the run before knew it."""
        before = self._before.get(url, {})
        return ListPage(url, before.get("root", url), before.get("further", False))

    def note(self, stats: PortalStats) -> None:
        """Writes into *stats*, at the end of a run, which pages fail, and leaves those that did to the next run."""
        broken = {failed_page.root for failed_page in self._failed.values() if failed_page.reason not in ENDS}
        for name, failure in list(self._failed.items())[:MOST_NAMED]:
            before = self._before.get(name, {})
            ending = failure.further and failure.reason in ENDS and failure.root not in broken
            end = ending and before.get("reason") in ENDS
            stats.failing[name] = {
                "kind": failure.kind, "reason": failure.reason, "runs": before.get("runs", 0) + 1, "end": end,
                "further": failure.further, "root": failure.root,
            }  # fmt: skip
            if not end and failure.again:
                stats.leave(failure.url, failure.kind)
        for name, page in self._before.items():
            if page["end"] and name not in self._failed and len(stats.failing) < MOST_NAMED:
                stats.failing[name] = page  # nobody asked: paging stopped before it
