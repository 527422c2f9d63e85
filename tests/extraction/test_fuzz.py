"""Pages as the web sends them at its worst: cut, shuffled, nested without end, full of NULs. No exception, no wait."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.article import Refusal
from crawler.extraction import Fields, Page, counter, extract, next_page

PAGES = sorted((Path(__file__).parents[1] / "fixtures" / "pages").glob("*/page.html"))
SOURCES = [path.read_bytes() for path in PAGES]


def ask_everything(body: bytes, charset: str | None = None) -> None:
    page = Page(
        body, url="https://www.example.cn/a/1.html", fetched_at=datetime(2024, 5, 12, tzinfo=UTC), charset=charset
    )
    counter(page)
    next_page(page)
    found = extract([page, page])
    assert isinstance(found, Fields | Refusal)
    if isinstance(found, Fields):
        for value in (found.title, found.source, found.author, found.editor, found.body):
            assert value is None or not set(value) & {"\x00", "\u2028", "\u2029", "\x85", "\x1b"}


def mutate(source: bytes, dice: random.Random) -> bytes:
    """*source* cut, shuffled, doubled, or with bytes changed."""
    kind = dice.randrange(6)
    a, b = sorted((dice.randrange(len(source) + 1), dice.randrange(len(source) + 1)))
    if kind == 0:
        return source[:a]
    if kind == 1:
        return source[a:b]
    if kind == 2:
        return source[b:] + source[a:b] + source[:a]
    if kind == 3:
        return source[:a] + source[a:b] * 3 + source[b:]
    changed = bytearray(source)
    for _ in range(dice.randrange(1, 60)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.choice((0, 60, 62, 34, 38, 255, 128, dice.randrange(256)))
    return bytes(changed)


@pytest.mark.parametrize("seed", range(12))
def test_mutated_pages(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(40):
        source = dice.choice(SOURCES)
        for _ in range(dice.randrange(1, 4)):
            source = mutate(source, dice)
        ask_everything(source)


@given(st.binary(max_size=3000), st.sampled_from([None, "utf-8", "gbk", "utf-16", "nonsense"]))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_bytes(body: bytes, charset: str | None) -> None:
    ask_everything(body, charset)


_PARAGRAPH = "<p>北岸水厂的两条输水管昨夜十一点接入城区管网，东门外一带的水压在今晨六点前恢复到平时的水平。</p>"
_TEXTS = {
    "boxes": f"<p>相关新闻</p><p><a href=/a>江堤下的九天江堤下的九天</a></p>{_PARAGRAPH}",
    "headings": f"<h3>更多新闻</h3><p><a href=/a>江堤下的九天江堤下的九天</a></p>{_PARAGRAPH}",
    "second articles": f"<h2>渡口老人的四十年</h2><div>发布时间：2024-03-01</div>{_PARAGRAPH}",
    "notices": f"<p>免责声明：本文仅代表作者个人观点，与本网无关。</p>{_PARAGRAPH}",
}
HOSTILE = {
    **{
        shape: f"<title>江堤下的九天</title><h1>江堤下的九天</h1><div>{_PARAGRAPH}{part * 8000}</div>".encode()
        for shape, part in _TEXTS.items()
    },
    "copies": "".join(f"{_PARAGRAPH}{_PARAGRAPH.replace('北岸', str(n))}" for n in range(8000)).encode(),
    "calls": b"<p>text, text.</p><script>" + b"createPageHTML(n, i, 'x', 'y')" * 20_000,
    "deep": b"<div>" * 100_000 + "今天天气很好，适合出行。".encode(),
    "deep inline": b"<p>" + b"<span>" * 100_000 + b"text",
    "deep links": b"<a href=x>" * 50_000 + b"text",
    "nul": b"\x00" * 500_000,
    "nul between": b"<p>" + b"a\x00b, " * 50_000,
    "brs": b"<p>" + b"x<br>" * 100_000,
    "attributes": b"<div " + b" ".join(b"a%d=1" % n for n in range(200_000)) + b">x</div>",
    "long class": b"<div class='" + b"comment-" * 50_000 + b"'>x</div>",
    "one line": b"<p>" + b"word, " * 300_000 + b"</p>",
    "links": b"".join(b"<li><a href='/%d.html'>some link of a list %d</a></li>" % (n, n) for n in range(20_000)),
    "dates": b"<p>" + b"2024-05-11 10:00 " * 50_000,
    "labels": "来源：".encode() * 100_000,
    "json": b"<script type='application/ld+json'>" + b"[" * 100_000 + b"</script><p>x</p>",
    "numbers in json": b"<script type='application/ld+json'>{\"datePublished\": " + b"9" * 5000 + b"}</script><p>x</p>",
    "entities": b"<p>" + b"&#x10FFFF;&#0;&#xD800;&nbsp;" * 20_000,
    "tables": b"<table><tr><td>" * 5_000 + b"x, y.",
    "unclosed": b"<p><a href='" + b"x" * 500_000,
    "comments": b"<!--" * 100_000,
    "surrogates": "<p>\ud800\udfff text.</p>".encode("utf-8", "surrogatepass") * 1000,
}


@pytest.mark.parametrize("shape", sorted(HOSTILE))
def test_hostile_documents(shape: str) -> None:
    started = time.process_time()  # of this process: others may share the core
    ask_everything(HOSTILE[shape])
    assert time.process_time() - started < 15


@pytest.mark.ci
@pytest.mark.parametrize("shape", ["paragraphs", "links", "blank"])
def test_ten_megabytes(shape: str) -> None:
    unit = {
        "paragraphs": "<p>滨江市数据局今天公布了城市运行平台的数据目录，市民可以在网上查看。</p>".encode(),
        "links": b"<li><a href='/x.html'>a link in a list of links</a></li>",
        "blank": b" \n",
    }[shape]
    started = datetime.now(UTC)
    ask_everything(unit * (10_000_000 // len(unit)))
    assert (datetime.now(UTC) - started).total_seconds() < 60
