"""Further pages of an article, by whatever bar names them; a bar that only a script can follow is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness import disk
from harness.command import citynews
from harness.scripted import Answer, Scripted, page, story

HAN = "一二三"


def nums(number: int, urls: list[str], label: str = "{n}") -> str:
    """A bar of numbers, this page's own without a link."""
    return " ".join(
        f"<b>{n}</b>" if n == number else f"<a href='{url}'>{label.format(n=n, han=HAN[n - 1])}</a>"
        for n, url in enumerate(urls, 1)
    )


def following(number: int, urls: list[str], inside: str) -> str:
    """A link to the next page alone."""
    return f"<a href='{urls[number]}'>{inside}</a>" if number < len(urls) else ""


UNDER = ["/a/{}.html", "/a/{}_2.html", "/a/{}_3.html"]
#: Name -> addresses of its pages, and what page number n says below its text.
FOLLOWED: dict[str, tuple[list[str], Callable[[int, list[str]], str]]] = {
    "query": (["/a/{}?x=1", "/a/{}?x=1&amp;page=2", "/a/{}?x=1&amp;page=3"], nums),
    "marked": (["/a/{}_p1.html", "/a/{}_p2.html", "/a/{}_p3.html"], nums),
    "rest": (UNDER, lambda n, urls: following(n, urls, "余下全文")),
    "image": (UNDER, lambda n, urls: following(n, urls, "<img src='/n.gif' alt='下一页'>")),
    "han": (UNDER, lambda n, urls: nums(n, urls, "第{han}页")),
    "titled": (UNDER, lambda n, urls: nums(n, urls, "第{n}页：建设进展")),
    "arrow": (UNDER, lambda n, urls: following(n - 2, urls, "‹") + following(n, urls, "›")),
    "arrows": (UNDER, lambda n, urls: following(n, urls, " &gt;&gt; ")),
    "rel": (UNDER, lambda n, urls: following(n, urls, "<i class=icon></i>").replace("<a", "<a rel=next")),
    "spoken": (UNDER, lambda n, urls: following(n, urls, "<span>»</span>").replace("<a", "<a aria-label='Next page'")),
    "query-arrow": (
        ["/a/{}?x=1", "/a/{}?x=1&amp;page=2", "/a/{}?x=1&amp;page=3"],
        lambda n, urls: following(n, urls, "→"),
    ),
}
#: What a script alone can follow: the article says that pages are missing.
FLAGGED = {
    "calls": "<b>1</b> <a href='javascript:void(0)' onclick='goPage(2)'>2</a> <a href='#' onclick='goPage(3)'>3</a>",
    "select": "<select onchange='go(this)'><option value='1'>第1页</option><option value='2'>第2页</option></select>",
    "numbers": "<ul class='pagination'><li><a href='#'>1</a></li><li><a href='#'>2</a></li></ul>",
    "go": "<div id='fenye'><b>1</b><a href='#' onclick='go(2)'>2</a><a href='javascript:go(3)'>3</a></div>",
    "data-page": "<div class='page-bar'><a data-page='1'>1</a><a data-page='2'>2</a></div>",
    "next-by-script": "<a href='javascript:turn()'><img alt='下一页' src='/n.gif'></a>",
    "element": "<script>createPageHTML('page_div', 3, 0, 'nowhere', 'html', 30)</script>",
}
WHOLE = {
    "comments": "<a href='#' onclick='commentPage(2)'>2</a> <a href='#' onclick='commentPage(3)'>3</a>",
    "slides": "<a href='#'>1</a> <a href='#'>2</a> <a href='#'>3</a>",
    "comment-pages": "<div class='comments'><ul class='pagination'><li><a href='#'>1</a></li><li><a href='#'>2</a></li>"
    "</ul></div>",
    "one-page": "<div class='pagination'><a href='#' class='disabled'>上一页</a><a href='#'>1</a>"
    "<a href='javascript:void(0)' class='disabled'>下一页</a></div>",
    "story_12": "<a rel='prev' href='/a/story_11.html'>‹</a> <a rel='next' href='/a/story_13.html'>›</a>",
    "next-article": "<a href='/a/other-13.html'>下一篇</a>",
}


def test_further_pages(server: Scripted, tmp_path: Path) -> None:
    first = []
    for name, (addresses, below) in FOLLOWED.items():
        urls = [address.format(name) for address in addresses]
        first.append(urls[0])
        for number, url in enumerate(urls, 1):
            text = page(f"The story of {name}", story(f"{name} part {number}")).decode()
            text = text.replace("</article>", f"<div class='bar'>{below(number, urls)}</div></article>")
            server.pages[url.replace("&amp;", "&")] = Answer(text.encode())
    for name, bar in (FLAGGED | WHOLE).items():
        first.append(f"/a/{name}.html")
        text = page(f"The story of {name}", story(name)).decode().replace("</article>", f"<div>{bar}</div></article>")
        server.pages[first[-1]] = Answer(text.encode())
    server.listing(*first)
    definition = server.definition(tmp_path, discover=f'pages = ["{server.base}/"]')
    citynews(
        "crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive", "--allow-host", server.host
    )
    found = {record["title"].rpartition(" ")[2]: record for record in disk.records(tmp_path / "archive", "articles")}
    assert found.keys() == FOLLOWED.keys() | FLAGGED.keys() | WHOLE.keys()
    for name in FOLLOWED:
        assert [n for n in (1, 2, 3) if f"{name} part {n} met on Monday" in found[name]["body"]] == [1, 2, 3], name
        assert (found[name]["incomplete"], len(found[name]["page_urls"])) == ([], 3), name
    assert [name for name in FLAGGED if found[name]["incomplete"] != ["pages"]] == []
    assert [name for name in WHOLE if found[name]["incomplete"]] == []
