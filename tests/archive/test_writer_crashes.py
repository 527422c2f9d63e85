"""Guarantee 2, step by step: a writer dies at every place where something reaches the disk, and nothing is lost.

What is checked after each crash: harness/writer_crashes.py, Trial.judge.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.command import CHECKOUT

KILLS = ("before", "half", "after")


def crashes(folder: Path, **task: Any) -> tuple[list[dict[str, Any]], int]:
    """What each death led to, and how many steps the walk has."""
    done = subprocess.run(
        [sys.executable, "-m", "harness.writer_crashes", str(folder), json.dumps(task)],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=3000, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *found, last = map(json.loads, done.stdout.splitlines())
    return found, last["steps"]


def judge(found: list[dict[str, Any]], least: int) -> None:
    wrong = [trial for trial in found if trial["wrong"]]
    assert wrong == [], json.dumps(wrong, indent=1, ensure_ascii=False)
    died = [trial for trial in found if trial["died"]]
    assert len(died) >= least, "the writer lived: there is nothing to see"


@pytest.mark.ci
@pytest.mark.parametrize("day", [0, 1], ids=["first run", "with changes"])
def test_a_killed_writer_loses_and_doubles_nothing(tmp_path: Path, day: int) -> None:
    found, _ = crashes(tmp_path, day=day, modes=KILLS, share=0.025, seed=day)
    judge(found, least=3)


@pytest.mark.ci
def test_lost_power_takes_only_what_was_not_durable(tmp_path: Path) -> None:
    found, _ = crashes(tmp_path, day=0, modes=["power"], share=0.05, seed=7)
    judge(found, least=3)


@pytest.mark.ci
def test_a_copy_does_not_outlive_its_original(tmp_path: Path) -> None:
    """Files are fsynced one after the other: lost power may keep the one that refers to the other."""
    found, _ = crashes(tmp_path, day=0, modes=["power:articles"], steps=r"fsync articles/.*jsonl")
    judge(found, least=5)


@pytest.mark.ci
def test_dying_while_a_lost_index_is_rebuilt(tmp_path: Path) -> None:
    """The run file stands, the index does not know of it yet, and the process that rebuilds it dies too."""
    found, _ = crashes(tmp_path, day=1, modes=["after"], steps=r"rename runs/.*json.partial", twice=list(range(1, 12)))
    judge(found, least=11)


@pytest.mark.ci
def test_a_damaged_end_of_a_dead_run_is_fetched_again(tmp_path: Path) -> None:
    """No finished run vouches for these bytes: what cannot be believed is taken back, and the address is due again."""
    found, _ = crashes(tmp_path, day=0, modes=["flip"], steps="(write|fsync) observations", share=0.3, seed=4)
    judge(found, least=5)


@pytest.mark.ci
def test_dying_again_while_the_dead_run_is_being_finished(tmp_path: Path) -> None:
    found, _ = crashes(tmp_path, day=1, modes=KILLS, share=0.03, seed=11, twice=[0])
    judge(found, least=3)


@pytest.mark.slow
@pytest.mark.parametrize("day", [0, 1, 2], ids=["first run", "with changes", "with what came back"])
def test_dying_at_every_single_step(tmp_path: Path, day: int) -> None:
    found, steps = crashes(tmp_path, day=day, modes=[*KILLS, "power"], share=1, seed=day)
    assert len(found) == 4 * steps
    judge(found, least=4 * steps - 20)  # taking away an index that is not there is a step only of the first run


@pytest.mark.slow
@pytest.mark.parametrize("day", [0, 1, 2], ids=["first run", "with changes", "with what came back"])
def test_dying_twice_at_every_third_step(tmp_path: Path, day: int) -> None:
    found, _ = crashes(tmp_path, day=day, modes=[*KILLS, "power"], share=0.34, seed=day + 50, twice=[0])
    judge(found, least=100)
