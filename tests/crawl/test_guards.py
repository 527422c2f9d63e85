"""Guarantee 5: what a crawl must not do, whatever a page or a server says. Seen from the server."""

from __future__ import annotations

import gzip
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from harness import disk
from harness.attacks import REBINDING
from harness.command import Done, citynews, finish, start
from harness.rebinding import COMMAND
from harness.scripted import Answer, Scripted, page, story


def crawl(
    server: Scripted, tmp_path: Path, *more: object, code: int | None = 0, definition: Path | None = None
) -> Done:
    definition = definition or server.definition(tmp_path)
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    return citynews(*command, "--allow-host", server.host, "--json", "-s", "RETRY_TIMES=0", *more, code=code)


def stats(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = done.summary["portals"]["scripted"]
    return found


def spellings(port: int) -> list[str]:
    """Loopback, as people have tried to smuggle it past guards."""
    hosts = ("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "LOCALHOST", "[::1]",
             "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "127.0.0.1.", "user@127.0.0.1")  # fmt: skip
    return [f"http://{host}:{port}" for host in hosts]


def test_no_private_address_is_reached_by_link_or_redirect(server: Scripted, tmp_path: Path) -> None:
    """Another port of this machine, in every spelling: not one connection."""
    with Scripted() as victim:
        victim.article("/a/secret")
        targets = spellings(victim.server_port)
        server.listing(
            "/a/good", *(f"{target}/a/secret" for target in targets), *(f"/a/hop-{n}" for n in range(len(targets)))
        )
        server.article("/a/good")
        for number, target in enumerate(targets):
            server.pages[f"/a/hop-{number}"] = Answer(b"", 302, {"Location": f"{target}/a/secret"})
        definition = server.definition(tmp_path)
        hosts = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "0.0.0.0"]
        domains = ", ".join(f'"{host}"' for host in [server.host, *hosts])
        definition.write_text(definition.read_text().replace(f'domains = ["{server.host}"]', f"domains = [{domains}]"))
        done = crawl(server, tmp_path, definition=definition)
        assert victim.connections == 0
        assert victim.asked == []
    assert [r["url"] for r in disk.records(tmp_path / "archive", "articles")] == [server.base + "/a/good"]
    assert stats(done)["drops"]["private-address"] >= len(targets) + 3, "links and redirects"


def test_a_portal_of_its_own_is_not_reached_without_being_allowed(server: Scripted, tmp_path: Path) -> None:
    server.listing("/a/good")
    definition = server.definition(tmp_path)
    for allowed in ([], ["--allow-host", "127.0.0.1:1", "--allow-host", f"localhost:{server.server_port}"]):
        citynews("crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive", *allowed, code=3)
        assert server.connections == 0


def test_a_name_allowed_on_one_port_leads_inside_on_no_other_though_it_is_bound_anew(
    server: Scripted, tmp_path: Path
) -> None:
    """What the guard asked about was public, or not known; what the connection asks about is this machine."""
    server.article("/a/good")
    for name in REBINDING:
        server.pages[f"/a/{name}"] = Answer(b"", 302, {"Location": f"http://{name}:{server.server_port}/a/secret"})
    server.listing("/a/good", *(f"/a/{name}" for name in REBINDING))
    arguments = [
        "crawl",
        "scripted",
        "--portals",
        server.definition(tmp_path),
        "--output",
        tmp_path / "archive",
        "--json",
    ]
    arguments += ["--allow-host", server.host, "-s", "RETRY_TIMES=0", "-s", "DNSCACHE_ENABLED=False"]
    arguments += [word for name in REBINDING for word in ("--allow-host", f"{name}:1")]
    done = finish(start(*arguments, env={"REBIND": json.dumps(REBINDING)}, command=COMMAND))
    assert done.code == 0, done.err
    assert {request.headers["Host"] for request in server.asked} == {server.host}, "no request under another name"
    assert stats(done)["outcomes"]["new"] == 1
    assert stats(done)["failures"] == {"private-address": len(REBINDING)}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_host_may_be_allowed_on_all_its_ports(server: Scripted, tmp_path: Path, host: str) -> None:
    server.base = f"http://{host}:{server.server_port}"
    server.host = f"{host}:{server.server_port}"
    server.listing("/a/good")
    server.article("/a/good")
    definition = server.definition(tmp_path)
    citynews("crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive", "--allow-host", host)
    assert "/a/good" in server.paths()


def test_only_http_and_https(server: Scripted, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file.html").write_bytes(page("A file", story("file")))
    strange = [f"file://{tmp_path}/a/file.html", "ftp://127.0.0.1/a/x", "data:text/html,/a/", "javascript:'/a/'",
               "gopher://127.0.0.1/a/", "//127.0.0.1:1/a/x", "http:///a/x", "http://127.0.0.1:99999/a/x", "s3://bucket/a/x",
               "mailto:a@/a/", "http://[broken/a/"]  # fmt: skip
    server.listing("/a/good", *strange, *(f"/a/hop-{n}" for n in range(len(strange))))
    server.article("/a/good")
    for number, target in enumerate(strange):
        server.pages[f"/a/hop-{number}"] = Answer(b"", 302, {"Location": target})
    crawl(server, tmp_path)
    assert [r["url"] for r in disk.records(tmp_path / "archive", "articles")] == [server.base + "/a/good"]
    citynews("verify", "--output", tmp_path / "archive")


def test_robots_txt_is_obeyed_on_links_redirects_and_counters(server: Scripted, tmp_path: Path) -> None:
    server.pages["/robots.txt"] = Answer(
        b"User-agent: citynews\nDisallow: /a/secret\nDisallow: /count\nDisallow: /list/no\n\n"
        b"User-agent: *\nDisallow: /\n",
        headers={"Content-Type": "text/plain"},
    )
    server.listing("/a/good", "/a/secret-1", "/a/hop", "/list/no", "/list/yes")
    server.listing("/a/second", path="/list/yes")
    server.listing("/a/third", path="/list/no")
    for path in ("/a/good", "/a/secret-1", "/a/secret-2", "/a/second", "/a/third"):
        server.article(path)
    server.pages["/a/hop"] = Answer(b"", 301, {"Location": "/a/secret-2"})
    more = "[counter]\nurl = \"/count?{id}\"\nid = '/a/(\\w+)'\nask = true\n"
    done = crawl(server, tmp_path, definition=server.definition(tmp_path, more=more))
    assert sorted(server.paths()) == ["/", "/a/good", "/a/hop", "/a/second", "/list/yes", "/robots.txt"]
    assert stats(done)["drops"]["robots"] >= 3
    records = disk.records(tmp_path / "archive", "articles")
    assert sorted((r["url"].removeprefix(server.base), r["incomplete"]) for r in records) == [
        ("/a/good", ["counter"]),
        ("/a/second", ["counter"]),
    ]
    assert server.asked[0].path == "/robots.txt"
    assert all("citynews/" in request.headers["User-Agent"] for request in server.asked)


def test_all_that_wait_for_one_robots_txt_keep_to_it(server: Scripted, tmp_path: Path) -> None:
    """Scrapy gives the rules to the first that waits, and leave for everything to the others."""
    rules = b"User-agent: *\nDisallow: /list/\n"
    server.pages["/robots.txt"] = Answer(rules, headers={"Content-Type": "text/plain"}, wait=0.3)
    definition = server.definition(tmp_path)
    lists = ", ".join(f'"{server.base}/list/{n}"' for n in range(5))
    text = re.sub(r"(?m)^pages = .*$", f"pages = [{lists}]", definition.read_text("utf-8"))
    definition.write_text(text, "utf-8")
    crawl(server, tmp_path, definition=definition, code=3)
    assert server.paths() == ["/robots.txt"]


@pytest.mark.parametrize("status", [500, 408])
def test_a_robots_txt_that_fails_means_stay_away(server: Scripted, tmp_path: Path, status: int) -> None:
    server.pages["/robots.txt"] = Answer(b"", status)
    server.listing("/a/good")
    crawl(server, tmp_path, code=3)
    assert set(server.paths()) == {"/robots.txt"}


def test_crawl_delay_is_kept(server: Scripted, tmp_path: Path) -> None:
    server.pages["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 0.4\n", headers={"Content-Type": "text/plain"})
    server.listing(*(f"/a/{n}" for n in range(5)))
    for number in range(5):
        server.article(f"/a/{number}")
    crawl(server, tmp_path, definition=server.definition(tmp_path, more="[politeness]\ndelay = 0\nconcurrency = 8\n"))
    after_robots = [request.time for request in server.asked[1:]]
    assert len(after_robots) == 6
    assert min(later - earlier for earlier, later in pairwise(after_robots)) > 0.35


def test_the_delay_is_kept_and_one_at_a_time(server: Scripted, tmp_path: Path) -> None:
    server.listing(*(f"/a/{n}" for n in range(4)))
    for number in range(4):
        server.article(f"/a/{number}")
    crawl(server, tmp_path, definition=server.definition(tmp_path, more="[politeness]\ndelay = 0.3\n"))
    gaps = [later.time - earlier.time for earlier, later in pairwise(server.asked)]
    assert len(gaps) == 5
    assert min(gaps) > 0.26


def test_bounds_of_a_run(server: Scripted, tmp_path: Path) -> None:
    """max_requests counts everything, max_list_pages however linked, --limit articles; the rest comes next time."""
    for number in range(30):
        server.listing(f"/a/{number}", f"/list/{number + 1}", f"/list/{number + 2}", path=f"/list/{number}")
        server.article(f"/a/{number}")
    server.listing("/list/0")
    definition = server.definition(
        tmp_path, discover=f'pages = ["{server.base}/"]\nmax_list_pages = 7',
        more="[politeness]\ndelay = 0\nmax_requests = 10\n",
    )  # fmt: skip
    done = crawl(server, tmp_path, definition=definition)
    assert len(server.asked) == 10
    assert stats(done)["limits"]["max_requests"] >= 1
    articles = len(disk.lines(tmp_path / "archive", "articles"))
    assert articles >= 3, "articles are asked before further list pages"

    definition.write_text(definition.read_text().replace("max_requests = 10", "max_requests = 1000"))
    asked = len(server.asked)
    done = crawl(server, tmp_path, definition=definition)
    lists = [path for path in server.paths()[asked:] if path == "/" or path.startswith("/list/")]
    assert len(lists) == 7
    assert stats(done)["limits"]["max_list_pages"] >= 1

    definition.write_text(definition.read_text().replace("max_list_pages = 7", "max_list_pages = 100"))
    articles = len(disk.lines(tmp_path / "archive", "articles"))
    done = crawl(server, tmp_path, "--limit", "4", definition=definition)
    assert len(disk.lines(tmp_path / "archive", "articles")) == articles + 4
    assert stats(done)["limits"]["limit"] >= 1
    crawl(server, tmp_path, definition=definition)
    assert len(disk.lines(tmp_path / "archive", "articles")) == 30


def test_since_limits_what_is_asked_for(server: Scripted, tmp_path: Path) -> None:
    """By the dates of sitemaps, of news sitemaps and of feeds; of several dates the last counts."""
    day, news = "<lastmod>{}</lastmod>", "<n:news><n:publication_date>{}</n:publication_date></n:news>"
    entries = {
        "/a/old": day.format("2020-01-01"), "/a/new": day.format("2026-10-01"), "/a/undated": "",
        "/a/old-news": news.format("2020-01-01T08:00+08:00"), "/a/news": news.format("2026-10-01T08:00:00+08:00"),
        "/a/corrected": news.format("2020-01-01") + day.format("2026-10-01"),
    }  # fmt: skip
    urls = "".join(f"<url><loc>{server.base}{path}</loc>{dated}</url>" for path, dated in entries.items())
    names = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    )
    sitemap = f"<urlset {names}>{urls}</urlset>"
    fed = {"/a/old-fed": "Wed, 01 Jan 2020 00:00:00 GMT", "/a/fed": "Thu, 01 Oct 2026 08:00:00 +0800"}
    items = "".join(f"<item><link>{server.base}{path}</link><pubDate>{at}</pubDate></item>" for path, at in fed.items())
    server.pages["/sitemap.xml"] = Answer(sitemap.encode(), headers={"Content-Type": "application/xml"})
    feed = f"<rss version='2.0'><channel>{items}</channel></rss>"
    server.pages["/feed.xml"] = Answer(feed.encode(), headers={"Content-Type": "application/rss+xml"})
    for path in (*entries, *fed):
        server.article(path)
    discover = f'sitemaps = ["{server.base}/sitemap.xml"]\nfeeds = ["{server.base}/feed.xml"]'
    definition = server.definition(tmp_path, discover=discover)
    done = crawl(server, tmp_path, "--since", "2026-01-01", definition=definition)
    asked = {path for path in server.paths() if path.startswith("/a/")}
    assert asked == {"/a/new", "/a/undated", "/a/news", "/a/corrected", "/a/fed"}
    assert stats(done)["drops"]["before-since"] == 3
    crawl(server, tmp_path, definition=definition)
    assert {"/a/old", "/a/old-news", "/a/old-fed"} <= set(server.paths())


def test_endless_and_huge_answers(server: Scripted, tmp_path: Path) -> None:
    """A body that never ends, one too large, a gzip bomb, endless redirects, garbage: counted, and the rest goes on."""

    def endless(out: Any) -> None:
        out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>")
        for _ in range(2000):
            out.write(b"<p>and so on, and so on" * 2000)

    def cut_off(out: Any) -> None:
        out.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n"
            + page("Cut", story("cut")).removesuffix(b"</body></html>")
        )

    def garbage(out: Any) -> None:
        out.write(b"\x00\xff\x00 this is not HTTP\r\n\r\n")

    zeros = gzip.compress(b"<html>" + b" " * (200 << 20))
    encoded = {"Content-Encoding": "gzip"}
    server.pages["/a/endless"] = Answer(endless)
    server.pages["/a/cut-off"] = Answer(cut_off)
    server.pages["/a/garbage"] = Answer(garbage)
    server.pages["/a/large"] = Answer(b"<html>" + b"x" * (17 << 20))
    server.pages["/a/bomb"] = Answer(zeros, headers=encoded)
    server.pages["/a/twice"] = Answer(gzip.compress(zeros), headers={"Content-Encoding": "gzip, gzip"})
    server.pages["/a/no-gzip"] = Answer(page("No gzip", story("no gzip")), headers=encoded)
    server.pages["/a/round"] = Answer(b"", 302, {"Location": "/a/round?more"})
    server.pages["/a/round?more"] = Answer(b"", 302, {"Location": "/a/round"})
    server.pages["/a/nul"] = Answer(page("Nul\x00 and \x1b[31m red", story("nul \x00\x07\u202e")))
    server.article("/a/good")
    server.listing(*server.pages)
    del server.pages["/a/good"]
    server.article("/a/good")
    done = crawl(server, tmp_path, "-s", "DOWNLOAD_TIMEOUT=10")
    assert 0 < done.peak < 300 * 1024, f"{done.peak / 1024:.0f} MB"
    records = {r["url"].removeprefix(server.base): r for r in disk.records(tmp_path / "archive", "articles")}
    assert set(records) == {"/a/good", "/a/nul"}
    assert not any(ord(sign) < 32 and sign != "\n" for sign in records["/a/nul"]["title"] + records["/a/nul"]["body"])
    assert sum(stats(done)["outcomes"].values()) >= 9, "every address is accounted for"
    citynews("verify", "--output", tmp_path / "archive")
    citynews("replay", tmp_path / "archive" / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(tmp_path / "archive")


def test_what_came_from_the_web_names_no_file_and_writes_no_header(server: Scripted, tmp_path: Path) -> None:
    evil = ["/a/..%2f..%2fetc", "/a/%0d%0aX-Evil:%201", "/a/x?y=%00", "/a/" + "l" * 1500, "/a/\u202ename", "/a/..;/x"]
    server.listing(*evil, "../../../a/up", "/a/good\r\nX: 1")
    for path in ["/a/..%2f..%2fetc", "/a/%0d%0aX-Evil:%201", "/a/x?y=%00", "/a/" + "l" * 1500, "/a/up", "/a/..;/x"]:
        server.article(path, f"Story {len(path)} {path[:20]}", story(path[:30]))
        server.pages[path].headers["X-Strange"] = "\xe9\xff \x0b tab"
    before = {path for path in tmp_path.parent.iterdir() if path != tmp_path}
    crawl(server, tmp_path)
    assert {path for path in tmp_path.parent.iterdir() if path != tmp_path} == before
    names = {path.name for path in (tmp_path / "archive").rglob("*") if path.is_file()}
    assert not any("l" * 20 in name or "etc" in name or ".." in name for name in names)
    citynews("verify", "--output", tmp_path / "archive")
    citynews("replay", tmp_path / "archive" / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(tmp_path / "archive")
