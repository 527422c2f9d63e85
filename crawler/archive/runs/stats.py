"""Statistics of a run: one table of counts per portal, written into runs/<run>.json."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from crawler.archive.records.jsonl import Json
from crawler.article import COVERED, isoformat

#: Hosts and list pages that a run file names; what is beyond is counted under "others", or found again.
REPEATS = "repeats"  #: a discovery page fails: it names the same articles as another page of its list
MOST_NAMED = 200
OTHERS = "others"


@dataclass(slots=True)
class PortalStats:
    """Counts of one portal in one run."""

    discovery: Counter[str] = field(default_factory=Counter)  #: list, feed and sitemap pages: answered, failed
    seen: set[str] = field(default_factory=set)  #: ids of the article addresses that discovery brought
    asked: int = 0  #: article addresses asked for
    known: set[str] = field(default_factory=set)  #: ids that were visited before and are not due, but for *resting*
    resting: int = 0  #: addresses that the run need not look at: known, and not due; *resting_refused*: refused before
    resting_refused: int = 0
    planned: int = 0  #: article pages that a dry run would ask for
    refused_before: set[str] = field(default_factory=set)  #: as *known*, but refused when they were visited last
    outcomes: Counter[str] = field(default_factory=Counter)
    drops: Counter[str] = field(default_factory=Counter)  #: refused pages and addresses, by reason
    failures: Counter[str] = field(default_factory=Counter)  #: requests without a usable answer, by reason
    limits: Counter[str] = field(default_factory=Counter)  #: bounds that were reached, by name
    requests: int = 0
    received: int = 0  #: bytes of bodies, as sent
    statuses: Counter[str] = field(default_factory=Counter)
    extracted: int = 0  #: pages that were articles, whatever became of them
    covered: Counter[str] = field(default_factory=Counter)  #: of these, how many had each field
    template: Counter[str] = field(default_factory=Counter)  #: articles on which the portal's template held, missed
    lengths: list[int] = field(default_factory=list)  #: characters of each new text, copies among them
    encodings: Counter[str] = field(default_factory=Counter)  #: pages in another encoding than the definition says
    newest: str | None = None  #: the latest published_at of what is new, in UTC
    requested_by: Counter[str] = field(default_factory=Counter)  #: requests by kind: list, article, robots, ...

    hosts: defaultdict[str, Json] = field(default_factory=lambda: defaultdict(_host))  #: what each host was asked
    robots: dict[str, Json] = field(default_factory=dict)  #: host -> what its robots.txt said and what followed
    left: dict[str, str] = field(default_factory=dict)  #: discovery pages left for the next run, by address: their kind
    left_articles: int = 0  #: article addresses left for it
    failing: dict[str, Json] = field(default_factory=dict)  #: discovery pages that failed, by name: see failing_page
    drop_params: tuple[str, ...] = ()  #: as the definition has it
    #: Parameters whose values change -> ids of the articles whose addresses have them.
    changing: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    suspected: dict[str, int] = field(default_factory=dict)  #: parameters -> copies that say so, too few yet
    learned: dict[str, str] = field(default_factory=dict)  #: parameters that proved to name no page -> since when
    requisites: Counter[str] = field(default_factory=Counter)  #: pictures, styles, attachments: asked, new, bytes, ...
    requisites_left_out: Counter[str] = field(default_factory=Counter)  #: of these, not asked for, by reason
    definition: str | None = None  #: fingerprint of the definition and the version that read discovery
    nothing: dict[str, str] = field(default_factory=dict)  #: discovery pages that name no article, and what they were
    ban: Json | None = None  #: why the portal was left alone: reason, answers
    away_until: str | None = None  #: until when the server asked to be left alone, UTC
    finished: bool = False  #: the spider ended of itself

    def sent(self, host: str, kind: str, gap: float | None) -> None:
        """Counts a request to *host*, *gap* seconds after the one before it to the same host."""
        self.requests += 1
        self.requested_by[kind] += 1
        asked = self.host(host)
        asked["requests"] += 1
        if gap is not None:
            asked["smallest_gap"] = round(min(gap, asked["smallest_gap"] or gap), 4)

    def host(self, host: str) -> Json:
        """What is counted of *host*; a page may name hosts without end."""
        return self.hosts[host if host in self.hosts or len(self.hosts) < MOST_NAMED else OTHERS]

    def leave(self, url: str, kind: str) -> None:
        """Notes a discovery page that is left for the next run."""
        if len(self.left) < MOST_NAMED:
            self.left[url] = kind

    def note_nothing(self, url: str, why: str) -> None:
        """Notes that the discovery page *url* names no article, and *why*."""
        if len(self.nothing) < MOST_NAMED:
            self.nothing[url] = why

    def whole(self) -> bool:
        """Whether discovery saw all there is: what is linked further on is known, and paging may stop early."""
        found = self.discovery
        cut = self.left or self.left_articles or self.limits["limit"] or self.drops["before-since"] or self.ban
        failing = any(not page["end"] for page in self.failing.values())
        return self.finished and not cut and not failing and bool(found["answered"]) and not found["unanswered"]

    def cover(self, record: dict[str, Any], *, new: bool) -> None:
        """Counts the fields that *record* has; of what is *new* also the length of its text and its date."""
        self.extracted += 1
        self.covered.update(name for name in COVERED if record[name] not in (None, []))

        if new:
            self.lengths.append(len(record["body"] or ""))
            if record["published_at"] is not None:
                self.newest = max(self.newest or "", isoformat(datetime.fromisoformat(record["published_at"])))

    def coverage(self) -> dict[str, float]:
        """Field -> share of the run's articles that have it; empty where there was none."""
        return {name: round(self.covered[name] / self.extracted, 4) for name in COVERED} if self.extracted else {}

    def known_count(self) -> int:
        """How many addresses were visited before, are not due, and were not refused then."""
        return self.resting + len(self.known - self.refused_before)

    def summary(self) -> dict[str, Any]:
        """The counts as JSON data."""
        return {
            "discovery": _sorted(+self.discovery),
            "seen": len(self.seen),
            "known": self.known_count(),
            "refused_before": self.resting_refused + len(self.refused_before),
            "asked": self.asked,
            "outcomes": _sorted(self.outcomes),
            "drops": _sorted(self.drops),
            "failures": _sorted(self.failures),
            "limits": _sorted(self.limits),
            "requests": self.requests,
            "requests_by_kind": _sorted(self.requested_by),
            "bytes": self.received,
            "statuses": _sorted(self.statuses),
            "extracted": self.extracted,
            "coverage": self.coverage(),
            "text_length": round(median(self.lengths)) if self.lengths else None,
            "newest": self.newest,
            "template": _sorted(self.template),
            "encodings": _sorted(self.encodings),
            "whole": self.whole(),
            "definition": self.definition,
            "drop_params": list(self.drop_params),
            "changing": {name: len(idents) for name, idents in sorted(self.changing.items())},
            "suspected": dict(sorted(self.suspected.items())),
            "learned": dict(sorted(self.learned.items())),
            "left": {"articles": self.left_articles, "pages": dict(self.left)},
            "failing": dict(sorted(self.failing.items())),
            "nothing": dict(sorted(self.nothing.items())),
            "ban": self.ban,
            "hosts": dict(sorted(self.hosts.items())),
            "robots": dict(sorted(self.robots.items())),
            "requisites": _sorted(+self.requisites) | {"left_out": _sorted(self.requisites_left_out)},
            "away_until": self.away_until,
        }


def _host() -> Json:
    return {"requests": 0, "bytes": 0, "smallest_gap": None}


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
