"""Pages drawn by chance from what portals put on theirs, and what extraction makes of each, as it was recorded.

    python -m harness.drawn_pages

writes the record (drawn-pages.txt and drawn-values.txt in tests/fixtures) again; its difference in version control says
how many values of how many pages a change has moved. Nobody has judged the values one by one: they hold what no other
test does.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from crawler.article import Refusal
from crawler.extraction import Fields, Page, count_pages, counter, explain, extract, next_page, render, structure
from crawler.extraction.page import requisites
from harness import drawn_values
from harness.page_parts import CRUMBS, HAN, HEADERS, HEADS, INSETS, LATIN, OTHERS, TAILS, TITLES, URLS

_FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures"
RECORD, VALUES = _FIXTURES / "drawn-pages.txt", _FIXTURES / "drawn-values.txt"
COUNT = 600
_OTHER = 0.2  #: share of pages that are of another kind, or of one thing alone
NOW = datetime(2024, 5, 20, 4, tzinfo=UTC)


def draw(number: int) -> Page:
    """The page *number*: the same in every process."""
    rng = random.Random(number)
    pick = rng.choice

    def some(of: Sequence[str], most: int) -> list[str]:
        return rng.sample(of, rng.randint(0, most))

    title = pick(TITLES)
    words: dict[str, object] = {"n": rng.randint(2, 40_000), "d": rng.randint(10, 19), "t": title}
    sentences = LATIN if title.isascii() else HAN
    paragraphs = [pick(sentences).format(rng.randint(2, 99)) for _ in range(rng.randint(0, 9))]
    teasers = "".join(
        f"<li><h3><a href=/s/{n}>第{n}路公交改走江桥新线</a></h3><p>{pick(HAN).format(n)}</p>" for n in range(8)
    )
    comments = "".join(f"<dl><dt>2024/05/11 1{n}:20 读者{n}<dd>{pick(HAN).format(n)}</dl>" for n in range(4))
    cards = "".join(f"<li><a href=/c/{n}.html>第{n}路公交改走江桥新线的通知</a> 05-{n}" for n in range(10, 18))
    rows = "".join(f"<tr><td><a href=/t/{n}>桥头的第{n}盏灯坏了</a><td>读者{n}<td>{n}</tr>" for n in range(9))
    posts = "".join(f"<div><h3><a href=/p/{n}>第{n}天的江</a></h3><p>2024-05-0{n}</p><p>{pick(HAN).format(n)}</p>"
                    f"<a href=/p/{n}>阅读全文({n}7)</a></div>" for n in range(1, 6))  # fmt: skip
    words |= {
        "teasers": teasers, "comments": comments, "cards": cards, "rows": rows, "posts": posts,
        "copy": "".join(f"<p>{text}</p>" for text in paragraphs), "long": pick(HAN).format(3) * rng.randint(1, 4),
        "bubbled": "".join(f"<p>{pick(HAN).format(n)}<span>{n}</span></p>" for n in range(5)),
        "latin": "".join(f"<p>{pick(LATIN).format(n)}</p>" for n in range(4)),
    }  # fmt: skip
    zone = pick(["Asia/Shanghai", "Europe/London", None])
    if rng.random() < _OTHER:
        other = pick(OTHERS).format(**words).encode()
        return Page(other, url=pick(URLS), fetched_at=NOW, charset="utf-8", timezone=zone)
    document = pick(["{t}_滨江新闻网", "{t} | The Riverside Post", "{t}", "滨江新闻网", "要闻_{t}_频道_滨江新闻网"])
    heading = pick(["<h1>{t}</h1>", "<h2 class=title>{t}</h2>", "<div class=bt>{t}</div>", "<p>{t}</p>", "",
                    "<h1><a href=/n/7.html>{t}</a></h1>", "<h1>{t}<span>（2024-05-11）</span></h1>"])  # fmt: skip
    wrap: Callable[[str], str] = pick([
        lambda text: f"<p>{text}</p>", lambda text: f"<div>{text}</div>", lambda text: f"{text}<br><br>",
        lambda text: f"<p class='share mb-4'>{text}</p>", lambda text: f"<section><p>{text}</p></section>",
    ])  # fmt: skip
    parts = [wrap(text) for text in paragraphs]
    for inset in some(INSETS, 4):
        parts.insert(rng.randint(0, len(parts)), inset.format(**words))
    header = "".join(header.format(**words) for header in rng.sample(HEADERS, rng.randint(1, 3)))
    box = pick(["<div class=content>{}</div>", "<article>{}</article>", "<div>{}</div>", "<table><tr><td>{}</table>"])
    tail = "".join(tail.format(**words) for tail in some(TAILS, 6))
    head = "".join(head.format(**words) for head in some(HEADS, 5))
    source = (
        f"<html lang={pick(['zh-CN', 'en', 'en-US'])}><head><meta charset=utf-8>"
        f"<title>{document.format(**words)}</title>"
        f"{head}</head><body><ul><li><a href=/>首页</a><li><a href=/y/>要闻</a></ul>{pick(CRUMBS)}"
        f"{heading.format(**words)}{header}{box.format(''.join(parts))}{tail}</body></html>"
    )
    return Page(source.encode(), url=pick(URLS), fetched_at=NOW, charset="utf-8", timezone=zone)


def values(number: int) -> dict[str, object]:
    """Everything that extraction says of the page *number*, by name."""
    page = draw(number)
    found = extract([page])
    said: dict[str, object] = {"next": next_page(page), "pages": count_pages(page), "counter": counter(page)}
    said |= {"requisites": requisites.of_page(page.text, page.url), "style": requisites.of_style(page.text, page.url)}
    if isinstance(found, Refusal):
        return said | {"refused": found.reason}
    text, explained = structure([page]), explain(page)
    assert not isinstance(text, Refusal)
    said |= {field.name: getattr(found, field.name) for field in fields(Fields)}
    return said | {"markdown": render(text, "markdown"), "html": render(text, "html"), "explained": explained}


def line(number: int) -> str:
    """The record of the page *number*: its values by name, each as the beginning of a digest."""
    return f"{number} " + " ".join(f"{name}={_digest(value)}" for name, value in sorted(values(number).items()))


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def value_line(number: int) -> str:
    """The record of what crawler.values reads in the drawn texts of *number*."""
    return f"{number} {_digest(drawn_values.drawn(number))}"


def main() -> int:
    RECORD.write_text("".join(f"{line(number)}\n" for number in range(COUNT)), "utf-8")
    VALUES.write_text("".join(f"{value_line(number)}\n" for number in range(drawn_values.COUNT)), "utf-8")
    sys.stdout.write(f"{RECORD} and {VALUES} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
