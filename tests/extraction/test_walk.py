"""The walk over the elements: what becomes a line, what a space, what is never shown; and its short cuts."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from urllib.parse import urljoin

import pytest
from lxml import etree

from crawler.extraction import Page, extract
from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.phrases import is_legal
from crawler.values.urls import clean


def lines(markup: str) -> list[str]:
    return [line.text for line in Blocks(etree.fromstring(f"<html><body>{markup}", etree.HTMLParser())).lines]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>tall and <b>intense, </b> <a href=x>chatted</a>.</p>", ["tall and intense, chatted."]),
        ("<p><i>one</i><img src=x> <b>two</b></p>", ["one two"]),
        ("<p><b>one</b><b>two</b></p>", ["onetwo"]),
        ("a<br>b<br/><b>c</b>", ["a", "b", "c"]),
        ("a<div>b</div>c<script>x</script>d", ["a", "b", "c", "d"]),
        ("<p>a<noscript><p>never</p>no</noscript><select><option>no</select></p>", ["a"]),
        ("<ul><li>one<li><a><span>two</span></a> three</ul>four", ["one", "two three", "four"]),
        ("<td>&nbsp;</td><p>a&nbsp;b", ["a\xa0b"]),
        ("<pre>one\n\n  two</pre>", ["one\ntwo"]),
    ],
)
def test_lines(markup: str, expected: list[str]) -> None:
    assert lines(markup) == expected


def test_places_alone_are_read_without_what_stands_behind_them() -> None:
    root = etree.fromstring("<html><body><div id=a>one<p>two</div>three<div>four", etree.HTMLParser())
    assert [line.text for line in Blocks(root, [root.find(".//div[@id='a']")]).lines] == ["one", "two"]


def test_a_page_that_was_read_leaves_nothing_to_the_cyclic_collector() -> None:
    text = "<div>By <b>Ann Lee</b> <span>2024-05-11</span></div><p>" + "One sentence of the text, and more. " * 9
    page = Page(
        f"<h1>A headline</h1>{text}".encode(), url="http://e.test/1", fetched_at=datetime(2024, 5, 12, tzinfo=UTC)
    )
    gc.collect()
    gc.disable()
    try:
        extract([page])
        del page
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("text", "legal"),
    [
        ("Copyright 2024 The Riverside Times", True),
        ("All rights reserved.", True),
        ("You may opt-out of these cookies in your browser", True),
        ("版权所有：滨江日报", True),
        ("未经书面授权，不得转载", True),
        ("She copied the right page of the terms", False),
        ("市民可以在网上查看，也可以在大厅自助打印。", False),
    ],
)
def test_legal_notices_are_found_by_any_sign(text: str, *, legal: bool) -> None:
    assert is_legal(text) is legal


@pytest.mark.parametrize(
    "path",
    ["/a/b.jpg", "/", "/a/../b", "/./a", "/a/", "/.well-known/x", "//other.example/x", "/a//b", "/a?b=1#c", "/a;p"],
)
def test_an_address_that_needs_no_work_is_what_the_long_way_gives(path: str) -> None:
    base = "http://www.example.cn/news/1.html"
    assert clean(path, base) == clean(urljoin(base, path) + "#") == clean(urljoin(base, path))
