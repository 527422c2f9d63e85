"""What the tests with a real browser need, and an archive of a page that would like to reach other hosts."""

from __future__ import annotations

import os
import shutil
import struct
import zlib
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
PORTAL = f"""
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
PAGE = f"""<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{TITLE}</title>
<link rel="stylesheet" href="/local.css"><link rel="stylesheet" href="https://styles.elsewhere.example/site.css">
<script src="https://tracker.elsewhere.example/t.js"></script></head><body>
<article><h1>{TITLE}</h1><p>2026-03-04 05:06 来源：云泽日报</p>{"".join(f"<p>{text}</p>" for text in _PARAGRAPHS)}
<img src="https://images.elsewhere.example/lamp.jpg" alt="lamp"><img src="/local.png" alt="local"></article>
<script>fetch("https://api.elsewhere.example/views?id=1").catch(() => 0);
new Image().src = "//pixel.elsewhere.example/p.gif";</script></body></html>"""


STYLE = (
    b"body { font: 17px/1.7 'WenQuanYi Zen Hei', sans-serif; max-width: 40em; margin: 2em auto; color: #223 }"
    b" h1 { font-size: 1.5em; border-bottom: 3px solid #c80 } img { max-width: 100% }"
)


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


def captured(path: str, kind: str, body: bytes) -> Exchange:
    """The exchange in which *body* was fetched from HOST."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    return Exchange.of_wire(f"https://{HOST}{path}", datetime.now(UTC), request.encode(), head.encode() + body)


def picture() -> bytes:
    """A street by night as a PNG: dark above, a row of lights."""
    width, height = 640, 160
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            near = max(0, 40 - ((x % 80 - 40) ** 2 + (y - 70) ** 2) ** 0.5)
            rows += bytes((int(18 + near * 5.5), int(24 + near * 4.5), int(48 + near * 1.5)))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(rows))),
        (b"IEND", b""),
    )  # fmt: skip
    packed = (struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.fixture(scope="session")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Lamps:
    """An archive of one article of a public host, written by the pipelines of the crawl; and its package."""
    folder = tmp_path_factory.mktemp("lamps")
    portal = portals.parse(PORTAL, "lamps")
    archive = ArchiveWriter(folder / "archive")
    exchange = captured(URL.partition(HOST)[2], "text/html; charset=utf-8", PAGE.encode())
    chain(archive)(Visit(portal=portal, asked=URL, captures=[archive.capture(exchange)]))
    for path, kind, data in (("/local.css", "text/css", STYLE), ("/local.png", "image/png", picture())):
        archive.capture(captured(path, kind, data))
    archive.close({"exit_code": 0})
    package = folder / "lamps.wacz"
    citynews("pack", "-o", package, "--output", folder / "archive")
    return Lamps(folder / "archive", package)
