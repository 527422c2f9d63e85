"""What comes after a replay: a crawl goes on in the replayed archive, or in the first one once that has adopted it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from harness import disk
from harness.command import citynews
from harness.sample_sites import METRO, SampleSites
from harness.scripted import Scripted


def test_a_crawl_goes_on_in_a_replayed_archive_and_after_adoption(sample_sites: SampleSites, tmp_path: Path) -> None:
    first, again = tmp_path / "archive", tmp_path / "again"
    sample_sites.crawl(first, METRO)
    sample_sites.rewrite(METRO, add='\n[extract]\ntitle = "xpath://head/title"\n')
    citynews("replay", first / "warc", "--output", again, "--portals", sample_sites.folder / f"{METRO}.toml")
    assert disk.all_lines(again) != disk.all_lines(first)
    citynews("adopt", again, "--output", first)
    assert disk.all_lines(first) == disk.all_lines(again)
    gone = sample_sites.samples.stories(METRO)[3]
    sample_sites.samples.change(METRO, gone.path, title="News of today", text=gone.text + "\n\nMore of it.")
    for output in (first, again):
        before = sample_sites.marks()
        articles = disk.records(output, "articles")
        sample_sites.crawl(output, METRO)
        asked = set(sample_sites.asked(METRO, before[METRO]))
        assert not asked & {"/" + r["url"].split("/", 3)[3] for r in articles}, "what is archived is known"
        assert disk.records(output, "articles") == articles
        assert disk.doubled(output) == []
        citynews("verify", "--output", output)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # warcio leaves its buffer open
def test_a_crawl_goes_on_in_an_archive_made_of_another_tools_files(server: Scripted, tmp_path: Path) -> None:
    """Its lines have no decisions; what the crawl adds has."""
    server.listing("/a/old", "/a/new")
    server.article("/a/new")
    server.article("/a/old")
    foreign, output = tmp_path / "other.warc.gz", tmp_path / "archive"
    answer = server.pages["/a/old"]
    assert isinstance(answer.body, bytes)
    with foreign.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        url = f"{server.base}/a/old"
        writer.write_record(writer.create_warc_record(url, "response", BytesIO(answer.body), http_headers=head))
    definition = server.definition(tmp_path)
    citynews("replay", foreign, "--output", output, "--portals", definition)
    citynews("crawl", "scripted", "--portals", definition, "--output", output, "--allow-host", server.host)
    assert {r["url"] for r in disk.records(output, "articles")} == {f"{server.base}/a/old", f"{server.base}/a/new"}
    assert "/a/old" not in server.paths()
    citynews("verify", "--output", output)
