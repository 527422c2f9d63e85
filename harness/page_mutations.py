"""What portals put around and into an article, put around and into the golden pages: the article must not change.

Each mutation changes the tree of a page, given the element that holds the text, and says what text it has inserted *as
text* of the article (a mutation that inserts an inset gives nothing).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from lxml import etree

from crawler.article import Refusal
from crawler.extraction import Page, extract
from crawler.extraction.extract import article_of
from crawler.extraction.page import tree
from crawler.extraction.text.reading import whole
from harness import golden_pages

#: What stays the same, whatever is put around an article. Links may gain what was inserted; a field whose only
#: evidence was the name of a class may become null (see *renamed*).
KEPT = ("title", "author", "editor", "source", "published_at", "view_count", "body")


@dataclass(frozen=True, slots=True)
class Target:
    """A golden page that can be mutated: its tree, the element that holds the text, its paragraphs."""

    case: str
    root: Any
    container: Any
    paragraphs: list[Any]  #: the elements of the text's lines, in order
    title: str


def targets() -> list[str]:
    """The cases that are read without rules, by generic extraction."""
    return [case for case in golden_pages.CASES if "family" not in golden_pages.meta_of(case) and _fields(case)]


def _fields(case: str) -> dict[str, Any] | None:
    page, counter = golden_pages.read(case)
    found = extract([page], counter)
    return None if isinstance(found, Refusal) else asdict(found)


def read(case: str, source: bytes) -> dict[str, Any] | None:
    """The kept fields of the mutated page *source*, in UTF-8; None where it is refused."""
    page, counter = golden_pages.read(case)
    zone = golden_pages.meta_of(case).get("timezone")
    mutated = Page(source, url=page.url, fetched_at=page.fetched_at, charset="utf-8", timezone=zone)
    found = extract([mutated], counter)
    return None if isinstance(found, Refusal) else {name: getattr(found, name) for name in KEPT}


def target(case: str) -> Target:
    """*case*, parsed."""
    page, _ = golden_pages.read(case)
    root = tree.parse(page.text.encode("utf-8", "replace"))
    zone = golden_pages.meta_of(case).get("timezone")
    again = Page(etree.tostring(root, encoding="utf-8", method="html"), url=page.url, fetched_at=page.fetched_at,
                 charset="utf-8", timezone=zone)  # fmt: skip
    reading = whole(again)
    node = reading.body.node
    assert node is not None
    lines = article_of(reading).lines
    elements = list(dict.fromkeys(line.node.element for line in lines))
    title = extract([again]).title  # type: ignore[union-attr]  # no refusal: see targets
    return Target(case, again.root, node.element, elements, title or "")


def source(page: Target) -> bytes:
    """The page as bytes."""
    return etree.tostring(page.root, encoding="utf-8", method="html")


def _fragment(markup: str) -> list[Any]:
    parsed = etree.fromstring(f"<html><body>{markup}</body></html>", etree.HTMLParser())
    body = parsed.find("body")
    assert body is not None
    return list(body)


def _behind(element: Any, markup: str) -> None:
    """Puts *markup* behind *element* (before its tail)."""
    parent = element.getparent()
    at = parent.index(element) + 1
    new = _fragment(markup)
    if new and element.tail:
        new[-1].tail, element.tail = element.tail, None
    for number, mutation in enumerate(new):
        parent.insert(at + number, mutation)


def _behind_text(page: Target, markup: str) -> None:
    if page.container.tag == "body":
        page.container.extend(_fragment(markup))
    else:
        _behind(page.container, markup)


#: Headlines and sentences of other articles, by the language of the page.
_WORDS = {
    True: (
        "相关阅读",
        ("旧桥拆除的最后一夜", "夜市搬到江边以后", "图书馆周日也开门", "渡轮改线的第一个早晨", "雨污分流改到小区"),
        (
            "江边的灯一盏一盏亮起来，守桥的老人把最后一张通行牌交给了城建局的年轻人，两个人握了握手。",
            "搬家那天下着小雨，摊主们用三轮车把炉子推过了桥，晚上八点照常点火，第一锅卖给了搬运工。",
            "新的开放时间从下月第一个周日算起，借书机全天可用，儿童阅览室仍在下午五点关门。",
        ),
    ),
    False: (
        "Related articles",
        ("The last night of the old bridge", "A market hall by the water", "The library opens on Sundays",
         "First morning of the new ferry line", "Drains of the ninth district are renewed"),
        (
            "The lamps along the river were lit one by one while the keeper of the bridge handed his last pass over.",
            "It rained a little on the day of the move, and the stalls were pushed across the bridge on tricycles.",
            "The new hours begin on the first Sunday of next month, with machines for lending all through the day.",
        ),
    ),
}  # fmt: skip


def _words(page: Target) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A heading of related articles, headlines and sentences in the language of *page*."""
    return _WORDS[not page.title.isascii()]


