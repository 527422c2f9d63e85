"""How long a server asks to be left alone: the Retry-After header of RFC 9110, in seconds or as a date."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 86_400.0  #: seconds; a server that asks for more is asked again after a day


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from *now* that the header *value* asks for, at most a day; None where it says nothing."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000": the date is in UTC, and says nothing of where it was written
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST)
