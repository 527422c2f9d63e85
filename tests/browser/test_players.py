"""A package opens in ReplayWeb.page and in pywb, in a real browser, and nothing leaves the machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from crawler import portals
from crawler.archive.warc.exchange import Exchange
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit
from crawler.pipelines.chain import chain
from harness.command import citynews
from harness.waiting import listens, until
from tests.browser.chromium import browsing
from tests.browser.conftest import HOST, PAGE, PORTAL, TITLE, URL, Lamps, tool
from tests.browser.player import serving

#: Names a file: the test puts the screenshot of the replayed article there (`make screenshot`).
SCREENSHOT = "CITYNEWS_SCREENSHOT"

pytestmark = pytest.mark.ci


def page_of(package: Path) -> Any:
    with zipfile.ZipFile(package) as file:
        return json.loads(file.read("pages/pages.jsonl").splitlines()[1])


def stamp(page: Any) -> str:
    """The 14 digits of a page's moment."""
    return "".join(digit for digit in page["ts"] if digit.isdigit())


def _player(element: str) -> dict[str, bytes]:
    """The files of a page that shows ReplayWeb.page as *element* says."""
    host = (
        '<!doctype html><meta charset="utf-8"><script src="/ui.js"></script><style>body{margin:0}'
        f"replay-web-page{{display:block;height:100vh}}</style>{element}"
    )
    folder = tool("replaywebpage")
    return {
        "/": host.encode(), "/ui.js": (folder / "ui.js").read_bytes(),
        "/replay/sw.js": (folder / "sw.js").read_bytes(),
    }  # fmt: skip


def test_replay_web_page_shows_the_article(chromium: str, lamps: Lamps, tmp_path: Path) -> None:
    page = page_of(lamps.package)
    files = _player(
        f'<replay-web-page source="/lamps.wacz" url="{page["url"]}" ts="{stamp(page)}" embed="replay-with-info">'
        "</replay-web-page>"
    )
    files["/lamps.wacz"] = lamps.package.read_bytes()
    with serving(files) as server, browsing(chromium, tmp_path) as (browser, outside):
        browser.go(server.base + "/")
        assert browser.title("mp_/") == TITLE
        assert browser.until("mp_/", "document.querySelector('h1').innerText") == TITLE
        browser.until("mp_/", "document.images[0].complete")  # its outside images have been asked for by now
        assert browser.until("mp_/", "document.images[1].naturalWidth") == 640  # what was captured besides is shown
        assert browser.until("mp_/", "getComputedStyle(document.querySelector('h1')).borderBottomWidth") == "3px"
        if target := os.environ.get(SCREENSHOT):
            Path(target).write_bytes(browser.screenshot())
        assert outside.asked == []


def test_pywb_shows_the_article(chromium: str, lamps: Lamps, tmp_path: Path) -> None:
    with pywb(lamps.package, tmp_path) as base, browsing(chromium, tmp_path / "profile") as (browser, outside):
        page = page_of(lamps.package)
        browser.go(f"{base}/lamps/{stamp(page)}/{page['url']}")
        assert browser.title("mp_/") == TITLE
        browser.until("mp_/", "document.images[0].complete")
        assert outside.asked == []


def test_the_proxy_would_notice(chromium: str, tmp_path: Path) -> None:
    """The page itself, without a player, does reach for other hosts: so that the tests above can fail."""
    files = {"/": b'<!doctype html><title>live</title><img src="http://images.elsewhere.example/lamp.jpg">'}
    with serving(files) as server, browsing(chromium, tmp_path) as (browser, outside):
        browser.go(server.base + "/")
        assert browser.title(server.base) == "live"
        assert outside.asked == ["GET http://images.elsewhere.example/lamp.jpg"]


