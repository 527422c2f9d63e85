"""Whether addresses are those of one article's pages, judged by the addresses alone.

Articles are numbered in few ways: ``x.html`` and ``x_2.html``, ``x/`` and ``x/page/2/``, ``?page=2``, counted from 1 or
from 0. ``/news/12`` and ``/news/13`` are two articles.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_MARK = r"[_\-/](?:(?:page|pg|pn|p)[_\-/]?)?"  #: what stands before the number of a page in a path
_PAGE_NAME = re.compile(
    r"(?:cur(?:rent)?_?)?(?:p|pg|pn|page)(?:_?(?:no|num|index|id|n))?$|start$|offset$", re.IGNORECASE
)


def in_series(here: str, there: str, number: int) -> bool:
    """Whether *there* is page *number* of the series that *here* is of, as both addresses say."""
    one, two = urlsplit(here), urlsplit(there)
    if one.netloc.lower() != two.netloc.lower():
        return False
    if one.path == two.path:
        before, after = dict(_pairs(one.query)), dict(_pairs(two.query))
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        if len(changed) != 1 or not _PAGE_NAME.match(changed[0]):
            return False
        return _says(after.get(changed[0], ""), number) or (number == 1 and changed[0] not in after)
    stems = {_stem(one.path), _split(one.path)[0]}
    path = _split(two.path)[0]
    match = re.fullmatch(rf"(.*?){_MARK}(\d{{1,3}})", path)
    if match is not None and match[1].rstrip("/") in stems and _says(match[2], number):
        return True
    return number == 1 and path in stems


def begins(here: str, there: str) -> bool:
    """Whether *there*, which follows *here*, is page 2 of an article, and no other article by its address."""
    one, two = urlsplit(here), urlsplit(there)
    if one.path == two.path:
        return True
    stem = _split(two.path)[0]
    return stem.startswith(_split(one.path)[0]) or re.search(r"[_\-/](?:page|pg|pn|p)[_\-/]?\d{1,3}$", stem) is not None


def _stem(path: str) -> str:
    """The path of an article's first page, where *path* is that of a further one."""
    return re.sub(rf"{_MARK}\d{{1,3}}$", "", _split(path)[0]).rstrip("/")


def _says(text: str, number: int) -> bool:
    """Whether the number in an address is that of page *number*, counted from 1 or from 0."""
    return text.isdecimal() and int(text) in {number, number - 1}


def follows(here: str, there: str) -> bool:
    """Whether *there* is the page after *here* of one series ("x.html" -> "x_2.html", "?page=2" -> "?page=3")."""
    one, two = urlsplit(here), urlsplit(there)
    if one.netloc.lower() != two.netloc.lower():
        return False
    if one.path == two.path:
        return _after(dict(_pairs(one.query)), dict(_pairs(two.query)))
    if one.query != two.query:
        return False
    (stem, ending), (next_stem, next_ending) = _split(one.path), _split(two.path)
    if ending != next_ending and ending and next_ending:
        return False
    return _numbered(stem, next_stem) is not None


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for part in query.split("&") if part for name, _, value in [part.partition("=")]]


def _after(one: dict[str, str], two: dict[str, str]) -> bool:
    changed = [name for name in {**one, **two} if one.get(name) != two.get(name)]
    if (
        len(changed) != 1
        or not _PAGE_NAME.match(changed[0])
        or not two.get(changed[0], "").isdigit()
        or len(two[changed[0]]) > 3
    ):
        return False
    before = one.get(changed[0], "")
    return int(two[changed[0]]) == (int(before) + 1 if before.isdigit() and len(before) < 4 else 2) or (
        before == "" and two[changed[0]] == "1"
    )


def _split(path: str) -> tuple[str, str]:
    head, dot, ending = path.rpartition(".")
    return (head, ending) if dot and "/" not in ending else (path.rstrip("/"), "")


def _numbered(stem: str, following: str) -> str | None:
    """The common stem where *following* is *stem* with the next page number; else None."""
    match = re.match(r"(?P<base>.*?)(?P<mark>[_\-/](?:page|pg|pn|p)?)(?P<number>\d{1,3})\Z", following)
    if match is None:
        return None
    number = int(match["number"])
    if match["base"] == stem and number in (1, 2):
        return stem
    if match["mark"] == "/" and not match["base"].endswith(("/page", "/p")):
        return None  # "/news/12" and "/news/13" are two articles
    before = f"{match['base']}{match['mark']}{number - 1}"
    return match["base"] if number > 1 and stem == before and not match["base"].endswith("/") else None
