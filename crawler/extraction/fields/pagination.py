"""The next page of the same article, and how many there are: never the next article.

By a link 下一页, by a bar of numbers (links, or the options of a list to choose from), or by the call of a script that
would write the bar. Whatever names it, its address must follow this page's by a page number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from crawler.extraction.page.document import Page
from crawler.values.paging import scripted_pages
from crawler.values.text import line

#: What every label has; and how long one is at most, with the white space in its markup.
_MAY_BE = re.compile("[页頁]|余下|剩余|继续阅读|next", re.IGNORECASE)
_LONGEST = 200
_LABEL = re.compile(
    r"^\W{0,3}(?:(?:阅读)?下一?[页頁]|后一?页|(?:查看|阅读)?(?:余下|剩余)(?:全文|内容|部分)|继续阅读|next(?: ?page)?)"
    r"\W{0,4}$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^\W{0,2}(?:第?\s?(?P<plain>\d{1,3})\s?[页頁]?\W{0,2}$|第\s?(?P<named>\d{1,3}|[一二三四五六七八九十])\s?[页頁](?:[:：]|\W{0,2}$))"
)
_HAN = {character: number for number, character in enumerate("一二三四五六七八九十", 1)}
_MARK = r"[_\-/](?:(?:page|pg|pn|p)[_\-/]?)?"  #: what stands before the number of a page in a path
_MOST = 200  #: pages of an article; a larger number is something else
#: What a script in a link goes to, and a call whose only argument is a number.
_LOCATION = re.compile(
    r"(?:location(?:\.href)?\s*=|open\s*\(|location\.(?:assign|replace)\s*\()\s*[\"']([^\"']{1,300})[\"']"
)
_CALL = re.compile(r"^\W{0,3}(?:下一?[页頁]|后一页|next)\W.{0,40}?\(\s*[\"']?(\d{1,3})[\"']?\s*\)", re.IGNORECASE)
_PAGE_CALL = re.compile(
    r"(?i)\b(?!\w{0,20}(?:comment|reply|list))\w{0,20}page\w{0,20}\s*\(\s*[\"']?(\d{1,3})[\"']?\s*\)"
)
_TOTAL = re.compile(r"(?:>|\s)\s*共\s*(\d{1,3})\s*[页頁]")
_PAGE_NAME = re.compile(
    r"(?:cur(?:rent)?_?)?(?:p|pg|pn|page)(?:_?(?:no|num|index|id|n))?$|start$|offset$", re.IGNORECASE
)


def find_next_page(page: Page) -> str | None:
    """The address of the article's next page; None on the last page.

    By the portal's rule, else by what names it and differs from this page's address only by a page number.
    """
    rule = page.rules.next_page if page.rules else None
    if rule is not None:
        for element in rule.select(page.root):
            if url := page.resolve(element if isinstance(element, str) else element.get("href")):
                return url if url != page.address else None
        return None
    for anchor in page.telling["a"]:
        label = "".join(anchor.itertext()) if len(anchor) else anchor.text
        label = (label or "").strip() or anchor.get("title") or next((str(alt) for alt in anchor.xpath("img/@alt")), "")
        if len(label) > _LONGEST or not _MAY_BE.search(label) or not _LABEL.match(line(label)):
            continue
        url = page.resolve(_target(anchor))
        if url and follows(page.url, url):
            return url
    if (pages := scripted_pages(page.text)) is not None and pages.current + 1 < pages.count:
        url = page.resolve(pages.href(pages.current + 1))
        return url if url and url != page.address else None
    return _by_number(page)


def count_pages(page: Page) -> int:
    """How many pages the article has, as far as its page bar says; 1 where there is none.

    A bar that is seen and cannot be followed makes the article incomplete.
    """
    pages = scripted_pages(page.text)
    numbers = [number for bar in _bars(page) for number in bar]
    calls = [int(match[1]) for anchor in page.telling["a"] if (match := _CALL.match(_label_and_call(anchor)))]
    said = [int(match[1]) for match in _TOTAL.finditer(page.text)] if numbers or calls else []
    return max([_scripted_bar(page), *([pages.count] if pages else []), *numbers, *calls, *said])


def _label_and_call(anchor: Any) -> str:
    """The label of a link, and what its script is called with: "下一页 goPage(2)"."""
    label = line("".join(anchor.itertext()))
    script = anchor.get("onclick") or (anchor.get("href") or "").partition("javascript:")[2]
    return f"{label[:20]} {script[:100]}" if script else ""


def _target(anchor: Any) -> str | None:
    """Where a link leads: its address, or the one that its script names."""
    href = anchor.get("href") or ""
    script = anchor.get("onclick") or (href if href.lower().startswith("javascript:") else "")
    named = _LOCATION.search(script) if script and not href.startswith(("http", "/")) else None
    return named[1] if named else href


def _by_number(page: Page) -> str | None:
    """The page after this one by a bar of numbers: 1 [2] 第3页 ..., of which one is this page."""
    for bar in _bars(page):
        here = next((number for number, url in bar.items() if url == page.address), None)
        if here is None:  # this page's own number is no link
            here = next(number for number in range(1, _MOST + 2) if number not in bar)
        url = bar.get(here + 1)
        if url is not None and url != page.address and _in_series(page.url, url, here + 1):
            return url
    return None


def _bars(page: Page) -> list[dict[int, str]]:
    """The bars of numbered links of *page*: number -> address; each of one article's pages."""
    groups: dict[Any, dict[int, str]] = {}
    for element, label, href in _numbered_links(page):
        number = _number(label)
        url = page.resolve(href) if number else None
        if number and url and number <= _MOST:
            box = element.getparent()
            box = box.getparent() if box is not None and box.tag in {"li", "span", "em", "b"} else box
            groups.setdefault(box, {}).setdefault(number, url)
    bars = []
    for group in groups.values():
        bar = {number: url for number, url in group.items() if url == page.address or _in_series(page.url, url, number)}
        if bar and any(url != page.address for url in bar.values()):
            bars.append(bar)
    return bars


def _number(label: str) -> int:
    """The number of the page that *label* names; 0 where it names none."""
    match = _NUMBER.match(line(label))
    text = (match["plain"] or match["named"]) if match else "0"
    return _HAN.get(text) or int(text)


def _scripted_bar(page: Page) -> int:
    """How many pages a bar has that only a script can follow: 1 goPage(2) goPage(3), or a list of 第1页, 第2页."""
    called = {
        number
        for anchor in page.telling["a"]
        if "(" in (script := anchor.get("onclick") or anchor.get("href") or "")
        and (match := _PAGE_CALL.search(script))
        and (number := _number("".join(anchor.itertext())[:_LONGEST])) == int(match[1])
    }
    listed = {
        _number(text)
        for option in page.root.iter("option")
        if (text := "".join(option.itertext())[:_LONGEST]).strip().startswith("第")
    }
    return max([max(numbers) for numbers in (called, listed - {0}) if len(numbers) > 1], default=1)


def _numbered_links(page: Page) -> Iterator[tuple[Any, str, str | None]]:
    for anchor in page.telling["a"]:
        yield anchor, "".join(anchor.itertext())[:_LONGEST], _target(anchor)
    for option in page.root.iter("option"):
        value = option.get("value") or ""
        if any(mark in value for mark in "/.?"):  # a bare number is a day or an amount
            yield option, "".join(option.itertext())[:_LONGEST], value


def _in_series(here: str, there: str, number: int) -> bool:
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
