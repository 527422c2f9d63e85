"""Lines and brackets that name who wrote a text, without a label.

文｜王小明, （本报记者 王小明）, 記者王小明／台北報導.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.values.given_names import has_given_name
from crawler.values.media import media_name
from crawler.values.persons import person_name
from crawler.values.pieces import BREAK, folded
from crawler.values.surnames import like_person

#: A line that names the reporter and the place, as portals of Taiwan write it: "記者王小明／台北報導", with the medium
#: before it or without, in brackets or without.
BYLINE = re.compile(
    r"^[【〔(（\[]?(?:(?P<medium>(?!記者|记者)[^\W\d]{2,8})\s?[/／╱])?\s?(?P<role>記者|记者)?\s?"
    r"(?P<names>[^\W\da-zA-Z]{2,4}(?:[、\s][^\W\da-zA-Z]{2,4}){0,2})\s?[/／╱]\s?[^\W\da-zA-Z]{2,4}?(?:報導|"
    r"报道|報道|電)[】〕)）\]]?$"
)
_DESK = re.compile(r"(?:中心|[社部報报組组室台網网])$")
_BAR = r"\s?(?:[|｜丨/／╱:：]|·)\s?"
#: "文｜", "文/图 ", "采写/": the word for the text, then the writer.
_TEXT_BY = re.compile(
    r"^[◎●■□▲◆@\s【\[(（]{0,3}(?:(?:文|图文|圖文)[/／、&+](?:图|圖|摄|攝|摄影|攝影)(?:\s?[|｜丨/／:：]\s?|\s)"
    rf"|(?:文字|图文|圖文|采写|採寫|采访|撰文|撰稿|作者|文)(?:[/／、&+]?(?:整理|编辑|编译))?{_BAR})"
)
#: "Text: Jane Doe": a word of prose as well, so that a given name must follow.
_TEXT_LATIN = re.compile(r"(?:Text|Story|Words|Report)\s?[:：]\s?(?P<name>[^\d:]{5,40}?)\s?(?:[/|;].*)?$")
_TEXT = re.compile(rf"^(?:文|撰文|图文)[\s{BREAK}]{{1,4}}(?P<name>\S{{2,12}})$")  #: "文  王小明"
_REPORTER = (
    r"(?:本报|本刊|本网|本社|见习|特约|首席|实习|全媒体|融媒体|資深|资深|特派|驻\w{2,4}|駐\w{2,4})*"
    r"(?:记者|記者|特派員|特派员|評論員|评论员|撰稿人|主笔|主筆)"
)
#: "本报记者 ", "澎湃新闻记者 ", "《财经》记者 ".
_BY_OFFICE = re.compile(
    rf"^[◎●■□▲◆@\s]{{0,3}}(?:[^\W\d_a-z]{{2,8}}[讯訊]\s)?(?P<medium>《[^》]{{2,12}}》|[^\W\d_a-z]{{0,10}}?)(?P<office>{_REPORTER})\s?[:：/／|"
    rf"｜丨]?\s?(?P<names>\S.*)$"
)
_BRACKETS = re.compile(r"^[【〔(（\[]\s?(?P<inner>[^【〔(（\[\]）)〕】]{2,40})\s?[】〕)）\]]$")
#: In a lead or at the end of a text: "滨江3月9日电（记者 王小明）".
_AT_END = re.compile(r"[(（【\[〔]\s?(?P<inner>[^()（）【】\[\]〔〕]{2,40})\s?[)）】\]〕][\s。]{0,2}$")
_IN_LEAD = re.compile(
    r"^.{0,30}?[(（【\[〔]\s?(?P<inner>(?:[^\W\d_]{0,10}?(?:记者|記者|通讯员|"
    r"通訊員))[^()（）【】\[\]〔〕]{1,40})[)）】\]〕]"
)
#: Who made the picture: "记者王小明／摄影".
_PICTURE = re.compile(r"(?<!文)[/／╱|]\s?(?:摄影?|攝影?|图|圖|供图|供圖|摄制)\s?[)）】]?$")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Byline:
    """Whom a line names as the writer, and the medium that it names before."""

    author: str | None
    medium: str | None = None


#: One of these stands in every byline.
_MAY_SIGN = re.compile(
    r"[记記]者|特派|撰稿人|主[笔筆]|[评評][论論][员員]|[/／╱|｜丨:：·]|^(?:撰|图)?文\s|^\s*[【〔(（\[].{2,40}[】〕)）\]]\s*$"
)


def may_sign(text: str) -> bool:
    """Whether *text* is worth a look by :func:`read_byline`."""
    return len(text) <= _LONGEST and bool(_MAY_SIGN.search(text))


def read_byline(text: str) -> Byline | None:
    """What *text* (a line, printed or plain) states where it is a byline and nothing else; None for other lines."""
    text = folded(text).strip(f" {BREAK}")
    if not 2 <= len(text) <= _LONGEST or _PICTURE.search(text):
        return None
    if match := BYLINE.match(text.replace(BREAK, " ")):
        medium = media_name(match["medium"]) if match["medium"] else None
        author = person_name(match["names"]) if match["role"] or not _DESK.search(match["names"]) else None
        return Byline(author, medium)
    if bracketed := _BRACKETS.match(text.replace(BREAK, " ")):
        return _in_brackets(bracketed["inner"])
    if match := _TEXT_BY.match(text):
        return _named(text[match.end() :])
    for word, likely in ((_TEXT, like_person), (_TEXT_LATIN, has_given_name)):
        if (match := word.match(text)) and likely(match["name"]):
            return Byline(match["name"])
    return by_office(text)


def _named(text: str) -> Byline | None:
    name = person_name(text)
    return Byline(name) if name else None


def by_office(text: str) -> Byline | None:
    """A reporter behind the word for the office; all of the names must look like some."""
    match = _BY_OFFICE.match(text.replace(BREAK, " ").strip())
    if match is None:
        return None
    name = person_name(match["names"])
    if name is None or not all(like_person(part) for part in re.split(r"[、,，&\s]+", name) if part):
        return None
    return Byline(name, media_name(match["medium"]) if match["medium"] else None)


def _in_brackets(inner: str) -> Byline | None:
    """A name alone in brackets must look like one."""
    if byline := by_office(inner):
        return byline
    if match := _TEXT_BY.match(inner):
        return _named(inner[match.end() :])
    names = [part for part in re.split(r"[、,，\s]+", inner) if part]
    return Byline(inner.strip()) if 0 < len(names) <= 4 and all(like_person(name) for name in names) else None


def byline_in_lead(paragraph: str) -> Byline | None:
    """The reporter whom the first paragraph of a text names in brackets: "本报讯（记者 王小明）"."""
    match = _IN_LEAD.match(folded(paragraph[:120]))
    return by_office(match["inner"].strip()) if match else None


def byline_at_end(paragraph: str) -> Byline | None:
    """Whom the last line of a text names in brackets behind its last sentence, or as a line of its own."""
    text = folded(paragraph[-80:])
    match = _AT_END.search(text)
    return _in_brackets(match["inner"].strip()) if match else None
