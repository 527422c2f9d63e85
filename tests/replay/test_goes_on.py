"""What comes after a replay: a crawl goes on in the replayed archive, or in the first one once that has adopted it."""

from __future__ import annotations

from pathlib import Path

from tests.support import disk
from tests.support.command import citynews
from tests.support.town import METRO, Town


def test_a_crawl_goes_on_in_a_replayed_archive_and_after_adoption(town: Town, tmp_path: Path) -> None:
    first, again = tmp_path / "archive", tmp_path / "again"
    town.crawl(first, METRO)
    town.rewrite(METRO, add='\n[extract]\ntitle = "xpath://head/title"\n')
    citynews("replay", first / "warc", "--output", again, "--portals", town.folder / f"{METRO}.toml")
    assert disk.all_lines(again) != disk.all_lines(first)
    citynews("adopt", again, "--output", first)
    assert disk.all_lines(first) == disk.all_lines(again)
    gone = town.samples.stories(METRO)[3]
    town.samples.change(METRO, gone.path, title="News of today", text=gone.text + "\n\nMore of it.")
    for output in (first, again):
        before = town.marks()
        articles = disk.records(output, "articles")
        town.crawl(output, METRO)
        asked = set(town.asked(METRO, before[METRO]))
        assert not asked & {"/" + r["url"].split("/", 3)[3] for r in articles}, "what is archived is known"
        assert disk.records(output, "articles") == articles
        assert disk.doubled(output) == []
        citynews("verify", "--output", output)
