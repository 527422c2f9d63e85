"""Where a text comes from: a source behind its label, and names that only media bear."""

from __future__ import annotations

import re

from crawler.values.labels import is_label
from crawler.values.persons import BEHIND, EDGES
from crawler.values.pieces import BREAK, folded
from crawler.values.surnames import like_person
from crawler.values.text import line

_CUT = re.compile(
    rf"{BREAK}|\s{{2,}}|\s?[\]】]|[|｜\n\t]|\s[-–—•·]\s|\s(?=[\[【(（<])|[>＞]{{1,2}}|\s(?:字体|大|中|小|"
    rf"A[-+])(?:\s|$)|"
    r"\s?\d{1,9}\s?(?:人参与|人參與|(?:条|個|个)?(?:评论|評論|跟贴|回复))"
)
_PROSE = re.compile(r"[。！？!?；]|https?://\S+\s\S|[,，].*[,，].*[,，]")
_MEDIA = re.compile(
    r"(?:[^通简快情汇海举预电战喜捷年季月公申填上播直回彙匯簡預電戰舉速][报報]|日报|晚报|时报|商报|晨报|早报|"
    r"快报|周报|[^官]網|[^官]网|[^本该該此方]网站|社|电视台|广播|"
    r"[^阳站平]台|新闻|消息|频道|在线|周刊|杂志|客户端|报道|论坛|导报|传媒|融媒|"
    r"(?:新浪|搜狐|腾讯|网易|凤凰|和讯|金融界)\w{2,4}|观察|热线|中心|之家|財經|新聞網|新聞|日報|時報|晚報|通訊社)$"
)
_NO_MEDIUM = re.compile(
    r"本文|来源|责任|编辑|^(?:新闻|消息|报道|频道|中心|观察|论坛|在线|社|网)$|首页|^(?:[上下前后]一|返回)|"
    r"^(?:即[时時]|最新|今日|[国國][际際内內]|社[会會]|[財财][经經]|[体體]育|[头頭][条條]|本地|地方|[综綜]合|"
    r"焦[点點]|生活|[娱娛][乐樂])"
    r"(?:新[闻聞]|消息|[频頻]道|中心)$"
)
#: How the second word of a source ends where it belongs to the name: "滨江日报 海外版".
_GOES_ON = re.compile(
    r"(?:版|院|所|局|委|部|厅|处|办|会|中心|公司|集团|大学|学院|[网網]|[报報]|社|刊|台|号|频道|客户端|期)$"
)
_FLAGS = re.compile(r"^(?:原创|转载|原標題|置顶|推荐|独家)[\s:：]")
#: A count without a label behind the name.
_LOOSE_NUMBER = re.compile(r"(?<=[^\s\d])\s{1,9}\d{1,9}$")
_HAN = re.compile("[\u3400-\u9fff]")
#: What may stand behind the label without being a medium: whose picture it is, that there is none.
_NO_SOURCE = re.compile(
    r"^(?:原创|未知|不详|无|暂无|网友?|编辑|作者|记者|(?:图片|圖片)?(?:摄影|攝影|供图|图/.*)|(?:我要|发表|参与|"
    r"点击|查看|收藏|打印|分享|举报|评论).{0,4}|"
    r"\d+人?参与.*|[\W\d_]+)$"
)


def stated_name(text: str) -> str | None:
    """A source as stated behind its label; None where nothing is, or where it is prose."""
    text = folded(text).lstrip(f" \t\n\xa0{BREAK}:：")
    name = _LOOSE_NUMBER.sub("", _balanced(_clip(text), text))
    name = _one_name(name)
    if name.startswith("《") and name.count("《") != name.count("》"):
        name += "》" * (name.count("《") - name.count("》"))
    if (
        not name
        or (len(name) > 60 and "://" not in name)
        or _PROSE.search(name)
        or _NO_SOURCE.match(name)
        or not re.search(r"\w", name)
        or is_label(name)
    ):
        return None
    return name if len(name) <= 300 else None


def _clip(text: str) -> str:
    text = text.strip(EDGES.replace("《", ""))
    return BEHIND.sub("", line(_CUT.split(text, maxsplit=1)[0])).strip(EDGES) if text else ""


def _one_name(name: str) -> str:
    """A Chinese name up to its first space, unless what follows is the rest of it.

    No place, no reporter, no button.
    """
    words = name.split(" ")
    for place, word in enumerate(words[1:], 1):
        before = words[place - 1]
        if not (_HAN.search(before[-1:]) and _HAN.search(word[:1])):
            continue
        if like_person(word) or not _GOES_ON.search(word):
            return " ".join(words[:place])
    return name


def _balanced(name: str, text: str) -> str:
    """*name* with the bracket that was stripped from its end, or without the one that nothing closes."""
    if name.count("(") <= name.count(")"):
        return name
    return name + ")" if name + ")" in line(text.replace(BREAK, " ")) else name.rpartition("(")[0].strip(EDGES)


def media_name(text: str, *, last: bool = False) -> str | None:
    """The first (or *last*) piece of *text* if it bears a name that only media bear; else None."""
    pieces = [
        p
        for piece in re.split(r"\s+|[|｜·•【\[(（╱/]", _FLAGS.sub("", BEHIND.sub("", text.replace(BREAK, " ").strip())))
        if (p := BEHIND.sub("", line(piece)).strip(EDGES))
    ]
    for piece in reversed(pieces[-2:]) if last else pieces[:1]:
        if like_medium(piece):
            half = piece[: len(piece) // 2]
            return half if piece == half + half else piece
    return None


def like_medium(name: str) -> bool:
    """Whether *name* ends as only names of media do."""
    return 2 <= len(name) <= 16 and bool(_MEDIA.search(name)) and not _NO_MEDIUM.search(name)
