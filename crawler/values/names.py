"""Names behind labels: of a source (来源), of people; and names that only media bear."""

from __future__ import annotations

import re

from crawler.values.text import line

_EDGES = " \t\n\xa0\u3000|·•/\\,，。;；:：、-–—_[]【】〖〗()（）<>＜＞“”\"'*#~^"
_CUT = re.compile(
    r"\s{2,}|\s?[\]】]|[|｜\n\t]|\s[-–—•·]\s|\s(?=[\[【(（<])|[>＞]{1,2}|\s(?:字体|大|中|小|A[-+])(?:\s|$)"
)
_ENGLISH_CUT = re.compile(
    r"\s{2,}|[|｜\n\t•/]|\s[-–—·]{1,2}\s|,?\s(?:on|at|in)\s(?=[A-Z\d])|,\s?(?=\d|$)|\sis\s|\sfor\s(?=[A-Z])|"
    r";\s(?=(?i:editing|reporting|writing|edited|additional))|(?<=[a-z])\s?(?:Twitter|Facebook|Instagram|LinkedIn|Email)\b"
)
_PROSE = re.compile(r"[。！？!?；]|https?://\S+\s\S|[,，].*[,，].*[,，]")
_MEDIA = re.compile(
    r"(?:日报|晚报|时报|商报|都市报|晨报|早报|快报|周报|青年报|[^通简快]报|[^官]網|[^官]网|[^本该該此方]网站|社|电视台|广播|"
    r"[^阳站平]台|新闻|消息|频道|在线|周刊|杂志|客户端|报道|论坛|导报|传媒|"
    r"(?:新浪|搜狐|腾讯|网易|凤凰|和讯|金融界)\w{2,4}|观察|热线|中心|之家|財經|新聞網|新聞|日報|時報|晚報|通訊社)$"
)
_NO_MEDIUM = re.compile(
    r"本文|来源|责任|编辑|^(?:新闻|消息|报道|频道|中心|观察|论坛|在线|社|网)$|首页|"
    r"^(?:即[时時]|最新|今日|[国國][际際内內]|社[会會]|[财財][经經]|[体體]育|[头頭][条條]|本地|地方|[综綜]合|焦[点點]|生活|[娱娛][乐樂])"
    r"(?:新[闻聞]|消息|[频頻]道|中心)$"
)
#: The reporter behind the medium, in one value: "中国新闻网 王小明".
_WITH_REPORTER = re.compile(r"^(\S{2,16}) [\u4e00-\u9fff]{1,3}[^\s版刊报報网網台社号號讯訊道\W\d]$")
_FLAGS = re.compile(r"^(?:原创|转载|原標題|置顶|推荐|独家)[\s:：]")
_DANGLING = re.compile(r"\s(?:on|in|at|for|and|with)$")  # "By Jane Doe on" before a date in another element
#: What follows a name without belonging to it.
_BEHIND = re.compile(
    r"\s?(?:微博$|参与互动|我要评论|评论[(（]|手机看|有\d{1,9}人|查看更多|关注公众号|返回|[(（]?微博[)）]|点击|我有话说|"
    r"(?:版权|著作权)|辑自|摘自|转载请|\(点击|订阅|\+关注|关注$).*$"
)
#: What "by" introduces in prose: words in small letters, the end of a sentence, signs that no name has.
_NO_LATIN_NAME = re.compile(
    r"^(?!(?:van|von|de|da|di|del|della|der|du|la|le|al|bin|ter|ten|el|dos)\s|the\s.{2,40}\s(?i:team|staff|desk|editors|board)$)"
    r"[a-z]\S*\s|[A-Za-z]{4,}\.$|^\.|[£$€»>”“]"
)
_NOBODY = re.compile(
    r"^(?:原创|转载|未知|佚名|不详|无|暂无|管理员|admin\w*|super user|administrator|root|webmaster|editor|guest|"
    r"匿名|robot|none|null|(?:精选|精選|推荐|推薦|推介|链接|鏈接|連結|部)$|.*(?:声明|聲明|仅代表|僅代表).*|"
    r"undefined|n/?a|[-—]+|"
    r"(?:的)?(?:最新|更多|其他|全部|热门|一览|一覽|简介|介绍|文章|专栏|主页|信息|动态|观点).*|.*all rights "
    r"reserved.*|https?://\S+|"
    r"(?:www\.)?[\w.-]+\.(?:com|cn|net|org)(?:\.cn)?\.?)$",
    re.IGNORECASE,
)
#: A line that names the reporter and the place, as portals of Taiwan write it: "記者王小明／台北報導", with the medium
#: before it or without, in brackets or without.
BYLINE = re.compile(
    r"^[【〔(（\[]?(?:(?P<medium>(?!記者|记者)[^\W\d]{2,8})\s?[/／╱])?\s?(?P<role>記者|记者)?\s?"
    r"(?P<names>[^\W\da-zA-Z]{2,4}(?:[、\s][^\W\da-zA-Z]{2,4}){0,2})\s?[/／╱]\s?[^\W\da-zA-Z]{2,4}?(?:報導|报道|報道|電)[】〕)）\]]?$"
)
_HEADLINE = re.compile(r"[\u4e00-\u9fff]\s?[:：]|[:：]\s?[\u4e00-\u9fff]")  # "滨江警方：…" behind an empty label
_ROLE = re.compile(r"^(?:本报|本刊|见习|特约|首席|实习)?(?:记者|通讯员|撰稿人|评论员|编辑)[\s:：]{1,3}(?=\S)")


