"""kill -9 at random moments of real crawls: the next run makes everything whole."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crawler.samples import NAMES
from harness import disk
from harness.command import citynews
from harness.killed_crawls import DELAY, kill_one, slow_sites
from harness.sample_sites import SampleSites


def kill_at_random(sites: SampleSites, output: Path, chance: random.Random, times: int) -> int:
    """Kills *times* crawls; readers see an intact archive each time. Returns how many died under way."""
    deaths = 0
    for _ in range(times):
        deaths += kill_one(sites, output, chance)
        before = disk.snapshot(output)
        citynews("verify", "--output", output)
        assert disk.snapshot(output) == before
    return deaths


def whole(sample_sites: SampleSites, output: Path, tmp_path: Path, *, jobs: tuple[int, ...] = (1, 2)) -> None:
    """Every article of the sites is there once, proved, and replays."""
    archived = disk.records(output, "articles") + disk.records(output, "duplicates")
    for name in NAMES:
        assert sample_sites.ids(name) <= {r["id"] for r in archived}
    titles = {r["url"]: r["title"] for r in archived}
    wrong = [
        story.title
        for name in NAMES
        for story in sample_sites.samples.stories(name)
        if titles[sample_sites.samples.base[name] + story.path] != story.title
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


@pytest.mark.ci
def test_killed_crawls_lose_and_double_nothing(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    deaths = kill_at_random(slow_sites(sample_sites), output, random.Random(20261123), times=3)
    assert deaths >= 2
    held = disk.all_lines(output)
    for name in NAMES:
        sample_sites.rewrite(name, (f"delay = {DELAY}", "delay = 0"))
    sample_sites.crawl(output, *NAMES)
    for stream, found in disk.all_lines(output).items():
        assert set(held[stream]) <= set(found)
    whole(sample_sites, output, tmp_path, jobs=(2,))
    finished = disk.runs(output)
    assert sum(run.get("recovered", False) for run in finished) == deaths
    assert all(run["exit_code"] is None for run in finished if run.get("recovered"))
    before = disk.all_lines(output)
    sample_sites.crawl(output, *NAMES)
    assert disk.all_lines(output) == before


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_sixty_killed_crawls(sample_sites: SampleSites, tmp_path: Path, seed: int) -> None:
    output = tmp_path / "archive"
    deaths = kill_at_random(slow_sites(sample_sites), output, random.Random(seed), times=6)
    assert deaths >= 3
    sample_sites.crawl(output, *NAMES)
    whole(sample_sites, output, tmp_path)
