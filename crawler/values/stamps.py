"""Times as machines write them, in meta tags, JSON-LD, ``<time datetime>`` and addresses."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from crawler.values.clocks import find_clock
from crawler.values.moments import Moment, from_datetime, from_epoch, make
from crawler.values.pieces import plain
from crawler.values.times import first_moment

_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ]+(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s?(Z|[+-]\d{2}:?\d{0,2})?)?\Z",
    re.IGNORECASE,
)
_IN_PATH = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:([-/_.]?)(0[1-9]|1[0-2])(?:\2|/)(0[1-9]|[12]\d|3[01])(?!\d)|/([1-9])/([1-9]|[12]\d|3[01])/"
    r"|/(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])/)"
)


def read_stamp(text: str, now: datetime) -> Moment | None:
    """The moment that a machine-readable *text* names: ISO 8601, RFC 5322, epoch, else as printed text; or None."""
    text = text.strip()[:120]
    if match := _ISO.match(text):
        year, month, day, hour, minute, second, zone = match.groups()
        clock = (int(hour), int(minute), int(second) if second else None) if hour else None
        return make(int(year), int(month), int(day), text, (0, len(text)), clock, _offset(zone))
    if text.isascii() and text.isdigit():
        if len(text) == 14:
            return make(
                int(text[:4]),
                int(text[4:6]),
                int(text[6:8]),
                text,
                (0, 14),
                (int(text[8:10]), int(text[10:12]), int(text[12:])),
            )
        return from_epoch(int(text), text) if len(text) in (10, 13) else None
    if re.match(r"[A-Za-z]{3}, ?\d", text):
        try:
            moment = parsedate_to_datetime(text)
            return from_datetime(moment, text) if moment.tzinfo else None
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return first_moment(text, now)


_COMPACT = re.compile(
    r"\s{0,3}(?P<digits>(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d[0-5]\d[0-5]\d)?)(?!\d)"
)


def compact_stamp(text: str, position: int, _now: datetime) -> Moment | None:
    """The moment that 8 or 14 digits at *position* of *text* name, with the time behind 8 of them; else None."""
    match = _COMPACT.match(text, position)
    if match is None:
        return None
    digits, start, end = match["digits"], match.start("digits"), match.end()
    clock = find_clock(text, end) if len(digits) == 8 else None
    parts = (clock.hour, clock.minute, clock.second) if clock else None
    if len(digits) == 14:
        parts = (int(digits[8:10]), int(digits[10:12]), int(digits[12:]))
    end = clock.end if clock else end
    return make(int(digits[:4]), int(digits[4:6]), int(digits[6:8]), plain(text[start:end]), (start, end), parts)


def date_in_path(path: str) -> Moment | None:
    """The day that an address names ("/2024/0511/", "t20240511_"), else None."""
    for match in _IN_PATH.finditer(path[:2000]):
        _, _, month, day, month_bare, day_bare, month_glued, day_glued = match.groups()
        numbers = (int(match[1]), int(month or month_bare or month_glued), int(day or day_bare or day_glued))
        if moment := make(*numbers, match[0]):
            return moment
    return None


def _offset(zone: str | None) -> int | None:
    if not zone:
        return None
    if zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:4] or 0)
    return minutes if zone[0] == "+" else -minutes
