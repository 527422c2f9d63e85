"""The headline: the heading that the page's <title>, its metadata and its place above the text agree on."""

from __future__ import annotations

import re
from typing import Any

from crawler.extraction.blocks import Line
from crawler.extraction.page import Page
from crawler.extraction.structured import Described, MetaTags
from crawler.values.text import line, squash

_PARTS = re.compile(r"\s*(?:[|｜_¦]|\s[-–—－»«·:]\s|--+|——|-(?=[^\-]{2,12}$)|－|丨(?=[^丨]{2,10}$))\s*")
_HEADINGS = {"h1": 3.0, "h2": 2.0, "h3": 1.0}
_NAMED = re.compile(r"(?<![a-z])(?:title|headline|biaoti|arti_title|tit)(?![a-z])|(?:news|art|article|post|entry|main|content)[-_]?(?:title|headline|tit)", re.I)


def page_title(root: Any) -> str | None:
    """The text of the document's <title>."""
    for element in root.iter("title"):
        text = line("".join(element.itertext()))
        if text:
            return text
    return None


def find_title(page: Page, said: Described, meta: MetaTags, first: int) -> tuple[str | None, str]:
    """The headline and how it was found; *first* is the index of the first line of the text."""
    document = page_title(page.root) or ""
    stated = [t for t in (said.title, meta.first("og:title", "twitter:title", "title")) if t]
    best, score = None, 0.0
    for each in page.blocks.lines[: max(first + 2, 3)]:
        if (found := _score(each, document, stated, first)) > score:
            best, score = each.text, found
    if best is not None:
        return best, "generic"
    if said.title:
        return said.title, "json-ld"
    if stated:
        return _without_site(stated[-1], document), "meta"
    return (_without_site(document, "") or None), "generic"


def _score(each: Line, document: str, stated: list[str], first: int) -> float:
    if each.node.hidden or len(each.text) < 4 or len(each.text) > 250:
        return 0.0
    mine = squash(each.text)
    if len(mine) < 3:
        return 0.0
    inside = bool(document) and mine in squash(document)
    agreed = any(squash(t).startswith(mine) or mine == squash(t) for t in stated)
    tag = _HEADINGS.get(each.node.tag, 0.0) or _HEADINGS.get(each.node.parent.tag if each.node.parent else "", 0.0)
    named = bool(_NAMED.search(each.node.element.get("class", "") + " " + each.node.element.get("id", "")))
    if not (inside or agreed) and not tag:
        return 0.0
    share = len(mine) / max(1, len(squash(document))) if inside else 0.0
    score = (4 * share + 1 if inside else 0.0) + (3.0 if agreed else 0.0) + tag + (1.5 if named else 0.0)
    return score - (2.0 if each.linked > 0.8 else 0.0) if inside or agreed or (tag >= 3 and not document) else tag * 0.2


def _without_site(text: str, document: str) -> str:
    """*text* without the site's name behind (or before) a separator: the longest part."""
    parts = [p for p in _PARTS.split(text) if p and p.strip()]
    return max(parts, key=len, default=text).strip() if len(parts) > 1 else text
