"""CPU of whole processes, rounds that alternate, and the ratios that come of them."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CITYNEWS = str(Path(sys.executable).with_name("citynews"))
SAMPLER = Path(__file__).with_name("sampler.py")


@dataclass(frozen=True, slots=True)
class Took:
    """One run: seconds on the clock, and CPU seconds (user and system) of its process and all that it started."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """*name*: one thing's CPU in terms of another's in the same run; *floor_is_most*: less of it is better."""

    name: str
    value: float
    least: float
    most: float
    floor_is_most: bool = True

    def __str__(self) -> str:
        return f"{self.name:58} {self.value:6.2f}  ({self.least:.2f} to {self.most:.2f})"


def run(command: Sequence[str | Path], cwd: Path | None = None) -> Took:
    """Runs *command* to its end, which must be 0."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(list(map(str, command)), cwd=cwd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def alternating(runs: Mapping[str, Callable[[], Took]], rounds: int) -> dict[str, list[Took]]:
    """*rounds* times each of *runs*, in turn: a noisy machine is noisy for all."""
    took: dict[str, list[Took]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, one in runs.items():
            took[name].append(one())
    return took


def ratio(name: str, ours: Sequence[float], others: Sequence[float], *, floor_is_most: bool = True) -> Ratio:
    """The median of *ours* by *others*, pair by pair."""
    values = sorted(one / other for one, other in zip(ours, others, strict=True))
    return Ratio(name, statistics.median(values), values[0], values[-1], floor_is_most)


def stages(arguments: Sequence[str | Path], folder: Path) -> str:
    """The share of each stage in the CPU of `citynews` with *arguments*, its own process only."""
    target = folder / "stages.json"
    run([sys.executable, SAMPLER, target, *arguments], folder)
    found: dict[str, int] = json.loads(target.read_text())
    total = sum(found.values())
    return ", ".join(f"{name} {n / total:.0%}" for name, n in sorted(found.items(), key=lambda pair: -pair[1]))


def archived(output: Path) -> int:
    """Articles in the archive *output*."""
    return sum(file.read_bytes().count(b"\n") for file in (output / "articles").glob("*/*.jsonl"))