def test_the_package_of_a_crawl_is_valid_for_wacz(archive_with_history: Path, tmp_path: Path) -> None:
    program = tool("wacz") / "bin" / "wacz"
    package = tmp_path / "lived.wacz"
    citynews("pack", "-o", package, "--output", archive_with_history, "--text")
    done = subprocess.run([program, "validate", "-f", package], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Validation succeeded" in done.stdout, done.stdout


_TEXTS = {
    "城东地铁开通": "今天上午，城东地铁三号线正式开通运营，沿线居民出行时间缩短一半，首日客流超过二十万人次。",
    "水务集团年报": "水务集团发布年度报告，全年供水管网漏损率下降到百分之七，智慧水表安装完成九成以上。",
    "一座城市的灯": "傍晚六点，云泽市的街灯一盏接一盏亮起来。市政管理中心的屏幕上，每一盏灯都是一个光点。",
}
_FOUND = """(() => { const found = [], walk = node => { if (node.shadowRoot) walk(node.shadowRoot);
  for (const child of node.children || []) { if (child.tagName === 'WR-PAGE-ENTRY' && child.shadowRoot)
    found.push(child.shadowRoot.textContent); walk(child); } }; walk(document); return found.join('|'); })()"""


def test_replay_web_page_finds_an_article_by_a_chinese_word(chromium: str, tmp_path: Path) -> None:
    portal, writer = portals.parse(PORTAL, "lamps"), ArchiveWriter(tmp_path / "archive")
    for number, (title, text) in enumerate(_TEXTS.items()):
        paragraphs = f"<h1>{title}</h1><p>2026-03-04 05:06 来源：云泽日报</p><p>{text}</p><p>{text[::-1]}</p>"
        body = f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{paragraphs}</body></html>".encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        url = f"https://{HOST}/news/{number}.html"
        page = writer.capture(Exchange.of_wire(url, datetime.now(UTC), b"GET / HTTP/1.1\r\n\r\n", head.encode() + body))
        chain(writer)(Visit(portal=portal, asked=url, captures=[page]))
    writer.close({"exit_code": 0})
    citynews("pack", "-o", tmp_path / "lamps.wacz", "--output", tmp_path / "archive", "--text")
    files = _player('<replay-web-page source="/lamps.wacz" deepLink embed="full"></replay-web-page>')
    files["/lamps.wacz"] = (tmp_path / "lamps.wacz").read_bytes()
    with serving(files) as server, browsing(chromium, tmp_path / "profile") as (browser, _):
        for word, title in (("地铁", "城东地铁开通"), ("智慧水表", "水务集团年报"), ("云泽市", "一座城市的灯")):
            browser.go("about:blank")
            browser.go(f"{server.base}/#view=pages&query={quote(word)}")
            shown = browser.until("/replay/", f"{_FOUND}.includes({title!r}) && {_FOUND}")
            assert [text for text in _TEXTS if text in shown] == [title], word


#: Addresses of one site and of an IP host, as odd as sites of today name their pages.
ODD = (
    "https://news.city.example/", "https://news.city.example/a", "https://news.city.example/a/",
    "https://news.city.example/a//b/", "https://news.city.example/a/./c/../d.html", "https://news.city.example/A/Case.HTML",
    "https://news.city.example/%7Eoffice/x.html", "https://news.city.example/~other/x.html",
    "https://news.city.example/show?id=7&page=2", "https://news.city.example/show?page=2&id=8",
    "https://news.city.example/show?", "https://news.city.example/show?q=%E6%99%BA%E6%85%A7&x=%2F%20+",
    "https://news.city.example/%E6%96%B0%E9%97%BB/2026/%E7%81%AF.shtml", "https://news.city.example/a%2Fb%2520c",
    "https://news.city.example/read.jsp;jsessionid=0123456789ABCDEF0123456789ABCDEF?id=3",
    "https://news.city.example/x?a=1&a=2&B=3", "https://news.city.example/x?=&&", "https://news.city.example/(a)'!*,;:@$",
    "http://www.city.example/", "http://m.city.example:8080/list/", "https://www2.city.example:443/p",
    "http://203.0.113.7/", "http://203.0.113.7/news/1.html?id=1", "http://203.0.113.7:8080/news/",
    "http://xn--fiq228c.example/a/",
)  # fmt: skip


def test_pywb_finds_every_captured_address_of_a_package(tmp_path: Path) -> None:
    """Slashes, queries, escapes, Chinese, ports and an IP host: by the index of the package, as pywb asks it."""
    portal = portals.parse(PORTAL, "lamps")
    writer, bodies = ArchiveWriter(tmp_path / "archive"), {}
    for number, url in enumerate((URL, *ODD)):
        body = PAGE.encode() if url == URL else f"<html><body>{number} {url}</body></html>".encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        at = datetime(2026, 3, 4, 5, number, tzinfo=UTC)
        captured = writer.capture(Exchange.of_wire(url, at, b"GET / HTTP/1.1\r\n\r\n", head.encode() + body))
        if url == URL:
            chain(writer)(Visit(portal=portal, asked=URL, captures=[captured]))
        bodies[f"{at:%Y%m%d%H%M%S}", url] = body
    writer.close({"exit_code": 0})
    citynews("pack", "-o", tmp_path / "odd.wacz", "--output", tmp_path / "archive")
    wrong = []
    with pywb(tmp_path / "odd.wacz", tmp_path / "player") as base:
        for (moment, url), body in bodies.items():
            try:
                with urlopen(f"{base}/lamps/{moment}id_/{url}", timeout=30) as answer:
                    found = answer.read()
            except HTTPError as error:
                found = str(error.code).encode()
            if found != body:
                wrong.append((url, found[:80]))
    assert wrong == []


class pywb:  # noqa: N801 - reads as the program
    """pywb with the package as its collection "lamps", on a free port."""

    def __init__(self, package: Path, folder: Path) -> None:
        self._bin, self._folder = tool("pywb") / "bin", folder
        folder.mkdir(exist_ok=True)
        shutil.copy(package, folder / "lamps.wacz")

    def __enter__(self) -> str:
        for words in (["init", "lamps"], ["add", "--unpack-wacz", "lamps", "lamps.wacz"]):
            subprocess.run([self._bin / "wb-manager", *words], cwd=self._folder, check=True, capture_output=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._process = subprocess.Popen(
            [self._bin / "wayback", "--bind", "127.0.0.1", "--port", str(port)], cwd=self._folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        base = f"http://127.0.0.1:{port}"
        until(lambda: listens(port), "an answer of pywb")
        return base

    def __exit__(self, *error: object) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
