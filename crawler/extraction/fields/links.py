"""Links of an article to others: its neighbours (上一篇, 下一篇) and its related block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from lxml import etree

from crawler.article import Link, LinkKind
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line, Node
from crawler.extraction.page.phrases import NEIGHBOUR, NEIGHBOUR_FIRST, NEXT, PREVIOUS
from crawler.extraction.text.reading import Reading
from crawler.values.text import line as tidy
from crawler.values.urls import identity

_NEIGHBOURS = etree.XPath(
    "descendant-or-self::a[@href]"
    "[contains(., '一篇') or contains(., '一条') or contains(., '一則') or contains(., '一则')]"
)
_NONE = re.compile(r"没有|无|none|返回", re.IGNORECASE)
#: What the headings below may begin with: whoever adds a phrase that begins otherwise adds its first letter.
_OPENERS = frozenset("更相延推猜您你可為为rRsSmMyY" + NEIGHBOUR_FIRST)
#: Headings of blocks about the same matter, and of those that merely recommend: the latter count where there are
#: none of the former.
_RELATED = re.compile(
    r"^\W{0,4}(?:更多)?(?:相[关關](?:新[闻聞]|[阅閱][读讀]|文章|[链鏈連][接結]|资讯|資訊|[报報][道導]|主[题題]|"
    r"内容|信息|稿件|话题|专题)|延伸[阅閱][读讀]|"
    r"related(?: articles?| stor(?:y|ies)| posts?| news| content| reading| links| coverage)?|see also|more on "
    r"this(?: story| topic)?)\W{0,4}$",
    re.IGNORECASE,
)
_RECOMMENDED = re.compile(
    r"^\W{0,4}(?:推[荐薦](?:[阅閱][读讀]|新[闻聞]|文章|资讯)|相关推荐|猜你喜[欢歡]|您?可能(?:还|也)?(?:感兴趣|"
    r"喜欢)\S{0,6}|為你推薦|为你推荐|you (?:may|"
    r"might) (?:also )?(?:like|be interested in)|read (?:more|next)|recommended(?: for you)?)\W{0,4}$",
    re.IGNORECASE,
)
_ELSEWHERE = Hint.RANKING | Hint.COMMENT
_FOOT = re.compile(r"foot|copyright|bottom", re.IGNORECASE)
#: The way to everything or to the readers' comments, behind the entries of a block: no article.
_ALL = re.compile(
    r"^\W{0,3}(?:(?:查看|浏览)?(?:更多|全部)|more\b).{0,30}(?:[>＞»]{1,2}|》》|\.{3}|…)$"
    r"|^(?:已有|共有?|查看)?\s?\d{1,9}\s?[位条條个個人]?(?:网友|網友|用户)?(?:发表|發表|参与|跟[帖贴]|评论|評論|回[复覆]).{0,8}$"
    r"|^(?:进入|返回|关注|加入|下载|订阅|打开).{0,12}(?:首页|主页|频道|专区|专题|微博|微信|公众号|客户端|更多|全部)\W{0,3}$",
    re.IGNORECASE,
)
#: What a link names where it names no article: "上一篇稿件".
_UNTITLED = re.compile(r"(?:稿件|文章|新闻|资讯|信息|公告|主题|帖子|图集|article|post|story)\W{0,3}", re.IGNORECASE)
_MOSTLY = 0.4  #: share of an entry's line that is link
_CARD = 5  #: elements between a line and the link around its block
_TOO_MUCH = 40  #: links; what is longer is a list of everything


def find_links(reading: Reading, own: set[str]) -> list[Link]:
    """Neighbours, then related articles, each in page order.

    *own* are the addresses of the article itself, in their identity form.
    """
    links: dict[tuple[str, str], Link] = {}
    openers = _openers(reading.lines)
    for link in (*_neighbours(reading, openers), *_by_relation(reading), *_related(reading, openers)):
        key = identity(link.url)
        if key not in own:
            links.setdefault((key, link.kind), link)
    return list(links.values())


def _neighbours(reading: Reading, openers: Sequence[Line]) -> Iterator[Link]:
    lines = reading.lines
    for line in openers:
        if len(line.text) > 300 or not NEIGHBOUR.match(line.text):
            continue
        for kind, label in (("previous", PREVIOUS), ("next", NEXT)):
            match = label.match(line.text) if len(line.text) < 300 else None
            if match is None:
                continue
            anchor = _anchor(line)
            if anchor is None and match.end() >= len(line.text) and line.index + 1 < len(lines):
                anchor = _anchor(lines[line.index + 1])
            if anchor is None:
                continue
            url = reading.page.resolve(anchor.get("href"))
            title = tidy(label.sub("", tidy("".join(anchor.itertext())))) or None
            title = None if title and _UNTITLED.fullmatch(title) else title
            if url and not (title and _NONE.match(title)):
                yield Link(url, title, _kind(kind))
        yield from _second(reading, line)

    linked = reading.linked_text
    if not any(word in linked for word in ("一篇", "一条", "一则", "一則")):
        return
    for element in _naming_neighbours(reading):
        text = tidy("".join(element.itertext()))
        for kind, label in (("previous", PREVIOUS), ("next", NEXT)):
            match = label.match(text)
            url = reading.page.resolve(element.get("href"))
            if match and url and (title := text[match.end() :].strip(" :：")) and not _NONE.match(title):
                yield Link(url, title, _kind(kind))


def _naming_neighbours(reading: Reading) -> Iterator[Any]:
    for place in reading.places:
        elements: list[Any] = _NEIGHBOURS(place)  # type: ignore[assignment]  # a path of elements gives elements
        yield from elements


def _second(reading: Reading, line: Line) -> Iterator[Link]:
    """The other neighbour, on the line of the first: "上一篇：<a> 下一篇：<a>"."""
    said, first = "", None
    for text, _, anchor in line.pieces:
        if anchor is None:
            said += text
            continue
        if first is None or anchor is first:
            first, said = anchor, ""
            continue
        label = tidy(said).strip("[]【】|· ")
        url, title = reading.page.resolve(anchor.get("href")), tidy("".join(anchor.itertext()))
        if len(label) <= 8 and url and title and not _NONE.match(title):
            if PREVIOUS.fullmatch(label):
                yield Link(url, title, "previous")
            elif NEXT.fullmatch(label):
                yield Link(url, title, "next")
        return


def _by_relation(reading: Reading) -> Iterator[Link]:
    """Neighbours that their links declare: <a rel="prev">, <a rel="next">. Bare labels turn a list's pages."""
    for element, relation in reading.blocks.related:
        relations = relation.split()
        if "prev" not in relations and "next" not in relations:
            continue
        title = tidy(NEIGHBOUR.sub("", tidy("".join(element.itertext()))))
        url = reading.page.resolve(element.get("href"))
        if url and len(title) >= 5 and not title.isdigit():
            yield Link(url, title, "previous" if "prev" in relations else "next")


