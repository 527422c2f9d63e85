"""How many processor cores this process may use."""

from __future__ import annotations

import os
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


def usable_cores(groups: Path = _GROUPS, own: Path = Path("/proc/self/cgroup")) -> int:
    """The cores that this process may run on, as far as its control group lets it have their time; at least 1.

    *groups*: where control groups are mounted (version 1 or 2); *own*: the file that names those of this process.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    shares = [share for folder in _folders(groups, own) if (share := _share(folder)) is not None]
    return max(1, min([allowed, *map(int, shares)]))


def _folders(groups: Path, own: Path) -> list[Path]:
    """The folders of the groups that this process is in and of those above; of both versions."""
    folders = [groups, groups / "cpu", groups / "cpu,cpuacct"]  # in a container its own group is the root
    try:
        lines = own.read_text("utf-8").splitlines()
    except OSError:
        return folders
    for line in lines:
        _, controllers, name = line.split(":", 2)
        if controllers in {"", "cpu", "cpu,cpuacct"}:
            folder = groups / controllers / name.lstrip("/")
            folders += [place for place in (folder, *folder.parents) if place.is_relative_to(groups)]
    return folders


def _share(folder: Path) -> float | None:
    """Cores of time that the group in *folder* gets; None where nothing is said."""
    try:
        if (version_2 := folder / "cpu.max").is_file():
            quota, period = version_2.read_text("utf-8").split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text("utf-8").strip()
            period = (folder / "cpu.cfs_period_us").read_text("utf-8").strip()
        return int(quota) / int(period) if int(quota) > 0 else None
    except (OSError, ValueError):  # there is no such file; or it says "max"
        return None
