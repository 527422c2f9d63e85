"""A discovery page that fails hides nothing for good; what has ended is not asked for for ever."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from harness import disk
from harness.command import Done, citynews
from harness.scripted import Answer, Scripted

PAGES, EACH = 4, 3


def paths(page: int) -> list[str]:
    return [f"/a/{page}-{number}" for number in range(EACH)]


def site(server: Scripted, pages: int = PAGES) -> None:
    """Lists with *pages* pages, the newest articles first; each page links the one after it alone."""
    for page in range(1, pages + 1):
        further = [f"/list/{page + 1}"] if page < pages else []
        server.listing(*paths(page), *further, path=f"/list/{page}")
        for path in paths(page):
            server.article(path)


def crawl(server: Scripted, tmp_path: Path, *more: object, code: int | None = 0, extra: str = "") -> Done:
    definition = server.definition(tmp_path, discover=f'pages = ["{server.base}/list/1"]\n{extra}')
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    return citynews(*command, "--allow-host", server.host, "--json", "-s", "RETRY_TIMES=0", *more, code=code)


def archived(tmp_path: Path, server: Scripted) -> set[str]:
    return {str(r["url"]).removeprefix(server.base) for r in disk.records(tmp_path / "archive", "articles")}


def last(tmp_path: Path) -> dict[str, Any]:
    stats: dict[str, Any] = disk.runs(tmp_path / "archive")[-1]["portals"]["scripted"]
    return stats


EVERYTHING = {path for page in range(1, PAGES + 1) for path in paths(page)}
FAILURES = {
    **{str(status): Answer(b"<html>no</html>", status) for status in (401, 403, 404, 410, 412, 418, 451, 503)},
    "reset": Answer(lambda out: out.write(b"")),
    "login": Answer(b"<html><title>Sign in</title><form><input name=u><input type=password></form></html>"),
    "maintenance": Answer(b"<html><title>Closed</title><h1>Closed</h1><p>This site is being repaired for a while.</p>"),
    "first page": Answer(b"", 302, {"Location": "/list/1"}),
    "another page": Answer(b"", 302, {"Location": "/"}),
    "empty": Answer(b""),
    "page 1": Answer(),  # set by the test: what the first page says
    "navigation": Answer(b'<html><body><a href="/about">About us</a></body></html>'),
    "data": Answer(b'{"code": 500}', headers={"Content-Type": "application/json"}),
    "off-site": Answer(b"", 302, {"Location": "http://login.invalid/"}),
    "two of page 1": Answer(b"<html><body>Hot: <a href='/a/1-0'>one</a> <a href='/a/1-2'>two</a></body></html>"),
    "sent to the first page": Answer(b'<html><head><meta http-equiv="refresh" content="0; url=/list/1"></head></html>'),
}  # fmt: skip


#: Statuses that are refused like 403: tests of make test-ci.
LIKE_403 = {"401", "412", "418", "451"}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.ci] * (kind in LIKE_403)) for kind in sorted(FAILURES)]
)
def test_what_is_behind_a_page_that_failed_once_is_found_by_the_next_run(
    server: Scripted, tmp_path: Path, kind: str
) -> None:
    site(server)
    failure = server.pages["/list/1"] if kind == "page 1" else FAILURES[kind]
    whole, server.pages["/list/2"] = server.pages["/list/2"], failure
    crawl(server, tmp_path)
    assert archived(tmp_path, server) == set(paths(1))
    assert last(tmp_path)["whole"] is False
    (page,) = last(tmp_path)["failing"].values()
    assert (page["runs"], page["end"]) == (1, False)
    server.pages["/list/2"] = whole
    crawl(server, tmp_path)
    assert archived(tmp_path, server) == EVERYTHING
    assert last(tmp_path)["whole"] is True
    assert last(tmp_path)["failing"] == {}
    before = len(server.asked)
    crawl(server, tmp_path)
    assert "/list/3" not in server.paths()[before:], "all is known again"


def test_what_a_page_that_broke_off_would_have_named_is_found_by_the_next_run(server: Scripted, tmp_path: Path) -> None:
    """Without a Content-Length: nothing but the missing end of its HTML tells."""
    site(server)
    whole = server.pages["/list/2"]
    assert isinstance(whole.body, bytes)
    half = whole.body[: whole.body.index(b"</li>") + 5]
    server.pages["/list/2"] = Answer(
        lambda out: out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + half)
    )
    crawl(server, tmp_path)
    assert archived(tmp_path, server) == {*paths(1), paths(2)[0]}
    server.pages["/list/2"] = whole
    crawl(server, tmp_path)
    assert archived(tmp_path, server) == EVERYTHING


def test_a_page_without_an_end_of_its_own_is_whole_after_two_runs(server: Scripted, tmp_path: Path) -> None:
    site(server)
    page_2 = server.pages["/list/2"].body
    assert isinstance(page_2, bytes)
    server.pages["/list/2"] = Answer(page_2.replace(b"</body></html>", b""))
    for number, whole in enumerate((False, True, True, True)):
        crawl(server, tmp_path)
        assert last(tmp_path)["whole"] is whole, number
    assert archived(tmp_path, server) == EVERYTHING


def test_a_missing_page_before_others_is_no_end(server: Scripted, tmp_path: Path) -> None:
    """A bar links all pages; page 2 is 404 while 3 and 4 answer."""
    site(server)
    bar = [f"/list/{number}" for number in (2, 3, 4)]
    server.listing(*paths(1), *bar, path="/list/1")
    whole, server.pages["/list/2"] = server.pages["/list/2"], Answer(b"", 404)
    for code in (0, 0, 3):
        crawl(server, tmp_path, code=code)
    server.pages["/list/2"] = whole
    crawl(server, tmp_path)
    assert archived(tmp_path, server) == EVERYTHING


@pytest.mark.parametrize("kind", ["404", "410", "empty", "navigation"])
def test_a_page_that_is_gone_in_two_runs_is_the_end_of_its_list(server: Scripted, tmp_path: Path, kind: str) -> None:
    site(server, 2)
    server.listing(*paths(2), "/list/3", path="/list/2")
    server.pages["/list/3"] = FAILURES[kind]
    for whole in (False, True, True, True):
        crawl(server, tmp_path)
        assert last(tmp_path)["whole"] is whole
    assert last(tmp_path)["failing"][f"{server.base}/list/3"]["end"] is True
    before = len(server.asked)
    crawl(server, tmp_path)
    assert "/list/3" not in server.paths()[before:]


@pytest.mark.parametrize("what", ["the first page", "the page before", "a page that links on for ever"])
def test_a_server_that_repeats_pages_ends_paging_and_is_said(server: Scripted, tmp_path: Path, what: str) -> None:
    """Page 3 and all behind it answer with a page that was there: no endless walk, and a whole run in time."""
    site(server, 2)
    server.listing(*paths(2), "/list/3", path="/list/2")
    repeated = server.pages["/list/1" if what == "the first page" else "/list/2"]
    before = server.answer

    def answer(path: str, headers: dict[str, str]) -> Answer:
        number = int(path.rpartition("/")[2]) if path.startswith("/list/") else 0
        if number < 3:
            return before(path, headers)
        assert isinstance(repeated.body, bytes)
        more = f"<a href='/list/{number + 1}'>more</a>" if "ever" in what else ""
        return Answer(repeated.body + more.encode())

    server.answer = answer  # type: ignore[method-assign] # what a test may do
    for number, whole in enumerate((False, True, True)):
        begun = len(server.asked)
        done = crawl(server, tmp_path, extra="max_list_pages = 30")
        assert last(tmp_path)["whole"] is whole
        lists = [path for path in server.paths()[begun:] if path.startswith("/list/")]
        assert len(lists) <= 3, "it does not walk on"
        assert ("/list/3): paging ends there" in done.err) is (number < 2)
    assert archived(tmp_path, server) == {*paths(1), *paths(2)}
    server.answer = before  # type: ignore[method-assign] # as above
    server.listing("/a/new-1", "/a/new-2", "/a/new-3", "/list/2", path="/list/1")
    server.listing(*paths(1), "/list/3", path="/list/2")
    server.listing(*paths(2), path="/list/3")
    for number in (1, 2, 3):
        server.article(f"/a/new-{number}")
    crawl(server, tmp_path)
    assert last(tmp_path)["failing"] in ({}, {f"{server.base}/list/3": {**END, "root": f"{server.base}/list/1"}})


END = {"kind": "list", "reason": "repeats", "runs": 2, "end": True, "further": True}


def test_the_address_of_page_1_is_no_repetition(server: Scripted, tmp_path: Path) -> None:
    """A bar of numbers that links the first page too, under its own number."""
    bar = ("/list/?page=1", "/list/?page=2", "/list/?page=3")
    for page in (1, 2, 3):
        server.listing(*paths(page), *bar, path=f"/list/?page={page}")
        for path in paths(page):
            server.article(path)
    server.pages["/list/"] = server.pages["/list/?page=1"]
    definition = server.definition(tmp_path, discover=f'pages = ["{server.base}/list/"]\n')
    done = citynews("crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive", "--allow-host",
                    server.host)  # fmt: skip
    assert last(tmp_path)["whole"] is True
    assert "paging ends" not in done.err
    assert archived(tmp_path, server) == {path for page in (1, 2, 3) for path in paths(page)}


def test_another_failure_in_three_runs_in_a_row_is_exit_code_3(server: Scripted, tmp_path: Path) -> None:
    site(server)
    whole, server.pages["/list/2"] = server.pages["/list/2"], Answer(b"", 403)
    for code in (0, 0, 3, 3):
        done = crawl(server, tmp_path, code=code)
    assert re.search(r"/list/2 failed in 4 runs in a row \(http-403\)", done.err)
    server.pages["/list/2"] = whole
    crawl(server, tmp_path)
    assert archived(tmp_path, server) == EVERYTHING


def test_a_page_that_fails_behind_one_that_fails_is_no_end(server: Scripted, tmp_path: Path) -> None:
    """Two 404 at page 3 while page 2 answers 403: nobody knows whether there is a page 3."""
    site(server, 1)
    server.listing(*paths(1), "/list/2", "/list/3", path="/list/1")
    server.pages["/list/2"] = Answer(b"", 403)
    for _ in range(2):
        crawl(server, tmp_path)
        assert not any(page["end"] for page in last(tmp_path)["failing"].values())


def test_a_larger_bound_takes_effect_in_the_next_run(server: Scripted, tmp_path: Path) -> None:
    site(server)
    crawl(server, tmp_path, extra="max_list_pages = 2")
    assert archived(tmp_path, server) == {*paths(1), *paths(2)}
    crawl(server, tmp_path, extra="max_list_pages = 20")
    assert archived(tmp_path, server) == EVERYTHING


def test_deep_reads_discovery_to_its_end(server: Scripted, tmp_path: Path) -> None:
    site(server)
    crawl(server, tmp_path)
    server.listing(*paths(4), "/a/late", path="/list/4")
    server.article("/a/late")
    crawl(server, tmp_path)
    assert "/a/late" not in archived(tmp_path, server), "paging stops at what is known"
    crawl(server, tmp_path, "--deep")
    assert "/a/late" in archived(tmp_path, server)


NOTHING = {
    "page without links": (Answer(b'<html><body><div id="app"></div><script src="/x.js"></script>'), "a script fills"),
    "pattern": (Answer(b'<html><body><a href="/other/1">A headline</a>'), "none of them matched by article_urls"),
    "domains": (Answer(b'<html><body><a href="http://other.example/a/1">A headline</a>'), "none of them in domains"),
    "frame": (Answer(b'<html><body><iframe src="/list/inner"></iframe>'), "in a frame: name http"),
    "nothing": (Answer(b""), "an empty answer"),
    "data": (Answer(b'{"code": 1}', headers={"Content-Type": "application/json"}), "JSON, not a list page"),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(NOTHING))
def test_nothing_found_is_exit_code_3_with_what_the_page_was(server: Scripted, tmp_path: Path, kind: str) -> None:
    answer, sentence = NOTHING[kind]
    server.pages["/list/1"] = answer
    for _ in range(2):
        done = crawl(server, tmp_path, code=3)
        assert "discovery names no article" in done.err
        assert sentence in done.err


def test_nothing_found_after_good_runs_is_exit_code_3_too(server: Scripted, tmp_path: Path) -> None:
    site(server, 1)
    crawl(server, tmp_path)
    server.pages["/list/1"] = NOTHING["page without links"][0]
    crawl(server, tmp_path, code=3)


RSS = '<rss version="2.0"><channel><item><link>{}/a/1</link></item></channel></rss>'
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{}/a/1</loc></url></urlset>'


@pytest.mark.parametrize(
    ("key", "body", "sentence"),
    [
        ("sitemaps", RSS, "an RSS or Atom feed, not a sitemap"),
        ("sitemaps", "<b>Warning</b>: x on line 3<br />\n<?xml version='1.0'?>" + SITEMAP, "text before its XML"),
        ("feeds", '{{"version": "1.1", "items": []}}', "JSON, not a feed"),
        ("feeds", "<html><body><p>{}</p></body></html>", "an HTML page, not a feed"),
        ("feeds", SITEMAP, "a sitemap, not a feed"),
    ],
)
def test_a_feed_that_is_none_is_named(server: Scripted, tmp_path: Path, key: str, body: str, sentence: str) -> None:
    server.pages["/x.xml"] = Answer(body.format(server.base).encode(), headers={"Content-Type": "text/xml"})
    server.article("/a/1")
    definition = server.definition(tmp_path, discover=f'{key} = ["{server.base}/x.xml"]')
    done = citynews(
        "crawl",
        "scripted",
        "--portals",
        definition,
        "--output",
        tmp_path / "archive",
        "--allow-host",
        server.host,
        code=3,
    )
    assert sentence in done.err


PART = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
PARTS = {
    "another document": Answer(b"<html><body><h1>Closed</h1></body></html>"),
    "cut": Answer(PART.format("<url><loc>{}/a/2</loc></url><url><loc>").partition("</urlset>")[0].encode()),
    "empty": Answer(PART.format("").encode()),
    "404": Answer(b"", 404),
}


def sitemaps(server: Scripted, tmp_path: Path, days: float, code: int = 0) -> None:
    definition = server.definition(tmp_path, discover=f'sitemaps = ["{server.base}/index.xml"]')
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    more = ["--allow-host", server.host, "-s", "RETRY_TIMES=0"]
    citynews(*command, *more, later=timedelta(days=days), code=code)


def part(server: Scripted, number: int) -> Answer:
    return Answer(PART.format(f"<url><loc>{server.base}/a/{number}</loc></url>").encode())


@pytest.fixture
def indexed(server: Scripted) -> Scripted:
    """An index of three sitemaps, which states that none has changed for years; one article each."""
    where = [f"<sitemap><loc>{server.base}/{n}.xml</loc><lastmod>2020-01-01</lastmod></sitemap>" for n in (1, 2, 3)]
    server.pages["/index.xml"] = Answer(f"<sitemapindex>{''.join(where)}</sitemapindex>".encode())
    for number in (1, 2, 3, 4):
        server.pages[f"/{number}.xml"] = part(server, number)
        server.article(f"/a/{number}")
    return server


@pytest.mark.parametrize("kind", sorted(PARTS))
def test_a_sitemap_that_failed_once_hides_nothing(indexed: Scripted, tmp_path: Path, kind: str) -> None:
    whole, indexed.pages["/2.xml"] = indexed.pages["/2.xml"], PARTS[kind]
    sitemaps(indexed, tmp_path, 0)
    assert last(tmp_path)["whole"] is False
    indexed.pages["/2.xml"] = whole
    sitemaps(indexed, tmp_path, 1)
    assert archived(tmp_path, indexed) == {"/a/1", "/a/2", "/a/3"}
    assert last(tmp_path)["whole"] is True


def test_a_sitemap_that_stays_empty_is_no_alarm(indexed: Scripted, tmp_path: Path) -> None:
    indexed.pages["/2.xml"] = PARTS["empty"]
    for day in range(5):
        sitemaps(indexed, tmp_path, day)
    assert last(tmp_path)["whole"] is True


def test_a_sitemap_whose_date_stands_still_is_read_after_a_week(indexed: Scripted, tmp_path: Path) -> None:
    sitemaps(indexed, tmp_path, 0)
    indexed.pages["/2.xml"] = part(indexed, 4)
    sitemaps(indexed, tmp_path, 3)
    assert indexed.paths().count("/2.xml") == 1, "its index says that nothing has changed"
    sitemaps(indexed, tmp_path, 8)
    assert "/a/4" in archived(tmp_path, indexed)


def test_a_feed_that_is_none_run_after_run_is_exit_code_3_beside_one_that_is(server: Scripted, tmp_path: Path) -> None:
    server.article("/a/1")
    server.pages["/good.xml"] = Answer(RSS.format(server.base).encode())
    server.pages["/bad.xml"] = Answer(b"<html><body><h1>Closed</h1></body></html>")
    definition = server.definition(tmp_path, discover=f'feeds = ["{server.base}/good.xml", "{server.base}/bad.xml"]')
    for code in (0, 0, 3):
        citynews("crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive", "--allow-host",
                 server.host, code=code)  # fmt: skip
