"""URLs on a list page other than its links: those that a script would build, without running it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from crawler.values.paging import scripted_pages

_CDATA = re.compile(r"<!\[CDATA\[(.{1,20000}?)\]\]>", re.DOTALL)
_NEXT_GROUP = re.compile(r"<nextgroup>(.{1,2000}?)</nextgroup>", re.DOTALL | re.IGNORECASE)
_HREF = re.compile(r"href\s*=\s*[\"']([^\"']{1,500})[\"']", re.IGNORECASE)
_NEXT_URLS = ("data-next-url", "data-next-page-url", "data-load-more-url")


@dataclass(frozen=True, slots=True)
class Found:
    """A URL, and when its document was published or changed, if stated."""

    url: str
    dated: datetime | None = None


def further(root: Any, text: str) -> Iterator[str]:
    """The further pages of a list that a script would link: createPageHTML, page-url, load-more URLs, nextgroup.

    *root* is the tree of the page, *text* its source.
    """
    if (pages := scripted_pages(text)) is not None:
        yield from (pages.href(number) for number in range(pages.current + 1, pages.count))
    for element in root.xpath("//*[@page-url and @page-data]"):
        data = element.attrib["page-data"]
        count, current = (re.search(rf'"{name}"\s*:\s*"?(\d{{1,4}})', data) for name in ("totalPage", "curPage"))
        if count is not None:
            first = int(current[1]) if current else 1
            yield from (_numbered(element.attrib["page-url"], n) for n in range(first + 1, int(count[1]) + 1))
    for element in root.xpath("//*[@data-next-url or @data-next-page-url or @data-load-more-url]"):
        yield from (element.attrib[name] for name in _NEXT_URLS if name in element.attrib)
    for group in _NEXT_GROUP.finditer(text):
        yield from _HREF.findall(unescape(group[1]))


def hidden(root: Any, text: str) -> Iterator[str]:
    """Texts in which a script finds the articles of a list."""
    yield from map(str, root.xpath("//script[not(@src)]/text() | //textarea/text()"))
    yield from map(str, root.xpath("//@*[name()='onclick' or starts-with(name(), 'data-')]"))
    yield from (match[1] for match in _CDATA.finditer(text))


def records(text: str) -> str:
    """The markup in the CDATA sections of *text*, but for the address of the next group; "" where there is none."""
    return "".join(match[1] for match in _CDATA.finditer(_NEXT_GROUP.sub("", text)))


def opened(text: str) -> str:
    """*text* with what stands in CDATA sections as markup: the records of a Hanweb <datastore>, not its next group."""
    return _CDATA.sub(r"\1", _NEXT_GROUP.sub("", text))


def _numbered(template: str, number: int) -> str:
    return re.sub(r"\{\s*page\s*\}|\$page\b", str(number), template)
