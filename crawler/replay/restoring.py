"""The visits of a replay read back from WARC files, in their order: by this process, or by several in parallel."""

from __future__ import annotations

import gc
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from crawler.archive.index import similarity
from crawler.archive.storage.errors import DamagedError
from crawler.article import Article
from crawler.assembly import Visit, prepare_process
from crawler.replay.places import Place
from crawler.replay.sources import Sources
from crawler.replay.visits import Archived, restore
from crawler.values.worker_pool import AHEAD, WorkerPool

ALONE = 0.5  #: seconds that a replay restores visits by itself before other processes do
SETTLED = 4  #: chunks after which a process has caught up with what had come while it was being started
CHUNK = 16  #: visits that one task of a worker restores: less traffic between processes
_FEW = 4  #: visits that this process restores while it would wait: about as long as it takes to decide so many
_MOST = 64  #: chunks and few visits whose results may wait for those before them


def restored(
    sources: Sources, archived: Archived, places: Iterator[Place], make: MakePool | None, alone: float
) -> Iterator[Visit | str]:
    """The visits of *places*, in order; in the place of one that cannot be restored, why.

    This process restores them for *alone* seconds, then the pool that *make* makes as well; where there is none it does
    all.
    """
    begun = time.monotonic()
    while make is None or time.monotonic() - begun < alone:
        if (place := next(places, None)) is None:
            return
        yield _restore(sources, archived, place)
    pending: deque[Restoring] = deque()
    with make(archived) as pool:
        while True:
            while pool.has_room(len(pending)) and (chunk := list(islice(places, CHUNK))):
                pending.append(pool.submit(chunk))
            if not (pending and pending[0].done()):
                pool.grow()
                if pool.may_help(len(pending)) and (few := list(islice(places, _FEW))):
                    pending.append(_Done([_light(_restore(sources, archived, place)) for place in few]))
                    continue
            if not pending:
                return
            for visit in pending.popleft().result():
                if isinstance(visit, Visit) and isinstance(visit.result, Article):
                    similarity.remember(visit.result.body, visit.band_keys)
                yield visit


class Restoring(Protocol):
    """Visits that are being restored."""

    def done(self) -> bool: ...

    def result(self) -> list[Visit | str]: ...


class RestorePool(Protocol):
    """Restores visits elsewhere: :func:`restore_chunk`, with what it was made for."""

    def has_room(
        self, pending: int
    ) -> bool: ...  #: whether it takes another chunk; *pending*: whose result is not taken

    def submit(self, chunk: list[Place]) -> Restoring: ...

    def grow(self) -> object: ...  #: called where a chunk is waited for: more of what restores them would help

    def may_help(self, pending: int) -> bool: ...  #: whether this process restores some as well, rather than wait


@dataclass(frozen=True, slots=True)
class _Done:
    """What this process restored itself."""

    visits: list[Visit | str]

    def done(self) -> bool:
        return True

    def result(self) -> list[Visit | str]:
        return self.visits


@dataclass(frozen=True, slots=True)
class _Submitted:
    """What a process of this machine restores."""

    workers: WorkerPool
    future: Future[list[Visit | str]]

    def done(self) -> bool:
        return self.future.done()

    def result(self) -> list[Visit | str]:
        while not self.future.done():
            self.workers.read(None)
        return self.future.result()


MakePool = Callable[[Archived], AbstractContextManager[RestorePool]]


class _Processes:
    """Processes of this machine, beside this one."""

    def __init__(self, workers: WorkerPool) -> None:
        self._workers, self.grow = workers, workers.grow
        self.grow()

    def has_room(self, pending: int) -> bool:
        self._workers.read()
        return pending < _MOST and self._workers.has_room(AHEAD)

    def submit(self, chunk: list[Place]) -> Restoring:
        return _Submitted(self._workers, self._workers.submit(_work, chunk))

    def may_help(self, pending: int) -> bool:
        return pending < _MOST


def processes(jobs: int) -> MakePool | None:
    """A pool that makes *jobs* processes of this one, at most; None for a single one, which needs none."""

    @contextmanager
    def make(archived: Archived) -> Iterator[RestorePool]:
        workers = WorkerPool(jobs - 1, SETTLED, _begin, archived)
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


def _light(visit: Visit | str) -> Visit | str:
    """*visit* without the bytes of its captures: what the decision needs of one is its place."""
    if isinstance(visit, Visit):
        visit.captures = [replace(capture, payload=b"", headers=()) for capture in visit.captures]
    return visit


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
    visits = [_light(_restore(sources, archived, place)) for place in chunk]
    for visit in visits:
        if isinstance(visit, Visit):
            body = visit.result.body if isinstance(visit.result, Article) else None
            visit.band_keys = similarity.bands(body or "")
    gc.collect()
    return visits
