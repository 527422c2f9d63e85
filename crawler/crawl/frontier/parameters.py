"""Learns query parameters whose values change with every request, which would make every article look new.

An address is suspect if it differs in one parameter from that of one archived article, or from one that another page of
this run named. Addresses on one page are different articles, unless the page names each by at most two values, and some
by two. The first PROBES suspects are requested. If all prove to be copies, the parameter names no page, and those that
were held back are known; otherwise they are requested after everything else. What was learned is valid for a MONTH.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scrapy import Request

from crawler.archive.index.entries import ALIAS, ARTICLE, DUPLICATE, NOTHING
from crawler.archive.index.portal_state import PortalState
from crawler.archive.runs.stats import PortalStats
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import isoformat, parse_moment
from crawler.values.urls import article_id

PROBES = 3  #: copies that prove it
MONTH = timedelta(days=30)  #: after that it is learned again: a site may give its parameters another meaning
MOST_PARAMETERS = 8  #: of an address


@dataclass(slots=True)
class _Suspect:
    probes: list[tuple[str, str]] = field(default_factory=list)  #: ids of addresses asked, and of the articles
    held: list[tuple[Request, str]] = field(default_factory=list)  #: others, and the id of the article they may be


class ChangingParameters:
    """The parameters of one portal in one run, and what earlier runs learned of them (*state*)."""

    def __init__(
        self, archive: ArchiveWriter, portal: str, stats: PortalStats, state: PortalState, now: datetime
    ) -> None:  # fmt: skip
        self._archive, self._index, self._portal, self._stats = archive, archive.index, portal, stats
        self._suspects: defaultdict[str, _Suspect] = defaultdict(_Suspect)
        self._archived: dict[tuple[str, str], str | None] | None = None
        self._plain: dict[str, tuple[str, str]] = {}
        #: (parameter, address without it) -> what this run named first: its address and page; None: several of a page
        self._named: dict[tuple[str, str], tuple[str, object] | None] = {}
        self._paired: set[tuple[str, str]] = set()  # the same, of which a page named two values, and more of none
        self._now = now
        self._new: set[str] = set()  # ids of addresses that this run was the first to name
        stats.learned = {name: at for name, at in state.learned.items() if now - parse_moment(at) < MONTH}
        stats.suspected = dict(state.suspected)

    def lists(self, addresses: Iterable[str]) -> None:
        """One discovery page names the article *addresses*: before any of them is asked of :meth:`holds`."""
        values: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for url in addresses:
            for name, rest in _without_one(url):
                values[name][rest] += 1
        for name, rests in values.items():
            self._named.update({(name, rest): None for rest, count in rests.items() if count > 2})
            if max(rests.values()) == 2:
                self._paired.update((name, rest) for rest, count in rests.items() if count == 2)

    def holds(self, request: Request, page: object = None) -> bool:
        """Whether *request*, for an article address that was never visited, is not to be made, or not yet.

        *page*: the discovery page that named it; any object that tells it from others.
        """
        name, ident = next(iter([*self._alike(request.url), *self._beside(request.url, page)]), ("", ""))
        if not ident:
            return False
        if name in self._stats.learned:
            self._known(name, ident)
            return True
        suspect = self._suspects[name]
        if len(suspect.probes) + self._stats.suspected.get(name, 0) < PROBES:
            suspect.probes.append((article_id(request.url), ident))
            return False
        suspect.held.append((request, ident))
        return True

    def settle(self, admits: Callable[[Request], bool]) -> list[Request]:
        """All that was asked has been answered: those held back that *admits* lets through, where they are pages."""
        released: list[Request] = []
        for name, suspect in self._suspects.items():
            copies = self._stats.suspected.pop(name, 0) + len(suspect.probes)
            if not all(self._same(*probe) for probe in suspect.probes):
                released += [request for request, _ in suspect.held if admits(request)]
            elif copies < PROBES:
                self._stats.suspected[name] = copies
            else:
                self._stats.learned[name] = isoformat(self._now)
                for _, ident in suspect.held:
                    self._known(name, ident)
        self._suspects.clear()
        return released

    def _known(self, name: str, ident: str) -> None:
        self._stats.changing[name].add(ident)
        self._stats.seen.add(ident)
        if ident not in self._new and not self._index.plans.rests(ident, isoformat(self._now)):
            self._stats.known.add(ident)

    def _same(self, ident: str, other: str) -> bool:
        """Whether the page *ident* is a copy, or the article *other* as it reads now."""
        address, new, old = self._index.address(ident), self._index.article(ident), self._index.page(other)
        if address is not None and address.rank in {ALIAS, DUPLICATE}:
            return True
        if new is None or old is None:
            return False
        record, archived = self._archive.latest(new), self._archive.latest(old)
        alike = (record["similar_to"] or {}).get("id") == other
        one, two = ((record[name], archived[name]) for name in ("title", "published_at"))
        return alike or (one[0] is not None and one[0] == one[1] and two[0] == two[1])

    def _alike(self, url: str) -> Iterator[tuple[str, str]]:
        """(parameter, id) of each article whose address differs from *url* in that parameter alone, or by having it."""
        if self._archived is None:
            self._archived = self._read()
        for key in _without_one(url):
            if ident := self._archived.get(key) or self._whole(key[1]):
                yield key[0], ident
        if url in self._plain:
            yield self._plain[url]

    def _whole(self, url: str) -> str | None:
        """The id of the address *url* of this portal that proved to be something before this run."""
        address = self._index.address(article_id(url))
        if address is None or address.first_at >= isoformat(self._now):
            return None
        return address.id if address.portal == self._portal and address.rank != NOTHING else None

    def _beside(self, url: str, page: object) -> list[tuple[str, str]]:
        """The same of the addresses that other pages of this run named, and that no run before knew."""
        assert self._archived is not None
        found = []
        for key in (("", url), *_without_one(url)):
            named = self._named.setdefault(key, (url, page)) if key not in self._archived else None
            if named is None or named[0] == url:
                continue
            if named[1] is page and key not in self._paired:
                self._named[key] = None  # one page names several: this parameter tells articles apart
            else:
                found.append((key[0], article_id(named[0])))
        self._new.update(ident for _, ident in found)
        return found

    def _read(self) -> dict[tuple[str, str], str | None]:
        """(parameter, address without it) -> id of what is there, None: several articles."""
        found: dict[tuple[str, str], str | None] = {}
        for address in self._index.settled(self._portal):  # articles first
            for key in _without_one(address.url):
                several = key in found and address.rank == ARTICLE
                found[key] = None if several else found.get(key, address.id)
                self._plain.setdefault(key[1], (key[0], address.id))
        return found


def _without_one(url: str) -> Iterator[tuple[str, str]]:
    """(parameter, *url* without it) for each named parameter of *url*."""
    head, _, query = url.partition("?")
    pairs = query.split("&") if query else []
    if len(pairs) > MOST_PARAMETERS:
        return
    for number, pair in enumerate(pairs):
        name, equals, _ = pair.partition("=")
        if equals:
            rest = "&".join(pairs[:number] + pairs[number + 1 :])
            yield name, f"{head}?{rest}" if rest else head
