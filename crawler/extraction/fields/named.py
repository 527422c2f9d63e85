"""Header values without a label, recognised by the name of their element.

For example class="source", rel="author" or an eye icon. A value must have the form that the name promises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from crawler.extraction.fields.printed import line_text
from crawler.extraction.page.lines import Line, Piece
from crawler.values.counts import parse_count
from crawler.values.header_fields import Header
from crawler.values.labels import is_label
from crawler.values.media import like_medium, stated_name
from crawler.values.persons import person_name
from crawler.values.pieces import BREAK, printed
from crawler.values.surnames import like_person, like_publisher
from crawler.values.text import line as tidy
from crawler.values.times import first_moment

_SOURCE = re.compile(
    r"(?<![a-z])(?:source|laiyuan|ly|media-?name|media|mediasource|origin|from|copyfrom|wz-?ly)(?![a-z])|source",
    re.IGNORECASE,
)
_NOT_SOURCE = re.compile(
    r"resource|source-?(?:time|date|box|wrap|info|code)|opensource|rich_?media|social|photo|"
    r"media[-_]?(?:body|object|heading|left|right|producer|meta|content|wrap|box|list)",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"author|byline|by-line|(?<![a-z])(?:writer|contributors?|auth|zuozhe|reporter|columnist|jizhe|credit-?name)(?![a-z])",
    re.IGNORECASE,
)
_NOT_AUTHOR = re.compile(
    r"author[-_ ]{0,2}(?:bio|desc|about|avatar|img|image|photo|pic|follow|social|title|role|job|position|twitter|more|"
    r"area|list|time|date|tags?|posts|articles|stats|origin)|authori[tsz]|related|comment|sidebar|recommend",
    re.IGNORECASE,
)
#: What stands in an element named after a source without being one: a day, the credit of a picture.
_NO_NAME = re.compile(
    r"^(?:刚刚|今天|昨天|前天|昨日|今日)|(?:[/／╱\s]|^)(?:摄影|攝影)|(?:摄|攝)[)）]?$|^(?:Read|View|Click|Download|See)\b"
)
_VIEWS = re.compile(
    r"(?<![a-z])(?:views?|view-?(?:count|num)s?|hits?|clicks?|click-?(?:count|num)|read-?(?:count|num|times)|pv|"
    r"liulan(?:liang)?|yuedu|browse|icon-?(?:eye|view|read|look)|eye|fa-eye|pageviews?)(?![a-z])",
    re.IGNORECASE,
)
#: The address of an author's own page.
_OF_AUTHOR = re.compile(
    r"/(?:authors?|contributors?|writers?|columnists?|reporters?|journalists?|(?:user)?profiles?|staff)/[^/?#]"
    r"|/@[\w.-]{2,40}/?(?:\?|$)",
    re.IGNORECASE,
)
#: What an icon before the name of a writer is called.
_PERSON = re.compile(r"(?<![a-z])(?:user|author|writer|pen(?:cil)?|person|account)(?![a-z])", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"[\d.,\s]{1,16}[万萬kKwW]?\+?\s{0,2}(?:次|人)?\Z")
_LONGEST = 200
_LONGEST_NAME = 120  #: units
_LONGEST_ALIAS = 30  #: characters


def read_named(line: Line, header: Header, now: datetime, *, near: bool) -> None:
    """Completes *header* from the names of the elements of *line*; *near*: whether it stands where headers do."""
    if len(line.text) > _LONGEST:
        return
    if header.views is None and not header.views_stated and _DIGIT.search(line.text):
        _views(line, header)
    if not (header.source_labelled or header.source_stated):  # a name read out of the whole line may run too far
        _source(line, header, now)
    if near and not header.author_labelled and line.units <= _LONGEST_NAME:
        _author(line, header, now)


def _source(line: Line, header: Header, now: datetime) -> None:
    for text, holder, link in line.pieces:
        element = holder if link is None else link
        if not _named_source(_name(element)):
            continue
        value = tidy(text)
        if (
            2 <= len(value) <= 30
            and not first_moment(value, now)
            and not re.search(r"[:：]", value)
            and not is_label(value)
            and not _NO_NAME.search(value)
            and (name := stated_name(value))
            and not (re.match("[\u3400-\u9fff]", name) and like_person(name))
        ):
            header.source = name
            return


def _author(line: Line, header: Header, now: datetime) -> None:
    """The name in an element that says that it holds the author's."""
    block = line.node.element
    said = line.pieces
    if not _above(block, _says_author):
        said = [piece for piece in line.pieces if _inside(piece[1], block, _says_author)]
    if not said and (beside := next((piece for piece in line.pieces if _beside_person(piece)), None)):
        _beside_icon(beside[0], line, header, now)
        return
    if not said:
        return
    text = _several(said) or printed((text, place > 0 and text != " ") for place, (text, _, _) in enumerate(said))
    if first_moment(text, now):
        text = line_text(line) if len(said) == len(line.pieces) else text.split(BREAK, 1)[0]
    name = person_name(text)
    if name is None or like_medium(name) or like_publisher(name) or first_moment(name, now):
        return
    if name == header.editor:  # as a label in it says
        return
    certain = len(name) <= _LONGEST_ALIAS and (
        _above(block, _is_author) or any(_inside(piece[1], block, _is_author) for piece in said)
    )
    if certain or all(like_person(part) for part in names_in(name)):
        header.author, header.author_labelled = name, certain


