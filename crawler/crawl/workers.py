"""Extraction in other processes: what a visit still wants, and the article when it wants nothing, asked elsewhere.

With one job the spider asks itself and the pipeline extracts from the same parsed page. With more, a page is parsed and
extracted once, in a worker, while this process goes on fetching (docs/decisions/0004 has the figures).
"""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from crawler.article import Article, Refusal, Wanted
from crawler.assembly import Visit, assemble, prepare_process, wanted


class Workers:
    """The processes of a run that extract, at most *jobs*; with one job there are none. Started when first needed."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    async def wanted(self, visit: Visit) -> Wanted | None:
        """What *visit* still wants. None when it wants nothing; with several jobs its result is there then."""
        if self._jobs <= 1:
            return wanted(visit)
        if self._pool is None:
            # forked workers would inherit the archive's lock, and hold it when this process is killed
            self._pool = ProcessPoolExecutor(self._jobs, get_context("spawn"), _begin)
        answer = await asyncio.get_running_loop().run_in_executor(self._pool, _look, visit)
        if isinstance(answer, Wanted):
            return answer
        visit.result = answer
        return None

    def close(self) -> None:
        """Ends the processes; what they still work on is thrown away."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def _begin() -> None:
    prepare_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the crawl ends the workers itself


def _look(visit: Visit) -> Wanted | Article | Refusal:
    return wanted(visit) or assemble(visit)
