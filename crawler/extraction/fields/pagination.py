"""The next page of the same article, and how many there are: never the next article.

By a link 下一页, by a bar of numbers (links, or the options of a list to choose from), by the call of a script that
would write the bar, or by a link that only points on: an arrow, rel=next. Whatever names it, its address must follow
this page's by a page number; where it only points on, by one that no other article has.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from crawler.extraction.page.document import Page
from crawler.values.page_series import begins, follows, in_series
from crawler.values.paging import ScriptedPages, may_script, scripted_pages
from crawler.values.text import line, numbers_at

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
_ARROW = "›»>→▶❯〉》"
_ARROWS = re.compile(f"[{_ARROW}]{{1,2}}")
_LONGEST_ARROW = 4
#: Boxes that are there to turn the pages of the text, and such around them that turn something else.
_PAGER = re.compile(r"pag(?:e|er|es|ing|ination)s?(?:$|[\s_-])|pag(?:er|ing|ination)|fen_?ye", re.IGNORECASE)
_OF_ELSE = re.compile(
    r"comment|reply|relat|recommend|photo|album|gallery|slid|swip|carousel|banner|list", re.IGNORECASE
)
_NOT_A_CALL = re.compile(r"^\W*(?:javascript:)?\s*(?:void\b|;|return\b|history\b|$)", re.IGNORECASE)
_OFF = re.compile(r"disabled|\boff\b|\bno\b", re.IGNORECASE)
_AROUND = 4  #: elements around a link that say what it turns
#: How every text begins that :data:`_NUMBER` fits, whatever :func:`line` takes away.
_MAY_NUMBER = re.compile(r"\W*[\d第]")
#: The same of texts in lower case that a NUL stands before each of, and what the label of a link that names a page has.
_MAY_TURN = re.compile(rf"\0[^\w\0]*[\d第]|{_MAY_BE.pattern}")
_HAN = {character: number for number, character in enumerate("一二三四五六七八九十", 1)}
_MOST = 200  #: pages of an article; a larger number is something else
#: What a script in a link goes to, and a call whose only argument is a number.
_LOCATION = re.compile(
    r"(?:location(?:\.href)?\s*=|open\s*\(|location\.(?:assign|replace)\s*\()\s*[\"']([^\"']{1,300})[\"']"
)
_CALL = re.compile(r"^\W{0,3}(?:下一?[页頁]|后一页|next)\W.{0,40}?\(\s*[\"']?(\d{1,3})[\"']?\s*\)", re.IGNORECASE)
_PAGE_CALL = re.compile(
    r"(?i)\b(?!\w{0,20}(?:comment|reply|list))\w{0,20}page\w{0,20}\s*\(\s*[\"']?(\d{1,3})[\"']?\s*\)"
)
_TOTAL = re.compile(r"共(?<=[>\s]共)\s*(\d{1,3})\s*[页頁]")


@dataclass(frozen=True, slots=True)
class _PageBar:
    """What a page says of the article's pages: found in one go over its links."""

    following: list[str]  #: where links named 下一页 lead, in order
    numbered: list[dict[int, str]]  #: bars of numbered links: number of the page -> address
    called: list[int]  #: the numbers that scripts in links named 下一页 are called with
    hinted: list[str]  #: where links lead that only point on, in order
    scripted: int  #: how many pages a bar has that only a script can follow; 1 for none
    generated: ScriptedPages | None  #: the bar that a script of the page writes


def find_next_page(page: Page, *, further: bool = False) -> str | None:
    """The address of the article's next page; None on the last page.

    By the portal's rule, else by what names it and differs from this page's address only by a page number. *further*:
    this page is known to be a further one of its article.
    """
    rule = page.rules.next_page if page.rules else None
    if rule is not None:
        for element in rule.select(page.root):
            if url := page.resolve(element if isinstance(element, str) else element.get("href")):
                return url if url != page.address else None
        return None
    bar = _bar_of(page)
    for href in bar.following:
        url = page.resolve(href)
        if url and follows(page.url, url):
            return url
    if (pages := bar.generated) is not None and pages.current + 1 < pages.count:
        url = page.resolve(pages.href(pages.current + 1))
        return url if url and url != page.address else None
    return _by_number(page, bar.numbered) or _by_hint(page, bar.hinted, further=further)


