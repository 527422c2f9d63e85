"""Portals that a run did not finish because they asked for a pause: one sentence each, and no alarm.

A limit changes no exit code (docs/decisions/0045); the run's last lines and its file name it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.stats import PortalStats
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import parse_moment
from crawler.portals import Portal

logger = logging.getLogger(__name__)


def notices(archive: ArchiveWriter, portals: Sequence[Portal], *, silent: bool = False) -> Json:
    """The key ``notices`` of the run file: portal -> sentences; one line on stderr each, unless *silent*."""
    found: dict[str, list[str]] = {}
    for portal in portals:
        if (sentence := _notice(archive.stats[portal.name])) is not None:
            found[portal.name] = [sentence]
            if not silent:
                logger.warning("%s: %s", portal.name, sentence)
    return {"notices": found}


def _notice(stats: PortalStats) -> str | None:
    """What kept a portal from being asked, or None."""
    if stats.limits["retry_after"] and stats.away_until:
        until = f"{parse_moment(stats.away_until):%Y-%m-%d %H:%M} UTC"
        if not stats.requests:
            return f"left alone: its server asked an earlier run not to come back before {until} (Retry-After)"
        left = stats.limits["retry_after"]
        return (
            f"its server asks not to be asked again before {until} (Retry-After): {left} requests are left until then"
        )
    if stats.limits["quiet_hours"] and not stats.requests:
        return "left alone: these are its quiet hours"
    return None
