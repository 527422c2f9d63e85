"""What a run requests: addresses that are new or due, due ones that discovery did not find again, leftovers.

It reads the archive's index, never a file of its own: after a crash, or a reindex, it knows exactly what is archived.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from scrapy import Request

from crawler import __version__
from crawler.archive.index import plans
from crawler.archive.index.entries import ARTICLE, NOTHING, AddressEntry
from crawler.archive.index.portal_state import portal_state
from crawler.archive.runs.stats import PortalStats
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import isoformat
from crawler.crawl.frontier.depth import DiscoveryDepth, PageReading
from crawler.crawl.frontier.discovery_pages import DiscoveryPages
from crawler.crawl.frontier.parameters import ChangingParameters
from crawler.crawl.frontier.schedule import (
    BEHIND_ALL,
    MAX_FAILURES,
    Priority,
    due,
    due_from,
    fails,
    is_withheld,
    priority,
)
from crawler.crawl.request import (
    DISCOVERY,
    dated_of,
    is_admitted,
    kind_of,
    put_failed,
    put_takes_cut,
)
from crawler.portals import Portal
from crawler.values import clock
from crawler.values.traps import trap

CUT_FAILURES = 3  #: failures after which what never came whole is taken as it comes, and says so


@dataclass(frozen=True, slots=True)
class CrawlLimits:
    """What the operator asks for: *limit* articles at most (0: no limit), none known to be older than *since*."""

    limit: int = 0
    since: datetime | None = None
    deep: bool = False  #: discovery is read to its end, whatever is known
    retry_refused: bool = False  #: every refused address is due
    dry_run: bool = False  #: no article at all: those that would be asked for are only named


def fingerprint(portal: Portal) -> str:
    """What discovery depends on besides the site: the rules and the version. First 32 hex of a sha256."""
    return hashlib.sha256(f"{__version__}\n{portal.rules}".encode()).hexdigest()[:32]


def is_refused(address: AddressEntry) -> bool:
    """Whether *address* was refused when it was visited last, and never was an article."""
    return address.outcome == "refused" and address.rank < ARTICLE


class Frontier:
    """What is asked for of *portal* in a run, and what of it is counted. Not for several threads."""

    def __init__(self, archive: ArchiveWriter, portal: Portal, stats: PortalStats, choice: CrawlLimits) -> None:
        self._archive, self._portal, self._stats, self._choice = archive, portal, stats, choice
        self._now = clock.now()
        self._moment = isoformat(self._now)
        self.planned: dict[str, list[str]] = {"new": [], "due": []}  #: of a dry run: addresses it would ask for
        self._asked: set[str] = set()  # ids of article addresses
        self._left: set[str] = set()  # left out by --since or --limit, whichever page names them again
        state = portal_state(archive.index, portal.name)
        stats.definition, stats.drop_params = fingerprint(portal), portal.discover.drop_params
        self._depth = DiscoveryDepth(archive, state, stats.definition, self._ident, deep=choice.deep)
        self.pages = DiscoveryPages(portal, stats, self._depth, state.failing)
        self._parameters = ChangingParameters(archive, portal.name, stats, state, self._now)
        # version 0.1.0 refused for good what a server had only withheld
        self._pardons: Callable[[str], bool] = lambda reason: choice.retry_refused
        if state.definition is None and not choice.retry_refused:
            self._pardons = is_withheld

    def page(self) -> PageReading:
        """A discovery page that has just been fetched."""
        return self._depth.page()

    def trapped(self, request: Request) -> bool:
        """Whether *request*, found on a page, is one of those that a server can make without end; counted by kind."""
        kind = kind_of(request)
        caught = trap(request.url, self._now) if kind in {"article", *DISCOVERY} else None
        if caught is None:
            return False
        self._stats.limits[f"trap-{caught}"] += 1
        self.pages.forget(request)
        return True

    def due(self) -> list[str]:
        """The known addresses that are due, the most valuable first; those that are not are counted as known."""
        found: list[tuple[Priority, AddressEntry]] = []
        rest: list[tuple[str, str, int]] = []
        index = self._archive.index
        index.plans.hold(self._portal.name, self._rule())
        resting = index.plans.resting(self._portal.name, self._moment)
        self._stats.resting, self._stats.resting_refused = resting.get(plans.KNOWN, 0), resting.get(plans.REFUSED, 0)
        for address, copied in index.awake(self._portal.name, self._moment):
            if copied or address.rank not in {NOTHING, ARTICLE}:
                rest.append((address.id, plans.NEVER, plans.UNCOUNTED))
                continue
            if address.outcome == "failed" and address.failures > MAX_FAILURES:
                continue
            ident = self._ident(address.url)
            known = index.article(ident)
            when = priority(address, known, self._portal, self._now, self._pardons)
            if when is not None:
                found.append((when, address))
                continue
            self._knows(address.id, address)
            if ident == address.id:  # else it is due by what happens to another
                until = due_from(address, known, self._portal)
                kind = plans.REFUSED if is_refused(address) else plans.KNOWN
                rest.append((ident, isoformat(until) if until else plans.NEVER, kind))
        found.sort(key=lambda pair: pair[0])
        urls = [address.url for _, address in found if self._admits(self._ident(address.url), address)]
        index.plans.rest(rest)
        return urls

    def _rule(self) -> str:
        """What tells apart how it is worked out when an address is due."""
        portal = self._portal
        text = f"{[age.total_seconds() for age in portal.revisit.after]} {sorted(portal.discover.drop_params)}"
        return f"{__version__} {text} {self._choice.retry_refused} {self._pardons is is_withheld}"

    def _ident(self, url: str) -> str:
        """The id under which the article at *url* is archived, whatever its address was then."""
        portal = self._portal
        return self._archive.renamed.ident(portal.name, portal.discover.drop_params, portal.address, url)

    def passes(self, request: Request, page: PageReading | None = None) -> bool:
        """Whether *request*, found on *page*, is to be made: an article that is new or due, or anything else."""
        kind = kind_of(request)
        if kind in DISCOVERY:
            self._stats.discovery["asked"] += 1
        if kind != "article":
            return True
        passes = self._finds(request, page)
        if passes and self._choice.dry_run:
            self._stats.planned += 1
            self.planned["due" if is_admitted(request) else "new"].append(request.url)
            return False
        return passes

    def _finds(self, request: Request, page: PageReading | None) -> bool:
        ident = self._ident(request.url)
        address = self._archive.index.address(ident)
        if address is not None and address.rank < ARTICLE and address.failures >= CUT_FAILURES:
            put_takes_cut(request)
        if address is not None and fails(address):
            put_failed(request)
            request.priority = BEHIND_ALL
        if is_admitted(request):
            return True
        if address is None and ident not in self._asked and self._parameters.holds(request, page):
            return False
        self._stats.seen.add(ident)
        return self._admits(ident, address, dated_of(request))

    def lists(self, addresses: Iterable[str]) -> None:
        """A discovery page names the article *addresses*: before any of them passes."""
        self._parameters.lists(addresses)

    def held_back(self) -> list[Request]:
        """All that was asked has been answered: requests that waited for that, and are to be made."""

        def admits(request: Request) -> bool:
            ident = self._ident(request.url)
            self._stats.seen.add(ident)
            return self._admits(ident, None, dated_of(request))

        return self._parameters.settle(admits)

    def _admits(self, ident: str, address: AddressEntry | None, dated: datetime | None = None) -> bool:
        if ident in self._asked:
            return False
        known = self._archive.index.article(ident) if address else None
        if address is not None and not due(address, known, self._portal, self._now, self._pardons):
            self._knows(ident, address)
            return False
        if ident in self._left or self._leaves(ident, dated):
            return False
        self._asked.add(ident)
        self._stats.asked += 1
        return True

    def _knows(self, ident: str, address: AddressEntry) -> None:
        """Counts a known address that is not due: what was refused is no article that is known."""
        if self._archive.index.plans.rests(ident, self._moment):
            return  # it has been counted
        if is_refused(address):
            self._stats.refused_before.add(ident)
        else:
            self._stats.known.add(ident)

    def _leaves(self, ident: str, dated: datetime | None) -> bool:
        """Whether the operator's --since or --limit leaves an address out; counted once per address."""
        limit, since = self._choice.limit, self._choice.since
        if since and dated and dated < since:
            self._stats.drops["before-since"] += 1
        elif limit and self._stats.asked >= limit:
            self._stats.limits["limit"] += 1
        else:
            return False
        self._left.add(ident)
        return True
