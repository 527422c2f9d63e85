"""Finishes a run that died, from the files alone (docs/decisions/0001)."""

from __future__ import annotations

from collections import Counter
from itertools import takewhile
from pathlib import Path

from crawler.archive.index import portal_state
from crawler.archive.index.index import Index
from crawler.archive.records import decisions, jsonl
from crawler.archive.records.decisions import observation_of
from crawler.archive.records.effective import effective
from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import DecisionRecord, VoidRecord
from crawler.archive.runs import run_file
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.files import AppendFile, range_sha256, remove, truncate
from crawler.archive.storage.layout import Paths, is_open
from crawler.archive.write import formats, transaction, warc_writer
from crawler.archive.write import reindex as rebuild


def recover(paths: Paths) -> Index:
    """The index of the archive, after finishing whatever run died before. Only for who holds the lock."""
    formats.check(paths)
    drop_partials(paths)
    changed = transaction.resume(paths)
    index, stale = rebuild.open_index(paths)
    stale = stale or changed
    for start in run_file.unfinished(paths):
        if paths.run_file(start.run).exists():  # died between writing the run file and taking the marker away
            run_file.unmark(paths, start)
            stale = True
        else:
            _finish(paths, index, start)
    if stale or not rebuild.catch_up(paths, index):
        index.close()
        index, _ = rebuild.rebuild_index(paths)
    index.commit()
    return index


def drop_partials(paths: Paths) -> None:
    """Takes away the files whose writer died before it renamed them: it begins again. Only for who holds the lock."""
    for partial in paths.partials():
        remove(partial)


def finish_dead(paths: Paths) -> None:
    """Finishes whatever run died before, by what the run files say; the index is not looked at.

    Only for who holds the lock.
    """
    formats.check(paths)
    index = rebuild.chain_index(paths)
    for start in run_file.unfinished(paths):
        if paths.run_file(start.run).exists():
            run_file.unmark(paths, start)
        else:
            _finish(paths, index, start)
    index.close()


def reindex(paths: Paths) -> Counter[str]:
    """Deletes state/ and rebuilds it; returns what was applied, counted. Only for who holds the lock."""
    formats.check(paths)
    drop_partials(paths)
    transaction.resume(paths)
    finish_dead(paths)  # by the run files alone: an index that is missing would be rebuilt twice
    index, applied = rebuild.rebuild_index(paths)
    index.commit()
    index.close()
    return applied


# -- inside ----------------------------------------------------------------------------------------------------------


def _finish(paths: Paths, index: Index, start: run_file.RunStart) -> None:
    """Finishes the dead run *start*: what is whole stays, what is not is cut or taken back, the run gets its file."""
    ours = paths.warc_files(start.run)
    opened = [(path, warc_writer.salvage(path)) for path in ours.values() if is_open(path)]
    found = list(decisions.of_files(ours.values(), index.note))
    standing = {decision["sequence"]: decision for decision in effective(found)}
    present = _cut(_tails(paths, index), standing, derived=start.kind in run_file.DERIVED)
    voided = _complete(paths, standing, present)
    if voided:
        _void(paths, start, len(ours), voided)
    for path, entries in opened:
        warc_writer.finish(path, entries)
    for number, decision in standing.items():
        if number > index.sequence and number not in voided:
            index.decide(decision)
    whole = [path for name, file in paths.warc_files(start.run).items() for path in (paths.cdxj_of(name), file)]
    owned = [_owned(paths, path, begin) for path, begin in [*_tails(paths, index).items(), *((p, 0) for p in whole)]]
    first, last = _range(found)
    summary: Json = {
        "exit_code": None,
        "recovered": True,
        "sequence": {"first": first, "last": last},
        "voided": sorted(voided),
    }
    if start.sources:  # verify reads the WARC files of a replay where they lie
        summary["sources"] = list(start.sources)
    head = run_file.finish(paths, start, owned, summary)
    rebuild.seal(index, owned, head)
    portal_state.note(index, {"kind": start.kind, "number": start.number, **summary})
    index.reach(last)  # a voided number is never given again
    index.commit()


def _tails(paths: Paths, index: Index) -> dict[Path, int]:
    """The month files with bytes that no finished run owns, and where these begin."""
    begins = {path: index.files.sealed(paths.logical(path)) for path in paths.stream_files()}
    return {path: begin for path, begin in begins.items() if month_file.size(path) > begin}


