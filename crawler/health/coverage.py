"""The coverage of a portal's fields: the share of articles that have each, recently and before."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from crawler.archive.runs.history import CrawlSummary
from crawler.article import COVERED

BATCH = 8  #: articles of the past that make one share to compare with
ENOUGH = 3  #: batches, runs or gaps below which there is no past to speak of
LEAST = 4  #: articles of late below which a share says nothing
USUAL = 0.9  #: a field that fewer articles have comes and goes: the same articles are visited again and again
CHANCE = 1e-5  #: how likely a fall may be if nothing has changed
LATELY = timedelta(days=14)  #: how far back the present reaches


@dataclass(frozen=True, slots=True)
class FieldShare:
    """How a field stands: *have* of *count* articles of late, *usual* of those before."""

    field: str
    have: int
    count: int
    usual: float | None  #: None: no past to speak of
    lowest: float | None  #: of the batches before

    @property
    def share(self) -> float | None:
        return self.have / self.count if self.count else None

    @property
    def fallen(self) -> bool:
        """Whether the fall is large, lower than ever, and beyond chance."""
        if self.share is None or self.usual is None or self.lowest is None or self.count < LEAST or self.usual < USUAL:
            return False
        low = self.share < self.usual / 2 and self.share < self.lowest
        return low and _at_most(self.have, self.count, min(self.usual, 0.98)) < CHANCE


def shares(past: Sequence[CrawlSummary], now: CrawlSummary) -> list[FieldShare]:
    """Every field's recent share against its history. Of several recent windows that fell, the shortest is reported."""
    found = []
    for name in COVERED:
        windows = [_share(name, past, count, looks) for count, looks in _windows(past, now)]
        first = windows[0] if windows else _share(name, past, 0, [])
        low = first.share is not None and first.usual is not None and first.share < first.usual / 2
        found.append(next((window for window in windows if low and window.fallen), first))
    return found


def well(kind: str, name: str | None, past: Sequence[CrawlSummary]) -> list[CrawlSummary]:
    """The runs of *past* that had no such alarm."""
    return [look for look in past if not any((a["kind"], a["field"]) == (kind, name) for a in look.alarms)]


def lately(
    past: Sequence[CrawlSummary], now: CrawlSummary, weigh: Callable[[CrawlSummary], int], enough: int
) -> list[CrawlSummary]:
    """The latest runs that together weigh *enough*, this one first."""
    found: list[CrawlSummary] = []
    for look in (now, *reversed(past)):
        if now.at - look.at > LATELY or sum(map(weigh, found)) >= enough:
            break
        if weigh(look):
            found.append(look)
    return found


def _windows(past: Sequence[CrawlSummary], now: CrawlSummary) -> Iterator[tuple[int, list[CrawlSummary]]]:
    """(articles, runs) of late: as few as say anything, then more, for fields that are less usual."""
    sizes = set()
    for enough in (LEAST + 1, 12, 24):
        late = lately(past, now, lambda look: int(look.stats["extracted"]), enough)
        count = sum(int(look.stats["extracted"]) for look in late)
        if late and count not in sizes:
            sizes.add(count)
            yield count, late


def _share(name: str, past: Sequence[CrawlSummary], count: int, late: list[CrawlSummary]) -> FieldShare:
    have = sum(_having(look, name) for look in late)
    batches, size, held = [], 0, 0
    for look in well("coverage", name, past):
        if look.stats["extracted"] and not (late and look.at >= late[-1].at):
            size, held = size + look.stats["extracted"], held + _having(look, name)
            if size >= BATCH:
                batches.append(held / size)
                size = held = 0
    known = len(batches) >= ENOUGH
    return FieldShare(name, have, count, median(batches) if known else None, min(batches) if known else None)


def _having(look: CrawlSummary, name: str) -> int:
    share, count = look.stats["coverage"].get(name, 0.0), look.stats["extracted"]
    return round(float(share) * int(count))


def _at_most(have: int, count: int, share: float) -> float:
    """How likely it is that at most *have* of *count* have what a share of *share* has (binomial)."""
    return sum(math.comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(have + 1))
