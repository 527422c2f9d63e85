"""WARC in, archive out: visits are restored in parallel and decided one at a time, in their sequence."""

from __future__ import annotations

import gc
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from crawler.archive.records import jsonl
from crawler.archive.storage.errors import DamagedError
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import Capture
from crawler.assembly import Visit, prepare_process
from crawler.pipelines.chain import chain
from crawler.pipelines.fix import Fix
from crawler.portals import Portal
from crawler.replay.places import Place, SeenVisits
from crawler.replay.sources import Sources
from crawler.replay.visits import Archived, restore, standing_for
from crawler.values.worker_pool import WorkerPool

TIDY = 64  #: visits after which memory is tidied: a parsed page has cycles, and thousands of them would pile up
ALONE = 1.0  #: seconds that a replay restores visits by itself before other processes do
SETTLED = 4  #: chunks after which a process has caught up with what had come while it was being started
CHUNK = 16  #: visits that one task of a worker restores: less traffic between processes


@dataclass(frozen=True, slots=True)
class ReplayScope:
    """Which visits are replayed: of the first *limit* articles per portal (0: all), on the day *since* or later."""

    limit: int = 0
    since: str | None = None


@dataclass(slots=True)
class Replayed:
    """What a replay did."""

    visits: int
    skipped: int  #: made by an earlier, interrupted replay into the same archive
    differing: Counter[str]  #: "old -> new" outcomes, where the decision came out otherwise
    not_archived: int = 0  #: further pages and counters that are in no source
    unclaimed: int = 0  #: pages of other tools that belong to no portal


def replay(  # noqa: PLR0913 - what a replay is asked to do, each by name
    sources: Sources,
    archive: ArchiveWriter,
    *,
    overrides: Mapping[str, Portal] | None = None,
    known: Mapping[str, Portal] | None = None,
    fallback: str | None = None,
    choice: ReplayScope | None = None,
    pool: MakePool | None = None,
    alone: float = 0.0,
    stop: Callable[[], bool] = lambda: False,
    fixes: Mapping[str, Fix] | None = None,
) -> Replayed:
    """Makes every visit of *sources* again, into *archive*. *stop* is asked between two visits.

    *overrides* are used instead of the archived definitions; pages of other tools go to the portal of *known* whose
    domains claim them, else to *fallback*. *choice* says which visits, *fixes* what the operator corrects. Visits are
    restored by *pool*, once this process has done so for *alone* seconds; by this process alone where there is none.

    A visit whose captures are not what was archived is left out and said in ``sources.damaged``. Raises StorageError
    where *archive* cannot be written.
    """
    places = _chosen(sources, sources.visits(known, fallback), choice or ReplayScope())
    texts = sources.others.texts | {name: portal.text for name, portal in (overrides or {}).items()}
    archived = Archived(sources.files, texts, sources.others.by_url)
    decider = _Decider(sources, archive, fixes)
    gc.freeze()
    for number, visit in enumerate(_restored(sources, archived, places, pool, alone), 1):
        if number % TIDY == 0:
            gc.collect()
        if isinstance(visit, str):
            sources.damaged.append(visit)
        elif stop():
            break
        else:
            decider.decide(visit)
    sources.others.settle()
    sources.balance.settle("of-no-visit")
    decider.done.unclaimed = sources.others.unclaimed
    return decider.done


class _Decider:
    """Decides restored visits again, one after the other, and counts what came of them."""

    def __init__(self, sources: Sources, archive: ArchiveWriter, fixes: Mapping[str, Fix] | None) -> None:
        self._sources, self._archive, self._process = sources, archive, chain(archive, fixes)
        self._known = _observed(archive)
        self.done = Replayed(0, 0, Counter())

    def decide(self, visit: Visit) -> None:
        """Decides *visit*, unless an earlier, interrupted replay did."""
        archived = visit.decision
        assert archived is not None
        if (archived["id"], archived["observed_at"]) in self._known:
            self.done.skipped += 1
            self._sources.balance.left_out["there-already"] += 1
            return
        self._sources.used(visit)
        self.done.visits += 1
        if archived.get("removed"):
            self._archive.know(archived, standing_for(archived))
            self._archive.commit()
            return
        _, decision = self._process(visit)
        self.done.not_archived += len(visit.missing)
        if archived["outcome"] not in {None, decision.outcome}:
            self.done.differing[f"{archived['outcome']} -> {decision.outcome}"] += 1


def _chosen(sources: Sources, places: Iterator[Place], choice: ReplayScope) -> Iterator[Place]:
    if choice == ReplayScope():
        yield from places
        return
    seen: defaultdict[str, set[str]] = defaultdict(set)
    for place in places:
        decision = sources.decision(place)
        if choice.since and decision["observed_at"] < choice.since:
            continue
        asked = seen[decision["portal"]]
        if not choice.limit or decision["id"] in asked or len(asked) < choice.limit:
            asked.add(decision["id"])
            yield place


def _observed(archive: ArchiveWriter) -> SeenVisits:
    """(id, observed_at) of every visit the archive has already."""
    seen = SeenVisits()
    for path in archive.paths.stream_files("observations"):
        for _, line in jsonl.whole_lines(path):
            record = jsonl.decode(line)
            seen.add(record["id"], record["observed_at"])
    return seen


def _restored(
    sources: Sources, archived: Archived, places: Iterator[Place], make: MakePool | None, alone: float
) -> Iterator[Visit | str]:
    """The visits of *places*, in order; in the place of one that cannot be restored, why. As :func:`replay` says."""
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
            yield from pending.popleft().result()
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
    gc.collect()
    return visits


def _light(capture: Capture) -> Capture:
    return replace(capture, payload=b"", headers=())
