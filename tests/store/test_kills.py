"""Crawls into a store, killed at random moments on two machines: what comes out is what an undisturbed one has."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from crawler.archive.read.stored import runs_after
from crawler.archive.storage.objects import Objects
from crawler.store import survey
from harness import disk
from harness.command import citynews, finish, start
from harness.sample_sites import METRO, SampleSites
from harness.waiting import elapse

KILLS = 20
TTL = 3


@pytest.mark.slow
def test_kills_at_random_moments(folder: Objects, sample_sites: SampleSites, tmp_path: Path) -> None:
    sample_sites.rewrite(METRO, ("delay = 0\n", "delay = 0.05\n"))
    sample_sites.expect_nothing()
    chance = random.Random(1)
    for number in range(KILLS):
        arguments = [*sample_sites.arguments(tmp_path / f"machine-{number % 2}", METRO), "--store", folder.url]
        running = start(*arguments, "--wait", 20, "--round", number, env={"CITYNEWS_STORE_TTL": str(TTL)})
        elapse(chance.uniform(0.5, 6.0))
        os.killpg(running.pid, signal.SIGKILL)
        finish(running)
        if runs_after(folder.below(METRO), 0, None):
            assert survey.prove(folder.below(METRO)).damage == []
    arguments = [*sample_sites.arguments(tmp_path / "machine-0", METRO), "--store", folder.url]
    done = finish(start(*arguments, "--wait", 20, "--round", "last", env={"CITYNEWS_STORE_TTL": str(TTL)}))
    assert done.code == 0, done.err
    citynews("pull", METRO, "--store", folder.url, "--output", tmp_path / "copy")
    citynews("verify", "--output", tmp_path / "copy")
    assert len(disk.records(tmp_path / "copy", "articles")) == 43
    assert disk.doubled(tmp_path / "copy") == []
