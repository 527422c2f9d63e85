"""What a run did, counted: one tally a portal, written into runs/<run>.json."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from crawler.article import COVERED


@dataclass(slots=True)
class Tally:
    """Counts of one portal in one run."""

    discovery: Counter[str] = field(default_factory=Counter)  #: list, feed and sitemap pages: answered, failed
    seen: set[str] = field(default_factory=set)  #: ids of the article addresses that discovery brought
    asked: int = 0  #: article addresses asked for
    known: set[str] = field(default_factory=set)  #: ids among *seen* that were visited before and are not due
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
    requested_by: Counter[str] = field(default_factory=Counter)  #: requests by kind: list, article, robots, ...

    def cover(self, record: dict[str, Any]) -> None:
        """Counts the fields that *record* has."""
        self.extracted += 1
        self.covered.update(name for name in COVERED if record[name] not in (None, []))

    def coverage(self) -> dict[str, float]:
        """Field -> share of the run's articles that have it; empty where there was none."""
        return {name: round(self.covered[name] / self.extracted, 4) for name in COVERED} if self.extracted else {}

    def summary(self) -> dict[str, Any]:
        """The tally as JSON data."""
        return {
            "discovery": _sorted(self.discovery),
            "seen": len(self.seen),
            "known": len(self.known),
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
            "template": _sorted(self.template),
        }


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
