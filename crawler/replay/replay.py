"""WARC in, archive out: visits are restored (restoring.py) and decided one at a time, in their sequence."""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from crawler.archive.records import jsonl
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit
from crawler.pipelines.chain import chain
from crawler.pipelines.fix import Fix
from crawler.portals import Portal
from crawler.replay.places import Place, SeenVisits
from crawler.replay.restoring import MakePool, restored
from crawler.replay.sources import Sources
from crawler.replay.visits import Archived, standing_for

TIDY = 64  #: visits after which memory is tidied: a parsed page has cycles, and thousands of them would pile up


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
    for number, visit in enumerate(restored(sources, archived, places, pool, alone), 1):
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
