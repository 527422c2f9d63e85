"""Compares the chains of a local archive and the one in the store."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.archive.read.stored import StoredRun, run_at, runs_after
from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.objects import Objects
from crawler.exit_codes import UsageError


@dataclass(frozen=True, slots=True)
class ChainComparison:
    """Two chains: what both begin with, and what follows in each."""

    both: list[tuple[Json, str]]  #: run file and its sha256
    here: list[tuple[Json, str]]
    there: list[StoredRun]

    @property
    def last(self) -> tuple[int, str | None]:
        """Number and sha256 of the last run that both have."""
        return (self.both[-1][0]["number"], self.both[-1][1]) if self.both else (0, None)

    @property
    def stored(self) -> list[tuple[Json, str]]:
        """The chain of the store."""
        return [*self.both, *((run.run, run.sha256) for run in self.there)]


def compare(paths: Paths, objects: Objects) -> ChainComparison:
    """The chains of the archive *paths* and of *objects*. Raises DamagedError, StorageError."""
    chain = list(run_file.finished(paths))
    both = len(chain)
    while both and not _same(paths, objects, chain[both - 1][0]):
        both -= 1
    number, sha256 = (chain[both - 1][0]["number"], chain[both - 1][1]) if both else (0, None)
    return ChainComparison(chain[:both], chain[both:], runs_after(objects, number, sha256))


def refuse_strangers(paths: Paths, objects: Objects, standing: ChainComparison) -> None:
    """Raises UsageError where the two are different archives, one of which would be lost in the other."""
    if standing.both or not standing.here or not standing.there:
        return
    ids = {_id(*standing.here[0]), _id(standing.there[0].run, standing.there[0].sha256)}
    if len(ids) > 1:
        raise UsageError(
            f"{paths.root} and {objects.url} are different archives; push it under another name (--name), "
            "or pull into another folder"
        )


def _same(paths: Paths, objects: Objects, run: Json) -> bool:
    return run_at(objects, run["number"]) == paths.run_file(run["run"]).read_bytes()


def _id(run: Json, sha256: str) -> str | None:
    return run_file.head_after(run_file.NO_RUN, run, sha256).archive
