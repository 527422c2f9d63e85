"""What the tests with a real browser need, and an archive of a page that would like to reach other hosts."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler import portals
from crawler.archive.warc.exchange import Exchange
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit
from crawler.pipelines.chain import chain
from harness.command import CHECKOUT, citynews

TOOLS = CHECKOUT / ".tools"
HOST = "news.city.example"
URL = f"https://{HOST}/news/2026/%E7%81%AF.html"
TITLE = "一座城市的灯：谁在夜里点亮街道"
_PORTAL = f"""
name = "lamps"
title = "Lamps"
home = "https://{HOST}/"
domains = ["{HOST}"]
language = "zh"
timezone = "Asia/Shanghai"
[discover]
pages = ["https://{HOST}/"]
article_urls = ['/news/']
"""
_PARAGRAPHS = (
    "傍晚六点，云泽市的街灯一盏接一盏亮起来。市政管理中心的屏幕上，每一盏灯都是一个光点，亮度随着人流自动调节。",
    "负责人介绍说，全市四万盏路灯已经全部接入统一平台，故障从上报到修复的平均时间由两天缩短到了三个小时。",
    "居民周女士每天晚上步行回家，她说以前巷口的灯坏了要等很久才有人来修，现在往往第二天就亮了起来。",
)
_PAGE = f"""<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{TITLE}</title>
<link rel="stylesheet" href="https://styles.elsewhere.example/site.css">
<script src="https://tracker.elsewhere.example/t.js"></script></head><body>
<article><h1>{TITLE}</h1><p>2026-03-04 05:06 来源：云泽日报</p>{"".join(f"<p>{each}</p>" for each in _PARAGRAPHS)}
<img src="https://images.elsewhere.example/lamp.jpg" alt="lamp"><img src="/local.png" alt="local"></article>
<script>fetch("https://api.elsewhere.example/views?id=1").catch(() => 0);
new Image().src = "//pixel.elsewhere.example/p.gif";</script></body></html>"""


def needed(name: str, path: Path | None) -> Path:
    """*path*, where it is there; else the test is skipped, or fails where everything has to be there."""
    if path is not None and path.exists():
        return path
    what = f"{name} is not here: `make browser` installs it"
    if os.environ.get("CITYNEWS_NEEDS_BROWSER"):
        pytest.fail(what)
    pytest.skip(what)


def tool(name: str) -> Path:
    """The tool *name* that `make browser` puts under .tools/."""
    return needed(name, TOOLS / name)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser: the headless shell asks for nothing on its own account."""
    found = shutil.which("chromium-headless-shell")
    return str(needed("chromium-headless-shell", Path(found) if found else None))


@dataclass(frozen=True, slots=True)
class Lamps:
    archive: Path
    package: Path


@pytest.fixture(scope="session")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Lamps:
    """An archive of one article of a public host, written by the pipelines of the crawl; and its package."""
    folder = tmp_path_factory.mktemp("lamps")
    portal = portals.parse(_PORTAL, "lamps")
    archive = ArchiveWriter(folder / "archive")
    body = _PAGE.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    request = f"GET {URL.partition(HOST)[2]} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    exchange = Exchange.of_wire(URL, datetime.now(UTC), request.encode(), head.encode() + body)
    chain(archive)(Visit(portal=portal, asked=URL, captures=[archive.capture(exchange)]))
    archive.close({"exit_code": 0})
    package = folder / "lamps.wacz"
    citynews("pack", "-o", package, "--output", folder / "archive")
    return Lamps(folder / "archive", package)
