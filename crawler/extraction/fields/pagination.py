"""The next page of the same article: 下一页 in the article's own page bar, never the next article."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.extraction.page.document import Page
from crawler.values.text import line

#: What every label has; and how long one is at most, with the white space in its markup.
_MAY_BE = re.compile("[页頁]|next", re.IGNORECASE)
_LONGEST = 200
_LABEL = re.compile(r"^\W{0,3}(?:下一?[页頁]|后一页|next(?: ?page)?)\W{0,4}$", re.IGNORECASE)
_PAGE_NAME = re.compile(
    r"(?:cur(?:rent)?_?)?(?:p|pg|pn|page)(?:_?(?:no|num|index|id|n))?$|start$|offset$", re.IGNORECASE
)


def find_next_page(page: Page) -> str | None:
    """The address of the article's next page; None on the last page.

    By the portal's rule, else by a link 下一页 whose address differs from this page's only by a page number.
    """
    rule = page.rules.next_page if page.rules else None
    if rule is not None:
        for each in rule.select(page.root):
            if url := page.resolve(each if isinstance(each, str) else each.get("href")):
                return url if url != page.address else None
        return None
    for anchor in page.telling["a"]:
        label = "".join(anchor.itertext()) if len(anchor) else anchor.text
        label = label or anchor.get("title") or ""
        if len(label) > _LONGEST or not _MAY_BE.search(label) or not _LABEL.match(line(label)):
            continue
        url = page.resolve(anchor.get("href"))
        if url and follows(page.url, url):
            return url
    return None


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
    first = _numbered(stem, next_stem)
    return first is not None


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
    match = re.match(r"(?P<base>.*?)(?P<mark>[_\-/])(?P<number>\d{1,3})\Z", following)
    if match is None:
        return None
    number = int(match["number"])
    if match["base"] == stem and number in (1, 2):
        return stem
    if match["mark"] == "/" and not match["base"].endswith(("/page", "/p")):
        return None  # "/news/12" and "/news/13" are two articles
    before = f"{match['base']}{match['mark']}{number - 1}"
    return match["base"] if number > 1 and stem == before and not match["base"].endswith("/") else None
