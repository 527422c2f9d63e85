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

from tests.support import changes, damage
from tests.support.deaths import quietly


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
class Whole:
    """What an archive holds before it is damaged."""

    root: Path
    lines: dict[str, set[bytes]] = field(default_factory=dict)
    records: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lines = {stream: set(found) for stream, found in changes.lines(self.root).items()}
        self.records = {member for file in self.root.glob("warc/*/*.warc.gz") for member in members(file)}


@dataclass(slots=True)
class Verdict:
    """What became of one damage."""

    what: str
    wrong: list[str] = field(default_factory=list)
    lines_lost: int = 0  #: of those that were touched
    records_lost: int = 0
    exact: bool = False  #: lines and records are all again what they were


def suffer(whole: Whole, trial: Path, chance: random.Random, kinds: Any = damage.KINDS) -> Verdict:
    """Damages a copy of *whole* in *trial*, verifies, repairs, verifies again."""
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(whole.root, trial)
    verdict = Verdict(chance.choice(kinds)(trial, chance))
    code, said = quietly("verify", "--output", str(trial))
    if code != 4:
        verdict.wrong.append(f"verify did not find it: {code}: {said}")
    warcs = b"".join(file.read_bytes() for file in trial.glob("warc/*/*") if ".warc" in file.name)
    texts = b"".join(_text(file) for file in trial.glob("*/*/*.jsonl*"))
    untouched = {member for member in whole.records if member in warcs}
    standing = {s: {line for line in found if line in texts} for s, found in whole.lines.items()}
    code, said = quietly("repair", "--output", str(trial))
    if code:
        verdict.wrong.append(f"repair: {code}: {said}")
        return verdict
    code, after = quietly("verify", "--output", str(trial))
    if code:
        verdict.wrong.append(f"verify after repair: {code}: {after} {said}")
        return verdict
    now = {stream: set(found) for stream, found in changes.lines(trial).items()}
    records = {member for file in trial.glob("warc/*/*.warc.gz") for member in members(file)}
    if gone := untouched - records:
        verdict.wrong.append(f"{len(gone)} untouched records lost: {said}")
    if any(standing[stream] - now[stream] for stream in standing):
        verdict.wrong.append(f"untouched lines lost: {said}")
    verdict.records_lost = len(whole.records - records)
    verdict.lines_lost = sum(len(whole.lines[s] - now[s]) for s in now)
    verdict.exact = now == whole.lines and records == whole.records
    visible = " 0 lost" not in said
    if (verdict.records_lost or verdict.lines_lost) and not visible:
        verdict.wrong.append(f"a loss is not said: {said}")
    if left := changes.left(trial):
        verdict.wrong.append(f"left behind: {left}")
    return verdict


def _text(file: Path) -> bytes:
    if file.suffix != ".gz":
        return file.read_bytes()
    try:
        return gzip.decompress(file.read_bytes())
    except (OSError, zlib.error, EOFError):
        return b""
