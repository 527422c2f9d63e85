"""Authors and editors as a label or a byline states them."""

from __future__ import annotations

import re

from crawler.values.labels import is_label
from crawler.values.pieces import BREAK, folded
from crawler.values.surnames import like_person, like_publisher
from crawler.values.text import line

EDGES = f" \t\n\xa0\u3000{BREAK}|·•/\\,，。;；:：、-–—_[]【】〖〗()（）<>＜＞“”\"'*#~^丨｜"
#: What follows a name without belonging to it.
BEHIND = re.compile(
    r"\s?(?:微博$|参与互动|我要评论|评论[(（]|手机看|有\d{1,9}人|查看更多|关注公众号|返回|[(（]?微博[)）]|点击|"
    r"我有话说|"
    r"(?:版权|著作权)|辑自|摘自|转载请|\(点击|订阅|\+关注|关注$).*$"
)
_CUT = re.compile(
    rf"{BREAK}|\s{{2,}}|\s?[\]】〕)）]|[|｜丨\n\t]|\s?[-–—]{{1,2}}\s|\s[•·]\s|\s?[\[【〔(（<＜]|[>＞]{{1,2}}|"
    rf"\s(?:字体|大|中|小|A[-+])(?:\s|$)|"
    r"\s(?=[^\W\d_]{1,8}\s?[:：](?!//))|\s(?=\d)"
)
_LATIN_CUT = re.compile(
    rf"{BREAK}|\s{{2,}}|[|｜丨\n\t•/]|\s[-–—·]{{1,2}}\s|[,;]?\s(?:(?:and|with|&)\s)?(?i:photo\w{{0,9}}|pictures?|images?|"
    rf"illustrat\w{{1,5}}|video|graphics?|art|edited|produced|translated)\s(?i:by\b|$)|,?\s(?:on|at|in)\s(?=[A-Z\d])|,\s?(?=\d|$)|\sis\s|"
    r"\s(?:for|of|from)\s(?=[A-Z]|the\s)|\s?\((?=[^)]*$|[^)]{2,40}\))|;\s(?=(?i:editing|reporting|writing|"
    r"edited|additional))|"
    r"(?<=[a-z]),\s(?=[A-Z]{2,6}\Z)|(?<=[a-z])\s?(?:Twitter|Facebook|Instagram|LinkedIn|Email)\b|"
    r",\s(?=[Tt]he\s[A-Z])|,\s(?i:(?=(?:[^\s,]{1,20}\s){0,5}(?:writer|reporter|editor|editors|correspondent|"
    r"columnist|contributor|staff|producer|analyst|bureau|"
    r"journalist|fellow|professor|director|ceo|cto|cfo|founder|co-founder|intern|president|manager|news|times|"
    r"post|reuters|press|"
    r"network|tribune|university|institute|agency|phd|ph\.d|md|m\.d)\b))"
)
#: The office behind a name, or the agency: "Jane Doe Health Editor", "Jane Doe AP".
_OFFICE_BEHIND = re.compile(
    r"\s(?:(?:health|science|business|political|politics|sports?|technology|tech|news|features|staff|senior|"
    r"chief|environment|education|"
    r"economics|economy|travel|culture|arts|city|national|foreign|world|deputy|associate|managing|contributing|"
    r"guest|executive|"
    r"data|crime|court|transport|ap|afp|bbc|cnn|pa)\s){0,3}(?:editor|reporter|correspondent|writer|columnist|"
    r"producer|AP|AFP)\b.*$",
    re.IGNORECASE,
)
_PROSE = re.compile(r"[。！？!?；]|https?://\S+\s\S|[,，].*[,，].*[,，]")
_DANGLING = re.compile(r"\s(?:on|in|at|for|and|with|updated|published|posted|am|um|vom|le|el|il)$", re.IGNORECASE)
#: What "by" introduces in prose: words in small letters, the end of a sentence, signs that no name has.
_NO_LATIN_NAME = re.compile(
    r"^(?!(?:van|von|de|da|di|del|della|der|du|la|le|al|bin|ter|ten|el|dos)\s|the\s.{2,40}\s(?i:team|staff|"
    r"desk|editors|board)$)"
    r"[a-z]\S*\s|[A-Za-z]{4,}\.$|^\.|[£$€»>”“=@]|[A-Za-z]:\s|^(?:image|photo|picture|video|credit|source|cited|"
    r"updated|published)s?\b|^(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Today|Yesterday)\b"
)
_NOBODY = re.compile(
    r"^(?:原创|转载|未知|佚名|不详|无|暂无|管理员|admin\w*|super user|administrator|root|webmaster|editor|guest|"
    r"匿名|robot|none|null|unknown|anonymous|staff|(?:精选|精選|推荐|推薦|推介|链接|鏈接|連結|部)$|.*(?:声明|"
    r"聲明|仅代表|僅代表).*|"
    r"undefined|n/?a|[-—]+|小编|本[报報刊站网網社台臺]|网络|编辑|作者|记者|"
    r"(?:的)?(?:最新|更多|其他|全部|热门|一览|一覽|简介|介绍|文章|专栏|主页|信息|动态|观点|入门).*|.*all rights "
    r"reserved.*|https?\b.*|@.*|[\d.:]+|"
    r"(?:www\.)?[\w.-]+\.(?:com|cn|net|org)(?:\.cn)?\.?)$",
    re.IGNORECASE,
)
_HEADLINE = re.compile(r"[\u4e00-\u9fff]\s?[:：]|[:：]\s?[\u4e00-\u9fff]")  # "滨江警方：…" behind an empty label
_QUOTED = re.compile("^[“\"'「『‘]|[“”「」『』]")
#: Before a name: the medium and the office of who wrote.
_OFFICE = re.compile(
    r"^(?:《[^》]{2,12}》|[^\W\d_]{0,12}?)?(?:本报|本刊|本网|见习|特约|首席|实习|全媒体|融媒体|資深|"
    r"资深)*(?:记者|記者|通讯员|撰稿人|评论员|編輯|编辑|主笔|特派员)[\s:：/／|｜丨]{0,3}(?=\S)"
)
#: Behind a name, glued to it: what else the person did.
_DID = re.compile(
    r"(?<=\S)\s?(?:(?:综合|綜合|摄影|攝影|实习|现场|獨家|独家)?(?:报道|報道|報導|整理)|文/图|图/文|/文|/图|"
    r"[(（]文[)）]|\s文|撰文|采写|编译|编辑整理|发自\S{2,8})$"
)
_OTHER_WORK = re.compile(
    r"^(?:通讯员|通訊員|摄影|攝影|图|圖|编辑|編輯|校对|审核|责编|实习生|摄|翻译|供图|视频|剪辑|制图|策划|统筹|"
    r"监制|制作|发自)"
)
#: Nobody has a longer name; offices and departments that write have.
_LONGEST = 60
_LONGEST_HAN = 24


