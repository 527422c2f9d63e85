"""Lists and page bars that a script would write: read from the text of the page, without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import disk
from harness.command import citynews
from harness.scripted import Answer, Scripted, page, story

FIRST = '<a href="/a/1">A headline long enough</a>'
LISTS = {
    "createPageHTML": FIRST + '<script>createPageHTML(3, 0, "index", "html");</script>',
    "variables": FIRST + '<script>var n=3;var i=0;createPageHTML(n, i, "index", "html");</script>',
    "page-url": FIRST + """<div page-url="/list/index_{page}.html" page-data='{"totalPage":2,"curPage":0}'></div>""",
    "datastore": '<script type="text/xml"><datastore><recordset><record><![CDATA[<a href="/a/1">1</a>]]></record>'
    '<record><![CDATA[<a href="/a/2">2</a>]]></record><record><![CDATA[<a href="/a/3">3</a>]]></record>'
    "</recordset></datastore>"
    "</script>",
    "onclick": FIRST + """<li onclick="go('/a/2')">2</li><li onclick="window.open('/a/3')">3</li>""",
    "data": FIRST + '<li data-href="/a/2">2</li><li data-url="/a/3">3</li>',
    "json": FIRST + r'<script>var rows = [{"url":"\/a\/2"},{"url":"\/a\/3"}];</script>',
    "data alone": r'{"rows": [{"url":"\/a\/1"}, {"html": "<li><a href=\"/a/2\">2</a> <a href=\"\/a\/3\">3</a>"}]}',
    "textarea": FIRST + "<textarea>&lt;a href=&quot;/a/2&quot;&gt;&lt;a href='/a/3'&gt;</textarea>",
}


@pytest.mark.parametrize("kind", sorted(LISTS))
def test_every_article_of_the_list_is_found(server: Scripted, tmp_path: Path, kind: str) -> None:
    markup = not LISTS[kind].startswith("{")
    server.pages["/list/"] = (
        Answer(f"<html><body>{LISTS[kind]}</body></html>".encode())
        if markup
        else Answer(LISTS[kind].encode(), headers={"Content-Type": "application/json"})
    )
    for number in (1, 2):
        server.listing(f"/a/{number + 1}", path=f"/list/index_{number}.html")
    for number in (1, 2, 3):
        server.article(f"/a/{number}")
    definition = server.definition(tmp_path, discover=f'pages = ["{server.base}/list/"]')
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    citynews(*command, "--allow-host", server.host)
    assert len(disk.records(tmp_path / "archive", "articles")) == 3


def bar(kind: str, here: int) -> str:
    """The page bar of page *here* of three, as *kind* writes it."""
    urls = ["/a/x", "/a/x_2", "/a/x_3"]
    links = "".join(f"<span>{n}</span>" if n == here else f'<a href="{url}">{n}</a>' for n, url in enumerate(urls, 1))
    options = "".join(f'<option value="{url}">Page {n}</option>'.replace("Page ", "") for n, url in enumerate(urls, 1))
    call = f'<span>{here}/3</span><a href="javascript:goPage({here + 1})">Next page</a>' if here < 3 else ""
    return {"numbers": links, "options": f"<select>{options}</select>", "call": call}[kind]


@pytest.mark.parametrize("kind", ["numbers", "options", "call"])
def test_further_pages_are_joined_or_missed_by_name(server: Scripted, tmp_path: Path, kind: str) -> None:
    server.listing("/a/x")
    for number, path in enumerate(("/a/x", "/a/x_2", "/a/x_3"), 1):
        body = page("A story in three parts", story(f"part {number}"))
        server.pages[path] = Answer(body.replace(b"</body>", f"<div>{bar(kind, number)}</div></body>".encode()))
    definition = server.definition(tmp_path)
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    citynews(*command, "--allow-host", server.host)
    (record,) = disk.records(tmp_path / "archive", "articles")
    if kind == "call":
        assert record["incomplete"] == ["pages"]
    else:
        assert len(record["page_urls"]) == 3
        assert record["incomplete"] == []
