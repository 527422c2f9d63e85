"""What changed in an archive since a run, in an order in which another database can apply it.

The lines of what runs have appended since come from their byte ranges. A month file that a repair, a removal or an
adoption has rewritten since is sent whole, behind a ``reset``: ranges cannot say which of its lines are new.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import orjson

from crawler.analysis.names import EVERY_PORTAL, PortalScope
from crawler.analysis.snapshot import CHANGING, Snapshot, lines_of
from crawler.archive.records import jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.records.tombstone import is_tombstone
from crawler.archive.records.versions import upgraded
from crawler.archive.runs.run_file import refuse_newer_run
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import STREAMS, Paths, Stream, run_of_file

START = "start"  #: the cursor before the first run
_OF_STREAM = {"articles": "added", "duplicates": "added", "revisions": "revised"}
_OF_OUTCOME = {"gone": "gone", "back": "back"}


class NoSuchRun(LookupError):  # noqa: N818 - says what is wrong with what was asked
    """The run is none of the archive, or has not finished."""


def changes(root: Path, since: str, *, visits: bool = False, scope: PortalScope = EVERY_PORTAL) -> Iterator[Json]:
    """The changes that finished runs after *since* (the name of a run, or START) made; the last one is the cursor.

    Each has ``change`` (reset, added, revised, gone, back, with *visits* visited; removed), ``stream``, ``portal``,
    ``month``, ``id``, ``at`` and ``record``; the cursor has ``run``, ``number``, ``sha256`` and ``archive``. Lines of
    portals outside of *scope* are left out; what was removed is named whatever its portal.

    Raises NoSuchRun where *since* is no finished run of this archive, DamagedError.
    """
    paths = Paths(root)
    number = _number(paths, since)
    shot = Snapshot.of(paths, since=number)
    later = _later(shot, number)
    rewritten = rewritten_after(shot, number)
    left_out = scope.left_out(shot)
    for path, at in rewritten.items():
        if path.split("/")[1] not in left_out:
            yield _change("reset", path, None, at, None)
    for span in shot.ranges(number, rewritten):
        if span.portal in left_out:
            continue
        for _, line in lines_of(paths, span):
            record = upgraded(jsonl.decode(line), span.path)
            kind = None if is_tombstone(record) else _kind(span.stream, record, visits=visits)
            if kind is not None:
                at = record["observed_at" if span.stream == "observations" else "fetched_at"]
                yield _change(kind, span.path, record["id"], at, record)
    for run in later:
        if removed := run.get("removed"):
            note = {name: removed[name] for name in ("id", "urls", "reason", "at")}
            yield _change("removed", None, removed["id"], removed["at"], note)
    cursor = {"run": shot.run or START, "number": shot.number, "sha256": shot.sha256, "archive": shot.archive}
    yield {"change": "cursor"} | cursor


def _kind(stream: Stream, record: Json, *, visits: bool) -> str | None:
    if stream != "observations":
        return _OF_STREAM[stream]
    return _OF_OUTCOME.get(record["outcome"]) or ("visited" if visits else None)


def _change(change: str, path: str | None, ident: str | None, at: str, record: Json | None) -> Json:
    stream, portal, month = (path or "//").removesuffix(".jsonl").split("/")
    place = {"stream": stream or None, "portal": portal or None, "month": month or None}
    return {"change": change} | place | {"id": ident, "at": at, "record": record}


def rewritten_after(shot: Snapshot, number: int) -> dict[str, str]:
    """Month file -> when it was rewritten last, of those whose lines runs after *number* have changed.

    Raises DamagedError.
    """
    return {
        entry["path"]: run["finished_at"]
        for run in (_later(shot, number) if number else ())
        if run["kind"] in CHANGING
        for entry in run["files"]
        if entry["path"].partition("/")[0] in STREAMS and (entry.get("whole") or entry.get("gone"))
    }


def _later(shot: Snapshot, number: int) -> list[Json]:
    """The files of the runs after *number*."""
    return [_run(shot.paths.run_file(row["run"])) for row in shot.runs if row["number"] > number]


def _number(paths: Paths, since: str) -> int:
    """The number of the run *since*; 0 for START. Raises NoSuchRun."""
    if since == START:
        return 0
    names = {run_of_file(path): path for path in paths.run_files()}
    if since not in names:
        state = "has not finished" if since in map(run_of_file, paths.run_markers()) else "is none of this archive"
        raise NoSuchRun(
            f"{since}: this run {state}; take `run` of the last line that `citynews changes` printed, "
            f"or `{START}` for everything"
        )
    return int(_run(names[since])["number"])


def _run(path: Path) -> Json:
    try:
        data = path.read_bytes()
        run = orjson.loads(data)
        refuse_newer_run(path, data, run)
        return cast(Json, run | {"number": int(run["number"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DamagedError(f"{path}: not a run file: {error}") from error
