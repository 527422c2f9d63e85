"""The discovery pages of a run: which are asked for, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping

from scrapy import Request

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.stats import PortalStats
from crawler.crawl.frontier.depth import DiscoveryDepth
from crawler.crawl.frontier.list_pages import FailingPages
from crawler.crawl.request import Discovery, ListPage, discovery_kind, list_page_of
from crawler.portals import Portal
from crawler.values.statuses import is_transient

MAX_SITEMAPS = 500  #: sitemap files per run


class DiscoveryPages:
    """Each list page, feed and sitemap of *portal* is asked for once in a run, and counted.

    *before*: the pages that failed in the run before, as :class:`FailingPages` takes them.
    """

    def __init__(self, portal: Portal, stats: PortalStats, depth: DiscoveryDepth, before: Mapping[str, Json]) -> None:
        self._portal, self._stats, self._depth = portal, stats, depth
        self._failing = FailingPages(before)
        self._asked: dict[Discovery, set[str]] = {"list": set(), "feed": set(), "sitemap": set()}
        self._bounds: dict[Discovery, tuple[int, str]] = {
            "list": (portal.discover.max_list_pages, "max_list_pages"), "sitemap": (MAX_SITEMAPS, "max_sitemaps")
        }  # fmt: skip

    def admits(self, kind: Discovery, name: str) -> bool | None:
        """Whether the discovery page *name* is to be asked for; False: it was already, None: no more of its kind is."""
        asked = self._asked[kind]
        if name in asked:
            return False
        bound, limit = self._bounds.get(kind, (None, ""))
        if bound is not None and len(asked) >= bound:
            self._stats.limits[limit] += 1
            return None
        asked.add(name)
        return True

    def forget(self, request: Request) -> None:
        """A discovery page is not asked for after all; another page may name it yet."""
        if (kind := discovery_kind(request)) is not None:
            self._asked[kind].discard(list_page_of(request).name)

    def answered(self, request: Request, status: int) -> None:
        """Counts the answer to a discovery page."""
        self._stats.discovery["answered" if status == 200 else "failed"] += 1
        self._stats.discovery["unanswered"] += is_transient(status)
        if status != 200:
            self._failing.failed(request, f"http-{status}")

    def unanswered(self, request: Request, reason: str) -> None:
        """Counts a discovery page without an answer."""
        self._stats.discovery["unanswered"] += 1
        self._failing.failed(request, reason)

    def unreadable(self, request: Request, reason: str) -> None:
        """The answer to a discovery page was 200, and no discovery page."""
        self._failing.failed(request, reason)

    def repeats(self, request: Request, articles: frozenset[str]) -> bool:
        """Whether the answer to *request*, a list page, names the same *articles* as another page of its list."""
        return self._failing.repeats(request, articles)

    def read(self, request: Request, articles: frozenset[str], *, leads_on: bool, ended: bool | None) -> None:
        """A list page was read: see :meth:`FailingPages.read`."""
        self._failing.read(request, articles, leads_on=leads_on, ended=ended)

    def skipped(self, request: Request) -> None:
        """Counts *request*, which the depth of discovery makes needless."""
        self._stats.discovery["skipped"] += 1
        self.forget(request)

    def left(self) -> list[tuple[Discovery, ListPage]]:
        """Discovery pages that the run before left, where the definition still has them."""
        owns, is_list = self._portal.owns, self._portal.is_list
        left = [(url, kind) for url, kind in self._depth.left() if (is_list(url) if kind == "list" else owns(url))]
        return [(kind, self._failing.place(url)) for url, kind in left]

    def close(self) -> None:
        """The spider has ended: what is to be known of it in the next run goes into the statistics."""
        self._failing.note(self._stats)
