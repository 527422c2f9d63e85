"""Lists what is in a store, without a local copy."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from crawler.archive.read.stored import (
    AT_ONCE,
    StoredPiece,
    StoredRun,
    check_mark,
    claims_of,
    files_of,
    follows,
    run_at,
    runs_after,
)
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.objects import Objects, sha256_of
from crawler.archive.storage.stored_layout import MARK, RUNS, number_of, run_key
from crawler.exit_codes import UsageError

_OURS = ("parts/", "warc/", RUNS)


@dataclass(slots=True)
class StoreProof:
    """What was read."""

    objects: int = 0
    size: int = 0  #: bytes
    damage: list[str] = field(default_factory=list)


def archives(store: Objects) -> Iterator[Json]:
    """Name, runs, head and last run of each archive of *store* that has a run."""
    for name in store.names():
        last = last_run(store.below(name))
        if last is not None:
            run = last.run
            yield {
                "name": name, "runs": run["number"], "head": last.sha256, "run": run["run"], "kind": run["kind"],
                "started_at": run["started_at"], "finished_at": run["finished_at"],
                "exit_code": run.get("exit_code"), "round": run.get("round"),
                "portals": sorted(run.get("portals", {})),
            }  # fmt: skip


def last_run(objects: Objects) -> StoredRun | None:
    """The last run that follows the one before it, by two requests; None where there is none."""
    if not check_mark(objects):
        return None
    numbers = {number_of(entry.key) or 0 for entry in objects.listing(RUNS)} - {0}
    number = next(number for number in count() if number + 1 not in numbers)
    while number > 0:
        found = StoredRun.of(objects.get(run_key(number)), objects.url + run_key(number))
        before = run_at(objects, number - 1) if number > 1 else None
        if follows(found.run, number - 1, sha256_of(before) if before else None):
            return found
        number -= 1
    return None


def prove(objects: Objects, sample: int = 0) -> StoreProof:
    """Reads every object that a run claims, or *sample* of them. Raises StorageError; UsageError for no archive."""
    if not check_mark(objects):
        raise UsageError(f"{objects.url}: no archive here")
    done = StoreProof()
    try:
        chain = runs_after(objects, 0, None)
    except DamagedError as error:
        done.damage.append(str(error))
        return done
    pieces = [piece for file in files_of(claims_of(run.run for run in chain)).values() for piece in file.pieces]
    if 0 < sample < len(pieces):
        pieces = random.sample(pieces, sample)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for size, wrong in pool.map(lambda piece: _read(objects, piece), pieces):
            done.objects, done.size = done.objects + 1, done.size + size
            done.damage += wrong
    return done


def _read(objects: Objects, piece: StoredPiece) -> tuple[int, list[str]]:
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in objects.chunks(piece.key):
            digest.update(chunk)
            size += len(chunk)
    except DamagedError as error:
        return 0, [str(error)]
    right = size == piece.end - piece.start and digest.hexdigest() == piece.sha256
    return size, [] if right else [f"{objects.url}{piece.key}: {size} bytes that are not what its run says"]


def garbage(objects: Objects, age: timedelta) -> list[str]:
    """The keys that no run claims and that were written longer than *age* ago, by the clock of the store.

    Raises DamagedError where the chain cannot be read: nothing is garbage then.
    """
    listed = objects.listing()
    chain = runs_after(objects, 0, None)
    claimed = {piece.key for file in files_of(claims_of(run.run for run in chain)).values() for piece in file.pieces}
    objects.put(f"{MARK}.clock", b"")
    now = next(stored.modified for stored in objects.listing() if stored.key == f"{MARK}.clock")
    objects.delete([f"{MARK}.clock"])
    return [
        stored.key for stored in listed
        if stored.key.startswith(_OURS) and stored.key not in claimed and stored.modified < now - age
        and not (stored.key.startswith(RUNS) and 0 < (number_of(stored.key) or 0) <= len(chain))
    ]  # fmt: skip
