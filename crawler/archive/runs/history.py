"""The history of a portal, read from the run files of earlier runs: health compares with it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.run_file import refuse_newer_run
from crawler.archive.storage.layout import Paths
from crawler.article import parse_moment

WINDOW = timedelta(days=56)  #: eight weeks: enough to know a portal's week, and bounded whatever the archive's age


@dataclass(frozen=True, slots=True)
class CrawlSummary:
    """One crawl's view of one portal."""

    at: datetime  #: when the run began
    stats: Json  #: as in its run file
    alarms: tuple[Json, ...] = ()  #: what was wrong then: kind, field, since, text


def looks(paths: Paths, until: datetime, window: timedelta = WINDOW) -> dict[str, list[CrawlSummary]]:
    """Portal -> the crawls of it within *window* before *until*, oldest first.

    Left out are runs that a signal or a death cut short, replays, and files that cannot be read: to say that they are
    damaged is the duty of verify. Raises NewerFormatError.
    """
    first = f"{until - window:%Y%m%dT%H%M%SZ}"  # names begin with the moment
    found: defaultdict[str, list[tuple[int, CrawlSummary]]] = defaultdict(list)
    for path in (run_file for run_file in paths.run_files() if run_file.name >= first):
        try:
            data = path.read_bytes()
            run = orjson.loads(data)
            refuse_newer_run(path, data, run)
            if run["kind"] != "crawl" or run["exit_code"] not in {0, 3}:
                continue
            at = parse_moment(run["started_at"])
            for portal, stats in run["portals"].items():
                alarms = tuple(run.get("alarms", {}).get(portal, ()))
                if stats["requests"] or alarms:  # a portal that was left alone showed nothing
                    found[portal].append((run["number"], CrawlSummary(at, stats, alarms)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    # names tell runs that began within one second apart, not which came first
    ordered = {portal: sorted(seen, key=lambda pair: pair[0]) for portal, seen in found.items()}
    return {portal: [look for _, look in seen if look.at < until] for portal, seen in ordered.items()}
