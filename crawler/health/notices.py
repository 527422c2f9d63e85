"""Notices about a portal that are not alarms: it asked for a pause, its addresses change.

A limit changes no exit code (docs/decisions/0045); the run's last lines and its file name it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.stats import REPEATS, PortalStats
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import parse_moment
from crawler.portals import Portal

ENOUGH = 3  #: addresses
logger = logging.getLogger(__name__)


def notices(archive: ArchiveWriter, portals: Sequence[Portal], *, silent: bool = False) -> Json:
    """The key ``notices`` of the run file: portal -> sentences; one line on stderr each, unless *silent*."""
    found: dict[str, list[str]] = {}
    for portal in portals:
        stats = archive.stats[portal.name]
        noticed = (_notice(stats), _changing(stats), _encoding(portal, stats), _repeated(stats))
        if sentences := [sentence for sentence in noticed if sentence]:
            found[portal.name] = sentences
            for sentence in sentences if not silent else ():
                logger.warning("%s: %s", portal.name, sentence)
    return {"notices": found}


def _notice(stats: PortalStats) -> str | None:
    """What kept a portal from being asked, or None."""
    if stats.limits["retry_after"] and stats.away_until:
        until = f"{parse_moment(stats.away_until):%Y-%m-%d %H:%M} UTC"
        if not stats.requests:
            return f"not crawled: its server asked an earlier run for no requests before {until} (Retry-After)"
        left = stats.limits["retry_after"]
        return f"its server asks for no requests before {until} (Retry-After): {left} requests are left until then"
    if stats.limits["quiet_hours"] and not stats.requests:
        return "left alone: these are its quiet hours"
    return None


def _changing(stats: PortalStats) -> str | None:
    """Parameters of article addresses whose values change at every look, or None."""
    changing = {name: len(idents) for name, idents in stats.changing.items() if len(idents) >= ENOUGH}
    if not changing:
        return None
    names = ", ".join(f'"{name}"' for name in sorted(changing))
    return (
        f"{max(changing.values())} article addresses have parameters whose values change with every request "
        f"({names}): they are known without them; `drop_params = [{names}]` in [discover] makes this permanent"
    )


def _repeated(stats: PortalStats) -> str | None:
    """Pages of lists that name what another page of the list names, or None."""
    count = stats.discovery["repeated"]
    if not count:
        return None
    pages = [name for name, page in sorted(stats.failing.items()) if page["reason"] == REPEATS]
    return (
        f"{count} further list pages have the same articles as another page of their list (such as "
        f"{pages[0] if pages else 'one'}): paging ends there; articles listed after them cannot be reached in this way"
    )


def _encoding(portal: Portal, stats: PortalStats) -> str | None:
    """Articles that were read in another encoding than the definition says, or None."""
    if not stats.encodings:
        return None
    counts = ", ".join(f"{count} {name}" for name, count in sorted(stats.encodings.items()))
    return (
        f'articles in another encoding than `encoding = "{portal.encoding}"` says ({counts}) were read as what they '
        "are; without that key the encoding of each page is detected"
    )
