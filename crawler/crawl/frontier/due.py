"""The number of due addresses by portal, read from the index, also while a crawl writes it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.archive.index.entries import VERSION, AddressEntry, KnownArticle
from crawler.archive.storage.sqlite import open_reading
from crawler.crawl.frontier import schedule

if TYPE_CHECKING:  # pydantic takes longer to import than status needs
    from crawler.portals import Portal

_ADDRESS, _KNOWN = (tuple(cls.__slots__) for cls in (AddressEntry, KnownArticle))
_QUERY = (
    f"SELECT {', '.join(f'a.{name}' for name in _ADDRESS)}, {', '.join(f'r.{name}' for name in _KNOWN)}"  # noqa: S608 - our own names
    " FROM addresses a LEFT JOIN articles r ON r.id = a.id"
)


def count_due(index: Path, portals: Mapping[str, Portal], now: datetime) -> Counter[str] | None:
    """Portal -> how many of its known addresses a crawl at *now* would ask again; None where the index cannot say."""
    try:
        with closing(open_reading(index)) as db:
            if db.execute("PRAGMA user_version").fetchone() != (VERSION,):
                return None
            return _count(db, portals, now)
    except sqlite3.Error:
        return None


def _count(db: sqlite3.Connection, portals: Mapping[str, Portal], now: datetime) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in db.execute(_QUERY):
        address = AddressEntry(*row[: len(_ADDRESS)])
        known = KnownArticle(*row[len(_ADDRESS) :]) if row[len(_ADDRESS)] is not None else None
        portal = portals.get(address.portal)
        if portal is not None and schedule.due(address, known, portal, now):
            found[portal.name] += 1
    return found