def count_pages(page: Page) -> int:
    """How many pages the article has, as far as its page bar says; 1 where there is none.

    A bar that is seen and cannot be followed makes the article incomplete.
    """
    bar = _bar_of(page)
    numbers = [number for numbered in bar.numbered for number in numbered]
    said = [int(match[1]) for match in _TOTAL.finditer(page.text)] if numbers or bar.called else []
    return max([bar.scripted, *([bar.generated.count] if bar.generated else []), *numbers, *bar.called, *said])


def _bar_of(page: Page) -> _PageBar:
    return page.once("page bar", lambda: _read_bar(page))


def _read_bar(page: Page) -> _PageBar:
    following: list[str] = []
    hinted = [link.get("href") or "" for link in page.telling["link"] if (link.get("rel") or "").lower() == "next"]
    related = {link for link, relation in page.blocks.related if "next" in relation.lower().split()}
    unread: dict[Any, set[int]] = {}
    groups: dict[Any, dict[int, str]] = {}
    calls: list[int] = []
    called: set[int] = set()
    listed: set[int] = set()
    for anchor, href, text in _may_turn(page, related):
        if (label := _named(anchor, text)) and _LABEL.match(line(label)):
            following.append(_target(anchor))
        elif anchor in related or _points_on(anchor, text):
            hinted.append(_target(anchor))
        number = _number(text[:_LONGEST])
        if number:
            _note(groups, anchor, number, page.resolve(_target(anchor)))
            _note_unread(unread, anchor, number)
        elif label and _calls_on(anchor):
            calls.append(2)
        script = anchor.get("onclick") or href or ""
        if "(" in script:
            if (match := _PAGE_CALL.search(script)) and number == int(match[1]):
                called.add(number)
            if match := _CALL.match(_label_and_call(anchor, text)):
                calls.append(int(match[1]))
    lists = [closed for closed in page.telling["select"] if closed.tag == "select"]
    for option in chain.from_iterable(element.iter("option") for element in lists):
        text, value = "".join(option.itertext())[:_LONGEST], option.get("value") or ""
        number = _number(text)
        if number and text.strip().startswith("第"):
            listed.add(number)
        if number and any(mark in value for mark in "/.?"):  # a bare number is a day or an amount
            _note(groups, option, number, page.resolve(value))
    scripted = max([max(numbers) for numbers in (called, listed) if len(numbers) > 1], default=1)
    scripted = max([scripted, *(max(numbers) for numbers in unread.values() if len(numbers) > 1)])
    generated = scripted_pages(page.text) if may_script(page.source) else None
    return _PageBar(following, list(_bars(page, groups.values())), calls, hinted, scripted, generated)


def _may_turn(page: Page, related: Collection[Any]) -> Iterator[tuple[Any, str, str]]:
    """The links that may turn the page, each with its address and text: those in *related*, and those that say so.

    A page has hundreds: what their texts say is asked of all together.
    """
    anchors, addresses = page.telling["a"], page.blocks.addresses
    texts = [("".join(anchor.itertext()) if len(anchor) else anchor.text) or "" for anchor in anchors]
    joined = "\0".join(("", *texts)).lower()
    chosen = {number - 1 for number in numbers_at(joined, [match.end() for match in _MAY_TURN.finditer(joined)])}
    short = [(number, shown) for number, text in enumerate(texts) if len(shown := text.strip()) <= _LONGEST_ARROW]
    for number, shown in short:
        if not shown or shown[0] in _ARROW or anchors[number].get("aria-label") is not None:
            chosen.add(number)
    if related:
        chosen |= {number for number, anchor in enumerate(anchors) if anchor in related}
    return ((anchors[number], addresses[number], texts[number]) for number in sorted(chosen))


def _points_on(anchor: Any, text: str) -> bool:
    """Whether a link of hardly any text only points on: by an arrow, or by what is read to those who do not see it."""
    shown = text.strip()
    if len(shown) > _LONGEST_ARROW:
        return False
    if shown and _ARROWS.fullmatch(shown):
        return True
    spoken = anchor.get("aria-label")
    return spoken is not None and len(spoken) <= _LONGEST and _LABEL.match(line(spoken)) is not None


