"""Cheap runs: what has not changed is not sent again, not paged through again, and yet nothing new is missed."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from harness import disk
from harness.command import Done, citynews, finish, start
from harness.conditional_server import Changing
from harness.large_portal import fill, serve
from harness.scripted import Answer, page, story
from harness.waiting import until

#: Due again in every run whose clock is an hour or more after that of the run before.
REVISIT = f"[revisit]\nafter = {[f'{n}h' for n in range(1, 9)]}\n"
HOUR = timedelta(hours=1)


@pytest.fixture
def site() -> Iterator[Changing]:
    with Changing() as running:
        yield running


class Crawls:
    """Runs of one portal into one archive."""

    def __init__(self, site: Changing, folder: Path, **definition: str) -> None:
        self.site, self.output, self.folder = site, folder / "archive", folder
        self.definition = site.definition(folder, **definition)
        self.arguments = ["crawl", "scripted", "--portals", self.definition, "--output", self.output]
        self.arguments += ["--allow-host", site.host, "--json", "-s", "RETRY_TIMES=0"]

    def __call__(self, *more: object, code: int | None = 0, later: timedelta = timedelta()) -> tuple[Any, list[str]]:
        """The figures of a run whose clock is *later* than now, and the paths it asked for."""
        before = len(self.site.asked)
        done: Done = citynews(*self.arguments, *more, code=code, later=later)
        return done.summary["portals"]["scripted"], self.site.paths()[before:]

    def replays(self) -> None:
        citynews("verify", "--output", self.output)
        again = self.folder / "again"
        citynews("replay", self.output / "warc", "--output", again)
        assert disk.all_lines(again) == disk.all_lines(self.output)


def paged(site: Changing, pages: int, articles_each: int = 3) -> None:
    """A list of *pages* pages, each with links to the next three, and *articles_each* articles."""
    for number in range(pages):
        articles = [f"/a/{number}-{n}" for n in range(articles_each)]
        following = [f"/list/index_{n}.html" for n in range(number + 1, min(number + 4, pages))]
        site.listing(*articles, *following, path=f"/list/index_{number}.html" if number else "/list/")
        for path in articles:
            site.article(path)


def lists(paths: list[str]) -> list[str]:
    return [path for path in paths if path.startswith("/list/")]


def articles(paths: list[str]) -> list[str]:
    return [path for path in paths if path.startswith("/a/")]


@pytest.mark.parametrize("validators", [("ETag",), ("Last-Modified",)], ids="-".join)
def test_pages_feeds_sitemaps_and_articles_are_asked_for_conditionally(
    site: Changing, tmp_path: Path, validators: tuple[str, ...]
) -> None:
    site.validators = validators
    site.listing("/a/listed")
    feed = f"<rss version='2.0'><channel><item><link>{site.base}/a/fed</link></item></channel></rss>"
    site.pages["/feed.xml"] = Answer(feed.encode(), headers={"Content-Type": "application/rss+xml"})
    locs = f"<url><loc>{site.base}/a/mapped</loc></url>"
    sitemap = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{locs}</urlset>"
    site.pages["/map.xml"] = Answer(sitemap.encode(), headers={"Content-Type": "application/xml"})
    for name in ("listed", "fed", "mapped"):
        site.article(f"/a/{name}")
    where = f'pages = ["{site.base}/"]\nfeeds = ["{site.base}/feed.xml"]\nsitemaps = ["{site.base}/map.xml"]'
    crawl = Crawls(site, tmp_path, discover=where, more=REVISIT)
    crawl()
    assert site.unchanged == []
    stats, asked = crawl(later=HOUR)
    assert sorted(site.unchanged) == ["/", "/a/fed", "/a/listed", "/a/mapped", "/feed.xml", "/map.xml"]
    assert stats["discovery"]["not-modified"] == 3
    assert stats["outcomes"] == {"not-modified": 3}
    assert stats["seen"] == 3, "links of what has not changed are those of its last capture"
    again = [r for r in disk.records(crawl.output, "observations") if r["outcome"] == "not-modified"]
    assert [(r["status"], r["reason"], r["view_count"], r["revision"]) for r in again] == [(304, None, None, 1)] * 3
    assert "/robots.txt" in asked

    site.article("/a/fed", text=story("another text altogether"))
    shutil.rmtree(crawl.output / "state")
    stats, _ = crawl(later=2 * HOUR)
    assert stats["outcomes"] == {"changed": 1, "not-modified": 2}, "validators are read from the WARC files"
    crawl.replays()


def test_an_article_whose_rest_may_change_is_asked_for_whole(site: Changing, tmp_path: Path) -> None:
    """A counter, a second page, an article that was gone: the first page's 304 would say too little."""
    site.listing("/a/counted", "/a/gone")
    site.article("/a/counted")
    site.article("/a/gone")
    site.pages["/count?1"] = Answer(b"document.write('7');", headers={"Content-Type": "text/javascript"})
    counter = "[counter]\nurl = \"/count?{n}\"\nn = '(\\d)(?=-03-04)'\nask = true\nincrements = false\n"
    site.pages["/count?6"] = site.pages["/count?1"]
    crawl = Crawls(site, tmp_path, more=REVISIT + counter)
    crawl()
    held = site.pages.pop("/a/gone")
    stats, _ = crawl(later=HOUR)
    assert stats["outcomes"] == {"gone": 1, "unchanged": 1}
    site.pages["/a/gone"] = held
    stats, _ = crawl(later=2 * HOUR)
    assert stats["outcomes"] == {"back": 1, "unchanged": 1}
    assert {path for path in site.unchanged if path.startswith("/a/")} == set()
    counts = [r["view_count"] for r in disk.records(crawl.output, "observations") if r["url"].endswith("counted")]
    assert counts == [7, 7, 7]