def _beside_icon(text: str, line: Line, header: Header, now: datetime) -> None:
    """The name behind the icon of a person: one that people bear, or any in a line that has a moment."""
    name = person_name(text)
    if name is None or len(name) > _LONGEST_ALIAS or like_medium(name) or first_moment(name, now):
        return
    if like_person(name) or first_moment(line.text, now):
        header.author, header.author_labelled = name, True


def _several(said: Sequence[Piece]) -> str | None:
    """The list of people whose names stand in links to their own pages, without anything but space between them."""
    stated = [(tidy(text), link) for text, _, link in said if text.strip()]
    names = [name for name, link in stated if link is not None and _says_author(link) and like_person(name)]
    if not 1 < len(names) == len(stated) or len(set(names)) < len(names):
        return None
    return ("、" if all(map(str.isalpha, names)) and not names[0].isascii() else ", ").join(names)


def names_in(name: str) -> list[str]:
    """The single names of a list of people."""
    return [single for part in re.split(r"[,，、;&]|\s(?i:and|und|et|og|och|y)\s", name) if (single := part.strip())]


def _inside(element: Any, block: Any, says: Callable[[Any], bool]) -> bool:
    """Whether *element* or one around it, within the *block* of its line, *says* so."""
    while element is not None and element is not block:
        if says(element):
            return True
        element = element.getparent()
    return False


def _above(block: Any, says: Callable[[Any], bool]) -> bool:
    """Whether *block* or the element around it *says* so."""
    return says(block) or ((above := block.getparent()) is not None and says(above))


def _says_author(element: Any) -> bool:
    attributes = dict(element.items())
    return bool(attributes) and (
        _marks_author(attributes)
        or _named_author(_name(attributes))
        or ("href" in attributes and _OF_AUTHOR.search(attributes["href"]) is not None)
    )


@lru_cache(maxsize=4096)
def _named_source(name: str) -> bool:
    return bool(_SOURCE.search(name) and not _NOT_SOURCE.search(name))


@lru_cache(maxsize=4096)
def _named_author(name: str) -> bool:
    return bool(_AUTHOR.search(name) and not _NOT_AUTHOR.search(name))


def about_author(element: Any) -> bool:
    """Whether *element* is named after something about an author other than the name: a profile, a picture."""
    return bool(_NOT_AUTHOR.search(_name(element)))


def _is_author(element: Any) -> bool:
    """Whether the markup says so in the words of a standard: rel="author", itemprop="author"."""
    return _marks_author(element)


def _marks_author(attributes: Any) -> bool:
    """:func:`_is_author` of an element or its attributes."""
    relation = attributes.get("rel")
    named = relation is not None and "author" in relation.split()
    return named or attributes.get("itemprop") in ("author", "creator")


def _name(element: Any) -> str:
    """Class and id of an element, or of its attributes."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _views(line: Line, header: Header) -> None:
    for text, element, link in line.pieces:
        if not _DIGIT.search(text):
            continue
        value = tidy(text)
        if not value[:1].isdigit() or not _DIGITS.match(value):
            continue
        if _counts_views(element if link is None else link, text) and (count := parse_count(value)) is not None:
            header.views, header.views_raw, header.views_labelled = count, value, True
            return


def _counts_views(element: Any, text: str) -> bool:
    """Whether the element, or the icon directly before *text* in it, is named after views."""
    return bool(_VIEWS.search(_name(element))) or _icon(element, text, _VIEWS)


def _beside_person(piece: Piece) -> bool:
    """Whether the icon of a person stands directly before *piece*."""
    text, element, link = piece
    return bool(text.strip()) and _icon(element if link is None else link, text, _PERSON)


def _icon(element: Any, text: str, named: re.Pattern[str]) -> bool:
    """Whether an empty element directly before *text* in *element*, or before *element*, is *named* so."""
    before = next((child for child in element if child.tail == text), None)
    if before is None:
        before = element.getprevious()
        if before is None or (before.tail or "").strip():
            return False
    return bool(named.search(before.get("class") or "")) and not "".join(before.itertext()).strip()
