"""--limit and --since choose what is replayed, never what is kept of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from crawler.archive import Reader
from tests.support.command import citynews


def test_limit_bounds_the_articles_of_each_portal(lived: Path, tmp_path: Path) -> None:
    citynews("replay", lived / "warc", "--output", tmp_path / "few", "--limit", 3)
    visited = {(each["portal"], each["id"]) for each in Reader(tmp_path / "few").observations()}
    assert set(Counter(portal for portal, _ in visited).values()) == {3}


def test_since_leaves_out_visits_made_before(lived: Path, tmp_path: Path) -> None:
    citynews("replay", lived / "warc", "--output", tmp_path / "none", "--since", "2999-01-01")
    assert not list(Reader(tmp_path / "none").observations())
    citynews("replay", lived / "warc", "--output", tmp_path / "all", "--since", "2000-01-01")
    assert citynews("diff", lived, tmp_path / "all").out == "no difference\n"


def test_options_without_effect_are_checked_all_the_same(lived: Path, tmp_path: Path) -> None:
    done = citynews("replay", lived / "warc", "--output", tmp_path / "x", "-s", "nonsense", code=2)
    assert "not NAME=VALUE" in done.err
