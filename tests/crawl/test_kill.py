"""kill -9 at random moments of real crawls: the next run makes everything whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from crawler.samples import NAMES
from tests.support import disk
from tests.support.command import citynews
from tests.support.town import Town

#: Seconds between two requests of a portal: a whole crawl takes five seconds, so that kills hit its middle.
DELAY = 0.04


def slow_town(town: Town) -> Town:
    town.expect_nothing()
    for name in NAMES:
        town.rewrite(name, ("delay = 0", f"delay = {DELAY}"))
    return town


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kills the whole group, where it has not ended by itself."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def wait_for_work(process: subprocess.Popen[bytes], output: Path) -> None:
    """Returns once the run has begun: its marker is there, beside none of a run before it."""
    before = set((output / "runs").glob("*.open"))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        if set((output / "runs").glob("*.open")) - before:
            return
        time.sleep(0.01)


def kill_at_random(town: Town, output: Path, chance: random.Random, times: int) -> int:
    """Begins *times* crawls and kills each somewhere; readers see a whole archive each time. Returns how many died."""
    deaths = 0
    for _ in range(times):
        process = town.begin(output, *NAMES)
        wait_for_work(process, output)
        time.sleep(chance.uniform(0, 2.5))
        kill(process)
        deaths += any((output / "runs").glob("*.open"))
        before = disk.snapshot(output)
        citynews("verify", "--output", output)
        assert disk.snapshot(output) == before
    return deaths


def whole(town: Town, output: Path, tmp_path: Path, *, jobs: tuple[int, ...] = (1, 2)) -> None:
    """Everything of the street is there once, proved, and replays."""
    archived = disk.records(output, "articles") + disk.records(output, "duplicates")
    for name in NAMES:
        assert town.ids(name) <= {r["id"] for r in archived}
    titles = {r["url"]: r["title"] for r in archived}
    wrong = [
        story.title
        for name in NAMES
        for story in town.samples.stories(name)
        if titles[town.samples.base[name] + story.path] != story.title
    ]
    assert wrong == []
    assert disk.doubled(output) == []
    assert disk.unobserved(output) == []
    assert not list(output.rglob("*.open")) + list(output.rglob("*.partial"))
    citynews("verify", "--output", output)
    for count in jobs:
        again = tmp_path / f"again-{count}"
        citynews("replay", output / "warc", "--output", again, "--jobs", count)
        assert disk.all_lines(again) == disk.all_lines(output)


def test_killed_crawls_lose_and_double_nothing(town: Town, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    deaths = kill_at_random(slow_town(town), output, random.Random(20261123), times=3)
    assert deaths >= 2
    held = disk.all_lines(output)
    for name in NAMES:
        town.rewrite(name, (f"delay = {DELAY}", "delay = 0"))
    town.crawl(output, *NAMES)
    for stream, found in disk.all_lines(output).items():
        assert set(held[stream]) <= set(found)
    whole(town, output, tmp_path, jobs=(2,))
    finished = disk.runs(output)
    assert sum(run.get("recovered", False) for run in finished) == deaths
    assert all(run["exit_code"] is None for run in finished if run.get("recovered"))
    before = disk.all_lines(output)
    town.crawl(output, *NAMES)
    assert disk.all_lines(output) == before


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_sixty_killed_crawls(town: Town, tmp_path: Path, seed: int) -> None:
    output = tmp_path / "archive"
    deaths = kill_at_random(slow_town(town), output, random.Random(seed), times=6)
    assert deaths >= 3
    town.crawl(output, *NAMES)
    whole(town, output, tmp_path)
