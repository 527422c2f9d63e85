"""The decisions in WARC files of citynews, read in one process or in several: what a merge or a replay begins with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from crawler.archive.records import decisions
from crawler.archive.records.types import DecisionRecord, VoidRecord
from crawler.archive.warc.record import intact_records

_COMPANIONS = frozenset({"warcinfo", "request", "metadata"})
Found = tuple[DecisionRecord | VoidRecord, int, int]  # decision, offset, length


@dataclass(slots=True)
class ScannedFile:
    """What one file holds."""

    path: Path
    found: list[Found] = field(default_factory=list)
    read: Counter[tuple[str, bool]] = field(
        default_factory=Counter
    )  #: (type of the record, whether it goes with others)
    damaged: list[str] = field(default_factory=list)


def scan(paths: Sequence[Path], jobs: int = 1) -> Iterator[ScannedFile]:
    """What each of *paths* holds, in their order, read in *jobs* processes. Raises DamagedError."""
    if jobs <= 1 or len(paths) < 2:
        yield from map(_scan, paths)
        return
    with ProcessPoolExecutor(min(jobs, len(paths)), get_context("spawn")) as pool:
        yield from pool.map(_scan, paths)


def _scan(path: Path) -> ScannedFile:
    done = ScannedFile(path)
    for record in intact_records(path, done.damaged.append):
        decision = decisions.parse(record)
        done.read[record.kind, decision is None and record.kind in _COMPANIONS] += 1
        if decision is not None:
            done.found.append((_brief(decision), record.offset, record.length))
    return done


def _brief(decision: DecisionRecord | VoidRecord) -> DecisionRecord | VoidRecord:
    """What the order of visits asks of a decision: the rest is read when its turn comes."""
    return {name: decision[name] for name in _ASKED if name in decision}  # type: ignore[return-value,literal-required]


_ASKED = ("schema", "run", "sequence", "revises", "voids", "observed_at")
