"""An archive is damaged at random, verified, repaired: what was found, and what of the untouched is still there.

What is untouched is judged without the archive's own code: a line, or a gzip member, whose bytes can still be found.
"""

from __future__ import annotations

import gzip
import random
import shutil
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness import damage, disk
from harness.command import run_in_process


def members(path: Path) -> list[bytes]:
    """The gzip members of a WARC file that is whole."""
    data, found = path.read_bytes(), []
    while data:
        unpacker = zlib.decompressobj(31)
        unpacker.decompress(data)
        found.append(data[: len(data) - len(unpacker.unused_data)])
        data = unpacker.unused_data
    return found


@dataclass(slots=True)
class IntactArchive:
    """What an archive holds before it is damaged."""

    root: Path
    lines: dict[str, set[bytes]] = field(default_factory=dict)
    records: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lines = {stream: set(found) for stream, found in disk.all_lines(self.root).items()}
        self.records = {member for file in self.root.glob("warc/*/*.warc.gz") for member in members(file)}


@dataclass(slots=True)
class TrialResult:
    """What became of one damage."""

    damage: str
    wrong: list[str] = field(default_factory=list)
    lines_lost: int = 0  #: of those that were touched
    records_lost: int = 0
    exact: bool = False  #: lines and records are all again what they were


def damage_and_repair(
    whole: IntactArchive, trial: Path, chance: random.Random, kinds: Any = damage.KINDS
) -> TrialResult:
    """Damages a copy of *whole* in *trial*, verifies, repairs, verifies again."""
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(whole.root, trial)
    result = TrialResult(chance.choice(kinds)(trial, chance))
    code, said = run_in_process("verify", "--output", str(trial))
    if code != 4:
        result.wrong.append(f"verify did not find it: {code}: {said}")
    warcs = b"".join(file.read_bytes() for file in trial.glob("warc/*/*") if ".warc" in file.name)
    texts = b"".join(_text(file) for file in trial.glob("*/*/*.jsonl*"))
    untouched = {member for member in whole.records if member in warcs}
    standing = {s: {line for line in found if line in texts} for s, found in whole.lines.items()}
    code, said = run_in_process("repair", "--output", str(trial))
    if code:
        result.wrong.append(f"repair: {code}: {said}")
        return result
    code, after = run_in_process("verify", "--output", str(trial))
    if code:
        result.wrong.append(f"verify after repair: {code}: {after} {said}")
        return result
    now = {stream: set(found) for stream, found in disk.all_lines(trial).items()}
    records = {member for file in trial.glob("warc/*/*.warc.gz") for member in members(file)}
    if gone := untouched - records:
        result.wrong.append(f"{len(gone)} untouched records lost: {said}")
    if any(standing[stream] - now[stream] for stream in standing):
        result.wrong.append(f"untouched lines lost: {said}")
    result.records_lost = len(whole.records - records)
    result.lines_lost = sum(len(whole.lines[s] - now[s]) for s in now)
    result.exact = now == whole.lines and records == whole.records
    visible = " 0 lost" not in said
    if (result.records_lost or result.lines_lost) and not visible:
        result.wrong.append(f"a loss is not said: {said}")
    if left := disk.left_behind(trial):
        result.wrong.append(f"left behind: {left}")
    return result


def _text(file: Path) -> bytes:
    if file.suffix != ".gz":
        return file.read_bytes()
    try:
        return gzip.decompress(file.read_bytes())
    except (OSError, zlib.error, EOFError):
        return b""
