"""Rebuilds a damaged month file from the decisions, in their order, wherever the lines are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from crawler.archive.read.reader import key_of
from crawler.archive.records import jsonl
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Stream
from crawler.archive.storage.spool import OrderedLines
from crawler.maintenance.repair.record_lookup import RecordLookup, raw_lines
from crawler.maintenance.verify.lines import wrong_with


@dataclass(slots=True)
class RepairedMonth:
    """A month file made whole: its lines in order, what is missing of them, what did not belong there."""

    path: str
    kept: OrderedLines = field(default_factory=OrderedLines)
    missing: list[tuple[int, str, str]] = field(default_factory=list)  #: sequence, sha256, url
    broken: list[bytes] = field(default_factory=list)
    unproved: int = 0  #: lines kept whose decision is lost
    again: int = 0  #: rebuilt lines


def note(lookup: RecordLookup, path: Path) -> None:
    """Notes where the lines of *path* lie."""
    for offset, line in raw_lines(path):
        lookup.bytes_of(jsonl.sha256(line), path, offset, len(line))


def make(
    lookup: RecordLookup, logical: str, path: Path, made: Mapping[str, bytes], *, decided: bool, lossy: bool
) -> RepairedMonth:
    """The month file *logical*, which lies at *path* as far as it does.

    *made*: rebuilt lines, by sha256. Not *decided*: no decisions are here (a replayed archive), the form of a line
    is all that can be judged. *lossy*: decisions are lost, so that a line without one may be right all the same.
    """
    month = RepairedMonth(logical)
    found = month.kept
    for sequence, sha256, url in lookup.promises(logical):
        line = made.get(sha256) or _read(lookup, sha256)
        if line is None:
            month.missing.append((sequence, sha256, url))
            continue
        month.again += sha256 in made
        found.add((sequence, 0, 0), _key(logical, line), line)
    last = 0
    for number, (_, line) in enumerate(raw_lines(path)):
        if (promise := lookup.promised(jsonl.sha256(line))) is not None:
            last = promise[1] if promise[0] == logical else last
            continue
        good = (not decided or lossy) and line.endswith(b"\n") and not any(wrong_with(logical, line))
        if good and found.add((last, 1, number), _key(logical, line), line):
            month.unproved += decided
        else:
            month.broken.append(line)
    return month


def _read(lookup: RecordLookup, sha256: str) -> bytes | None:
    place = lookup.where(sha256)
    if place is None:
        return None
    try:
        line = month_file.read(*place)
    except DamagedError:  # of a sealed file whose checksum or another block is wrong: taken from its blocks
        line = next((raw_line for offset, raw_line in raw_lines(place[0]) if offset == place[1]), b"")
    return line if jsonl.sha256(line) == sha256 else None


def _key(logical: str, line: bytes) -> str:
    return key_of(cast(Stream, logical.partition("/")[0]), jsonl.decode(line))
