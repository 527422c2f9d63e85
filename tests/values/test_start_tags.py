"""Attributes of start tags are bounded, in linear time, and nothing else of a page changes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from crawler.values import start_tags
from crawler.values.start_tags import MOST, bounded

COUNT = 40_000
FORMS = {
    "quoted": b' a%d="x"', "single": b" a%d='x'", "bare": b" a%d", "unquoted": b" a%d=x", "adjacent": b'a%d="<>"',
    "slash": b"/a%d", "equals": b" =a%d", "spaced": b" a%d = x", "lines": b"\r\n\ta%d='>'",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_an_element_keeps_its_first_attributes_and_the_page_its_text(form: str) -> None:
    first = b" " if form == "adjacent" else b""
    tag = b"<p" + first + b"".join(FORMS[form] % number for number in range(COUNT)) + b">one</p>"
    page = bounded(b"<html><body>" + tag + b"<p class='x' id='y'>two</p></body></html>")
    one, two = html.document_fromstring(page).iter("p")
    assert (one.text, two.text, dict(two.items())) == ("one", "two", {"class": "x", "id": "y"})
    assert MOST - 1 <= len(one.attrib) <= MOST


@pytest.mark.parametrize(
    "piece",
    [b"<", b"<a", b"<a ", b"<a b", b'<a b="', b"<a b='<a b=\"", b'<a"', b"<a =", b" ", b"=", b"/", b"<a " * 255 + b">"],
)
def test_it_takes_linear_time(piece: bytes) -> None:
    spent = []
    for size in (1 << 20, 1 << 22):
        page = b"<a " + piece * (size // len(piece))
        begun = time.process_time()
        bounded(page)
        spent.append(time.process_time() - begun)
    assert spent[1] < 10 * spent[0] + 0.5


@given(st.lists(st.sampled_from([b"<p", b" a", b"=", b'"', b"'", b">", b"<", b"/", b"x", b" ", b"</p>", b"-"])))
def test_pages_whose_elements_have_few_attributes_stay_as_they_are(pieces: list[bytes]) -> None:
    page = b"".join(pieces[:60]).ljust(1 << 16, b".")
    assert bounded(page) == page


_RUNS = (
    b" a" * 31, b" a" * 130, b" a" * 300, b" a='>\"'" * 260, b' a=">"' * 260, b'a=""b' * 130,
    b' x="', b" y='", b'">', b"'>",
)  # fmt: skip


@given(st.lists(st.sampled_from([*_RUNS, *(bytes([byte]) for byte in b"<<>/\"'= ax\n")]), max_size=40).map(b"".join))
def test_all_tags_of_many_attributes_are_looked_at(page: bytes) -> None:
    """What is passed over has few, whatever quotation marks it has and wherever they stand."""
    whole = start_tags._TAG.sub(rb"\1", page)
    assert start_tags._exceeds(page) is (whole != page)