#: A count without a label behind the name.
_LOOSE_NUMBER = re.compile(r"(?<=[^\s\d])\s{1,9}\d{1,9}$")


def stated_name(text: str) -> str | None:
    """A source as stated behind its label; None where nothing is, or where it is prose."""
    name = _LOOSE_NUMBER.sub("", _balanced(_clip(text, _CUT), text))
    if name.startswith("《") and name.count("《") != name.count("》"):
        name += "》" * (name.count("《") - name.count("》"))
    if (
        name == "原创"
        or not name
        or (len(name) > 60 and "://" not in name)
        or _PROSE.search(name)
        or not re.search(r"\w", name)
    ):
        return None
    if (match := _WITH_REPORTER.match(name)) and _MEDIA.search(match[1]):
        return match[1]
    return name if len(name) <= 300 else None


def _balanced(name: str, text: str) -> str:
    """*name* with the bracket that was stripped from its end, or without the one that nothing closes."""
    if name.count("(") <= name.count(")"):
        return name
    return name + ")" if name + ")" in line(text) else name.rpartition("(")[0].strip(_EDGES)


def _sentence(name: str) -> bool:
    """Whether three Latin words and more are no name: fewer than half of them begin with a capital."""
    words = name.split()
    return len(words) > 2 and name.isascii() and sum(word[0].isupper() for word in words) * 2 < len(words)


def person_name(text: str) -> str | None:
    """An author or editor as stated behind the label; None where nothing is, or where it is prose."""
    name = _clip(text, _ENGLISH_CUT if text.strip()[:1].isascii() else _CUT)
    name = _ROLE.sub("", name)
    if "(" in name and ")" not in name:
        name = name.partition("(")[0].strip(_EDGES)
    name = _DANGLING.sub("", name)
    if (
        not name
        or _sentence(name)
        or len(name) > 60
        or _PROSE.search(name)
        or _HEADLINE.search(name)
        or _NO_LATIN_NAME.search(name)
        or not re.search(r"[^\W_]", name)
        or name.split()[0].isdigit()
        or _NOBODY.match(name)
    ):
        return None
    return name


def media_name(text: str, *, last: bool = False) -> str | None:
    """The first (or *last*) piece of *text* if it bears a name that only media bear; else None."""
    pieces = [
        p
        for piece in re.split(r"\s+|[|｜·•【\[(（╱/]", _FLAGS.sub("", line(text)))
        if (p := _BEHIND.sub("", piece).strip(_EDGES))
    ]
    for piece in reversed(pieces[-2:]) if last else pieces[:1]:
        if 2 <= len(piece) <= 16 and _MEDIA.search(piece) and not _NO_MEDIUM.search(piece):
            half = piece[: len(piece) // 2]
            return half if piece == half + half else piece
    return None


def _clip(text: str, cut: re.Pattern[str]) -> str:
    text = text.strip(_EDGES.replace("《", ""))
    return _BEHIND.sub("", line(cut.split(text, 1)[0])).strip(_EDGES) if text else ""