def _calls_on(anchor: Any) -> bool:
    """Whether a link named 下一页 can be followed by a script alone, which goes on."""
    href = anchor.get("href") or ""
    script = anchor.get("onclick") or (href if href.lower().startswith("javascript:") else "")
    if "(" not in script or _NOT_A_CALL.match(script) or _LOCATION.search(script):
        return False
    off = anchor.get("class") or anchor.getparent().get("class") or ""
    return (not href or href[0] in "#jJ") and not _OFF.search(off)


def _note_unread(unread: dict[Any, set[int]], anchor: Any, number: int) -> None:
    """Adds a number that leads nowhere without a script to those of its box, where that turns the pages of the text."""
    href = _target(anchor)
    if not (href in {"", "#"} or href.lower().startswith(("javascript:", "#"))):
        return
    around = [anchor, *islice(anchor.iterancestors(), _AROUND)]
    names = [f"{element.get('class') or ''} {element.get('id') or ''}" for element in around]
    if any(map(_PAGER.search, names[:-1])) and not any(map(_OF_ELSE.search, names)):
        unread.setdefault(_box(anchor), set()).add(number)


def _named(anchor: Any, text: str) -> str:
    """What a link with *text* is labelled with, where that may name a further page; else ""."""
    label = text.strip() or anchor.get("title")
    if not label:
        images = anchor.iterchildren("img") if len(anchor) else ()
        label = next((alt for image in images if (alt := image.get("alt")) is not None), "")
    return label if len(label) <= _LONGEST and _MAY_BE.search(label) else ""


def _label_and_call(anchor: Any, text: str) -> str:
    """The label of a link, and what its script is called with: "下一页 goPage(2)"."""
    script = anchor.get("onclick") or (anchor.get("href") or "").partition("javascript:")[2]
    return f"{line(text)[:20]} {script[:100]}" if script else ""


def _target(anchor: Any) -> str:
    """Where a link leads: its address, or the one that its script names."""
    href: str = anchor.get("href") or ""
    script = anchor.get("onclick") or (href if href.lower().startswith("javascript:") else "")
    named = _LOCATION.search(script) if script and not href.startswith(("http", "/")) else None
    return named[1] if named else href


def _by_number(page: Page, bars: list[dict[int, str]]) -> str | None:
    """The page after this one by a bar of numbers: 1 [2] 第3页 ..., of which one is this page."""
    for bar in bars:
        here = next((number for number, url in bar.items() if url == page.address), None)
        if here is None:  # this page's own number is no link
            here = next(number for number in range(1, _MOST + 2) if number not in bar)
        url = bar.get(here + 1)
        if url is not None and url != page.address and in_series(page.url, url, here + 1):
            return url
    return None


def _by_hint(page: Page, hinted: list[str], *, further: bool) -> str | None:
    """The page after this one by a link that only points on: the next article may be named so too."""
    for href in hinted:
        url = page.resolve(href)
        if url and follows(page.url, url) and (further or begins(page.url, url)):
            return url
    return None


def _note(groups: dict[Any, dict[int, str]], element: Any, number: int, url: str | None) -> None:
    """Adds the link *element* to the box of links that it lies in."""
    if url and number <= _MOST:
        groups.setdefault(_box(element), {}).setdefault(number, url)


def _box(element: Any) -> Any:
    """The element in which the links of a bar lie side by side, *element* among them."""
    box = element.getparent()
    return box.getparent() if box is not None and box.tag in {"li", "span", "em", "b"} else box


def _bars(page: Page, groups: Iterable[dict[int, str]]) -> Iterator[dict[int, str]]:
    """Those of *groups* of numbered links that lead to one article's pages, and only what does."""
    for group in groups:
        bar = {number: url for number, url in group.items() if url == page.address or in_series(page.url, url, number)}
        if bar and any(url != page.address for url in bar.values()):
            yield bar


def _number(label: str) -> int:
    """The number of the page that *label* names; 0 where it names none."""
    match = _NUMBER.match(line(label)) if _MAY_NUMBER.match(label) else None
    text = (match["plain"] or match["named"]) if match else "0"
    return _HAN.get(text) or int(text)
