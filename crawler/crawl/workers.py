"""Extraction in a crawl: what a visit still needs, and its article; in this process or in worker processes.

A crawl that waits for its portals extracts by itself. Once extraction takes a good share of its time, processes do it
while this one goes on fetching (docs/decisions/0004 has the figures).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from crawler.archive.index import similarity
from crawler.article import Article, Refusal, Wanted
from crawler.assembly import Visit, assemble, prepare_process, wanted
from crawler.values.cores import usable_cores
from crawler.values.worker_pool import AHEAD, WorkerPool

logger = logging.getLogger(__name__)
#: Share of its time that a crawl extracts by itself. Below it, other processes could make it a third faster at most.
SHARE = 0.25
SETTLED = 64  #: pages after which a process has caught up with what had come while it was being started
WINDOW = 3.0  #: seconds that the share is taken of
MANY = 150  #: pages that it is taken of, if they come in less time; the start of a process costs as much as so many
LINE = 6  #: pages that each process may have before it, about as many as the throttle lets wait; this one does the rest
#: What a visit wants or is, and the charset that its first page was decoded from.
_Seen = tuple[Wanted | Article | Refusal, str | None]
_BandKeys = tuple[int, ...]


class Workers:
    """The processes of a run that extract, at most *jobs*; with one there are none.

    0: as many as there are usable cores besides the one that fetches and stores, which takes about as long.

    The first is started once more than *share* of the time went into extraction, another one when those there are have
    more to do than they can keep up with. Until one has begun, and where they have their hands full, this process
    extracts all the same; with a *share* of 0 it never does.
    """

    def __init__(self, jobs: int, share: float = SHARE, now: Callable[[], float] = time.monotonic) -> None:
        cores = usable_cores()
        self._extracts_alone = (jobs or cores) == 1
        self._most = jobs or cores - 1
        self._share, self._now = share, now
        self._pool: WorkerPool | None = None
        self._since, self._spent, self._pages = now(), 0.0, 0

    @property
    def size(self) -> int:
        """Processes that were started."""
        return self._pool.size if self._pool is not None else 0

    async def wanted(self, visit: Visit) -> Wanted | None:
        """What *visit* still wants. None when it wants nothing; its result is there then.

        What its status answers waits for no process: a ban is to be seen at once.
        """
        is_read = bool(visit.captures) and visit.captures[0].status == 200
        answer, visit.charset = await self._elsewhere(visit) if is_read and self._others_do() else self._here(visit)
        if isinstance(answer, Wanted):
            return answer
        visit.result = answer
        return None

    def close(self) -> None:
        """Ends the processes; what they still work on is thrown away."""
        if self._pool is not None:
            self._pool.close()
        self._pool, self._extracts_alone = None, True

    def _others_do(self) -> bool:
        """Whether another process is to extract the next page."""
        if self._pool is None:
            if not self._is_busy():
                return False
            self._pool = WorkerPool(self._most, SETTLED, prepare_process, loop=asyncio.get_running_loop())
        if self._pool.pending >= AHEAD * self._pool.size and self._pool.grow():
            logger.info(
                "extraction takes much of the time: started process %d of at most %d", self._pool.size, self._most
            )
        return not self._share or self._pool.has_room(LINE)

    def _is_busy(self) -> bool:
        """Whether this process had too much to extract."""
        passed = self._now() - self._since
        if self._extracts_alone or (self._share and passed < WINDOW and self._pages < MANY):
            return False
        busy = self._spent >= self._share * passed
        self._since, self._spent, self._pages = self._now(), 0.0, 0
        return busy

    def _here(self, visit: Visit) -> _Seen:
        begun = self._now()
        try:
            return _look(visit)
        finally:
            self._spent += self._now() - begun
            self._pages += 1

    async def _elsewhere(self, visit: Visit) -> _Seen:
        assert self._pool is not None
        (answer, charset), keys = await asyncio.wrap_future(self._pool.submit(_look_elsewhere, visit))
        if isinstance(answer, Article):
            similarity.remember(answer.body, keys)
        return answer, charset


def _look(visit: Visit) -> _Seen:
    """In another process *visit* is a copy: what is to be known of it has to be answered."""
    answer = wanted(visit) or assemble(visit)
    return answer, visit.charset


def _look_elsewhere(visit: Visit) -> tuple[_Seen, _BandKeys]:
    """And the band keys of the text, which are wanted next."""
    answer, charset = _look(visit)
    body = answer.body if isinstance(answer, Article) else None
    return (answer, charset), similarity.bands(body or "")
