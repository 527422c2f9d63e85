"""How many cores a process may use: what the scheduler says, bounded by what its control groups get."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crawler.values.cores import usable_cores


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)


@pytest.mark.parametrize(
    ("files", "own", "cores"),
    [
        ({}, "", 8),
        ({"cpu.max": "200000 100000\n"}, "0::/\n", 2),
        ({"cpu.max": "max 100000\n"}, "0::/\n", 8),
        ({"cpu.max": "50000 100000\n"}, "0::/\n", 1),
        ({"cpu.max": "1600000 100000\n"}, "0::/\n", 8),
        ({"a/b/cpu.max": "max 100000\n", "a/cpu.max": "350000 100000\n"}, "0::/a/b\n", 3),
        ({"cpu/a/cpu.cfs_quota_us": "400000\n", "cpu/a/cpu.cfs_period_us": "100000\n"}, "4:cpu:/a\n1:memory:/a\n", 4),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, "4:cpu:/\n", 8),
    ],
)
def test_the_quota_of_a_control_group_bounds_the_cores(
    files: dict[str, str], own: str, cores: int, tmp_path: Path
) -> None:
    groups, names = tmp_path / "cgroup", tmp_path / "names"
    for name, text in files.items():
        (groups / name).parent.mkdir(parents=True, exist_ok=True)
        (groups / name).write_text(text, "utf-8")
    names.write_text(own, "utf-8")
    assert usable_cores(groups, names) == cores


def test_where_nothing_is_said_of_groups_the_scheduler_decides(tmp_path: Path) -> None:
    assert usable_cores(tmp_path / "none", tmp_path / "nothing") == 8
