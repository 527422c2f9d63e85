"""Whether two moments of a page say the same, which of them says more, and on which clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta, timezone

from crawler.extraction.text.reading import Reading
from crawler.values.moments import Moment, from_datetime

#: How exact a moment of each precision is.
EXACTNESS = {"day": 0, "minute": 1, "second": 2}
_MINUTE = 60  #: seconds


def on_own_clock(stated: list[tuple[Moment, str]], reading: Reading) -> tuple[Moment, str]:
    """The first of *stated*; where another says the same more exactly, or the same instant on a clock of its own, that.

    A stamp in UTC may fall on another day than readers had.
    """
    first, origin = stated[0]
    for moment, of in stated[1:]:
        if first.hour is None or _at_midnight(first):
            if _finer(moment, replace(first, hour=None, second=None), reading):
                return moment, of
        elif first.offset == 0 and moment.hour is not None:
            if moment.offset and abs((moment.at(UTC) - first.at(UTC)).total_seconds()) < _MINUTE:
                return moment, of
            if moment.offset is None and (there := _on_clock(first, moment)) is not None:
                return there, origin
    return first, origin


def more_exactly(stated: Moment, shown: Moment, reading: Reading) -> Moment | None:
    """*stated* on the clock that readers see, where it says the same as what is *shown*, and says more."""
    if _finer(stated, shown, reading):
        return stated if _reads(stated, shown) else _local(stated, shown, reading)
    if stated.offset and _says_zone(stated, shown):
        return stated
    return _on_clock(stated, shown)


def _says_zone(stated: Moment, shown: Moment) -> bool:
    """Whether *stated* adds to what is *shown* the offset that its clock has."""
    unzoned = shown.hour is not None and shown.offset is None and shown.zone is None
    return unzoned and _reads(stated, shown) and EXACTNESS[stated.precision] >= EXACTNESS[shown.precision]


def _reads(stated: Moment, shown: Moment) -> bool:
    """Whether *stated*, read in its own offset, is what the page shows."""
    return stated.day == shown.day and (
        shown.hour is None or (stated.hour, stated.minute) == (shown.hour, shown.minute)
    )


def _on_clock(stated: Moment, shown: Moment) -> Moment | None:
    """*stated* (in UTC) on the clock that readers see; None where the two do not agree.

    They agree where that clock names no zone, differs from UTC by whole half hours and is equal in the rest: the page
    states its offset.
    """
    if stated.offset != 0 or stated.hour is None or shown.hour is None or shown.zone or shown.offset is not None:
        return None
    there = stated.at(UTC)
    apart = shown.at(UTC) - there.replace(second=shown.second or 0)
    minutes = int(apart.total_seconds()) // 60
    if not minutes or minutes % 30 or apart.total_seconds() % 60 or not -12 * 60 <= minutes <= 14 * 60:
        return None
    local = there.astimezone(timezone(timedelta(minutes=minutes)))
    return replace(from_datetime(local, stated.raw, stated.precision), raw=stated.raw)


def _local(moment: Moment, shown: Moment, reading: Reading) -> Moment:
    """A stamp that a machine wrote in UTC, on the clock that the page shows next to it; others as they are."""
    if moment.offset != 0 or moment.hour is None:
        return moment
    zone = shown.at(reading.zone).tzinfo or reading.zone
    there = moment.at(reading.zone).astimezone(zone)
    return replace(from_datetime(there, moment.raw, moment.precision), raw=moment.raw)


def _finer(stated: Moment, shown: Moment, reading: Reading) -> bool:
    """Whether *stated* says the same as *shown*, more exactly."""
    if EXACTNESS[stated.precision] <= EXACTNESS[shown.precision]:
        return False
    one, two = stated.at(reading.zone), shown.at(reading.zone)
    if shown.hour is None:
        there = one.astimezone(reading.zone).date()
        return shown.day in {there, stated.day} and not _at_midnight(stated)
    return abs((one - two).total_seconds()) < 60


def _at_midnight(moment: Moment) -> bool:
    """Whether the time is one that stands for none."""
    return moment.hour == 0 and moment.minute == 0 and not moment.second


def close(stated: Moment, shown: Moment) -> bool:
    """Whether *stated* falls on the day that is *shown* in some zone of the world."""
    there = stated.at(UTC)
    if stated.hour is None:
        return abs(there.date() - shown.day) <= timedelta(days=1)
    return (there - timedelta(hours=12)).date() <= shown.day <= (there + timedelta(hours=14)).date()
