"""The walk over the elements: what becomes a line, what a space, what is never shown; and its short cuts."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.article import Refusal
from crawler.extraction import Fields, Page, count_pages, extract, next_page, render, structure
from crawler.extraction.page import blocks as walk
from crawler.extraction.page import phrases
from crawler.extraction.page.blocks import Blocks
from crawler.extraction.page.link_lists import entries_of
from crawler.extraction.page.phrases import is_legal
from crawler.extraction.page.tree import parse
from crawler.extraction.page.trust import judge_hints
from crawler.values.text import paragraph
from crawler.values.urls import clean


def lines(markup: str) -> list[str]:
    return [line.text for line in Blocks(parse(f"<html><body>{markup}".encode())).lines]


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
    root = parse(b"<html><body><div id=a>one<p>two</div>three<div>four")
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


@given(st.from_regex(phrases._APPEAL, alphabet=st.characters(codec="ascii")))
def test_every_appeal_has_one_of_a_few_words(text: str) -> None:
    assert phrases.appeals(text)


@pytest.mark.parametrize(
    "site", ["http://www.example.cn", "http://127.0.0.1:40123", "https://e.cn:8443", "http://e.cn:80"]
)
@pytest.mark.parametrize(
    "path",
    [
        "/a/b.jpg",
        "/",
        "/a/../b",
        "/./a",
        "/a/",
        "/.well-known/x",
        "//other.example/x",
        "/a//b",
        "/a?b=1#c",
        "/a;p",
        "a.html",
    ],
)
def test_an_address_that_needs_no_work_is_what_the_long_way_gives(site: str, path: str) -> None:
    base = f"{site}/news/1.html"
    assert clean(path, base) == clean(urljoin(base, path) + "#") == clean(urljoin(base, path))


def test_a_port_above_the_last_one_is_no_address() -> None:
    assert clean("http://e.cn:65536/a") is None
    assert clean("/a", "http://e.cn:70000/b") is None
    assert clean("http://e.cn:65535/a") == "http://e.cn:65535/a"


def read(markup: str) -> object:
    """All that a walk over *markup* finds, the places of elements included."""
    tree = etree.ElementTree(parse(f"<html><body>{markup}</body></html>".encode()))
    found = Blocks(tree.getroot())
    judge_hints(found)

    def place(element: Any) -> str | None:
        return None if element is None else tree.getpath(element)

    lines = [
        (
            *(line.text, line.units, line.linked, line.prose, line.node.tag, line.node.hint, line.opening is None),
            place(line.node.parent and line.node.parent.element),
            [(paragraph(text), place(element), place(link)) for text, element, link in line.pieces],
        )
        for line in found.lines
    ]
    related = [(place(link), relation) for link, relation in found.related]
    return lines, found.addresses, related, [place(link) for link in found.noted["a"]]


PLAIN = "<li><a href=/1>要闻</a></li>"
ENTRIES = [
    *(
        PLAIN,
        "<li><a href=/2> Local  news </a></li>\n",
        "<li class=item><a>视频</a></li>",
        "<li><a href=/3>\xa0</a></li>",
    ),
    *(
        "<li class=share><a href=/4>weibo</a></li>",
        "<li><a href=/5 rel=next>下一篇</a></li>",
        "<li><a href=/6></a></li>",
    ),
    *("<li><a href=/7 style='display:none'>x</a></li>", "<li style='display:none'><a href=/8>y</a></li>", "<li>z</li>"),
    *(
        "<li><a href=/9>a</a>\u3000</li>",
        "<li><a href=/10>b</a></li>·",
        "<li>1<a href=/11>c</a></li>",
        "<p>d</p>",
        "<hr>",
    ),
    *(
        "<li><a href=/12><b>e</b></a></li>",
        "<li><a href=/13>f</a><a href=/14>g</a></li>",
        "<li><ul>" + PLAIN * 6 + "</ul></li>",
    ),
    *(
        "<li><a href=/15>e\u0301</a></li>",
        "<li><a href=/16>\u200b</a></li>",
        "<script>1</script>",
        "<!-- x -->",
        "<li><b>h</b></li>",
    ),
]


@given(
    st.lists(st.sampled_from([PLAIN] * 20 + ENTRIES), max_size=9), st.sampled_from(["ul", "ol", "div", "nav class=hot"])
)
def test_a_list_of_links_is_read_as_its_elements_are(entries: list[str], tag: str) -> None:
    markup = f"before<{tag}>{''.join(entries)}</{tag.partition(' ')[0]}>behind<a href=/z>z</a>"
    together = read(markup)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "LISTS", frozenset())
        assert read(markup) == together


SENTENCES = "One sentence of the text says something, and another goes on for a while. " * 3
AROUND = [
    *(
        "<h1>A headline of the page</h1>",
        "<h2>Another headline</h2>",
        f"<p>{SENTENCES}</p>",
        "<div>2024-05-11 08:42</div>",
    ),
    *("<p>By Ann Lee</p>", "<h3>Related articles</h3>", "<p>上一篇：</p>", "<div>Source: Riverside Times</div>"),
    *(f"<article><h1>Another headline</h1><p>{SENTENCES * 2}</p></article>", "<p>Read next</p>", "<div>Short</div>"),
]
HEADLINES = [
    "A headline of the page",
    "Another headline that is longer - Riverside Times",
    "News",
    "· 要闻",
    "下一页",
    "2",
]


def listed(texts: list[str], name: str) -> str:
    return f"<ul>{''.join(f'<li class={name}><a href=/a/{len(text)}.html>{text}</a></li>' for text in texts)}</ul>"


@given(
    st.lists(
        st.builds(
            listed,
            st.lists(st.sampled_from([*HEADLINES, SENTENCES]), min_size=4, max_size=6),
            st.sampled_from(["x", "title", "hot"]),
        )
        | st.sampled_from(AROUND),
        min_size=3,
        max_size=8,
    ),
    st.sampled_from(HEADLINES[:3]),
)
def test_a_page_says_the_same_whether_its_lists_are_read_together_or_not(parts: list[str], title: str) -> None:
    source = f"<title>{title}</title><body>{''.join(parts)}"

    def said() -> object:
        page = Page(source.encode(), url="http://e.test/a/1.html", fetched_at=datetime(2024, 5, 12, tzinfo=UTC))
        return extract([page]), next_page(page), count_pages(page)

    together = said()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "LISTS", frozenset())
        assert said() == together


def test_an_entry_that_wraps_the_text_is_no_link() -> None:
    entries = f"{PLAIN * 4}<li><a href=/2>{SENTENCES * 3}</a></li>"
    page = f"<title>A headline of the page</title><h1>A headline of the page</h1><ul>{entries}</ul>"
    found = extract([Page(page.encode(), url="http://e.test/1", fetched_at=datetime(2024, 5, 12, tzinfo=UTC))])
    assert isinstance(found, Fields)
    assert found.body == (SENTENCES * 3).strip()


@pytest.mark.parametrize(
    "entry", [PLAIN, "<dd>\n<a class=x href=/1>Local news</a>\n</dd>", "<p class=item><a>视频</a></p>"]
)
def test_entries_of_one_build_are_read_together(entry: str) -> None:
    found = entries_of(etree.fromstring(f"<body><div>{entry * 5}</div>", etree.HTMLParser()).find(".//div"))
    assert found is not None
    assert len(found.links) == 5


def test_a_list_of_links_in_a_text_has_its_items() -> None:
    entries = "".join(f"<li><a href=/{number}>Company {number}</a></li>" for number in range(5))
    first, second = ("<p>" + f"Sentence {number} says something, and goes on for a while. " * 4 for number in (1, 2))
    title = "A headline of the page"
    page = f"<title>{title}</title><h1>{title}</h1>{first}<p>We looked at these companies:<ul>{entries}</ul>{second}"
    found = structure([Page(page.encode(), url="http://e.test/1", fetched_at=datetime(2024, 5, 12, tzinfo=UTC))])
    assert not isinstance(found, Refusal)
    assert "- [Company 3](http://e.test/3)\n- [Company 4](http://e.test/4)\n" in render(found, "markdown")
