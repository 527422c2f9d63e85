"""Rebuilds the index from the files alone, or updates it (docs/decisions/0001)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from crawler.archive.index import portal_state
from crawler.archive.index.index import Index
from crawler.archive.records import decisions, jsonl
from crawler.archive.records.effective import effective
from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage import month_file, sqlite
from crawler.archive.storage.files import range_sha256
from crawler.archive.storage.layout import PARTIAL, Paths


def read_head(index: Index) -> run_file.ChainHead:
    """The end of the chain as the index knows it."""
    run = index.meta("head_run")
    if not run:
        return run_file.NO_RUN
    return run_file.ChainHead(
        int(index.meta("head_number") or 0), run, index.meta("head_sha256"), index.meta("archive")
    )


def seal(index: Index, owned: Iterable[Json], head: run_file.ChainHead) -> None:
    """Notes in the index what a finished run owns, and that it is now the end of the chain. Does not commit."""
    for file in owned:
        if not file["path"].startswith("warc/"):  # a WARC file has one owner
            index.files.seal(file["path"], file["end"], whole=file.get("whole", False) or file.get("gone", False))
    assert head.run is not None
    assert head.sha256 is not None
    index.set_meta("run_files", str(int(index.meta("run_files") or 0) + 1))
    index.set_meta("head_number", str(head.number))
    index.set_meta("head_run", head.run)
    index.set_meta("head_sha256", head.sha256)
    if head.archive is not None:
        index.set_meta("archive", head.archive)


def rebuild_index(paths: Paths) -> tuple[Index, Counter[str]]:
    """A new index in the place of the one that is there, and what was applied, counted.

    It is built beside and takes that one's place once it is whole: who reads meanwhile reads what was there, and a
    death leaves that, or none.
    """
    built = paths.index.with_name(f"{paths.index.name}{PARTIAL}")
    sqlite.delete(built)
    index = Index(built, beside=True)
    try:
        applied = apply_all(paths, index)
        index.commit()
    except BaseException:  # a disk that is full needs the space
        index.close()
        sqlite.delete(built)
        raise
    index.close()
    sqlite.put_in_place(built, paths.index)
    return Index(paths.index), applied


def apply_all(paths: Paths, index: Index) -> Counter[str]:
    """Applies every run file, line and decision to the empty *index*. Does not commit."""
    applied: Counter[str] = Counter()
    head = run_file.NO_RUN
    for run, sha256 in run_file.finished(paths):
        head = run_file.head_after(head, run, sha256)
        seal(index, run["files"], head)
        portal_state.note(index, run)
        index.reach(run.get("sequence", {}).get("last", 0))
        applied["runs"] += 1
    for path in paths.stream_files():
        _apply_lines(paths, index, path, 0, applied)
    for decision in effective(decisions.of_files(paths.warc_files().values(), index.note)):
        index.decide(decision)
        applied["decisions"] += 1
    return applied


def follow(paths: Paths, index: Index, runs: Iterable[tuple[Json, str]]) -> bool:
    """Applies *runs* (run file, its sha256), whose files another machine appended, to the *index* of all before.

    False where index and files disagree. Does not commit.
    """
    head = read_head(index)
    opened: list[Path] = []
    for run, sha256 in runs:
        head = run_file.head_after(head, run, sha256)
        seal(index, run["files"], head)
        portal_state.note(index, run)
        index.reach(run.get("sequence", {}).get("last", 0))
        opened += paths.warc_files(run["run"]).values()
    if not catch_up(paths, index):
        return False
    for decision in effective(decisions.of_files(opened, index.note)):
        index.decide(decision)
    return True


def open_index(paths: Paths) -> tuple[Index, bool]:
    """The index, and whether it has to be rebuilt: then one in memory that knows the runs, to finish dead ones by."""
    if (found := _sound(paths)) is not None:
        return found, False
    return chain_index(paths), True


def chain_index(paths: Paths) -> Index:
    """An index in memory that knows the runs and nothing else."""
    index, head = Index(":memory:"), run_file.NO_RUN
    for run, sha256 in run_file.finished(paths):
        head = run_file.head_after(head, run, sha256)
        seal(index, run["files"], head)
    return index


def catch_up(paths: Paths, index: Index) -> bool:
    """Applies the lines that a dead run wrote after its last commit; False where index and files disagree."""
    applied = index.files.applied()
    for path in paths.stream_files():
        begin = applied.pop(paths.logical(path), 0)
        size = month_file.size(path)
        if size < begin:
            return False
        if size > begin:
            _apply_lines(paths, index, path, begin, Counter())
    return not applied


# -- inside ----------------------------------------------------------------------------------------------------------


def _sound(paths: Paths) -> Index | None:
    """The index that is there, if it is sound and ends its chain where the files end it.

    It does not when its last commit was lost, when it was put back from a copy, or comes from another archive.
    """
    if not paths.index.exists():
        return None
    try:
        index = Index(paths.index)
    except sqlite.UnreadableError:
        return None
    if index.intact() and _head_stands(paths, read_head(index), int(index.meta("run_files") or 0)):
        return index
    index.close()
    return None


def _head_stands(paths: Paths, head: run_file.ChainHead, count: int) -> bool:
    """Whether *head* is the last of the *count* run files there are."""
    if count != len(paths.run_files()):
        return False
    if head.run is None:
        return True
    path = paths.run_file(head.run)
    return path.exists() and range_sha256(path, 0, path.stat().st_size) == head.sha256


def _apply_lines(paths: Paths, index: Index, path: Path, begin: int, applied: Counter[str]) -> None:
    relative = paths.logical(path)
    stream = relative.partition("/")[0]
    for offset, line in jsonl.whole_lines(path, begin):
        index.apply(stream, jsonl.decode(line), relative, offset, len(line))
        applied[stream] += 1
