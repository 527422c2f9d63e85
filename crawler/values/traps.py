"""Addresses that a server can make without end: recognised by their form, before they are requested."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

MOST_SEGMENTS = 20
MOST_REPEATED = 3  #: times that one name may stand in a path
MOST_PARAMETERS = 8  #: facets of one address
AHEAD = timedelta(days=366)  #: a calendar that goes further has no news in it
_MONTH = re.compile(r"(?<!\d)(20\d\d)[-/_]?(0[1-9]|1[0-2])(?!\d{3})")
_NAMED = re.compile(r"(?:^|&)y(?:ear)?=(\d{4})(?=&|$)", re.IGNORECASE)


def trap(url: str, now: datetime) -> str | None:
    """The kind of trap that *url* looks like at *now*: growing-path, facets, calendar; None for none."""
    parts = urlsplit(url)
    segments = [segment for segment in parts.path.split("/") if segment]
    names = Counter(segment for segment in segments if not segment.isdigit())
    if len(segments) > MOST_SEGMENTS or any(count > MOST_REPEATED for count in names.values()):
        return "growing-path"
    if len(parse_qsl(parts.query, keep_blank_values=True)) > MOST_PARAMETERS:
        return "facets"
    return "calendar" if _far_ahead(parts.path, parts.query, now + AHEAD) else None


def _far_ahead(path: str, query: str, last: datetime) -> bool:
    """Whether a month or a year in the address lies behind *last*."""
    months = [(int(year), int(month)) for year, month in _MONTH.findall(f"{path}?{query}")]
    months += [(int(year), 1) for year in _NAMED.findall(query)]
    return any(month > (last.year, last.month) for month in months)
