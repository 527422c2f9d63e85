"""A re-extraction takes the archive's place: its lines are the archive's, and were decided there."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.cli import run
from harness import disk
from harness.command import run_in_process
from harness.socketless_sites import SocketlessCrawl, SocketlessSites, past_archive


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return past_archive(tmp_path_factory.mktemp("past") / "archive")


@pytest.fixture(scope="module")
def portals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Definitions by which the headline is the editor, too: new rules, whatever they are good for."""
    folder = tmp_path_factory.mktemp("portals")
    for name, portal in SocketlessSites().portals().items():
        rule = '[extract]\neditor = "h1"\n'
        text = portal.text.replace("[extract]\n", rule) if "[extract]" in portal.text else f"{portal.text}\n{rule}"
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def other(past: Path, portals: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("other") / "archive"
    assert run(["replay", str(past / "warc"), "--output", str(root), "--portals", str(portals), "--quiet"]) == 0
    assert disk.all_lines(root) != disk.all_lines(past)
    return root


def test_its_lines_take_the_place_of_the_old_ones(past: Path, other: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    assert run(["adopt", str(other), "--output", str(root), "--quiet"]) == 0
    assert disk.all_lines(root) == disk.all_lines(other)
    (kept,) = (root / "replaced").iterdir()
    assert disk.all_lines(kept) == disk.all_lines(past)
    assert run_in_process("verify", "--output", str(root))[0] == 0
    before = disk.index_rows(root)
    assert run(["reindex", "--output", str(root), "--quiet"]) == 0
    assert disk.index_rows(root) == before
    again = tmp_path / "again"
    assert run(["replay", str(root / "warc"), "--output", str(again), "--quiet"]) == 0
    assert disk.all_lines(again) == disk.all_lines(root), "its definitions lie in the archive now"
    SocketlessCrawl(SocketlessSites(), root, datetime(2026, 10, 1, tzinfo=UTC)).run()
    assert run_in_process("verify", "--output", str(root))[0] == 0, "a crawl goes on in it"
    assert disk.doubled(root) == []
    file = next(kept.glob("*/*/*.jsonl"))
    file.write_bytes(file.read_bytes() + b"\n")
    assert run_in_process("verify", "--output", str(root))[0] == 4, "what was moved to replaced/ is chained too"


def test_what_is_incomplete_or_crawled_is_refused(past: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    part = tmp_path / "part"
    assert run(["replay", str(past / "warc"), "--output", str(part), "--limit", "1", "--quiet"]) == 0
    for given in (part, past, root):
        before = disk.all_lines(root)
        code, said = run_in_process("adopt", str(given), "--output", str(root))
        assert (code, disk.all_lines(root), disk.left_behind(root)) == (2, before, []), said
