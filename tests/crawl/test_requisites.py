"""What pages need to look as they looked: asked for last, each once, through every guard, and found by time."""

from __future__ import annotations

import gzip
import html
import re
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from urllib.request import urlopen

import pytest

from crawler import archive
from crawler.analysis.browse.archived import made_safe
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.archive.warc.record import records
from crawler.extraction.page import requisites
from crawler.maintenance import verify
from crawler.maintenance.remove import remove
from harness import disk
from harness.browsing import browsing
from harness.command import Done, citynews, finish, start
from harness.scripted import Answer, Scripted, page, story
from harness.waiting import until

ALL = 'kinds = ["image", "style"]\nattachments = true\n'
PNG = b"\x89PNG\r\n\x1a\n"
HEAD = "<link rel='stylesheet' href='/s/main.css'><style>h1 { background: url(/i/head.png) }</style>"
#: What the two articles name in common, and what each names alone.
SHARED = {"/s/main.css", "/s/more.css", "/i/bg.png", "/i/head.png", "/i/logo.png"}
OWN = {"/a/1": {"/i/1.png", "/i/late-1.png", "/f/1.pdf"}, "/a/2": {"/i/2.png", "/i/late-2.png", "/f/2.pdf"}}


@pytest.fixture
def site(server: Scripted) -> Scripted:
    """Two articles with pictures, styles and a file each."""
    server.listing("/a/1", "/a/2")
    for number in (1, 2):
        text = (
            f"<img src='/i/{number}.png'>\n\n<img src='/i/wait.gif' data-original='/i/late-{number}.png'>\n\n"
            f"{story(f'Place {number}')}\n\n<a href='/f/{number}.pdf'>The report.pdf</a><img src='/i/logo.png'>"
        )
        server.pages[f"/a/{number}"] = Answer(
            page(f"Lamps of {number}", text).replace(b"<title>", HEAD.encode() + b"<title>")
        )
    for path in {*OWN["/a/1"], *OWN["/a/2"], *SHARED}:
        server.pages[path] = Answer(
            PNG + path.encode() * 50, headers={"Content-Type": "image/png", "ETag": f'"{path}"'}
        )
    style = {"Content-Type": "text/css"}
    server.pages["/s/main.css"] = Answer(b"@import 'more.css'; body { color: #333 }", headers=style)
    server.pages["/s/more.css"] = Answer(b"/* url(/i/no.png) */ a { background: url('../i/bg.png') }", headers=style)
    return server


def crawl(site: Scripted, tmp_path: Path, wish: str = ALL, *, more: str = "", days: float = 0, code: int = 0) -> Done:
    text = f"[revisit]\nafter = ['40d']\n{more}" + (f"[requisites]\n{wish}" if wish else "")
    definition = site.definition(tmp_path, more=text)
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    return citynews(*command, "--allow-host", site.host, "--json", later=timedelta(days=days), code=code)


def counted(tmp_path: Path) -> dict[str, Any]:
    """What the last run counts of requisites."""
    found: dict[str, Any] = disk.runs(tmp_path / "archive")[-1]["portals"]["scripted"]["requisites"]
    return found


def asked(site: Scripted, since: int = 0) -> list[str]:
    return [path for path in site.paths()[since:] if re.match("/[isf]/|/big|/private|/moved|/missing", path)]


def whole(root: Path) -> None:
    assert verify.verify(Paths(root)).damage == []


def test_each_is_asked_for_once_and_after_all_articles(site: Scripted, tmp_path: Path) -> None:
    crawl(site, tmp_path)
    expected = SHARED | OWN["/a/1"] | OWN["/a/2"]
    assert sorted(asked(site)) == sorted(expected)
    paths = site.paths()
    assert max(paths.index("/a/1"), paths.index("/a/2")) < min(paths.index(path) for path in expected)
    found = counted(tmp_path)
    assert (found["asked"], found["new"], found["left_out"]) == (11, 11, {})
    assert found["bytes"] == sum(len(bytes(site.pages[path].body)) for path in expected)  # type: ignore[arg-type, misc]
    whole(tmp_path / "archive")
    before = len(site.paths())
    crawl(site, tmp_path)
    assert asked(site, before) == []
    shutil.rmtree(tmp_path / "archive" / "state")
    crawl(site, tmp_path)
    assert asked(site, before) == []