def relative(page: Target, _chance: random.Random) -> None:
    """Every div says how it is placed."""
    for div in page.root.iter("div"):
        div.set("class", f"{div.get('class') or ''} relative".strip())


def headline_again(page: Target, _chance: random.Random) -> None:
    """The headline stands once more behind the text, as a link to itself."""
    _behind_text(page, f'<p class="t"><a href="#top">{page.title}</a></p>')


def related_inside(page: Target, _chance: random.Random) -> None:
    """A box of related articles behind the first paragraph."""
    _behind(page.paragraphs[0], _related_box(page))


def related_in_the_middle(page: Target, _chance: random.Random) -> None:
    """A box of related articles in the middle of the text."""
    _behind(page.paragraphs[len(page.paragraphs) // 2], _related_box(page))


def _related_box(page: Target) -> str:
    heading, heads, _ = _words(page)
    entries = "".join(f'<li><a href="/rel/{n}.html">{head}</a></li>' for n, head in enumerate(heads))
    return f"<div><h3>{heading}</h3><ul>{entries}</ul></div>"


def stream(page: Target, _chance: random.Random) -> None:
    """Twenty teasers behind the text."""
    _, heads, sentences = _words(page)
    entries = "".join(
        f'<div class="it"><h3><a href="/s/{n}.html">{heads[n % 5]} {n}</a></h3><p>{sentences[n % 3]}</p></div>'
        for n in range(20)
    )
    _behind_text(page, f'<div class="box">{entries}</div>')


def comments(page: Target, _chance: random.Random) -> None:
    """Ten readers' comments behind the text."""
    _, _, sentences = _words(page)
    entries = "".join(
        f'<li><div class="u">reader{n} 2024-05-1{n % 3} 1{n}:2{n}</div><div>{sentences[n % 3]}</div></li>'
        for n in range(10)
    )
    _behind_text(page, f'<ul class="ds">{entries}</ul>')


def second_article(page: Target, _chance: random.Random) -> None:
    """Another article behind the text, with a headline, a day and a text of its own."""
    _, heads, sentences = _words(page)
    text = "".join(f"<p>{sentence}</p>" for sentence in sentences * 2)
    head = next(
        (heading for heading in page.root.iter("h1", "h2", "h3") if page.title in "".join(heading.itertext())), None
    )
    tag = head.tag if head is not None else "h1"
    _behind_text(page, f'<div class="nx"><{tag}>{heads[0]}</{tag}><div>2024-03-02 08:00</div><div>{text}</div></div>')


def two_columns(page: Target, _chance: random.Random) -> None:
    """The page stands in a table beside a column of links."""
    _, heads, _ = _words(page)
    body = page.root.find("body")
    entries = "".join(f'<li><a href="/col/{n}.html">{head}</a></li>' for n, head in enumerate(heads * 3))
    table = _fragment(f"<table><tr><td></td><td><ul>{entries}</ul></td></tr></table>")[0]
    cell = table.find(".//td")
    assert cell is not None
    cell.text, body.text = body.text, None
    cell.extend(list(body))
    body.append(table)


def bubbles(page: Target, chance: random.Random) -> None:
    """How many remarks a paragraph has, in a bubble at its end."""
    for element in page.paragraphs:
        if len(page.paragraphs) >= 3:
            bubble = etree.SubElement(element, "span", {"class": "n"})
            bubble.text = str(chance.randint(1, 300))


def renamed(page: Target, chance: random.Random) -> None:
    """Every class has a name that says nothing."""
    names: dict[str, str] = {}
    for element in page.root.iter():
        for name in ("class", "id"):
            if isinstance(element.tag, str) and (value := element.get(name)):
                element.set(name, names.setdefault(value, f"x{chance.randint(1000, 9999)}"))


MUTATIONS: dict[str, Callable[[Target, random.Random], None]] = {
    mutation.__name__: mutation
    for mutation in (
        relative, headline_again, related_inside, related_in_the_middle, stream, comments, second_article, two_columns,
        bubbles, renamed,
    )
}  # fmt: skip
