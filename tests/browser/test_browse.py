"""browse in a real browser: search, facets, diff, curve, archived pages that try to get out, accessibility."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from crawler import portals
from crawler.archive.warc.exchange import Exchange
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit
from crawler.pipelines.chain import chain
from crawler.values.urls import article_id
from harness import truth
from harness.browsing import Site, browsing
from harness.command import citynews
from harness.waiting import elapse, until
from tests.browser import chromium as browser_
from tests.browser.chromium import Chromium, Outside
from tests.browser.conftest import tool

pytestmark = pytest.mark.ci

HOST = "hostile.example"
URL = f"https://{HOST}/news/1.html"
_PORTAL = f"""
name = "hostile"
title = "Hostile"
home = "https://{HOST}/"
domains = ["{HOST}"]
language = "zh"
timezone = "Asia/Shanghai"
[discover]
pages = ["https://{HOST}/"]
article_urls = ['/news/']
"""
A4 = (717, 1046)  #: CSS pixels between the margins that Chromium prints with
#: Whatever a page may try, each way with an address of its own below out.example.
HOSTILE = Path(__file__).with_name("hostile.html").read_text("utf-8")
_RUN_AXE = """axe.run(document, {iframes: false}).then(found => JSON.stringify(
  found.violations.map(each => [each.id, each.impact, each.nodes.map(node => node.html)])))"""
_CSS = """@import 'http://cssimport.out.example/a.css'; h1 { color: rgb(1, 2, 3) }
p { background: url(http://cssurl.out.example/) }"""


def png(width: int = 3, height: int = 2) -> bytes:
    """A picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + b"\xff\xaa\x00" * width for _ in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def answer(url: str, media: str, body: bytes) -> Exchange:
    """An exchange as it crosses the wire."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    path = url.partition(HOST)[2]
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    return Exchange.of_wire(url, datetime.now(UTC), request, head + body)


@dataclass(frozen=True, slots=True)
class Shown:
    """A site in a browser, and the proxy that notes what would leave."""

    site: Site
    page: Chromium
    outside: Outside

    def go(self, path: str, query: str = "") -> None:
        self.page.go(self.site.base + path + query)
        self.page.until(self.site.base + path, "document.readyState === 'complete'")

    def value(self, expression: str, part: str = "") -> Any:
        return self.page.until(part or self.site.base, expression)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated portals over weeks, and the hostile page with a picture and a style that were captured."""
    root = tmp_path_factory.mktemp("browsed") / "archive"
    for _ in truth.live(truth.invent(120, 20), root, range(0, 40, 5)):
        pass
    writer = ArchiveWriter(root)
    portal = portals.parse(_PORTAL, "hostile")
    captures = [writer.capture(answer(URL, "text/html; charset=utf-8", HOSTILE.encode()))]
    chain(writer)(Visit(portal=portal, asked=URL, captures=captures))
    writer.capture(answer(f"https://{HOST}/lamp.png", "image/png", png()))
    writer.capture(answer(f"https://{HOST}/site.css", "text/css", _CSS.encode()))
    writer.close({"exit_code": 0})
    return root


@pytest.fixture(scope="session")
def shown(chromium: str, archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("browser")
    with (
        browsing(archive, folder / "index.sqlite3") as site,
        browser_.browsing(chromium, folder / "profile") as (page, outside),
    ):
        yield Shown(site, page, outside)


def first(site: Site, *parameters: tuple[str, str]) -> str:
    return str(site.json("/search", list(parameters))["hits"][0]["id"])


def test_a_search_and_a_facet_by_hand(shown: Shown) -> None:
    shown.go("/search", "?lang=zh")
    shown.value(
        "(document.querySelector('input[name=q]').value = '交通', document.querySelector('form').submit(), true)"
    )
    shown.page.until("q=%E4%BA%A4%E9%80%9A", "document.readyState === 'complete'")
    pages = shown.site.json("/search", [("q", "交通")])["pages"]
    assert f"{pages} 个网页" in shown.value("document.querySelector('.found').innerText")
    assert shown.value("document.querySelectorAll('ol.hits mark').length") >= 20
    count = shown.value("document.querySelector('#facet-portal ~ ul a span:last-child').innerText")
    shown.value("(document.querySelector('#facet-portal ~ ul a').click(), true)")
    shown.page.until("portal=", "document.readyState === 'complete'")
    assert shown.value("document.querySelector('.found').innerText").startswith(count)
    assert "交通" in shown.value("document.querySelector('input[name=q]').value")
    link = shown.value("[...document.querySelectorAll('.foot a')].pop().href")  # the permalink
    before = shown.value("document.querySelector('ol.hits').innerText")
    shown.page.go(link)
    shown.page.until("portal=", "document.readyState === 'complete'")
    assert shown.value("document.querySelector('ol.hits').innerText") == before
    assert shown.outside.asked == []
    assert shown.page.problems() == []


def test_a_bar_leads_to_its_days(shown: Shown) -> None:
    shown.go("/search")
    said = shown.value("document.querySelector('svg.chart a title').textContent")
    shown.page.go(shown.site.base + shown.value("document.querySelector('svg.chart a').getAttribute('href')"))
    shown.page.until("since=", "document.readyState === 'complete'")
    hits = shown.value("document.querySelector('.found').innerText").partition(" ")[0]
    assert f": {hits}, " in said


def test_versions_and_the_view_curve(shown: Shown) -> None:
    ident = first(shown.site, ("revised", "yes"), ("views", "yes"))
    found = shown.site.json(f"/a/{ident}")
    shown.go(f"/a/{ident}")
    seen = [visit for visit in found["visits"] if visit["view_count"] is not None]
    assert shown.value("document.querySelectorAll('svg.chart .dot').length") == len(seen)
    shown.go(f"/a/{ident}/diff", "?old=1&new=2")
    changed = shown.value("[...document.querySelectorAll('table.beside ins')].map(e => e.innerText).join('')")
    assert "更正" in changed


def test_an_archived_page_cannot_get_out(shown: Shown) -> None:
    ident = article_id(URL)
    shown.go(f"/a/{ident}/page")
    frame = "/page/" + ident
    assert (
        shown.value("document.readyState === 'complete' && document.querySelector('h1').innerText", frame)
        == "来自外面的一页"
    )
    shown.value("document.querySelector('#captured').complete", frame)
    assert shown.value("document.querySelector('#captured').naturalWidth", frame) == 3  # its picture was captured
    assert shown.value("getComputedStyle(document.querySelector('h1')).color", frame) == "rgb(1, 2, 3)"  # and its style
    assert shown.value("document.querySelectorAll('p').length > 4", frame)
    for target in ("#out", "#script", "#file"):
        shown.value(f"(document.querySelector('{target}').click(), true)", frame)
    shown.value("(document.querySelector('#form').submit(), true)", frame)
    elapse(1.5)  # whatever would leave has left by then
    assert shown.value("document.title", frame) == "来自外面"  # nothing ran
    assert shown.value("document.title").startswith("As archived: 来自外面")
    assert shown.value("document.querySelectorAll('script, iframe, object, embed, base, link').length === 0", frame)
    assert shown.value("document.querySelector('iframe').contentDocument === null")  # another origin
    assert shown.value("document.querySelector('iframe').getAttribute('sandbox') === ''")
    assert shown.outside.asked == []


def test_an_archived_page_alone_cannot_get_out_either(shown: Shown) -> None:
    frame = shown.site.json(f"/a/{article_id(URL)}/page")["frame"]
    shown.page.go(frame)
    shown.page.until(frame, "document.readyState === 'complete'")
    elapse(1.5)
    assert shown.value("document.title", frame) == "来自外面"
    assert shown.value("self.origin === 'null'", frame)
    assert shown.outside.asked == []


def test_the_page_itself_would_get_out(chromium: str, tmp_path: Path) -> None:
    """So that the tests above can fail: without what browse does to it, the page asks other hosts."""
    path = tmp_path / "hostile.html"
    path.write_text(HOSTILE, "utf-8")
    with browser_.browsing(chromium, tmp_path / "profile") as (page, outside):
        page.go(path.as_uri())
        until(lambda: len(outside.asked) > 5, "the page asks other hosts")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_opens_by_itself(shown: Shown, archive: Path, tmp_path: Path, lang: str, scheme: str) -> None:
    target = tmp_path / "report.html"
    citynews("report", "-o", target, "--output", archive, "--index", tmp_path / "i.sqlite3", "--lang", lang)
    shown.page.prefer(scheme)
    shown.page.problems()
    shown.page.go(target.as_uri())
    shown.value("document.readyState === 'complete'", "report.html")
    assert shown.value("document.querySelectorAll('svg.chart').length >= 4", "report.html")
    assert shown.value("getComputedStyle(document.querySelector('.card')).borderRadius", "report.html") == "8px"
    assert shown.outside.asked == []
    assert shown.page.problems() == []
    assert serious(shown, "report.html") == []


def serious(shown: Shown, part: str = "") -> list[Any]:
    """What axe-core finds wrong with the page and calls serious."""
    axe = (tool("axe") / "axe.min.js").read_text("utf-8")
    found = json.loads(shown.value(f"{axe};\n{_RUN_AXE}", part))
    return [violation for violation in found if violation[1] in {"serious", "critical"}]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(shown: Shown, lang: str, scheme: str) -> None:
    shown.page.prefer(scheme)
    for path, query in addresses(shown.site):
        shown.go(path, f"?lang={lang}{query}")
        assert serious(shown) == [], path
    assert shown.outside.asked == []


def addresses(site: Site) -> list[tuple[str, str]]:
    """(path, query) of one page of every kind."""
    ident = first(site, ("revised", "yes"), ("views", "yes"))
    copied = first(site, ("copied", "yes"), ("sort", "oldest"))
    other = site.json(f"/a/{copied}")["copies"][0]["id"]
    articles = [f"/a/{ident}{tail}" for tail in ("", "/page", "/diff", "/verify")]
    searches = [("/search", f"&q={quote(words)}") for words in ("交通", "没有这样的文字", "((", "x" * 300)]
    others = ("/facet/source", *articles, f"/a/{copied}/beside/{other}", "/nothing")
    return [*searches, *((path, "") for path in others)]


def test_no_page_is_wider_than_a_telephone(shown: Shown, archive: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    citynews("report", "-o", report, "--output", archive, "--index", tmp_path / "i.sqlite3")
    fits = "document.readyState === 'complete' && [document.documentElement.scrollWidth, document.title]"
    with shown.page.sized(390, 844):
        for path, query in addresses(shown.site):
            shown.go(path, f"?{query}")
            assert shown.value(fits, shown.site.base)[0] <= 390, (path, query)
        shown.page.go(report.as_uri())
        assert shown.value(fits, "report.html")[0] <= 390
        # the newest bars are in sight
        ends = "document.querySelector('.plot.newest svg').getBoundingClientRect().right"
        assert shown.value(f"{ends} <= 390", "report.html")
    with shown.page.sized(*A4, media="print"):
        shown.page.go(report.as_uri())
        parts = "[...document.querySelectorAll('.scroll, .plot')]"
        assert shown.value(f"document.readyState === 'complete' && {parts}.length > 10", "report.html")
        wide = f"{parts}.filter(part => part.scrollWidth > part.clientWidth).map(part => part.innerText)"
        assert shown.value(f"[{wide}]", "report.html") == [[]]  # what does not fit is not on the paper