def person_name(text: str) -> str | None:
    """An author or editor, or several, as stated behind a label; None where nobody is, or where it is prose."""
    text = folded(text).lstrip(f" \t\n\xa0{BREAK}:：,，·•|/-–—")
    if not text or _QUOTED.match(text):
        return None
    latin = text[:1].isascii() and text[:1] not in "([<"
    name = _latin(text) if latin else _han(text.strip(EDGES.replace("《", "")))
    if (
        not name
        or len(name) > _LONGEST
        or _PROSE.search(name)
        or _HEADLINE.search(name)
        or _QUOTED.search(name)
        or _NO_LATIN_NAME.search(name)
        or not re.search(r"[^\W_]", name)
        or name.split()[0].isdigit()
        or name.count("(") != name.count(")")
        or (re.search(r"\d", name) and re.search(r"[ ()]", name))
        or _NOBODY.match(name)
        or is_label(name)
    ):
        return None
    return name


def _latin(text: str) -> str:
    whole = line(_LATIN_CUT.split(text, maxsplit=1)[0])
    name = _OFFICE_BEHIND.sub("", whole)
    if name != whole and (" " not in name or like_publisher(name)):  # "Daily Mail Reporter"
        name = whole
    name = BEHIND.sub("", name).strip(EDGES)
    name = _DANGLING.sub("", name).strip(EDGES)
    return "" if _sentence(name) else name


def _sentence(name: str) -> bool:
    """Whether three Latin words and more are no name: fewer than half of them begin with a capital."""
    words = name.split()
    return len(words) > 2 and name.isascii() and sum(word[0].isupper() for word in words) * 2 < len(words)


def _han(text: str) -> str:
    """The first name and what follows it as far as it looks like further names."""
    text = _unpadded(_OFFICE.sub("", text))
    text = BEHIND.sub("", line(_CUT.split(text, maxsplit=1)[0]))
    words = text.split(" ")
    kept: list[str] = []
    for word in words:
        if kept and not (word in "、,，&和与" or _names(word)):
            break
        if kept and _OTHER_WORK.match(word):
            break
        kept.append(word)
        if _DID.search(word):
            break
    name = _DID.sub("", _one_side(" ".join(kept))).strip(EDGES)
    if name.startswith("《"):
        return ""  # a publication
    return name if len(name) <= _LONGEST_HAN or not re.fullmatch(r"[\u3400-\u9fff]+", name) else ""


_PADDED = re.compile(r"^([\u3400-\u9fff])\s{1,4}([\u3400-\u9fff])(?=\s|$)")


def _unpadded(text: str) -> str:
    """A name of two ideographs that white space pads, without it."""
    return _PADDED.sub(r"\1\2", text)


def _names(word: str) -> bool:
    """Whether *word* is a name, or a list of names without white space."""
    return all(like_person(_DID.sub("", name)) for name in re.split(r"[、,，&]", word.strip("、,，&")) if name)


def _one_side(name: str) -> str:
    """Of "王小明/台北報導", "王小明/文" the name; both of two names."""
    first, slash, second = name.partition("/")
    if not slash or (like_person(first) and like_person(second)):
        return name
    return (
        first
        if len(first) > 1 and not first.endswith(("图", "文", "圖"))
        else second
        if first in {"文", "图文", "文图"}
        else first
    )