def _cut(tails: dict[Path, int], standing: dict[int, DecisionRecord], *, derived: bool) -> set[str]:
    """Cuts each tail after its last line that is whole and decided; returns the sha256 of the lines that stay."""
    numbers = {line["sha256"]: number for number, decision in standing.items() for line in decision["lines"]}
    kept: dict[Path, list[tuple[int, bytes]]] = {}
    for path, begin in tails.items():
        kept[path] = []
        for offset, line in jsonl.whole_lines(path, begin):
            if jsonl.sha256(line) not in numbers and not (derived and _parses(line)):
                break
            kept[path].append((offset, line))
    if derived:
        _drop_unobserved(kept)
    else:
        _drop_unfounded(kept, standing, numbers)
    for path, tail in kept.items():
        end = tail[-1][0] + len(tail[-1][1]) if tail else tails[path]
        if end < path.stat().st_size:
            truncate(path, end)
    return {jsonl.sha256(line) for tail in kept.values() for _, line in tail}


def _drop_unfounded(
    kept: dict[Path, list[tuple[int, bytes]]], standing: dict[int, DecisionRecord], numbers: dict[str, int]
) -> None:
    """Drops every line that was decided after one whose record did not reach the disk.

    Lost power may keep one file and take another: a copy must not stay without its original, which it was judged by.
    """
    present = {jsonl.sha256(line) for tail in kept.values() for _, line in tail}
    gap = next(
        (
            number
            for number, decision in standing.items()
            if any(
                line_ref["sha256"] not in present for line_ref in decision["lines"][:-1]
            )  # the last is the observation
        ),
        None,
    )
    if gap is not None:
        for path, tail in kept.items():
            kept[path] = list(takewhile(lambda line: numbers[jsonl.sha256(line[1])] < gap, tail))


def _drop_unobserved(kept: dict[Path, list[tuple[int, bytes]]]) -> None:
    """A replay writes no decisions: its record lines that no observation follows are cut and will be replayed."""
    seen = {
        (record["id"], record["observed_at"])
        for path, tail in kept.items()
        if path.parts[-3] == "observations"
        for record in (jsonl.decode(line) for _, line in tail)
    }
    for path, tail in kept.items():
        if path.parts[-3] == "observations":
            continue
        while tail and (record := jsonl.decode(tail[-1][1])) and (record["id"], record["fetched_at"]) not in seen:
            tail.pop()


def _complete(paths: Paths, standing: dict[int, DecisionRecord], present: set[str]) -> dict[int, DecisionRecord]:
    """Writes the observations that are missing for their record line; returns the decisions that have no line."""
    voided: dict[int, DecisionRecord] = {}
    for number, decision in standing.items():
        absent = [line for line in decision["lines"] if line["sha256"] not in present]
        if not absent:
            continue
        if len(absent) == len(decision["lines"]):
            voided[number] = decision
            continue
        observation = observation_of(decision)
        for line in absent:
            encoded = jsonl.encode(observation)
            if jsonl.sha256(encoded) != line["sha256"]:
                raise DamagedError(f"decision {number}: its line in {line['path']} is gone and cannot be rebuilt")
            file = AppendFile(paths.root / line["path"])
            file.append(encoded)
            file.sync()
            file.close()
    return voided


def _void(paths: Paths, start: run_file.RunStart, number: int, voided: dict[int, DecisionRecord]) -> None:
    info = start.info() | {"description": "decisions taken back after a crash"}
    sink = warc_writer.WarcWriter(paths, start.run, info, number=number)
    for decision in voided.values():
        sink.write(decisions.pack_void(decision))
    sink.close()


def _owned(paths: Paths, path: Path, begin: int) -> Json:
    end = path.stat().st_size
    return {"path": paths.relative(path), "start": begin, "end": end, "sha256": range_sha256(path, begin, end)}


def _range(found: list[DecisionRecord | VoidRecord]) -> tuple[int, int]:
    numbers = [record["sequence"] for record in found if record["schema"] == decisions.DECISION]
    return (min(numbers), max(numbers)) if numbers else (1, 0)


def _parses(line: bytes) -> bool:
    try:
        jsonl.decode(line)
    except DamagedError:
        return False
    return True
