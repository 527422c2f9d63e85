"""A package opens in ReplayWeb.page and in pywb, in a real browser, and nothing leaves the machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from harness.command import citynews
from harness.waiting import listens, until
from tests.browser.chromium import browsing
from tests.browser.conftest import TITLE, Lamps, tool
from tests.browser.player import serving

#: Names a file: the test puts the screenshot of the replayed article there (`make screenshot`).
SCREENSHOT = "CITYNEWS_SCREENSHOT"

pytestmark = pytest.mark.ci


def page_of(package: Path) -> Any:
    with zipfile.ZipFile(package) as file:
        return json.loads(file.read("pages/pages.jsonl").splitlines()[1])


def stamp(page: Any) -> str:
    """The 14 digits of a page's moment."""
    return "".join(each for each in page["ts"] if each.isdigit())


def test_replay_web_page_shows_the_article(chromium: str, lamps: Lamps, tmp_path: Path) -> None:
    player = {name: (tool("replaywebpage") / name.rpartition("/")[2]).read_bytes() for name in ("ui.js", "sw.js")}
    page = page_of(lamps.package)
    host = (
        '<!doctype html><meta charset="utf-8"><script src="/ui.js"></script><style>body{margin:0}</style>'
        f'<replay-web-page source="/lamps.wacz" url="{page["url"]}" ts="{stamp(page)}" embed="replay-with-info" '
        'style="display:block;height:100vh"></replay-web-page>'
    )
    files = {"/": host.encode(), "/ui.js": player["ui.js"], "/replay/sw.js": player["sw.js"],
             "/lamps.wacz": lamps.package.read_bytes()}  # fmt: skip
    with serving(files) as server, browsing(chromium, tmp_path) as (browser, outside):
        browser.go(server.base + "/")
        assert browser.title("mp_/") == TITLE
        assert browser.until("mp_/", "document.querySelector('h1').innerText") == TITLE
        browser.until("mp_/", "document.images[0].complete")  # its outside images have been asked for by now
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


class pywb:  # noqa: N801 - reads as the program
    """pywb with the package as its collection "lamps", on a free port."""

    def __init__(self, package: Path, folder: Path) -> None:
        self._bin, self._folder = tool("pywb") / "bin", folder
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
        until(lambda: listens(port), "an answer of pywb", patience=60)
        return base

    def __exit__(self, *error: object) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