def test_paging_stops_where_nothing_is_new(site: Changing, tmp_path: Path) -> None:
    paged(site, 8)
    crawl = Crawls(site, tmp_path, discover=f'pages = ["{site.base}/list/"]', more="[expect]\narticles_min = 24\n")
    stats, asked = crawl()
    assert (len(lists(asked)), len(articles(asked))) == (8, 24)
    assert stats["whole"] is True
    stats, asked = crawl()
    assert lists(asked) == ["/list/"]
    assert articles(asked) == []
    assert stats["discovery"]["skipped"] == 3

    site.listing("/a/today", "/a/0-0", "/list/index_1.html", "/list/index_2.html", path="/list/")
    site.article("/a/today")
    stats, asked = crawl()
    assert (lists(asked), articles(asked)) == (["/list/", "/list/index_1.html"], ["/a/today"])


def test_after_a_run_that_was_cut_every_page_is_read_again(site: Changing, tmp_path: Path) -> None:
    """By a limit, by a failure, by SIGKILL: what lies behind known pages is not lost."""
    paged(site, 6)
    crawl = Crawls(site, tmp_path, discover=f'pages = ["{site.base}/list/"]')
    stats, _ = crawl("--limit", "4")
    assert stats["whole"] is False
    held = site.pages["/list/index_3.html"]
    site.pages["/list/index_3.html"] = Answer(b"", 503)
    stats, asked = crawl()
    assert (len(lists(asked)), stats["whole"]) == (6, False)
    site.pages["/list/index_3.html"] = held
    stats, asked = crawl()
    assert (len(lists(asked)), stats["whole"]) == (6, True)
    assert len(disk.lines(crawl.output, "articles")) == 18

    site.listing("/a/late", path="/list/index_5.html")
    site.pages["/a/late"] = Answer(page("Late", story("late")), wait=3)
    site.listing("/a/late", "/a/0-0", "/list/index_1.html", path="/list/")
    process = start(*crawl.arguments)
    until(lambda: "/a/late" in site.paths())
    process.send_signal(signal.SIGKILL)
    finish(process)
    site.article("/a/late")
    stats, asked = crawl()
    assert len(lists(asked)) == 6
    assert "/a/late" in asked
    crawl.replays()


def test_what_a_run_leaves_comes_first_in_the_next(site: Changing, tmp_path: Path) -> None:
    """With a budget smaller than the paging, every run gets further than the one before."""
    paged(site, 9, articles_each=1)
    more = "[politeness]\ndelay = 0\nmax_requests = 9\n"
    crawl = Crawls(site, tmp_path, discover=f'pages = ["{site.base}/list/"]', more=more)
    counts: list[int] = []
    while not counts or counts[-1] < 9:  # how many pages of a run are lists depends on which answers come first
        crawl()
        counts.append(len(disk.lines(crawl.output, "articles")))
        assert len(counts) < 7, counts
    crawl.replays()


def test_a_sitemap_that_its_index_dates_before_the_last_look_is_not_asked_for(site: Changing, tmp_path: Path) -> None:
    site.validators = ()
    xml, ns = {"Content-Type": "application/xml"}, "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"

    def index(second: str) -> None:
        days = (("old", "2020-01-01"), ("now", second))
        maps = "".join(f"<sitemap><loc>{site.base}/{n}.xml</loc><lastmod>{day}</lastmod></sitemap>" for n, day in days)
        site.pages["/map.xml"] = Answer(f"<sitemapindex {ns}>{maps}</sitemapindex>".encode(), headers=xml)

    for name in ("old", "now"):
        loc = f"<url><loc>{site.base}/a/{name}</loc></url>"
        site.pages[f"/{name}.xml"] = Answer(f"<urlset {ns}>{loc}</urlset>".encode(), headers=xml)
        site.article(f"/a/{name}")
    index("2020-01-01")
    crawl = Crawls(site, tmp_path, discover=f'sitemaps = ["{site.base}/map.xml"]')
    _, asked = crawl()
    assert {"/old.xml", "/now.xml"} <= set(asked)
    index("2099-01-01")
    stats, asked = crawl()
    assert "/old.xml" not in asked
    assert "/now.xml" in asked
    assert stats["discovery"]["skipped"] == 1


def test_an_unchanged_hour_asks_for_no_article(site: Changing, tmp_path: Path) -> None:
    """As `benchmarks/speed/hour.py` does with more articles."""
    definition = serve(site, 600, tmp_path)
    output = tmp_path / "archive"
    assert fill(output, site, definition) == 600
    command = ["crawl", "scripted", "--portals", definition, "--output", output, "--allow-host", site.host, "--json"]
    first = citynews(*command).summary["portals"]["scripted"]
    assert (first["seen"], first["requests_by_kind"]["list"], "article" in first["requests_by_kind"]) == (600, 6, False)
    asked, unchanged = len(site.asked), len(site.unchanged)
    again = citynews(*command).summary["portals"]["scripted"]
    assert sorted(site.paths()[asked:]) == ["/feed.xml", "/list/", "/map-0.xml", "/map.xml", "/robots.txt"]
    assert len(site.unchanged) - unchanged == 4
    assert (again["seen"], again["known"], again["asked"], again["bytes"]) == (600, 600, 0, 0)
