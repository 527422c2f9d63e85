"""How many portals can be crawled in parallel within the limit of open files."""

from __future__ import annotations

import logging
import resource
from collections.abc import Sequence

from crawler.portals import Portal

logger = logging.getLogger(__name__)
#: Files of the run itself: the archive's (WARC, index, months), the reactor's, those of worker processes.
_OF_THE_RUN = 64
_OF_A_PORTAL = 4  #: besides its connections: files of its months, a connection that is being closed


def side_by_side(portals: Sequence[Portal]) -> int:
    """How many of *portals* to crawl at a time. Raises this process's limit as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needs = sorted((portal.politeness.concurrency + _OF_A_PORTAL for portal in portals), reverse=True)
    wanted = _OF_THE_RUN + sum(needs)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return len(portals)
    left, count = soft - _OF_THE_RUN, 0
    for need in needs:  # the most demanding ones first: any others fit as well
        left -= need
        if left < 0:
            break
        count += 1
    logger.warning(
        "%d of %d portals at a time: this process may open %d files; `ulimit -n %d` lets all be crawled side by side",
        max(1, count), len(portals), soft, wanted,
    )  # fmt: skip
    return max(1, count)
