"""Decisions of extraction at their boundaries, each by itself: a page shows them only where all else agrees."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extraction import Fields, Page, next_page, render
from crawler.extraction.fields import context, images
from crawler.extraction.formats import Block, Group, Span, Structured
from crawler.extraction.page.hints import Hint, named
from crawler.extraction.page.requisites import of_page, of_style
from crawler.values import page_series
from crawler.values.header import read_header
from crawler.values.pieces import BREAK
from harness.extracted import fields_of

NOW = datetime(2024, 5, 20, 4, tzinfo=UTC)
HERE = "https://www.example.cn/n/7.html"
SENTENCE = "滨江市数据局的路口已换上会自己配时的信号灯，早高峰平均等候时间缩短了四分之一。"


def article(text: str) -> Fields:
    head = "<meta charset=utf-8><title>滨江</title><h1>滨江三百二十处路口换上新信号灯</h1><p>2024-05-11</p>"
    return fields_of(Page(f"{head}<div>{text}</div>".encode(), url=HERE, fetched_at=NOW))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("www.example.cn", "example.cn", True),
        ("m.example.cn", "www.example.cn", True),
        ("news.example.cn", "example.cn", True),
        ("news.example.cn", "www.example.cn", True),
        ("example.com.cn", "com.cn", False),
        ("blog.github.io", "github.io", False),
        ("www.example.cn:8080", "www.example.cn", True),
        ("example.cn", "example.org", False),
        ("notexample.cn", "example.cn", False),
        ("cn", "example.cn", False),
    ],
)
def test_a_canonical_address_counts_on_the_same_site_alone(one: str, other: str, *, same: bool) -> None:
    markup = f"<link rel=canonical href=https://{other}/n/7.html><title>t</title><p>{'滨江的路口换上了新灯。' * 9}</p>"
    fields = fields_of(Page(markup.encode(), url=f"https://{one}/x.html", fetched_at=NOW))
    assert (fields.canonical_url == f"https://{other}/n/7.html") is same
    assert context._same_site(f"https://{one}/", f"https://{other}/") is same


@pytest.mark.parametrize(
    ("name", "late"),
    [("src", False), ("data-src", True), ("data-original", True), ("srcset", False), ("data-lazy", True),
     ("title", False), ("data-srcset", False), ("alt", False)],
)  # fmt: skip
def test_an_attribute_may_hold_a_picture_that_is_shown_later(name: str, *, late: bool) -> None:
    assert images._late(name) is late


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("滨江民报 (2026-03-09)", "滨江民报"),  # a medium by its name
        ("旧渡口 (2026-03-09 18:26)", "旧渡口"),  # a clock in the brackets: no caption
        ("旧渡口 (2026-03-09)", None),
        ("旧渡口 2026-03-09 18:26", None),
        ("旧渡口 (2026-03-09 18:26 转", None),
        ("王小明 (2026-03-09 18:26)", None),
        ("公告 (2026-03-09 18:26)", None),
        ("一 (2026-03-09 18:26)", None),
    ],
)
def test_a_name_before_a_day_in_brackets(line: str, source: str | None) -> None:
    assert read_header(line, NOW).source == source


@pytest.mark.parametrize(
    ("line", "author", "source"),
    [
        (f"原创：{BREAK}王小明{BREAK}滨江日报", "王小明", "滨江日报"),
        (f"原创：王小明{BREAK}滨江日报", "王小明", "滨江日报"),
        ("原创：王小明滨江日报", None, None),
        (f"原创：{BREAK}王小明{BREAK}李雪", None, None),
        (f"原创：{BREAK}王小明{BREAK}滨江日报{BREAK}北岸晚报", None, None),
        (f"原创：{BREAK}滨江日报{BREAK}北岸晚报", None, None),
        (f"原创：{BREAK}王小明{BREAK}滨江日报{BREAK}浏览：12", None, None),
    ],
)
def test_a_reporter_and_a_medium_in_elements_of_their_own(line: str, author: str | None, source: str | None) -> None:
    header = read_header(line, NOW)
    assert (header.author, header.source) == (author, source)


BARS = {
    "<a href=7.html>1</a><a href=7_2.html>2</a><a href=7_3.html>3</a>": "https://www.example.cn/n/7_2.html",
    "<b>1</b><a href=7_2.html>2</a>": "https://www.example.cn/n/7_2.html",
    "<a href=7.html>1</a><a href=8_2.html>2</a>": None,  # another article's
    "<a href=7.html>1</a><a href=https://m.example.cn/n/7_2.html>2</a>": None,
    "<a href=7.html>1</a><a href=7_3.html>2</a>": None,  # the number is not that of the page
    "<a href=7_1.html>2</a>": "https://www.example.cn/n/7_1.html",  # counted from nought
    "<select><option value=7_2.html>2</option></select>": "https://www.example.cn/n/7_2.html",
    "<select><option value=2>2</option></select>": None,
    "<a href='?page=2'>2</a>": "https://www.example.cn/n/7.html?page=2",
    "<a href='?id=2'>2</a>": None,
    "<a href='?page=2&size=3'>2</a>": None,  # two things have changed
}


@pytest.mark.parametrize("bar", list(BARS))
def test_the_next_page_by_a_bar_of_numbers(bar: str) -> None:
    page = Page(f"<p>滨江</p><div>{bar}</div>".encode(), url=HERE, fetched_at=NOW)
    assert next_page(page) == BARS[bar]


SERIES = {
    ("/a.html?id=7", "/a.html?id=7&page=2"): True,
    ("/a.html?page=2", "/a.html?page=3"): True,
    ("/a.html?page=2", "/a.html?page=4"): False,
    ("/a.html", "/a.html?page=1"): True,
    ("/a.html", "/a.html?page=x"): False,
    ("/a.html", "/a.html?page=1000"): False,
    ("/a.html?page=2", "/a.html?page=2"): False,
    ("/a.html?id=7", "/a_2.html?id=8"): False,
    ("/a.html", "/a_2.htm"): False,
    ("/a.html", "/a_2"): True,
    ("/a_2.html", "/a_3.html"): True,
    ("/a_2.html", "/a_4.html"): False,
    ("/a_3.html", "/a_2.html"): False,
    ("/news/12", "/news/13"): False,
    ("/news/page/2", "/news/page/3"): True,
    ("/news/p/2", "/news/p/3"): True,
    ("/news/", "/news/2"): True,
    ("/n/_2.html", "/n/_3.html"): False,
}


@pytest.mark.parametrize("pair", list(SERIES))
def test_one_page_follows_another(pair: tuple[str, str]) -> None:
    here, there = (f"https://example.cn{path}" for path in pair)
    assert page_series.follows(here, there) is SERIES[pair]
    assert not page_series.follows(here, there.replace("example.cn", "example.org"))


def paragraph(text: str) -> Block:
    return Block("paragraph", (Span(text),))


def listed(*texts: str, ordered: bool = False) -> Group:
    return Group("list", tuple(Group("item", (paragraph(text),)) for text in texts), ordered=ordered)


NEIGHBOURS: list[tuple[list[Block | Group], str]] = [
    ([listed("one"), listed("two")], "- one\n\n<!-- -->\n\n- two"),
    ([listed("one"), listed("two", ordered=True)], "- one\n\n1. two"),
    ([listed("one", ordered=True), listed("two", ordered=True)], "1. one\n\n<!-- -->\n\n1. two"),
    ([listed("one"), paragraph("two"), listed("three")], "- one\n\ntwo\n\n- three"),
    ([Group("quote", (paragraph("one"),)), Group("quote", (paragraph("two"),))], "> one\n\n<!-- -->\n\n> two"),
    ([Group("quote", (paragraph("one"),)), listed("two")], "> one\n\n- two"),
]


@pytest.mark.parametrize(("nodes", "written"), NEIGHBOURS)
def test_two_lists_of_one_kind_stay_two(nodes: list[Block | Group], written: str) -> None:
    assert render(Structured(None, tuple(nodes), ""), "markdown").strip() == written


STYLE = "/* url(/no.png) */ @import '/t.css'; body { background: url( '/i/bg.png' ) } @font-face { src: url(/f.woff2) }"


def test_requisites_of_a_style_sheet() -> None:
    assert [(one.kind, one.url) for one in of_style(STYLE, HERE)] == [
        ("style", "https://www.example.cn/t.css"), ("image", "https://www.example.cn/i/bg.png")
    ]  # fmt: skip


REQUISITES = {
    "<img src=/i/1.jpg>": ["image /i/1.jpg"],
    "<img src=/i/1.jpg><img src=/i/1.jpg>": ["image /i/1.jpg"],
    "<img data-src=/i/late.jpg src=/i/blank.gif>": ["image /i/late.jpg"],
    "<img srcset='/i/s.jpg 320w, /i/l.jpg 1024w'>": ["image /i/s.jpg"],
    "<link rel='Stylesheet' href=/s.css><link rel=icon href=/i/icon.png>": ["style /s.css"],
    "<style>p { background: url(/i/p.png) }</style>": ["image /i/p.png"],
    "<p style='background: url(/i/q.png)'>x</p>": ["image /i/q.png"],
    "<video poster=/i/v.jpg></video><table background=/i/t.gif></table>": ["image /i/v.jpg", "image /i/t.gif"],
    "<svg><image href=/i/svg.png /></svg>": ["image /i/svg.png"],
    "<base href=/deep/><img src=1.jpg>": ["image /deep/1.jpg"],
    "<img src='#top'><img src='http://[x'><img src=7.html><a href=/other>x</a>": [],
    "": [],
}


@pytest.mark.parametrize("markup", list(REQUISITES))
def test_requisites_of_a_page(markup: str) -> None:
    named = [f"{one.kind} {one.url.removeprefix('https://www.example.cn')}" for one in of_page(markup, HERE)]
    assert named == REQUISITES[markup]


def test_what_tells_of_the_page_is_found_in_order_wherever_it_stands() -> None:
    markup = b"<template><time>1</time></template><p>x</p><time>2</time><a href=/1>y<a href=/2>z</a><button><a href=/3>"
    telling = Page(markup, url=HERE, fetched_at=NOW).telling
    assert [time.text for time in telling["time"]] == ["1", "2"]
    assert [anchor.get("href") for anchor in telling["a"]] == ["/1", "/2", "/3"]


IMAGES = {
    "<img src=/i/1.jpg width=31>": [],
    "<img src=/i/1.jpg width=40>": ["/i/1.jpg"],
    "<img src=/i/1.jpg height=31px>": [],
    "<img src=/i/1.jpg height=40px>": ["/i/1.jpg"],
    "<img src=/i/1.jpg width=100%>": ["/i/1.jpg"],
}


@pytest.mark.parametrize("markup", list(IMAGES))
def test_a_picture_smaller_than_an_icon_is_none(markup: str) -> None:
    fields = article(f"<p>{SENTENCE * 3}</p>{markup}<p>{SENTENCE}</p>")
    assert [image.url.removeprefix("https://www.example.cn") for image in fields.images] == IMAGES[markup]


@pytest.mark.parametrize(("length", "kept"), [(400, 400), (500, 500), (600, 500)])
def test_a_caption_is_cut_where_it_is_a_text(length: int, kept: int) -> None:
    figure = f"<figure><img src=/i/1.jpg><figcaption>{'灯' * length}</figcaption></figure>"
    fields = article(f"<p>{SENTENCE * 30}</p>{figure}<p>{SENTENCE}</p>")
    assert [len(image.caption or "") for image in fields.images] == [kept]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("position", Hint.CRUMB),
        ("box position", Hint.CRUMB),
        ("position-relative", 0),
        ("read-more", Hint.RELATED),
        ("more-read", 0),
        ("sign-up", Hint.SHARE),
        ("up-sign", 0),
    ],
)
def test_what_a_name_hints_at(name: str, hint: int) -> None:
    assert named(name) == hint
