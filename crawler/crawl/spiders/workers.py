"""Extraction in other processes: what a visit still wants, and the article when it wants nothing, asked elsewhere.

With one job the spider asks itself and the pipeline extracts from the same parsed page. With more, a page is parsed and
extracted once, in a worker, while this process goes on fetching (docs/decisions/0004 has the figures).
"""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context

from crawler.article import Article, Refusal, Wanted
from crawler.assembly import Visit, assemble, prepare_process, wanted

JOBS = "CITYNEWS_JOBS"  #: the setting: processes that extract


async def look(visit: Visit, jobs: int) -> Wanted | None:
    """What *visit* still wants. None when it wants nothing; with several *jobs* its result is there then."""
    if jobs <= 1:
        return wanted(visit)
    answer = await asyncio.get_running_loop().run_in_executor(_pool(jobs), _look, visit)
    if isinstance(answer, Wanted):
        return answer
    visit.result = answer
    return None


@lru_cache(maxsize=1)
def _pool(jobs: int) -> ProcessPoolExecutor:
    # forked workers would inherit the archive's lock, and hold it when this process is killed
    return ProcessPoolExecutor(jobs, get_context("spawn"), _begin)


def _begin() -> None:
    prepare_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the crawl ends the workers itself


def _look(visit: Visit) -> Wanted | Article | Refusal:
    return wanted(visit) or assemble(visit)
