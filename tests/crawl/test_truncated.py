"""Answers that never come whole: tried three times, then archived as what they are; they never replace a whole text."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from harness import disk
from harness.command import Done, citynews
from harness.scripted import Answer, Scripted, page, story

TEXT = page("A story that is cut", "\n\n".join(story(f"the cut of {number}") for number in range(8)))


def cut(encoding: str) -> Answer:
    """The first half of the page, and its end missing."""
    if encoding == "gzip":
        packed = gzip.compress(TEXT)
        return Answer(packed[: len(packed) * 2 // 3], headers={"Content-Encoding": "gzip"})
    if encoding == "chunked":
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
        half = TEXT[: len(TEXT) * 2 // 3]
        return Answer(lambda out: out.write(head + b"%x\r\n%s\r\n" % (len(half), half)))
    promised = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(TEXT)
    return Answer(lambda out: out.write(promised + TEXT[: len(TEXT) * 2 // 3]))


def crawl(server: Scripted, tmp_path: Path, days: float) -> Done:
    definition = server.definition(tmp_path, more="[revisit]\nafter = ['2d', '4d', '6d', '8d', '10d']\n")
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    more = ["--allow-host", server.host, "-s", "RETRY_TIMES=0"]
    return citynews(*command, *more, code=None, later=timedelta(days=days))


@pytest.mark.parametrize("encoding", ["gzip", "length", "chunked"])
def test_after_three_failures_it_is_taken_as_it_comes_and_says_so(
    server: Scripted, tmp_path: Path, encoding: str
) -> None:
    server.listing("/a/cut", "/a/good")
    server.article("/a/good")
    server.pages["/a/cut"] = cut(encoding)
    for day in range(3):
        crawl(server, tmp_path, day)
        assert len(disk.records(tmp_path / "archive", "articles")) == 1, "what is cut is not whole"
    crawl(server, tmp_path, 3)
    records = {r["url"].rpartition("/")[2]: r for r in disk.records(tmp_path / "archive", "articles")}
    assert records["cut"]["incomplete"] == ["truncated"]
    assert records["good"]["incomplete"] == []
    server.pages["/a/cut"] = Answer(TEXT)
    crawl(server, tmp_path, 5.5)
    (whole,) = disk.records(tmp_path / "archive", "revisions")
    assert whole["incomplete"] == []
    citynews("verify", "--output", tmp_path / "archive")
    citynews("replay", tmp_path / "archive" / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(tmp_path / "archive")


@pytest.mark.parametrize("encoding", ["gzip", "length", "chunked"])
def test_what_is_cut_never_replaces_a_whole_text(server: Scripted, tmp_path: Path, encoding: str) -> None:
    server.listing("/a/cut", "/a/good")
    server.article("/a/good")
    server.pages["/a/cut"] = Answer(TEXT)
    crawl(server, tmp_path, 0)
    server.pages["/a/cut"] = cut(encoding)
    for day in (2.1, 4.1, 6.1, 8.1, 10.1):
        crawl(server, tmp_path, day)
    assert disk.records(tmp_path / "archive", "revisions") == []
    outcomes = [r["outcome"] for r in disk.records(tmp_path / "archive", "observations") if r["url"].endswith("cut")]
    assert outcomes == ["new"]
