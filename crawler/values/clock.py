"""What time it is. For all that is archived; `citynews demo --days` moves it, to live through days in a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_shift = timedelta()


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC) + _shift


def move(by: timedelta) -> None:
    """From here on it is *by* later, in this process, than its computer says."""
    global _shift  # noqa: PLW0603 - one clock a process, as it is
    _shift = by
