"""Days put together to periods, so many that a plot and its table stay readable."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Unit = Literal["day", "week", "month"]
MOST = 150  #: periods


@dataclass(frozen=True, slots=True)
class Periods:
    """Periods (first day, last day) in a row, each of one *unit*."""

    unit: Unit
    periods: list[tuple[str, str]]

    @property
    def length(self) -> int:
        """Days of a period, about."""
        return {"day": 1, "week": 7, "month": 30}[self.unit]

    def sum(self, counts: Counter[str], since: str, until: str) -> int:
        """How many *counts* has on the days from *since* to *until*."""
        first, last = date.fromisoformat(since), date.fromisoformat(until)
        return sum(counts[(first + timedelta(days=n)).isoformat()] for n in range((last - first).days + 1))

    def place(self, day: str) -> float:
        """Where *day* begins, in periods from the first one; within them."""
        for number, (since, until) in enumerate(self.periods):
            if day < since:
                return number
            if day <= until:
                passed = (date.fromisoformat(day) - date.fromisoformat(since)).days
                return number + passed / ((date.fromisoformat(until) - date.fromisoformat(since)).days + 1)
        return len(self.periods)


def bins_of(first: str, last: str) -> Periods:
    """The periods from the day *first* to the day *last*."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    days = (end - begin).days + 1
    unit: Unit = "day" if days <= MOST else "week" if days <= 7 * MOST else "month"
    if unit == "week":
        begin -= timedelta(days=begin.weekday())
    elif unit == "month":
        begin = begin.replace(day=1)
    periods = []
    while begin <= end:
        following = (begin.replace(day=28) + timedelta(days=4)).replace(day=1) if unit == "month" else (
            begin + timedelta(days=7 if unit == "week" else 1)
        )  # fmt: skip
        periods.append((begin.isoformat(), (following - timedelta(days=1)).isoformat()))
        begin = following
    return Periods(unit, periods)
