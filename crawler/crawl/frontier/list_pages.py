"""Discovery pages that fail: nothing behind them is lost, and lists that have ended are not requested forever.

A run in which a discovery page failed is not whole, and the next one reads on to where discovery ended. A further page
that is gone, empty, or a repetition of another one, in two runs while all pages before it answered is the end of its
list. Any other page that fails in THREE runs in a row is reported to the operator (crawler/health/expectations.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrapy import Request

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.stats import MOST_NAMED, REPEATS, PortalStats
from crawler.crawl.request import ListPage, discovery_kind, list_page_of
from crawler.values.paging import page_number

#: What the page after the last one of a list answers.
ENDS = frozenset({"http-404", "http-410", "empty", "error-page", "redirect", REPEATS})


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
        self._named: dict[str, dict[frozenset[str], tuple[int, Request]]] = {}  # root -> articles -> the first page

    def failed(self, request: Request, reason: str) -> None:
        """The answer to *request*, a discovery page, is none: *reason*."""
        place = list_page_of(request)
        again = request.method == "GET" and place.name == request.url
        kind = discovery_kind(request) or "list"
        self._failed[place.name] = _Failure(reason, place.root, place.further, request.url, kind, again)

    def repeats(self, request: Request, articles: frozenset[str]) -> bool:
        """Whether the page that answered *request* names the *articles* of another page of its list, and no others.

        That is the page after the last one, or a server that answers the first page under each number: what it links
        further leads nowhere. A second address of one page, such as that of number 1, is no repetition.
        """
        place = list_page_of(request)
        known = self._named.setdefault(place.root, {})
        number = page_number(request.url) if request.url == place.name else len(known) + 1
        first, asked = known.get(articles, (number, request))
        known[articles] = (number, request) if number <= first else (first, asked)
        later = request if number > first else asked  # a page that was left comes before those it follows
        if number == first or not articles or not list_page_of(later).further:
            return False
        self.failed(later, REPEATS)
        return later is request

    def place(self, url: str) -> ListPage:
        """The place in its list of the page at *url*, as the run before knew it."""
        before = self._before.get(url, {})
        return ListPage(url, before.get("root", url), before.get("further", False))

    def note(self, stats: PortalStats) -> None:
        """Writes into *stats*, at the end of a run, which pages fail, and leaves those that did to the next run."""
        stats.discovery["repeated"] += sum(failure.reason == REPEATS for failure in self._failed.values())
        broken = {failed_page.root for failed_page in self._failed.values() if failed_page.reason not in ENDS}
        for name, failure in list(self._failed.items())[:MOST_NAMED]:
            before = self._before.get(name, {})
            ending = failure.further and failure.reason in ENDS and failure.root not in broken
            end = ending and before.get("reason") in ENDS
            stats.failing[name] = {
                "kind": failure.kind, "reason": failure.reason, "runs": before.get("runs", 0) + 1, "end": end,
                "further": failure.further, "root": failure.root,
            }  # fmt: skip
            if not end and failure.again and failure.reason != REPEATS:  # that is seen only behind those before it
                stats.leave(failure.url, failure.kind)
        for name, page in self._before.items():
            if page["end"] and name not in self._failed and len(stats.failing) < MOST_NAMED:
                stats.failing[name] = page  # nobody asked: paging stopped before it
