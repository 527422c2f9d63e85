"""Links by kind: columns, articles, further list pages; by how they look and what they are shown with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from crawler.drafting.document import Document, PageLink
from crawler.drafting.url_patterns import UrlShape, is_document, shape_of
from crawler.values import urls
from crawler.values.page_series import follows
from crawler.values.text import cjk_length

_PAGING = re.compile(
    r"^\W{0,3}(?:下一?[页頁]|后一页|[尾末][页頁]|next(?: page)?|older(?: posts| stories)?|last|more|\d{1,4}|[›»>]+)"
    r"\W{0,4}$",
    re.IGNORECASE,
)
#: Pages that every site has and that list nothing.
_SERVICE = re.compile(
    r"login|sign-?(?:in|up)|regist|member|account|search|contact|about|privacy|cookie|terms|legal|guestbook|sitemap|map\.html|"
    r"advert|subscri|feedback|help|cart|comment|share|print|logout|user|passw|javascript|download|weixin|app\b",
    re.IGNORECASE,
)
_HEADLINE = 14  #: letters of a link that may be a headline
_NUMBER = re.compile(r"\d{3}")
_SITE = 8  #: pages without which it is not known what stands on every page
_ENOUGH = 3  #: links to articles that make a list


def columns(pages: Sequence[Document], domain: str, most: int) -> list[str]:
    """Addresses that look like columns: links of a word or two, without a document's number."""
    found: dict[str, None] = {}
    start = urlsplit(pages[0].url).path
    for page in pages:
        for anchor in page.anchors:
            if (
                _inside(anchor.url, domain) and not _SERVICE.search(anchor.url) and 1 <= _length(anchor.text) <= 24
                and urlsplit(anchor.url).path != "/" and not urlsplit(anchor.url).query
                and not _PAGING.match(anchor.text) and not _NUMBER.search(urlsplit(anchor.url).path)
            ):  # fmt: skip
                found.setdefault(anchor.url)
    above = [url for url in found if start.startswith(urlsplit(url).path)]  # those that the start lies in
    return list(dict.fromkeys([*above, *found]))[:most]


def _inside(url: str, domain: str) -> bool:
    return urls.in_domains(url, (domain,)) and is_document(url)


def _length(text: str) -> int:
    """How much *text* says, in Latin letters: an ideograph counts for two."""
    return len(text) + cjk_length(text)


def clusters(pages: Sequence[Document], named: Iterable[str], domain: str) -> dict[UrlShape, dict[str, int]]:
    """UrlShape -> address -> length of the text it is shown with; the longest first.

    Of the links on *pages* and of what feeds and sitemaps *named*.
    """
    shown: dict[str, int] = {}
    for page in pages:
        for anchor in page.anchors:
            if _inside(anchor.url, domain) and not _SERVICE.search(anchor.url):
                shown[anchor.url] = max(shown.get(anchor.url, 0), _length(anchor.text))
    for url in named:
        if _inside(url, domain):
            shown[url] = max(shown.get(url, 0), 30)
    found: dict[UrlShape, dict[str, int]] = {}
    for url, length in sorted(shown.items(), key=lambda group: -min(group[1], 30)):
        found.setdefault(shape_of(url), {})[url] = length
    return found


def likely(found: Mapping[UrlShape, Mapping[str, int]]) -> list[UrlShape]:
    """Shapes that may be those of articles, the likeliest first: many addresses, shown with a headline's length."""
    worth = {
        shape: sum(1.0 if length >= _HEADLINE else 0.1 for length in addresses.values())
        * (2.0 if shape.counted else 0.5)
        for shape, addresses in found.items()
    }
    return sorted((link for link in worth if worth[link] >= 1.0), key=lambda address: -worth[address])


def articles(page: Document, shapes: Collection[UrlShape], usual: Mapping[str, int] | None = None) -> list[str]:
    """The articles that a list page links to, more often than is *usual* on the site; [] where they are too few."""
    found = [
        anchor.url
        for anchor in page.anchors
        if shape_of(anchor.url) in shapes and page.counts[anchor.url] > (usual or {}).get(anchor.url, 0)
    ]
    return found if len(found) >= _ENOUGH else []


def everywhere(pages: Sequence[Document], shapes: Collection[UrlShape]) -> dict[str, int]:
    """Article -> how often most of *pages* link to it: in side lists and rankings, which make no page a list."""
    if len(pages) < _SITE:
        return {}
    named = {anchor.url for page in pages for anchor in page.anchors if shape_of(anchor.url) in shapes}
    usual = {url: sorted(page.counts[url] for page in pages)[len(pages) // 2] for url in named}
    return {url: count for url, count in usual.items() if count}


def paging(page: Document, shapes: Collection[UrlShape]) -> list[str]:
    """Addresses of further pages of the list *page*, the next one first."""
    found = [anchor.url for anchor in page.anchors if _is_paging(anchor, page, shapes)]
    found += [url for url in page.further if url != page.url and shape_of(url).counted]
    return sorted(found, key=lambda url: not follows(page.url, url))


def _is_paging(anchor: PageLink, page: Document, shapes: Collection[UrlShape]) -> bool:
    if not _PAGING.match(anchor.text) or anchor.url == page.url or urls.host_of(anchor.url) != urls.host_of(page.url):
        return False
    shape = shape_of(anchor.url)
    return shape.counted and shape not in shapes


def changing(first: Document, second: Document) -> set[str]:
    """Parameters whose values change at every look: of links on two answers of one page."""
    names = {name for url in first.hrefs for name in urls.bare(url)[1]}
    before, after = _values(first.hrefs), _values(second.hrefs)
    same = Counter[str]()
    for (name, rest), values in before.items():
        others = after.get((name, rest), set())
        if len(values) == len(others) == 1:  # where one rest has many values, these name the pages
            same[name] += 1 if values.isdisjoint(others) else -1_000_000
    return names | {name for name, count in same.items() if count >= _ENOUGH}


def _values(hrefs: Iterable[str]) -> dict[tuple[str, str], set[str]]:
    """(parameter, address without it) -> its values."""
    found: dict[tuple[str, str], set[str]] = {}
    for url in hrefs:
        head, _, query = url.partition("?")
        pairs = query.split("&") if query else []
        for number, pair in enumerate(pairs):
            name, equals, value = pair.partition("=")
            if equals:
                rest = f"{head}?{'&'.join(pairs[:number] + pairs[number + 1 :])}"
                found.setdefault((name, rest), set()).add(value)
    return found


def in_turn(lists: Sequence[Sequence[str]], most: int) -> list[str]:
    """Addresses from all *lists*: the first of each, then the second of each, each once, up to *most*."""
    found: dict[str, None] = {}
    for n in range(max(map(len, lists), default=0)):
        for list_page in lists:
            if n < len(list_page):
                found.setdefault(list_page[n])
    return list(found)[:most]
