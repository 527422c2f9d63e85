"""Which lines of the container are the article: without its header line, related blocks, share bars and editor's notes."""

from __future__ import annotations

import re

from crawler.extraction.blocks import Line, Node
from crawler.extraction.hints import Hint
from crawler.values.text import squash

_DROPPED = Hint.COMMENT | Hint.SHARE | Hint.RELATED | Hint.RANKING | Hint.CRUMB | Hint.CHROME | Hint.NOISE
_NEIGHBOUR = re.compile(r"^\W{0,3}(?:上一?[篇页条则]|下一?[篇页条则]|上一个|下一个|前一篇|后一篇|previous(?: article| post| story)?\s*:|next(?: article| post| story)?\s*:)", re.I)
_TAIL = re.compile(
    r"^\W{0,3}(?:(?:责任编辑|责编|编辑|編輯|責任編輯|编审|网络编辑|本文编辑|审核|校对|责任校对|终审|初审|复审)\s?[:：丨|]|相关(?:新闻|阅读|文章|链接|资讯|报道|专题|推荐|主题)|"
    r"(?:延伸|推荐|更多|热门|精彩|猜你)(?:阅读|推荐|新闻|文章|喜欢)|分享(?:到|至)|(?:特别)?(?:版权|免责)?(?:声明|说明)\s?[:：]|关键词\s?[:：]|标签\s?[:：]|tags?\s?:|"
    r"(?:我要)?(?:评论|纠错|打印|收藏|举报|点赞|返回顶部|关闭窗口?|返回列表)\W*$|【?打印】?|share this|related (?:articles|stories|posts|content|news)|read more\W*$|leave a (?:comment|reply)|"
    r"扫(?:一扫|描)|(?:打印本页|关闭本页|返回|字号)|advertisement$|most (?:read|popular)|you (?:may|might) (?:also )?like|recommended|more (?:from|on|stories)|sign up (?:for|to)|follow us|comments?\W*\d*$)",
    re.I,
)
_SHORT = 90  #: units: what is longer is prose, whatever it begins with


def body_lines(container: Node, lines: list[Line], title: str | None, header: set[int]) -> list[Line]:
    """The lines of *lines* (all below *container*) that are the article's text; *header* are the indexes of its header lines."""
    outer = container.hint
    kept = [line for line in lines if line.index not in header and not _foreign(line, outer)]
    kept = _without_head(kept, title)
    kept = [line for line in kept if not _tail_line(line)]
    return _without_link_lists(kept)


def _foreign(line: Line, outer: int) -> bool:
    """Whether *line* stands in a part of the container that is not the article's."""
    return bool(line.node.hint & ~outer & _DROPPED) or any(n.own_hint & _DROPPED & ~outer for _, n in line.pieces[:1])


def _without_head(lines: list[Line], title: str | None) -> list[Line]:
    wanted = squash(title) if title else ""
    for position, line in enumerate(lines[:6]):
        if wanted and squash(line.text) == wanted:
            return lines[position + 1 :]
    return lines


def _tail_line(line: Line) -> bool:
    return line.units <= _SHORT * 2 and bool(_NEIGHBOUR.match(line.text)) or line.units <= _SHORT and bool(_TAIL.match(line.text))


def _without_link_lists(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.linked < 0.8 or (line.node.tag == "p" and line.linked < 0.999)]
