"""The last run of an archive, of whatever kind, and how long ago a crawl last finished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths
from crawler.article import parse_moment


@dataclass(frozen=True, slots=True)
class LastRun:
    """A run as its file, or the marker of one that has not finished, says."""

    run: str
    kind: str
    started_at: datetime
    finished_at: datetime | None  #: None: it is being written, or was cut short
    exit_code: int | None


def last_run(paths: Paths) -> LastRun | None:
    """The newest run; None where there is none. Files that cannot be read are left to verify."""
    try:
        unfinished = run_file.unfinished(paths)
    except DamagedError:
        unfinished = []
    finished = next(_newest_first(paths), None)
    if unfinished and (finished is None or unfinished[-1].number > finished["number"]):
        start = unfinished[-1]
        return LastRun(start.run, start.kind, parse_moment(start.started_at), None, None)
    if finished is None:
        return None
    return LastRun(
        finished["run"], finished["kind"], parse_moment(finished["started_at"]),
        parse_moment(finished["finished_at"]), finished.get("exit_code"),
    )  # fmt: skip


def last_crawl_ended(paths: Paths) -> datetime | None:
    """When a crawl last came to its end, with exit code 0 or 3; None where none did."""
    ends = (run for run in _newest_first(paths) if run["kind"] == "crawl" and run.get("exit_code") in {0, 3})
    return next((parse_moment(run["finished_at"]) for run in ends), None)


def _newest_first(paths: Paths) -> Iterator[Json]:
    for path in sorted(paths.runs.glob("*.json"), reverse=True):  # names begin with the moment
        try:
            data = path.read_bytes()
            run = orjson.loads(data)
            run_file.refuse_newer_run(path, data, run)
            if {"run", "kind", "number", "started_at", "finished_at"} <= run.keys():
                yield run
        except (OSError, ValueError, AttributeError):
            continue
