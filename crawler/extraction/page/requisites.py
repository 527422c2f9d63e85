"""The requisites of a page: the images and style sheets that a browser would load for it.

All addresses that the page names, also those of decoration, which extraction passes over. Of a picture that is offered
in several sizes one is taken: what a browser without scripts would show first, or what a script shows in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from lxml import etree, html

from crawler.values.start_tags import bounded
from crawler.values.urls import clean

Kind = Literal["image", "style", "attachment"]
_LARGEST = 8_000_000  #: characters of a page or a style sheet that are looked through
#: Where scripts of news sites keep the address of a picture that is to be loaded when it is scrolled to.
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-actualsrc")
_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^()"'\s]*))\s*\)""", re.IGNORECASE)
_IMPORT = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"')\s;]+)""", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
#: What url() names besides pictures: fonts, which carry no content, and filters of an SVG picture.
_FONT = re.compile(r"\.(?:woff2?|ttf|otf|eot)(?:[?#]|$)", re.IGNORECASE)


class Requisite(NamedTuple):
    """Something that a page needs."""

    kind: Kind
    url: str  #: absolute, cleaned


def of_page(text: str, url: str) -> list[Requisite]:
    """The requisites of the HTML page *text* at *url*, in the order of the page, each once."""
    try:
        parser = html.HTMLParser(encoding="utf-8", remove_pis=True, remove_comments=True)
        document = html.document_fromstring(bounded(text[:_LARGEST].encode("utf-8", "replace")), parser=parser)
    except (etree.ParserError, ValueError):
        return []
    base = document.find(".//base[@href]")
    begin = _clean(base.get("href", ""), url) or url if base is not None else url
    return _absolute(_named(document), begin)


def of_style(text: str, url: str) -> list[Requisite]:
    """The requisites of the style sheet *text* at *url*, each once."""
    return _absolute(_of_css(text), url)


def _named(document: html.HtmlElement) -> Iterator[tuple[Kind, str]]:
    for element in document.iter(etree.Element):
        tag = element.tag
        if tag in {"img", "input", "amp-img"}:
            yield "image", _picture(element)
        elif tag == "link" and "stylesheet" in element.get("rel", "").lower().split():
            yield "style", element.get("href", "")
        elif tag == "style":
            yield from _of_css(element.text or "")
        elif tag == "image":
            yield "image", element.get("href") or element.get("xlink:href", "")
        if style := element.get("style"):
            yield from _of_css(style)
        for name in ("background", "poster"):
            yield "image", element.get(name, "")


def _picture(element: html.HtmlElement) -> str:
    late = next((value for name in _LAZY if (value := element.get(name, "").strip())), "")
    first = (element.get("srcset") or element.get("data-srcset") or "").strip().partition(",")[0].partition(" ")[0]
    return str(late or element.get("src", "").strip() or first)


def _of_css(text: str) -> Iterator[tuple[Kind, str]]:
    text = _COMMENT.sub(" ", text[:_LARGEST])
    for reference in _IMPORT.finditer(text):
        yield "style", reference[1]
    for reference in _URL.finditer(_IMPORT.sub(" ", text)):
        yield "image", reference[1] or reference[2] or reference[3] or ""


def _absolute(named: Iterator[tuple[Kind, str]], base: str) -> list[Requisite]:
    requisites: dict[Requisite, None] = {}
    for kind, stated in named:
        if not stated or stated.startswith("#") or _FONT.search(stated):
            continue
        url = _clean(stated, base)
        if url is not None and url != base:
            requisites[Requisite(kind, url)] = None
    return list(requisites)


def _clean(stated: str, base: str) -> str | None:
    try:
        return clean(stated, base)
    except ValueError:  # not in the form of an address
        return None