def test_off_by_default_and_lines_do_not_change(site: Scripted, tmp_path: Path) -> None:
    crawl(site, tmp_path, "")
    assert asked(site) == []
    root = tmp_path / "archive"
    plain = disk.records(root, "articles")
    shutil.rmtree(root)
    crawl(site, tmp_path)
    own = {"run", "warc", "captures", "fetched_at", "similar_to"}
    for one, other in zip(plain, disk.records(root, "articles"), strict=True):
        assert {k: v for k, v in one.items() if k not in own} == {k: v for k, v in other.items() if k not in own}
    citynews("replay", root / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(root)
    whole(tmp_path / "again")


def test_after_a_month_with_validators_and_found_by_time(site: Scripted, tmp_path: Path) -> None:
    crawl(site, tmp_path)
    first = disk.runs(tmp_path / "archive")[-1]["started_at"]
    logo = Answer(b"another logo" * 100, headers={"ETag": '"new"', "Content-Type": "image/png"})
    pages = dict(site.pages) | {"/i/logo.png": logo}

    def answer(path: str, headers: dict[str, str]) -> Answer:
        found = pages.get(path, Answer(b"", 404))
        tag = found.headers.get("ETag")
        return Answer(b"", 304) if tag and headers.get("If-None-Match") == tag else found

    site.answer = answer  # type: ignore[method-assign]
    before = len(site.paths())
    crawl(site, tmp_path, days=20)
    assert asked(site, before) == []
    crawl(site, tmp_path, days=41)
    assert sorted(asked(site, before)) == sorted(SHARED | OWN["/a/1"] | OWN["/a/2"])
    assert counted(tmp_path)["not-modified"] == 8  # the styles have no validators, the logo is another one
    whole(tmp_path / "archive")
    later = disk.runs(tmp_path / "archive")[-1]["started_at"]
    reader = archive.open(tmp_path / "archive")
    for at, path, expected in (
        (first, "/i/logo.png", PNG + b"/i/logo.png" * 50), (later, "/i/logo.png", b"another logo" * 100),
        (later, "/i/1.png", PNG + b"/i/1.png" * 50),
    ):  # fmt: skip
        resource = reader.resource(site.base + path, at)
        assert resource is not None
        assert resource.body == expected
    assert reader.resource(site.base + "/i/unknown.png", first) is None


def test_what_a_run_leaves_the_next_one_asks(site: Scripted, tmp_path: Path) -> None:
    crawl(site, tmp_path, more="[politeness]\ndelay = 0\nmax_requests = 8\n")
    assert len(asked(site)) == 4  # robots.txt, the list and two articles besides
    found = counted(tmp_path)
    assert found["left"] == found["left_out"]["max_requests"] >= 5
    crawl(site, tmp_path, f"{ALL}max_bytes = '2K'\nmax_run_bytes = '2K'\n")
    found = counted(tmp_path)
    assert found["left"] == found["left_out"]["max_run_bytes"] > 0
    assert found["bytes"] <= 4096
    for _ in range(3):
        crawl(site, tmp_path, f"{ALL}max_bytes = '2K'\nmax_run_bytes = '2K'\n")
    assert sorted(asked(site)) == sorted(SHARED | OWN["/a/1"] | OWN["/a/2"])
    whole(tmp_path / "archive")


def test_guards_and_bounds_hold_for_requisites_too(site: Scripted, tmp_path: Path) -> None:
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /private/\n")
    with Scripted() as other, Scripted() as allowed:
        names = [
            "/private/x.png", "/big.png", "/missing.png", "/moved.png", "/moved-out.png", "/moved-in.png",
            f"{other.base}/i/x.png", f"{allowed.base}/i/y.png", "data:image/png;base64,AA", "javascript:x",
            "/endless.png",
        ]  # fmt: skip
        pictures = "".join(f"<img src='{name}'>" for name in names)
        site.pages["/a/1"] = Answer(page("Lamps of 1", f"{story('One')}\n\n{pictures}"))
        site.listing("/a/1")
        site.pages["/big.png"] = Answer(b"x" * 9000)
        site.pages["/moved.png"] = Answer(b"", 302, {"Location": "/i/1.png"})
        site.pages["/moved-out.png"] = Answer(b"", 302, {"Location": f"{other.base}/i/z.png"})
        site.pages["/moved-in.png"] = Answer(b"", 302, {"Location": "http://10.0.0.1/x.png"})
        allowed.pages["/i/y.png"] = Answer(PNG)

        def endless(out: Any) -> None:
            out.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
            for _ in range(2000):
                out.write(b"x" * 1000)

        site.pages["/endless.png"] = Answer(endless)
        wish = f'{ALL}max_bytes = "4K"\nhosts = ["{allowed.host}"]\n'
        definition = site.definition(tmp_path, more=f"[requisites]\n{wish}")
        hosts = [word for server in (site, other, allowed) for word in ("--allow-host", server.host)]
        command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive", *hosts, "--json"]
        done = citynews(*command)
        found = counted(tmp_path)
        assert found["left_out"] == {"other-host": 3, "robots": 1, "too-large": 2}
        assert found["failed"] == 1  # missing.png
        assert found["new"] == 2  # moved.png and y.png
        assert not any("/i/" in path for path in other.paths())
        assert "/private/x.png" not in site.paths()
        stats = done.summary["portals"]["scripted"]
        assert (stats["drops"], stats["limits"]) == ({}, {})
        before = len(site.paths())
        citynews(*command)
        assert asked(site, before) == []
    reader = archive.open(tmp_path / "archive")
    resource = reader.resource(
        f"{site.base}/moved.png", disk.records(tmp_path / "archive", "articles")[0]["fetched_at"]
    )
    assert resource is not None
    assert resource.url == f"{site.base}/i/1.png"
    whole(tmp_path / "archive")


def test_a_server_without_an_answer_is_asked_three_times(site: Scripted, tmp_path: Path) -> None:
    site.pages["/i/logo.png"] = Answer(b"", 503)
    for run in range(5):
        before = len(site.paths())
        crawl(site, tmp_path)
        assert ("/i/logo.png" in asked(site, before)) == (run < 3)


def test_a_killed_run_leaves_them_to_the_next(site: Scripted, tmp_path: Path) -> None:
    site.pages["/i/bg.png"].wait = 30.0
    definition = site.definition(tmp_path, more=f"[requisites]\n{ALL}")
    root = tmp_path / "archive"
    process = start("crawl", "scripted", "--portals", definition, "--output", root, "--allow-host", site.host)
    until(lambda: "/i/bg.png" in site.paths() and disk.records(root, "observations"))
    process.kill()
    finish(process)
    site.pages["/i/bg.png"].wait = 0.0
    crawl(site, tmp_path)
    assert set(asked(site)) == SHARED | OWN["/a/1"] | OWN["/a/2"]
    whole(root)
    rows = disk.index_rows(root)
    shutil.rmtree(root / "state")
    citynews("reindex", "--output", root)
    assert disk.index_rows(root) == rows


def test_removal_takes_what_no_other_article_names(site: Scripted, tmp_path: Path) -> None:
    site.pages["/i/1.png"] = Answer(site.pages["/i/2.png"].body)  # the same bytes: a revisit record of the other
    crawl(site, tmp_path)
    root = tmp_path / "archive"
    gone = next(record for record in disk.records(root, "articles") if record["url"].endswith("/a/2"))
    with Lock(Paths(root).lock):
        done = remove(Paths(root), gone["id"], "a court order")
    assert done.requisites == 3
    whole(root)
    kept = {
        record.target.removeprefix(site.base)
        for file in Paths(root).warc_files().values()
        for record in records(file) if record.kind in {"response", "revisit"}
    }  # fmt: skip
    assert kept >= SHARED | OWN["/a/1"]
    at = gone["fetched_at"]
    reader = archive.open(root)
    shown = reader.resource(f"{site.base}/i/1.png", at)
    assert shown is not None
    assert shown.body == site.pages["/i/1.png"].body
    assert not kept & {"/i/late-2.png", "/f/2.pdf", "/a/2"}
    before = len(site.paths())
    crawl(site, tmp_path)
    assert asked(site, before) == []
    for command in (("repair",), ("reindex",), ("verify",)):
        citynews(*command, "--output", root)


def test_packages_and_merged_archives_have_them(site: Scripted, tmp_path: Path) -> None:
    crawl(site, tmp_path, more="[politeness]\ndelay = 0\nmax_requests = 8\n")
    crawl(site, tmp_path)  # gets what the first one left
    root = tmp_path / "archive"
    citynews("pack", "-o", tmp_path / "x.wacz", "--output", root, "--portal", "scripted")
    with zipfile.ZipFile(tmp_path / "x.wacz") as package:
        index = gzip.decompress(package.read("indexes/index.cdx.gz"))
    assert all(f'"{site.base}{path}"'.encode() in index for path in SHARED | OWN["/a/1"])
    at = disk.records(root, "articles")[0]["fetched_at"]
    citynews("merge", root, "--output", tmp_path / "merged")
    citynews("merge", root, "--output", tmp_path / "with", "--with-warc")
    citynews("seal", "--output", root, later=timedelta(days=70))
    for folder in (root, tmp_path / "merged", tmp_path / "with"):
        assert archive.open(folder).resource(f"{site.base}/i/bg.png", at) is not None
        whole(folder)


def test_browse_shows_the_page_as_it_looked(site: Scripted, tmp_path: Path) -> None:
    crawl(site, tmp_path)
    root = tmp_path / "archive"
    article = next(record for record in disk.records(root, "articles") if record["url"].endswith("/a/1"))
    with browsing(root, tmp_path / "index") as shown:
        frame = re.search(r'<iframe sandbox src="([^"]+)"', shown.get(f"/a/{article['id']}/page").text)
        assert frame is not None
        base, todo, loaded = frame[1].partition("/page/")[0].rpartition("/")[0], [frame[1]], {}
        while todo:
            with urlopen(todo.pop(), timeout=30) as answer:
                body = re.sub(rb"/\*.*?\*/", b"", answer.read())
            for found in re.findall(rb"/[\w-]+/resource\?at=\d+&(?:amp;)?url=[^\"')\s]+", body):
                address = base + html.unescape(found.decode())
                if address not in loaded:
                    loaded[address] = unquote(address.partition("url=")[2]).removeprefix(site.base)
                    todo.append(address)
    assert set(loaded.values()) == SHARED | {"/i/1.png", "/i/late-1.png"}


def test_damage_to_a_picture_is_found_and_repaired(site: Scripted, tmp_path: Path) -> None:
    crawl(site, tmp_path)
    root = tmp_path / "archive"
    (file,) = Paths(root).warc_files().values()
    picture = next(
        record for record in records(file) if record.target.endswith("/i/bg.png") and record.kind == "response"
    )
    data = bytearray(file.read_bytes())
    data[picture.offset + picture.length // 2] ^= 0xFF
    file.write_bytes(bytes(data))
    found = verify.verify(Paths(root)).damage
    assert {damage.kind for damage in found} >= {"range", "record"}
    assert len(found) <= 4
    citynews("repair", "--output", root)
    whole(root)
    assert disk.runs(root)[-1]["lost"]["records"] == [{"record_id": picture.record_id, "url": picture.target}]


def test_all_that_a_shown_page_asks_for_is_asked_for() -> None:
    """Whatever `browse` would load for a page is a requisite of it."""
    text = (
        "<html><head><base href='/deep/'><link rel='StyleSheet alternate' href='a.css'><style>@import url(b.css);"
        "p{background:url( 'c.png' )}</style></head><body><img src=d.png><img data-src='e.png' src=f.png>"
        "<p style='background:url(\"g.png\")'>x<input type=image src=h.png><img src='data:image/png;base64,AA'></p>"
    )
    loaded: set[str] = set()

    def here(url: str) -> str:
        loaded.add(url)
        return url

    made_safe(text.encode(), "text/html; charset=utf-8", "http://a.example/x/y", here)
    needed = {requisite.url for requisite in requisites.of_page(text, "http://a.example/x/y")}
    names = ("a.css", "b.css", "c.png", "d.png", "e.png", "g.png", "h.png")
    assert {f"http://a.example/deep/{name}" for name in names} == needed
    assert {address for address in loaded if address.startswith("http")} <= needed


ODD = (
    "", "<", "<img src='http://[::1'>", "<base href='http://['><img src=x>", "<style>" + "@import " * 9999,
    "<img src='\x00'><link rel=stylesheet href='http://a.example:99999/'><img srcset=', ,'>",
)  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_odd_pages_need_what_can_be_asked_for(text: str) -> None:
    for requisite in [*requisites.of_page(text, "http://a.example/"), *requisites.of_style(text, "http://a.example/")]:
        assert requisite.url.startswith(("http://", "https://"))
