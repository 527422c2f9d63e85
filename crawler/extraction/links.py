"""Links of an article to others: its neighbours (上一篇, 下一篇) and its related block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from crawler.article import Link, LinkKind
from crawler.extraction.blocks import Line, Node
from crawler.extraction.page import Page
from crawler.values.text import line as tidy
from crawler.values.urls import identity

_PREVIOUS = re.compile(r"^\W{0,3}(?:上一?[篇条则]|上一个|上一主题|前一篇|previous(?: article| post| story)?|prev)(?![a-z])\W{0,4}", re.I)
_NEXT = re.compile(r"^\W{0,3}(?:下一?[篇条则]|下一个|下一主题|后一篇|next(?: article| post| story)?)(?![a-z])\W{0,4}", re.I)
#: A line that names a neighbour of the article.
NEIGHBOUR = re.compile(f"{_PREVIOUS.pattern}|{_NEXT.pattern}", re.I)
_NONE = re.compile(r"没有|无|none|返回", re.I)
_RELATED = re.compile(
    r"^\W{0,4}(?:更多)?(?:相关(?:新闻|阅读|文章|链接|资讯|报道|推荐|主题|内容|信息|稿件|话题)?|延伸阅读|推荐(?:阅读|新闻|文章|资讯)?|猜你喜欢|您?可能(?:还|也)?(?:感兴趣|喜欢)\S{0,6}|相關(?:新聞|閱讀|文章|報導)|延伸閱讀|"
    r"related(?: articles| stories| posts| news| content| reading| links)?|see also|you (?:may|might) (?:also )?(?:like|be interested in)|read (?:more|next)|recommended(?: for you)?|more on this(?: story| topic)?)\W{0,4}$",
    re.I,
)


def find_links(page: Page, last: int, own: set[str]) -> list[Link]:
    """Neighbours and related articles, in page order; *last* is the index of the last line of the text, *own* are the
    addresses of the article itself, in their identity form."""
    found: dict[tuple[str, str], Link] = {}
    for link in (*_neighbours(page), *_related(page, last)):
        key = identity(link.url)
        if key not in own:
            found.setdefault((key, link.kind), link)
    return list(found.values())


def _neighbours(page: Page) -> Iterator[Link]:
    lines = page.blocks.lines
    for line in lines:
        for kind, label in (("previous", _PREVIOUS), ("next", _NEXT)):
            match = label.match(line.text) if len(line.text) < 300 else None
            if match is None:
                continue
            anchor = _anchor(line) or (_anchor(lines[line.index + 1]) if match.end() >= len(line.text) and line.index + 1 < len(lines) else None)
            if anchor is None:
                continue
            url = page.resolve(anchor.element.get("href"))
            title = tidy(label.sub("", tidy("".join(anchor.element.itertext())))) or None
            if url and not (title and _NONE.match(title)):
                yield Link(url, title, _kind(kind))


def _kind(name: str) -> LinkKind:
    return "previous" if name == "previous" else "next"


def _anchor(line: Line) -> Node | None:
    return next((node.link for _, node in line.pieces if node.link is not None and node.link.element.get("href")), None)


def _related(page: Page, last: int) -> Iterator[Link]:
    lines = page.blocks.lines
    for line in lines:
        if len(line.text) > 30 or not _RELATED.match(line.text):
            continue
        yield from _list_behind(page, line)


def _list_behind(page: Page, heading: Line) -> Iterator[Link]:
    """Links of the block that *heading* opens: they follow it without prose between, below the nearest shared container."""
    container = _container(page, heading)
    for line in page.blocks.lines[heading.index + 1 : heading.index + 60]:
        if container is not None and not line.node.within(container):
            return
        if line.linked < 0.5:
            if line.units > 60 or (_looks_like_heading(line)):
                return
            continue
        seen: list[Any] = []
        for _, node in line.pieces:
            if node.link is not None and node.link.element not in seen:
                seen.append(node.link.element)
                url = page.resolve(node.link.element.get("href"))
                title = tidy(node.link.element.get("title") or "".join(node.link.element.itertext())) or None
                if url and title and len(title) >= 5:
                    yield Link(url, title, "related")


def _looks_like_heading(line: Line) -> bool:
    return line.node.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "th")


def _container(page: Page, heading: Line) -> Node | None:
    """The nearest ancestor of *heading* that holds linked lines behind it as well."""
    node: Node | None = heading.node
    following = page.blocks.lines[heading.index + 1 : heading.index + 4]
    while node is not None:
        if any(line.node.within(node) and line.linked >= 0.5 for line in following):
            return node
        node = node.parent
    return None
