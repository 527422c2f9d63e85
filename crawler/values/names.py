"""Names behind labels: of a source (来源), of people; and names that only media bear."""

from __future__ import annotations

import re

from crawler.values.text import line

_EDGES = " \t\n\xa0\u3000|·•/\\,，。;；:：、-–—_[]【】〖〗()（）<>＜＞“”\"'*#~^"
_CUT = re.compile(r"\s{2,}|[|｜\n\t]|\s[-–—•·]\s|\s(?=[\[【(（<])|[>＞]{1,2}|\s(?:字体|大|中|小|A[-+])(?:\s|$)")
_ENGLISH_CUT = re.compile(r"\s{2,}|[|｜\n\t•/]|\s[-–—·]{1,2}\s|,?\s(?:on|at|in)\s(?=[A-Z\d])|,\s?(?=\d|$)|\sis\s|\sfor\s(?=[A-Z])")
_PROSE = re.compile(r"[。！？!?；]|https?://\S+\s\S|[,，].*[,，].*[,，]")
_MEDIA = re.compile(
    r"(?:日报|晚报|时报|商报|都市报|晨报|早报|快报|周报|青年报|[^通简快]报|[^官]网|社|电视台|广播|[^阳站平]台|新闻|消息|频道|在线|周刊|杂志|客户端|报道|论坛|导报|传媒|"
    r"(?:新浪|搜狐|腾讯|网易|凤凰|和讯|金融界)\w{2,4}|观察|热线|中心|之家|財經|新聞網|新聞|日報|時報|晚報|通訊社)$"
)
_FLAGS = re.compile(r"^(?:原创|转载|原標題|置顶|推荐|独家)\s")


def stated_name(text: str) -> str | None:
    """A source as stated behind its label; None where nothing is, or where it is prose."""
    name = _clip(text, _CUT)
    if name.startswith("《") and name.count("《") != name.count("》"):
        name += "》" * (name.count("《") - name.count("》"))
    if not name or len(name) > 60 and "://" not in name or _PROSE.search(name) or not re.search(r"\w", name):
        return None
    return name if len(name) <= 300 else None


def person_name(text: str) -> str | None:
    """An author or editor as stated behind the label; None where nothing is, or where it is prose."""
    name = _clip(text, _ENGLISH_CUT if text.strip()[:1].isascii() else _CUT)
    if not name or len(name) > 60 or _PROSE.search(name) or not re.search(r"[^\W_]", name) or name.isdigit():
        return None
    return name


def media_name(text: str, *, last: bool = False) -> str | None:
    """The first (or *last*) piece of *text* if it bears a name that only media bear; else None."""
    pieces = [p for piece in re.split(r"\s+|[|｜·•【\[(（]", _FLAGS.sub("", line(text))) if (p := piece.strip(_EDGES))]
    if not pieces:
        return None
    piece = pieces[-1 if last else 0]
    return piece if 2 <= len(piece) <= 16 and _MEDIA.search(piece) else None


def _clip(text: str, cut: re.Pattern[str]) -> str:
    text = text.strip(_EDGES.replace("《", ""))
    return line(cut.split(text, 1)[0]).strip(_EDGES) if text else ""
