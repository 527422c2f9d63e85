"""Repair: intact data stays, lost lines are rebuilt or named, and the archive is provable again."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from crawler.cli import run
from harness import damage_trial, disk
from harness.command import run_in_process
from harness.socketless_sites import past_archive


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> damage_trial.IntactArchive:
    return damage_trial.IntactArchive(past_archive(tmp_path_factory.mktemp("past") / "archive"))


@pytest.fixture
def copy(whole: damage_trial.IntactArchive, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole.root, tmp_path / "copy"))


def repair(root: Path, *more: str) -> tuple[int, Any]:
    code, said = run_in_process("repair", "--output", str(root), "--json", *more)
    return code, json.loads(said.splitlines()[-1])


def verify(root: Path) -> tuple[int, Any]:
    code, said = run_in_process("verify", "--output", str(root), "--json")
    return code, json.loads(said.splitlines()[-1])


def flip(file: Path, place: int) -> None:
    data = bytearray(file.read_bytes())
    data[place] ^= 4
    file.write_bytes(data)


def judge(found: list[damage_trial.TrialResult]) -> None:
    assert [(trial.damage, trial.wrong) for trial in found if trial.wrong] == []


def test_random_damages(whole: damage_trial.IntactArchive, tmp_path: Path) -> None:
    chance = random.Random(8)
    judge([damage_trial.damage_and_repair(whole, tmp_path / "trial", chance) for _ in range(8)])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_two_hundred_random_damages(whole: damage_trial.IntactArchive, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    judge([damage_trial.damage_and_repair(whole, tmp_path / "trial", chance) for _ in range(200)])


@pytest.mark.slow
def test_random_damages_of_a_sealed_archive(copy: Path, tmp_path: Path) -> None:
    assert run(["seal", "--output", str(copy), "--quiet"]) == 0
    chance, sealed = random.Random(9), damage_trial.IntactArchive(copy)
    judge([damage_trial.damage_and_repair(sealed, tmp_path / "trial", chance) for _ in range(200)])


def test_all_lines_come_back_from_the_warc(whole: damage_trial.IntactArchive, copy: Path) -> None:
    """Without a line of JSON left: to the byte what was written, so that no run has to say anything new of it."""
    for stream in disk.STREAMS:
        shutil.rmtree(copy / stream)
    code, done = repair(copy)
    assert code == 0
    assert {stream: set(found) for stream, found in disk.all_lines(copy).items()} == whole.lines
    assert done["lines_made_again"] == sum(map(len, whole.lines.values()))
    assert sorted(done["restored"]) == sorted(done["rewritten"])
    assert disk.runs(copy)[-1]["files"] == []
    assert verify(copy)[0] == 0


def test_a_dry_run_writes_nothing(copy: Path) -> None:
    flip(next(copy.glob("warc/*/*.warc.gz")), 3000)
    before = disk.snapshot(copy / "warc"), disk.snapshot(copy / "runs"), disk.all_lines(copy)
    code, done = repair(copy, "--dry-run")
    assert code == 4
    assert done["run"] is None
    assert done["lost"]["places"]
    assert (disk.snapshot(copy / "warc"), disk.snapshot(copy / "runs"), disk.all_lines(copy)) == before
    assert not list((copy / "quarantine").glob("*"))
    assert disk.left_behind(copy) == []


def test_a_whole_archive_is_left_alone(copy: Path) -> None:
    before = disk.snapshot(copy / "runs")
    code, done = repair(copy)
    assert (code, done["run"], disk.snapshot(copy / "runs")) == (0, None, before)


def test_a_loss_stays_visible_and_a_later_change_is_found(whole: damage_trial.IntactArchive, copy: Path) -> None:
    """A record is broken in the middle: its line stays, says so, and the file can be proved from then on."""
    article = disk.records(copy, "articles")[0]
    file = copy / "warc" / article["warc"]["file"]
    flip(file, article["warc"]["offset"] + article["warc"]["length"] // 2)
    size = file.stat().st_size
    code, done = repair(copy)
    assert code == 0
    assert article["url"] in [record["url"] for record in done["lost"]["records"]]
    assert file.stat().st_size == size, "what stood behind it stands where it stood"
    assert any(file.read_bytes() for file in (copy / done["quarantine"]).rglob("*") if file.is_file())
    assert {stream: set(found) for stream, found in disk.all_lines(copy).items()} == whole.lines
    code, found = verify(copy)
    assert code == 0
    assert {note["kind"] for note in found["known"]} == {"lost"}
    assert repair(copy)[1]["run"] is None, "a known loss is no damage"
    before = disk.index_rows(copy)
    assert run(["reindex", "--output", str(copy), "--quiet"]) == 0
    assert disk.index_rows(copy) == before
    for place in (40, article["warc"]["offset"] + 300, size - 9):
        flip(file, place)
        assert verify(copy)[0] == 4
        flip(file, place)


def test_a_damaged_index_is_made_anew(copy: Path) -> None:
    before = disk.index_rows(copy)
    (copy / "state" / "index.sqlite3").write_bytes(os.urandom(9000))
    assert run(["reindex", "--output", str(copy), "--quiet"]) == 0
    assert disk.index_rows(copy) == before