def _openers(lines: list[Line]) -> list[Line]:
    """The *lines* that begin as labels of neighbours and headings of blocks do, or with what may stand before them.

    Looked at before a pattern is tried on every line.
    """
    return [line for line in lines if (first := line.text[0]) in _OPENERS or not first.isalnum()]


def _kind(name: str) -> LinkKind:
    return "previous" if name == "previous" else "next"


def _anchor(line: Line) -> Any:
    return next((link for _, _, link in line.pieces if link is not None and link.get("href")), None)


def _related(reading: Reading, openers: Sequence[Line]) -> Iterator[Link]:
    """The links of the first block that opens with a heading of related articles, else of recommendations."""
    lines = [line for line in openers if len(line.text) <= 30 and not (line.node.hidden or line.node.hint & _ELSEWHERE)]
    for heading in (_RELATED, _RECOMMENDED):
        for line in lines:
            if not heading.match(line.text):
                continue
            links = list(_list_behind(reading, line))
            if links and len(links) <= _TOO_MUCH:
                yield from links
                return


def _list_behind(reading: Reading, heading: Line) -> Iterator[Link]:
    """Links of the block that *heading* opens.

    They follow it without prose between, below the nearest shared container.
    """
    container = _container(reading, heading)
    if container is None:
        return
    apart = 0
    for line in reading.lines[heading.index + 1 : heading.index + 80]:
        if not line.node.within(container) or _looks_like_heading(line) or apart > 3:
            return
        if line.node.hint & Hint.CHROME & ~heading.node.hint and _at_foot(line.node):
            return
        if _linked(line) < _MOSTLY:
            apart += 1
            if line.units > 250:
                return
            continue
        apart = 0
        yield from _links_of(reading, line)


def _at_foot(node: Node) -> bool:
    """Whether *node* lies in what is named the foot of the page."""
    above: Node | None = node
    while above is not None and above.tag not in ("body", "html"):
        name = f"{above.element.get('class') or ''} {above.element.get('id') or ''}"
        if above.tag == "footer" or _FOOT.search(name):
            return True
        above = above.parent
    return False


def _links_of(reading: Reading, line: Line) -> Iterator[Link]:
    seen: list[Any] = []
    for link in _anchors(line):
        if any(link is other for other in seen):
            continue
        seen.append(link)
        url = reading.page.resolve(link.get("href"))
        shown = tidy("".join(link.itertext()))
        title = shown if len(shown) >= 5 else tidy(link.get("title") or "")
        shown = title.strip("0123456789跟贴评论 ")
        if url and len(title) >= 5 and shown and not NEIGHBOUR.match(title) and not _ALL.match(title):
            yield Link(url, title, "related")


def _anchors(line: Line) -> Iterator[Any]:
    """The links of *line*; one around a whole block of text (a card) is that of its lines."""
    for _, element, link in line.pieces:
        holders = (element, *islice(element.iterancestors(), _CARD))
        around = (holder for holder in holders if holder.tag == "a" and holder.get("href"))
        anchor = link if link is not None else next(around, None)
        if anchor is not None:
            yield anchor


def _linked(line: Line) -> float:
    """The share of *line* that is the text of links, cards included."""
    if line.linked:
        return line.linked
    return 1.0 if next(_anchors(line), None) is not None else 0.0


def _looks_like_heading(line: Line) -> bool:
    return line.linked < 0.5 and (
        line.node.tag in ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "th", "legend")
        or bool(_RELATED.match(line.text) or _RECOMMENDED.match(line.text))
    )


def _container(reading: Reading, heading: Line) -> Node | None:
    """The nearest ancestor of *heading* that holds an entry behind it as well; None where the next lines hold none."""
    node: Node | None = heading.node
    following = [
        line
        for line in reading.lines[heading.index + 1 : heading.index + 7]
        if line.units >= 15 and _linked(line) >= _MOSTLY
    ]
    while node is not None:
        if any(line.node.within(node) for line in following):
            return node
        node = node.parent
    return None
