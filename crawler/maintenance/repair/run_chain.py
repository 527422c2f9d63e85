"""The chain of runs, as far as it can be read: which run files are intact, which are lost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage.layout import PARTIAL, Paths, is_open
from crawler.maintenance.verify.manifest import RunChain


@dataclass(slots=True)
class RunFiles:
    """The run files of an archive, sound or not."""

    sound: list[tuple[Json, str]] = field(default_factory=list)  #: (run, sha256), by number
    misplaced: dict[Path, bytes] = field(default_factory=dict)  #: file -> the sound run file that belongs there
    broken: list[Path] = field(default_factory=list)  #: run files and markers that cannot be believed

    @property
    def head(self) -> run_file.ChainHead:
        """The end of the chain as far as it can be read."""
        head = run_file.NO_RUN
        for run, sha256 in self.sound:
            head = run_file.head_after(head, run, sha256)
        return head

    def chain(self) -> RunChain:
        """What the sound runs say."""
        chain = RunChain()
        for run, _ in self.sound:
            chain.take(run)
        return chain

    def lost(self) -> list[Json]:
        """The runs whose files are not there: number, and the link that the run after it holds; new ones only."""
        known = {lost_run["number"] for run, _ in self.sound for lost_run in run.get("lost", {}).get("runs", [])}
        found: list[Json] = []
        number = 0
        for run, _ in self.sound:
            number += 1
            while number < run["number"]:
                link = run["previous"] if number == run["number"] - 1 else None
                if number not in known:
                    found.append({"number": number, "link": link})
                number += 1
        return found


def read(paths: Paths) -> RunFiles:
    """The run files and markers of the archive."""
    links = RunFiles()
    for path in sorted(paths.runs.glob("*")):
        if path.name.endswith(PARTIAL):
            continue  # died before it was renamed
        if is_open(path):
            if not _is_marker(path):
                links.broken.append(path)
            continue
        data = _sound(path)
        if data is None:
            links.broken.append(path)
            continue
        run = orjson.loads(data)
        right = paths.run_file(run["run"])
        if right != path or data != path.read_bytes():
            links.broken.append(path)
            if right != path and right.exists() and _sound(right) == data:
                continue  # a copy under another name
            links.misplaced[right] = data
        links.sound.append((run, hashlib.sha256(data).hexdigest()))
    links.sound.sort(key=lambda run: int(run[0]["number"]))
    links.broken = [path for path in links.broken if path not in links.misplaced]
    return links


def _sound(path: Path) -> bytes | None:
    """The run file in *path*, also where something was added behind it; None where it cannot be believed."""
    data = path.read_bytes()
    end = data.find(b"\n}\n")
    while end >= 0:
        if run_file.is_genuine(data[: end + 3]):
            return data[: end + 3]
        end = data.find(b"\n}\n", end + 1)
    return None


def _is_marker(path: Path) -> bool:
    try:
        values = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return False
    return isinstance(values, dict) and values.keys() >= run_file.MARKER_KEYS
