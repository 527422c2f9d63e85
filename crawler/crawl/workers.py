"""Extraction in a crawl: what a visit still needs, and its article; in this process or in worker processes.

A crawl that waits for its portals extracts by itself. Once extraction takes a good share of its time, processes do it
while this one goes on fetching (docs/decisions/0004 has the figures).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from crawler.article import Article, Refusal, Wanted
from crawler.assembly import Visit, assemble, prepare_process, wanted
from crawler.values.cores import usable_cores
from crawler.values.worker_pool import AHEAD, WorkerPool

logger = logging.getLogger(__name__)
#: Share of its time that a crawl extracts by itself. Below it, other processes could make it a third faster at most.
SHARE = 0.25
SETTLED = 64  #: pages after which a process has caught up with what had come while it was being started
WINDOW = 1.0  #: seconds that the share is taken of
BACKLOG = 2 * AHEAD  #: tasks of each process, from which on this one extracts as well: it is ahead of them
#: What a visit wants or is, and the charset that its first page was decoded from.
_Seen = tuple[Wanted | Article | Refusal, str | None]


class Workers:
    """The processes of a run that extract, at most *jobs*; with one there are none.

    0: as many as there are usable cores besides the one that fetches and stores, which takes about as long.

    The first is started once more than *share* of the time went into extraction, another one when those there are have
    more to do than they can keep up with. What comes while they are being started, or faster than they extract it, is
    extracted here.
    """

    def __init__(self, jobs: int, share: float = SHARE, now: Callable[[], float] = time.monotonic) -> None:
        cores = usable_cores()
        self._extracts_alone = (jobs or cores) == 1
        self._most = jobs or cores - 1
        self._share, self._now = share, now
        self._pool: WorkerPool | None = None
        self._since, self._spent = now(), 0.0

    @property
    def size(self) -> int:
        """Processes that were started."""
        return self._pool.size if self._pool is not None else 0

    async def wanted(self, visit: Visit) -> Wanted | None:
        """What *visit* still wants. None when it wants nothing; its result is there then.

        What its status answers waits for no process: a ban is to be seen at once.
        """
        is_read = bool(visit.captures) and visit.captures[0].status == 200
        pool = self._free() if is_read and self._busy() else None
        answer, visit.charset = await self._elsewhere(pool, visit) if pool is not None else self._here(visit)
        if isinstance(answer, Wanted):
            return answer
        visit.result = answer
        return None

    def close(self) -> None:
        """Ends the processes; what they still work on is thrown away."""
        if self._pool is not None:
            self._pool.close()
        self._pool, self._extracts_alone = None, True

    def _busy(self) -> bool:
        """Whether other processes are to extract: from the moment on when this one had too much of it."""
        if self._pool is not None:
            return True
        passed = self._now() - self._since
        if self._extracts_alone or passed < WINDOW * bool(self._share):
            return False
        busy = self._spent >= self._share * passed
        self._since, self._spent = self._now(), 0.0
        return busy

    def _here(self, visit: Visit) -> _Seen:
        begun = self._now()
        try:
            return _look(visit)
        finally:
            self._spent += self._now() - begun

    def _free(self) -> WorkerPool | None:
        """The processes that extract; None where they have enough to do."""
        if self._pool is None:
            self._pool = WorkerPool(self._most, SETTLED, prepare_process)
        if self._pool.pending >= AHEAD * self._pool.size and self._pool.grow():
            logger.info(
                "extraction takes much of the time: started process %d of at most %d", self._pool.size, self._most
            )
        return self._pool if self._pool.pending < BACKLOG * self._pool.size else None

    async def _elsewhere(self, pool: WorkerPool, visit: Visit) -> _Seen:
        return await asyncio.wrap_future(pool.submit(_look, visit))


def _look(visit: Visit) -> _Seen:
    """In another process *visit* is a copy: what is to be known of it has to be answered."""
    answer = wanted(visit) or assemble(visit)
    return answer, visit.charset
