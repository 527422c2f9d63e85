"""The visits of a replay read back from WARC files, in their order: by this process, or by several in parallel."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import islice
from typing import Protocol

from crawler.archive.index import similarity
from crawler.archive.storage.errors import DamagedError
from crawler.article import Article, Capture
from crawler.assembly import Visit, prepare_process
from crawler.replay.places import Place
from crawler.replay.sources import Sources
from crawler.replay.visits import Archived, restore
from crawler.values.worker_pool import WorkerPool

ALONE = 1.0  #: seconds that a replay restores visits by itself before other processes do
SETTLED = 4  #: chunks after which a process has caught up with what had come while it was being started
CHUNK = 16  #: visits that one task of a worker restores: less traffic between processes


def restored(
    sources: Sources, archived: Archived, places: Iterator[Place], make: MakePool | None, alone: float
) -> Iterator[Visit | str]:
    """The visits of *places*, in order; in the place of one that cannot be restored, why.

    This process restores them for *alone* seconds, then the pool that *make* makes; where there is none it does all.
    """
    begun = time.monotonic()
    while make is None or time.monotonic() - begun < alone:
        if (place := next(places, None)) is None:
            return
        yield _restore(sources, archived, place)
    pending: deque[Restoring] = deque()
    chunks = _chunks(places)
    with make(archived) as pool:
        pending.extend(pool.submit(chunk) for chunk in islice(chunks, pool.at_once))
        while pending:
            if not pending[0].done():
                pool.grow()
            for visit in pending.popleft().result():
                if isinstance(visit, Visit) and isinstance(visit.result, Article):
                    similarity.remember(visit.result.body, visit.band_keys)
                yield visit
            pending.extend(pool.submit(chunk) for chunk in islice(chunks, pool.at_once - len(pending)))


class Restoring(Protocol):
    """Visits that are being restored."""

    def done(self) -> bool: ...

    def result(self) -> list[Visit | str]: ...


class RestorePool(Protocol):
    """Restores visits elsewhere: :func:`restore_chunk`, with what it was made for."""

    @property
    def at_once(self) -> int: ...  #: chunks that may be under way

    def submit(self, chunk: list[Place]) -> Restoring: ...

    def grow(self) -> object: ...  #: called where a chunk is waited for: more of what restores them would help


MakePool = Callable[[Archived], AbstractContextManager[RestorePool]]


class _Processes:
    """Processes of this machine."""

    def __init__(self, workers: WorkerPool) -> None:
        self._workers, self.grow = workers, workers.grow

    @property
    def at_once(self) -> int:
        return self._workers.at_once

    def submit(self, chunk: list[Place]) -> Restoring:
        return self._workers.submit(_work, chunk)


def processes(jobs: int) -> MakePool | None:
    """A pool of at most *jobs* processes; None for a single one, which needs none."""

    @contextmanager
    def make(archived: Archived) -> Iterator[RestorePool]:
        workers = WorkerPool(jobs, SETTLED, _begin, archived)
        try:
            yield _Processes(workers)
        finally:
            workers.close()

    return make if jobs > 1 else None


def _restore(sources: Sources, archived: Archived, place: Place) -> Visit | str:
    try:
        return restore(archived, sources.decision(place))
    except DamagedError as error:
        return f"visit {place.sequence}: {error}"
    except (ValueError, OverflowError, RecursionError) as error:  # of a page that no parser was made for
        return f"visit {place.sequence}: {type(error).__name__}: {error}"


def _chunks(places: Iterator[Place]) -> Iterator[list[Place]]:
    while chunk := list(islice(places, CHUNK)):
        yield chunk


# -- in a worker -----------------------------------------------------------------------------------------------------

_archived: list[Archived] = []


def _begin(archived: Archived) -> None:
    prepare_process()
    gc.freeze()
    _archived.append(archived)


def _work(chunk: list[Place]) -> list[Visit | str]:
    (archived,) = _archived
    return restore_chunk(archived, chunk)


def restore_chunk(archived: Archived, chunk: list[Place]) -> list[Visit | str]:
    """The visits of *chunk*, without the bytes of their captures; in the place of one that cannot be, why."""
    sources = Sources((), files=dict(archived.files))
    visits = [_restore(sources, archived, place) for place in chunk]
    for visit in visits:  # what the decision needs of a capture is its place, not its bytes
        if isinstance(visit, Visit):
            visit.captures = [_light(capture) for capture in visit.captures]
            body = visit.result.body if isinstance(visit.result, Article) else None
            visit.band_keys = similarity.bands(body or "")
    gc.collect()
    return visits


def _light(capture: Capture) -> Capture:
    return replace(capture, payload=b"", headers=())
