"""Names in a header line that no label announces: before a bracketed day, before 发表于, between medium and day."""

from __future__ import annotations

import re

from crawler.values.given_names import has_given_name
from crawler.values.labels import Label
from crawler.values.media import like_medium, media_name, stated_name
from crawler.values.moments import Moment
from crawler.values.persons import EDGES, person_name
from crawler.values.pieces import BREAK
from crawler.values.surnames import like_person

_PARTS = re.compile(r"[\s|｜·•丨【】\[\](（)）╱/]+")
_LONGEST_PIECE = 40  #: characters beside a name
_BARS = re.compile(rf"[|｜·•丨╱/\n{BREAK}]+|\s[-–—]\s")
_SIGNED_BEFORE = re.compile(r"^发表于|^發表於|^發佈於")
#: "由 旧船票 发布于 2026-03-09": both words make it a signature.
_BY = re.compile(r"^由\s?(?=\S)")
_POSTED = re.compile(r"^(?:发布|發布|發佈|发表|發表|上传|上傳)")
_NO_WRITER = re.compile(
    r"(?:新[闻聞]|[资資][讯訊]|[动動][态態]|公告|通知|要[闻聞]|[专專][栏欄]|[频頻]道|[分]类|原[创創]|[转轉][载載]|楼主|沙发|首[页頁]|本[文帖])$|^\W*$"
)


_FLAGS = frozenset(("原创", "原創", "转载", "轉載", "独家", "獨家"))


def before_bracket(text: str, moment: Moment) -> str | None:
    """A name alone before a moment in brackets: "滨江民報 (2026-03-09 18:26)"."""
    if text[moment.end : moment.end + 1] not in {")", "）"} or text[: moment.start][-1:] not in {"(", "（"}:
        return None
    name = text[: moment.start - 1].strip()
    single = 2 <= len(name) <= 12 and not _PARTS.search(name) and re.fullmatch(r"[\u3400-\u9fff]+", name)
    if not single or not (like_medium(name) or moment.hour is not None):  # a caption has a day in brackets as well
        return None
    return stated_name(name) if not like_person(name) and not _NO_WRITER.search(name) else None


def signed(text: str, labels: list[Label], moment: Moment) -> str | None:
    """The writer before the word for it, as forums and blogs print him: "旧船票 发表于 2026-03-09"."""
    by = _BY.match(text)
    posted = _POSTED if by else _SIGNED_BEFORE
    word = next((label for label in labels if label.end <= moment.start and posted.match(text[label.start :])), None)
    if word is None or word is not labels[0]:
        return None
    name = text[by.end() if by else 0 : word.start].strip(f" {BREAK}")
    if len(name) > 16 or _PARTS.search(name) or _NO_WRITER.search(name) or media_name(name):
        return None
    return person_name(name)


def reporter(before: str, after: str, source: str | None) -> str | None:
    """A name that only people bear, between the medium and the date, or alone next to the date."""
    for parts, nearest in ((_words(before), -1), (_words(after), 0)):
        if not parts:
            continue
        others = [part for part in parts if part != source and part not in _FLAGS]
        media = len(parts) - len(others)
        if len(others) != 1 or not like_person(others[0]) or not re.match("[\u3400-\u9fff]", others[0]):
            continue
        if media or parts[nearest] == others[0]:
            return others[0]
    return _latin_reporter(before, after)


def _latin_reporter(before: str, after: str) -> str | None:
    """A name that begins with a known given name, with separators around it: "March 11, 2026 | Jane Doe".

    Beside short pieces only: behind a sentence it is the picture's.
    """
    if "©" in before + after:
        return None
    for parts in (_BARS.split(before), _BARS.split(after)):
        people = [name for part in parts if has_given_name(name := part.strip(EDGES))]
        if any(len(part) > _LONGEST_PIECE for part in parts):
            continue
        if len(people) == 1:
            return people[0]
    return None


def _words(text: str) -> list[str]:
    return [word for part in _PARTS.split(text) if (word := part.strip(EDGES))]
