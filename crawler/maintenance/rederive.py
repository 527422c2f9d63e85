"""Rebuilds lost lines: the visit is replayed against the archive as it was then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from crawler.archive.records import decisions, jsonl
from crawler.archive.records.decisions import observation_of
from crawler.archive.records.types import DecisionRecord
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import final_name
from crawler.archive.warc.record import record_at
from crawler.article import WarcRef
from crawler.assembly import prepare_process
from crawler.maintenance.repair.record_lookup import RecordLookup
from crawler.maintenance.scratch import ScratchArchive
from crawler.pipelines.chain import chain
from crawler.replay.visits import Archived, restore


def rederive_lines(
    lookup: RecordLookup, files: Mapping[str, Path], sequences: Iterable[int], folder: Path
) -> dict[str, bytes]:
    """The lines of the visits number *sequences*, by sha256, as far as they come out as their decisions say.

    *files*: the WARC files by their name relative to warc/. *folder*: for an archive that is thrown away.
    """
    prepare_process()
    wanted = set(sequences)
    archived = Archived({final_name(path): path for path in files.values()}, {}, {})
    made: dict[str, bytes] = {}
    archive = ScratchArchive(folder / "again")
    process = chain(archive)
    try:
        for path, offset, length in lookup.decisions(max(wanted, default=0)):
            decision = decisions.parse(record_at(path, WarcRef(path.name, offset, length, "", "")))
            assert decision is not None and decision["schema"] == decisions.DECISION  # noqa: PT018 - one claim
            found = _there(lookup, decision)
            if decision["sequence"] in wanted:
                simple = _without_pages(decision)
                made |= {sha256: line for sha256, line in simple.items() if any(_is(decision, sha256))}
                found += [(path, made[sha]) for sha, path in _promised(decision) if sha in made and not _in(found, sha)]
            if len(found) < len(decision["lines"]) and decision["sequence"] in wanted:
                archive.made = []
                try:
                    process(restore(archived, decision))
                except DamagedError:
                    archive.know(decision, found)
                made |= {jsonl.sha256(line): line for line in archive.made if any(_is(decision, jsonl.sha256(line)))}
            else:
                archive.know(decision, found)
            archive.commit()
    finally:
        archive.abandon()
    return made


def _there(lookup: RecordLookup, decision: DecisionRecord) -> list[tuple[str, bytes]]:
    """(path, line) of the lines of *decision* that are not lost."""
    found = []
    for line_ref in decision["lines"]:
        if (place := lookup.where(line_ref["sha256"])) is None:
            continue
        try:
            line = month_file.read(*place)
        except DamagedError:
            continue
        if jsonl.sha256(line) == line_ref["sha256"]:
            found.append((line_ref["path"], line))
    return found


def _without_pages(decision: DecisionRecord) -> dict[str, bytes]:
    """The lines that the decision alone says: the observation, and a tombstone."""
    tombstone = decision.get("tombstone")
    found = [jsonl.encode(record) for record in (observation_of(decision), tombstone) if record is not None]
    return {jsonl.sha256(line): line for line in found}


def _promised(decision: DecisionRecord) -> list[tuple[str, str]]:
    return [(line_ref["sha256"], line_ref["path"]) for line_ref in decision["lines"]]


def _is(decision: DecisionRecord, sha256: str) -> list[bool]:
    return [line_ref["sha256"] == sha256 for line_ref in decision["lines"]]


def _in(found: list[tuple[str, bytes]], sha256: str) -> bool:
    return any(jsonl.sha256(line) == sha256 for _, line in found)
