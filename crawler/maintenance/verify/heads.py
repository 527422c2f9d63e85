"""Heads that were noted elsewhere: whether the chain still contains them, and whether what they cover is unchanged.

Whoever has this program and the archive can rewrite both lines and chain so that they agree. A head, the sha256 of the
last run file, that lies where he cannot reach it says what the chain was: it must be in it still, and every byte that
the runs up to it wrote must be as they said. A change that a later run records (repair, remove, adopt) is a change all
the same, since a forger would record it too: it passes only where the reader names that run.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import ranges, run_file
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths
from crawler.maintenance.verify.findings import Findings

_CHANGES = frozenset({"repair", "remove", "adopt"})
_HEAD = re.compile(r"(?:sha256:)?([0-9a-f]{64})\b", re.IGNORECASE)


def read_heads(named: Iterable[str]) -> list[str]:
    """The heads that *named* are, or that the files of that name hold, one at the begin of a line.

    Raises ValueError for what is neither.
    """
    found: list[str] = []
    for text in named:
        if match := _HEAD.fullmatch(text.strip()):
            found.append(match[1].lower())
            continue
        path = Path(text)
        if not path.is_file():
            raise ValueError(f"{text}: neither the 64 hex digits of a head nor a file of them")
        lines = path.read_text("utf-8", errors="replace").splitlines()
        heads = [match[1].lower() for line in lines if (match := _HEAD.match(line.strip()))]
        if not heads:
            raise ValueError(f"{text}: no line begins with the 64 hex digits of a head")
        found += heads
    return list(dict.fromkeys(found))


def check_heads(paths: Paths, heads: Iterable[str], allowed: Collection[str], findings: Findings) -> None:
    """Adds to *findings* each of *heads* that is not in the chain, and what changed since; *allowed*: names of runs."""
    try:
        chain = list(run_file.finished(paths))
    except DamagedError as error:
        findings.add("head", "runs", "", f"the chain cannot be read: {error}")
        return
    names = {run["run"] for run, _ in chain}
    for name in allowed:
        if name not in names:
            findings.add("head", "runs", name, "--allow-change: no run of this name is in the chain")
    places = {sha256: number for number, (_, sha256) in enumerate(chain)}
    first: int | None = None
    for head in heads:
        if head not in places:
            findings.add("head", "runs", head, "is not in the chain of runs: it was rolled back or rewritten since")
        else:
            first = places[head] if first is None else min(first, places[head])
            _covered(paths, chain, places[head], head, findings)
    if first is not None:
        _recorded(paths, [run for run, _ in chain[first + 1 :]], allowed, findings)


def _recorded(paths: Paths, later: list[Json], allowed: Collection[str], findings: Findings) -> None:
    """The changes that runs since have recorded."""
    for run in later:
        if run["kind"] not in _CHANGES:
            continue
        file, changed = paths.relative(paths.run_file(run["run"])), len(run["files"])
        what = f"{run['kind']} of {run['started_at']}, a change of {changed} files since the head was noted"
        if run["run"] in allowed:
            findings.admit("allowed", file, run["run"], what)
        else:
            findings.add("head", file, run["run"], f"{what}; --allow-change {run['run']} accepts it")


def _covered(paths: Paths, chain: list[tuple[Json, str]], place: int, head: str, findings: Findings) -> None:
    """What the runs up to *place* wrote, where a later run says something else of it."""
    then = ranges.of(run for run, _ in chain[: place + 1])
    now = ranges.of(run for run, _ in chain)
    for path, claims in then.ranges.items():
        if now.ranges.get(path, [])[: len(claims)] == claims:
            continue  # the same bytes by the same words: verify has looked at them
        restated = [
            run for run, _ in chain[place + 1 :]
            if any(entry["path"] == path and (entry.get("whole") or entry.get("gone")) for entry in run["files"])
        ]  # fmt: skip
        if any(run["kind"] in _CHANGES for run in restated):
            continue  # named by its run
        if not _holds(paths, path, claims):
            by = ", ".join(f"{run['kind']} {run['run']}" for run in restated) or "no run that records it"
            findings.add("head", path, head, f"is not what the head covers; changed by {by}")


def _holds(paths: Paths, path: str, claims: list[Json]) -> bool:
    file = paths.actual(path)
    try:
        return file.is_file() and all(
            month_file.range_sha256(file, claim["start"], claim["end"]) == claim["sha256"] for claim in claims
        )
    except DamagedError:
        return False
