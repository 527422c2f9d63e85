"""--limit and --since choose what is replayed, never what is kept of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from crawler.archive.read.reader import Reader
from harness.command import citynews


def test_limit_bounds_the_articles_of_each_portal(archive_with_history: Path, tmp_path: Path) -> None:
    citynews("replay", archive_with_history / "warc", "--output", tmp_path / "few", "--limit", 3, "--jobs", 1)
    visited = {(row["portal"], row["id"]) for row in Reader(tmp_path / "few").observations()}
    assert set(Counter(portal for portal, _ in visited).values()) == {3}


def test_since_leaves_out_visits_made_before(archive_with_history: Path, tmp_path: Path) -> None:
    citynews("replay", archive_with_history / "warc", "--output", tmp_path / "none", "--since", "2999-01-01")
    assert not list(Reader(tmp_path / "none").observations())
    citynews(
        "replay", archive_with_history / "warc", "--output", tmp_path / "all", "--since", "2000-01-01", "--jobs", 1
    )
    assert citynews("diff", archive_with_history, tmp_path / "all").out == "no difference\n"


def test_options_without_effect_are_checked_all_the_same(archive_with_history: Path, tmp_path: Path) -> None:
    done = citynews("replay", archive_with_history / "warc", "--output", tmp_path / "x", "-s", "nonsense", code=2)
    assert "not NAME=VALUE" in done.err


@pytest.mark.ci
def test_what_lies_behind_a_damage_is_replayed_all_the_same(copy: Path, tmp_path: Path) -> None:
    """A flipped bit costs the visits that need the record it lies in, and the exit code says so."""
    place = next(iter(Reader(copy).articles()))["warc"]
    file = copy / "warc" / place["file"]
    data = bytearray(file.read_bytes())
    data[place["offset"] + place["length"] // 2] ^= 0x10  # not in a head, where gzip has bits that mean nothing
    file.write_bytes(data)
    for jobs in (1, 2):
        done = citynews("replay", copy / "warc", "--output", tmp_path / f"again{jobs}", "--jobs", jobs, code=4)
        assert f"damaged source: {file}" in done.err
    kept = sum(1 for _ in Reader(tmp_path / "again1").observations())
    all_of_them = sum(1 for _ in Reader(copy).observations())
    assert all_of_them - 3 <= kept <= all_of_them
    assert citynews("diff", tmp_path / "again1", tmp_path / "again2").out == "no difference\n"
