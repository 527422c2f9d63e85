"""Discovery pages that fail: nothing behind them is lost, and lists that have ended are not requested forever.

A run in which a discovery page failed is not whole, and the next one reads on to where discovery ended. A further page
that is gone, empty, or a repetition of another one, in two runs while all pages before it answered and none after it is
the end of its list. Any other page that fails in THREE runs in a row is reported to the operator
(crawler/health/expectations.py); but for what may be a page's own way: to have no end, or to name nothing that others
do not name. What is so in two runs is taken for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrapy import Request

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.stats import MOST_NAMED, REPEATS, PortalStats
from crawler.crawl.request import ListPage, discovery_kind, list_page_of
from crawler.values.paging import page_number, series

#: What the page after the last one of a list answers.
ENDS = frozenset({"http-404", "http-410", "empty", "error-page", "redirect", REPEATS})
NOTHING_NEW = "nothing-new"  #: it names what other list pages name, and links no page that they do not link
UNENDED = "unended"  #: the HTML of other list pages comes to its end, this one's does not
#: What two runs in a row show to be a page's own way.
_WAYS = frozenset({NOTHING_NEW, UNENDED})
_BY_OTHERS = _WAYS | {REPEATS}  #: seen only behind the pages before


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    root: str
    further: bool
    url: str
    kind: str
    again: bool  #: whether its address alone is enough to ask for it again

    def may_end(self) -> bool:
        """Whether it may be the end of its list, as far as its own answer tells."""
        if self.kind == "sitemap":
            return self.reason == "empty"  # the part of an index that is still to be filled
        return self.further and self.reason in ENDS


class FailingPages:
    """The discovery pages of one run that failed, against those of the run before (*before*: name -> what it noted)."""

    def __init__(self, before: Mapping[str, Json]) -> None:
        self._before = before
        self._failed: dict[str, _Failure] = {}
        self._named: dict[str, dict[frozenset[str], tuple[int, Request]]] = {}  # root -> articles -> the first page
        self._all: set[str] = set()  # articles that list pages named
        self._sets: set[frozenset[str]] = set()  # and those of each page
        self._last: dict[str, int] = {}  # series -> the largest number of a page that named articles
        self._ends: dict[str, tuple[Request, bool]] = {}  # pages -> whether their HTML came to its end

    def failed(self, request: Request, reason: str) -> None:
        """The answer to *request*, a discovery page, is none: *reason*."""
        place = list_page_of(request)
        again = request.method == "GET" and place.name == request.url
        kind = discovery_kind(request) or "list"
        further = place.further or place.numbered
        self._failed[place.name] = _Failure(reason, place.root, further, request.url, kind, again)

    def read(self, request: Request, articles: frozenset[str], *, leads_on: bool, ended: bool | None) -> None:
        """A list page was read: it names *articles*, and *leads_on* to pages that were not linked before.

        *ended*: whether its HTML comes to its end; None where that cannot be said.
        """
        place, number = list_page_of(request), page_number(request.url)
        old = articles <= self._all if place.further else place.numbered and articles in self._sets
        self._all |= articles
        self._sets.add(articles)
        if ended is not None:
            self._ends[place.name] = (request, ended)
        if place.name in self._failed or not articles:
            return
        if old and not leads_on and number > 1:
            self.failed(request, NOTHING_NEW)
        else:
            name = series(request.url)
            self._last[name] = max(self._last.get(name, 0), number)

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
        self._note_unended()
        stats.discovery["repeated"] += sum(failure.reason == REPEATS for failure in self._failed.values())
        for name, failure in list(self._failed.items())[:MOST_NAMED]:
            known = self._before.get(name, {})
            end = known.get("reason") in ENDS and self._may_end(failure)
            end = end or (failure.reason in _WAYS and known.get("reason") == failure.reason)
            stats.failing[name] = {
                "kind": failure.kind, "reason": failure.reason, "runs": known.get("runs", 0) + 1, "end": end,
                "further": failure.further, "root": failure.root,
            }  # fmt: skip
            if not end and failure.again and failure.reason not in _BY_OTHERS:
                stats.leave(failure.url, failure.kind)
        for name, page in self._before.items():
            if page["end"] and name not in self._failed and len(stats.failing) < MOST_NAMED:
                stats.failing[name] = page  # nobody asked: paging stopped before it

    def _may_end(self, failure: _Failure) -> bool:
        """Whether the page of *failure* may end its list: no page before it fails, and none after it answers."""
        name, number = series(failure.url), page_number(failure.url)
        others = [other for other in self._failed.values() if other.reason not in ENDS | _WAYS]
        before = any(series(other.url) == name and page_number(other.url) < number for other in others)
        in_list = any(other.root == failure.root for other in others)
        return failure.may_end() and not before and not in_list and number >= self._last.get(name, 0)

    def _note_unended(self) -> None:
        """The pages whose HTML breaks off, where that of others does not: the server did not send all."""
        if any(ended for _, ended in self._ends.values()):
            for name, (request, ended) in self._ends.items():
                if not ended and name not in self._failed:
                    self.failed(request, UNENDED)
