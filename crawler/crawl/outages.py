"""Responses that may concern the site, not the page: a ban, a bot wall, an outage, a redirect of everything.

Every visit of an article passes :class:`OutageWatch` before it is decided. If its response may concern the site
and not the page, the visit is held back until later responses show which: several similar ones in a row are an outage,
and their addresses stay due; a single one is taken as it is. The result is recorded as the reason of the decision, from
which replay, which does not compare responses, takes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from crawler.archive.index.entries import ARTICLE, NOTHING
from crawler.archive.index.index import Index
from crawler.archive.index.portal_state import PortalState
from crawler.archive.runs.stats import PortalStats
from crawler.article import Article, Refusal, isoformat, parse_moment
from crawler.assembly import Visit, assemble
from crawler.crawl.downloader.throttle import GAVE_UP, SiteThrottle
from crawler.crawl.suspicion import SAME_PAGE, ShownArticle, Suspicion, sent_on, shown_of, suspect
from crawler.extraction import Page
from crawler.values import clock, urls
from crawler.values.statuses import is_ban

SEVERAL = 3  #: answers alike in a row from which on they are an outage
HANDFUL = 5  #: such answers in a row after which the site is asked for nothing more in this run
ALONE = 2  #: answers alike that are an outage where nothing else was answered in the run
_GONE = frozenset({"http-404", "http-410"})
ABSENT_FOR = timedelta(days=30)  #: a new address that shows no page for longer shows none
GONE_FOR = timedelta(days=2)  #: archived addresses that are not there for so long, at PATIENT visits, are gone
SHORT = 500  #: characters; a longer text is an article whatever its header lacks
USUAL = 0.9  #: share of a portal's articles with a date or a source from which on one without is looked at twice
PATIENT = 3  #: visits at which a page said the same: it is what it is


@dataclass(slots=True, eq=False)
class _HeldVisit:
    visit: Visit
    suspicion: Suspicion
    requests: int
    first: bool = False  #: it is the page that others repeat, and no repetition
    decided: bool = False


class OutageWatch:
    """The responses of one portal in one run, in the order of arrival.

    An article waits for the response after it: it may be the first of several of one page.
    """

    def __init__(self, state: PortalState, stats: PortalStats, throttle: SiteThrottle, index: Index) -> None:
        self._state, self._stats, self._throttle, self._index = state, stats, throttle, index
        self._row: list[_HeldVisit] = []  # all since the last answer that was as it should be
        self._sent_away: list[_HeldVisit] = []  # redirected before: counted only at the end of the run
        self._absent: list[Visit] = []  # showed no page, as long as no answer of the run was as it should be
        self._failing: list[Visit] = []  # without an answer since the last one that was
        self._good = 0  # answers that were as they should be
        self._before: ShownArticle | None = None  # the last article of this run
        self._latest: Visit | None = None  # the last article, where nothing came after it yet
        self._lists = 0  # discovery pages in a row that were a ban

    def passed(self, visit: Visit) -> list[Visit]:
        """The visits that can be decided after *visit*: itself, others with it, or none."""
        if visit.result is None:
            visit.result = assemble(visit)
        result, suspicion = visit.result, suspect(visit)
        if suspicion is None and isinstance(result, Article):
            return self._article(visit, result)
        decidable = self.confirmed()
        if suspicion is not None:
            return [*decidable, *self._held(visit, suspicion)]
        if isinstance(result, Refusal) and result.transient:
            self._failing.append(visit)
        elif self._is_absent(visit):
            self._absent.append(visit)
        else:
            decidable += [*self._well(), visit]
        return decidable

    def _article(self, visit: Visit, article: Article) -> list[Visit]:
        """The visits that can be decided after *article*: not itself, but where it repeats the one before."""
        shown = shown_of(article, visit)
        before, self._before = self._before, shown
        if before is None:  # what was under every address in the run before, if that is what ended it
            page = self._state.wall
        else:
            page = before.page() if before.id != shown.id and before.begins_like(shown) else ""
        if not page or shown.page() != page:
            decidable, self._latest = self.confirmed(), visit
            return decidable
        first, self._latest = self._latest, None
        suspicion = Suspicion("wall", SAME_PAGE, page)
        if first is not None:
            self._row.append(_HeldVisit(first, suspicion, 1, first=True))
        return self._held(visit, suspicion)

    def confirmed(self) -> list[Visit]:
        """The last article, if it waited, and what waited for it: another answer came, or none will for now."""
        if self._latest is None:
            return []
        visit, self._latest = self._latest, None
        return [*self._well(), visit]

    def _well(self) -> list[Visit]:
        """An answer was as it should be: the visits before it that were held back for want of one."""
        self._good += 1
        held = [*self._absent, *self._failing]
        self._absent, self._failing = [], []
        return [*held, *self._release()]

    def turned_away(self, visit: Visit, target: str, requests: int) -> list[Visit]:
        """The same for a *visit* that was sent on to *target*, where nothing may be asked, or round in a circle.

        *requests*: how many that took.
        """
        suspicion = sent_on(target, alone=visit.failure is None)
        return [*self.confirmed(), *self._held(visit, suspicion, requests)]

    def _held(self, visit: Visit, suspicion: Suspicion, requests: int = 1) -> list[Visit]:
        """*visit* may be of an outage: the visits that can be decided, since there have been so many."""
        self._row.append(_HeldVisit(visit, suspicion, requests))
        alike = [held for held in self._row if held.suspicion.alike(suspicion)]
        several = sum(not held.first for held in alike) >= SEVERAL
        self._throttle.back_off(len(alike))
        if several and sum(held.requests for held in alike) >= HANDFUL:
            self._throttle.close(suspicion.kind)
        return self._outage(alike) if several else []

    def _is_absent(self, visit: Visit) -> bool:
        """Whether an address shows no page, for the first time or not for long, and none of the run showed one."""
        if self._good or not isinstance(visit.result, Refusal) or isinstance(visit.page, Page):
            return False
        address = self._index.address(urls.article_id(visit.asked))
        if address is None:
            return True
        if address.rank == ARTICLE and visit.result.reason in _GONE:
            since, runs = self._state.absent_since, self._state.absent_runs
            known = address.outcome == "gone"
            return not known and (runs < PATIENT - 1 or clock.now() - parse_moment(since) < GONE_FOR)
        is_recent = clock.now() - parse_moment(address.first_at) < ABSENT_FOR
        return address.outcome == "failed" and address.rank == NOTHING and is_recent

    def listed(self, status: int) -> None:
        """Records the *status* of a discovery page."""
        self._lists = self._lists + 1 if is_ban(status) else 0
        if self._lists:
            self._throttle.back_off(self._lists)
        if self._lists >= HANDFUL:
            self._throttle.close("ban")

    def rest(self) -> list[Visit]:
        """All visits that are still held back; called at the end of the run."""
        found = self.confirmed()
        held = [visit for visit in (*self._sent_away, *self._row) if not visit.decided]
        self._sent_away, self._row = [], []
        found += self._out_of_order() if self._all_absent() and not held else self._absent
        found += self._broken_down() if self._throttle.closed == GAVE_UP else self._failing
        self._absent, self._failing = [], []
        while held:
            alike = [other for other in held if other.suspicion.alike(held[0].suspicion)]
            held = [other for other in held if other not in alike]
            found += self._outage(alike) if self._prevails(alike) else [self._lone(visit) for visit in alike]
        return [visit for visit in found if visit.result or visit.failure]  # a lone one turned away is no visit

    def last(self) -> list[Visit]:
        """The article that waits for the answer after it, where none will come."""
        visit, self._latest = self._latest, None
        return [] if visit is None else [visit]

    def _all_absent(self) -> bool:
        """Whether so many addresses showed no page, and none did, that the site is out of order."""
        archived = [visit for visit in self._absent if self._index.article(urls.article_id(visit.asked)) is not None]
        return len(self._absent) >= HANDFUL or len(archived) >= SEVERAL

    def _out_of_order(self) -> list[Visit]:
        """Nothing that was asked for shows a page."""
        reasons = {visit.result.reason for visit in self._absent if isinstance(visit.result, Refusal)}
        suspicion = Suspicion("outage", ", ".join(sorted(reasons)))
        found = self._outage([_HeldVisit(visit, suspicion, 1) for visit in self._absent])
        assert self._stats.ban is not None
        self._stats.ban["absent"] = {
            "since": self._state.absent_since or isoformat(clock.now()), "runs": self._state.absent_runs + 1
        }  # fmt: skip
        return found

    def _broken_down(self) -> list[Visit]:
        """The site failed in one request after another: none of that is counted against an address."""
        for visit in self._failing:
            visit.result = Refusal("outage", transient=True)
        if not self._stats.limits[GAVE_UP]:  # else what was left says so
            self._stats.limits[GAVE_UP] = len(self._failing)
        return self._failing

    def _prevails(self, alike: Sequence[_HeldVisit]) -> bool:
        """Whether the run saw hardly anything else: that of the run before may well go on."""
        least = 1 if self._state.banned else ALONE
        if not any(held.visit.result or held.visit.failure for held in alike):
            least = SEVERAL  # refused addresses alone, which by themselves change no exit code
        repeats = sum(not held.first for held in alike)
        return repeats >= least and repeats > self._good + len(alike) - repeats

    def _release(self) -> list[Visit]:
        """An answer was as it should be: those before it were lone ones, but for redirects, which may be many."""
        row, self._row = [held for held in self._row if not held.decided], []
        self._sent_away += [held for held in row if held.suspicion.kind == "outage"]
        return [self._lone(held) for held in row if held.suspicion.kind != "outage"]

    def _outage(self, alike: Sequence[_HeldVisit]) -> list[Visit]:
        fresh = [held for held in alike if not held.decided]
        suspicion = alike[0].suspicion
        before = self._stats.ban["answers"] if self._stats.ban else 0
        page = suspicion.face if suspicion.reason == SAME_PAGE else None
        self._stats.ban = {
            "kind": suspicion.kind, "reason": suspicion.reason, "answers": before + len(fresh), "page": page
        }  # fmt: skip
        for held in fresh:
            held.decided = True
            held.visit.result = Refusal(suspicion.kind, transient=True)
        return [held.visit for held in fresh]

    def _lone(self, held: _HeldVisit) -> Visit:
        """A visit that was held back, and is what it says: but for a short page without a date where all have one."""
        visit = held.visit
        if isinstance(visit.result, Article) and self._unusual(visit.result):
            visit.result = Refusal("undated")
        return visit

    def _unusual(self, article: Article) -> bool:
        if article.is_attributed():
            return False
        if len(article.body or "") >= SHORT or article.author or article.images or article.related_links:
            return False
        address = self._index.address(urls.article_id(article.url))
        if address is not None and address.refusals >= PATIENT:
            return False
        dated = self._good + self._state.dated
        return dated >= 1 and dated / (dated + self._state.undated) >= USUAL
