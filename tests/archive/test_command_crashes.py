"""Commands that change files which are there die at each step that reaches the disk: all or nothing, in the end all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.cli import run
from harness import disk
from harness.command import CHECKOUT
from harness.socketless_sites import past_archive


def crashes(template: Path, **task: Any) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "harness.command_crashes", str(template), json.dumps(task)],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=3000, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge(found: list[dict[str, Any]], least: int) -> None:
    wrong = [trial for trial in found if trial["wrong"]]
    assert wrong == [], json.dumps(wrong, indent=1, ensure_ascii=False)
    assert len(found) >= least


@pytest.mark.ci
def test_seal(tmp_path: Path) -> None:
    judge(crashes(past_archive(tmp_path / "archive"), command=["seal"], every=17), least=8)


@pytest.mark.slow
def test_seal_at_every_step(tmp_path: Path) -> None:
    judge(crashes(past_archive(tmp_path / "archive"), command=["seal"]), least=100)


def damaged(root: Path) -> Path:
    """An archive with a line and a WARC record broken."""
    past_archive(root)
    for pattern in ("articles/*/*.jsonl", "warc/*/*.warc.gz"):
        file = min(root.glob(pattern))
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 8
        file.write_bytes(data)
    return root


@pytest.mark.ci
def test_repair(tmp_path: Path) -> None:
    judge(crashes(damaged(tmp_path / "archive"), command=["repair"], every=13), least=6)


@pytest.mark.slow
def test_repair_at_every_step(tmp_path: Path) -> None:
    judge(crashes(damaged(tmp_path / "archive"), command=["repair"]), least=60)


@pytest.mark.slow
def test_remove_at_every_third_step(tmp_path: Path) -> None:
    """After the decision the second command finds nothing to remove: it says so, and that is all."""
    archive = past_archive(tmp_path / "archive")
    ident = disk.records(archive, "revisions")[0]["id"]
    found = crashes(archive, command=["remove", ident, "--reason", "a court"], every=3)
    for trial in found:
        trial["wrong"] = [what for what in trial["wrong"] if "or it was removed before" not in what]
    judge(found, least=20)


@pytest.mark.slow
def test_adopt_at_every_third_step(tmp_path: Path) -> None:
    archive = past_archive(tmp_path / "archive")
    other = tmp_path / "other"
    assert run(["replay", str(archive / "warc"), "--output", str(other), "--quiet"]) == 0
    judge(crashes(archive, command=["adopt", str(other)], every=3), least=20)
