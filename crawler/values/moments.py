"""A point in time as a page prints it: what was said, and how exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal

from crawler.values.zones import localise, named_zone

Precision = Literal["second", "minute", "day"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, perhaps a time, perhaps an offset, and where they stood in the text they were read from."""

    day: date
    raw: str
    start: int = 0
    end: int = 0
    hour: int | None = None
    minute: int = 0
    second: int | None = None
    offset: int | None = None  #: minutes east of UTC, as printed
    zone: str | None = None  #: an abbreviation, as printed
    yearless: bool = False  #: the year was worked out from the time of capture
    relative: bool = False  #: "3 hours ago": exact only to the unit that was named
    others: tuple[date, ...] = ()  #: other days that the printed form may mean ("03.11.25", "10/11/2022")

    @property
    def precision(self) -> Precision:
        if self.hour is None:
            return "day"
        return "minute" if self.second is None else "second"

    def at(self, home: tzinfo) -> datetime:
        """The aware instant; *home* is the zone where the text names none."""
        naive = datetime(  # noqa: DTZ001 - its zone is what is worked out here
            self.day.year, self.day.month, self.day.day, self.hour or 0, self.minute, self.second or 0
        )
        if self.offset is not None:
            return naive.replace(tzinfo=timezone(timedelta(minutes=self.offset)))
        zone = named_zone(self.zone, home) if self.zone else None
        return localise(naive, zone or home)

    def isoformat(self, home: tzinfo) -> str:
        """ISO 8601 with offset; T00:00:00 where only the day is known."""
        return self.at(home).isoformat()

    def shifted(self, by: int) -> Moment:
        """The same moment, *by* characters further on in a longer text."""
        return replace(self, start=self.start + by, end=self.end + by)


def make(  # noqa: PLR0913 - a moment has that many parts
    year: int,
    month: int,
    day: int,
    raw: str = "",
    span: tuple[int, int] = (0, 0),
    clock: tuple[int, int, int | None] | None = None,
    offset: int | None = None,
    zone: str | None = None,
    *,
    yearless: bool = False,
) -> Moment | None:
    """A moment out of numbers; None where there is no such day or time, or the year is no year of the web or print."""
    if not 1900 <= year <= 2100:
        return None
    try:
        when = date(year, month, day)
    except ValueError:
        return None
    if offset is not None and abs(offset) > 14 * 60:
        offset = None
    if clock is None:
        return Moment(when, raw, *span, offset=offset, zone=zone, yearless=yearless)
    hour, minute, second = clock
    if hour == 24 and minute == 0:  # midnight at the end of the day, as some CMS print it
        hour = 0
    if not (0 <= hour < 24 and 0 <= minute < 60 and (second is None or 0 <= second < 60)):
        return Moment(when, raw, *span, yearless=yearless)
    return Moment(when, raw, *span, hour, minute, second, offset, zone, yearless=yearless)


def from_datetime(moment: datetime, raw: str, precision: Precision = "second") -> Moment:
    """An aware datetime as a moment with its offset."""
    offset = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
    if precision == "day":
        return Moment(moment.date(), raw, 0, len(raw), offset=offset)
    second = moment.second if precision == "second" else None
    return Moment(moment.date(), raw, 0, len(raw), moment.hour, moment.minute, second, offset)


def from_epoch(seconds: float, raw: str) -> Moment | None:
    """Seconds (or milliseconds) since 1970 as a moment in UTC; None outside 1990 to 2100."""
    if seconds > 1e11:
        seconds /= 1000
    if not 631_152_000 <= seconds < 4_102_444_800:
        return None
    return from_datetime(datetime.fromtimestamp(int(seconds), UTC), raw)
