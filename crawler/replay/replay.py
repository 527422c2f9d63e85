"""WARC in, archive out: visits are restored in parallel and decided one after the other, in their sequence."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from crawler.archive import Archive, lines
from crawler.article import Capture
from crawler.assembly import Visit
from crawler.pipelines import chain
from crawler.portals import Portal
from crawler.replay.sources import Place, Sources
from crawler.replay.visits import restore

CHUNK = 16  #: visits that one task of a worker restores: less traffic between processes


@dataclass(slots=True)
class Replayed:
    """What a replay did."""

    visits: int
    skipped: int  #: made by an earlier, interrupted replay into the same archive
    differing: Counter[str]  #: "old -> new" outcomes, where the decision came out otherwise


def replay(
    sources: Sources,
    archive: Archive,
    *,
    overrides: Mapping[str, Portal] | None = None,
    jobs: int = 1,
    stop: Callable[[], bool] = lambda: False,
) -> Replayed:
    """Makes every visit of *sources* again, into *archive*. *stop* is asked between two visits.

    Raises DamagedError where a capture is not what was archived, StorageError where *archive* cannot be written.
    """
    process = chain(archive)
    texts = {name: portal.text for name, portal in (overrides or {}).items()}
    done = _observed(archive)
    result = Replayed(0, 0, Counter())
    for visit in _restored(sources, sources.visits(), texts, jobs):
        assert visit.decision is not None
        if stop():
            break
        if (visit.decision["id"], visit.decision["observed_at"]) in done:
            result.skipped += 1
            continue
        before = Counter(archive.tallies[visit.portal.name].outcomes)
        process(visit)
        result.visits += 1
        (outcome,) = archive.tallies[visit.portal.name].outcomes - before
        if outcome != visit.decision["outcome"]:
            result.differing[f"{visit.decision['outcome']} -> {outcome}"] += 1
    return result


def _observed(archive: Archive) -> set[tuple[str, str]]:
    """(id, observed_at) of every visit the archive has already."""
    records = (
        lines.decode(line) for path in archive.paths.stream_files("observations") for _, line in lines.whole_lines(path)
    )
    return {(record["id"], record["observed_at"]) for record in records}


def _restored(sources: Sources, places: list[Place], texts: dict[str, str], jobs: int) -> Iterator[Visit]:
    """The visits of *places*, in order, restored by *jobs* processes."""
    if jobs <= 1:
        for place in places:
            yield restore(sources.files, texts, sources.decision(place))
        return
    pending: deque[Future[list[Visit]]] = deque()
    chunks = _chunks(places)
    # forked workers would inherit the archive's lock and keep it when this process dies
    workers = ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (sources.files, texts))
    with workers as pool:
        pending.extend(pool.submit(_work, chunk) for chunk in islice(chunks, jobs * 2))
        while pending:
            yield from pending.popleft().result()
            pending.extend(pool.submit(_work, chunk) for chunk in islice(chunks, 1))


def _chunks(places: list[Place]) -> Iterator[list[Place]]:
    for begin in range(0, len(places), CHUNK):
        yield places[begin : begin + CHUNK]


# -- in a worker -----------------------------------------------------------------------------------------------------

_files: dict[str, Path] = {}
_texts: dict[str, str] = {}


def _begin(files: dict[str, Path], texts: dict[str, str]) -> None:
    _files.update(files)
    _texts.update(texts)


def _work(chunk: list[Place]) -> list[Visit]:
    sources = Sources((), files=_files)
    visits = [restore(_files, _texts, sources.decision(place)) for place in chunk]
    for visit in visits:  # what the decision needs of a capture is its place, not its bytes
        visit.captures = [_light(capture) for capture in visit.captures]
    return visits


def _light(capture: Capture) -> Capture:
    return replace(capture, payload=b"", headers=())
