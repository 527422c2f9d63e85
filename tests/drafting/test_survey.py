"""From which page a draft begins makes no difference; what cannot be drafted says why; no site breaks it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.article import Answers, Capture
from crawler.drafting import Draft, NothingFoundError, Survey, draft
from crawler.drafting.toml_writer import TomlLines, definition
from crawler.portals import parse
from harness.command import citynews
from harness.families import PORTALS
from harness.invented import Invented
from harness.scripted import Answer, Scripted, page, story

BASE = "https://www.example.com"
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
STARTS = {
    "dedecms": ["/", "/a/nengyuan/", "<article>"],
    "wordpress": ["<article>"],
    "government": ["/xwzx/bmxx/index.html"],
}


def answer(pages: Mapping[str, Answer], url: str) -> Capture | None:
    """What the site *pages* would send for *url*."""
    page = pages.get(url.removeprefix(BASE), Answer(b"nothing here", 404))
    assert isinstance(page.body, bytes)
    body = page.body.replace(b"{base}", BASE.encode())
    headers = tuple(({"Content-Type": "text/html; charset=utf-8"} | page.headers).items())
    return Capture("page", url, page.status, headers, body, NOW, record_id="<urn:x>", asked=url)


def drafted(pages: Mapping[str, Answer], start: str) -> Draft:
    steps = Survey(BASE + start).steps()
    try:
        batch = next(steps)
        while True:
            batch = steps.send(Answers({url: answer(pages, url) for url in batch if isinstance(url, str)}))
    except StopIteration as end:
        return draft(end.value, "drafted", delay=1.0, today="2026-11-23")


@pytest.mark.parametrize(
    ("name", "start"),
    [
        pytest.param(name, start, marks=() if name == "government" else pytest.mark.slow)
        for name in STARTS
        for start in STARTS[name]
    ],
)
def test_a_home_page_a_list_or_an_article(name: str, start: str) -> None:
    site: Invented = PORTALS[name]()
    done = drafted(site.pages, site.articles[20].path if start == "<article>" else start)
    own = {article.path for article in site.articles}
    assert all(done.portal.is_article(BASE + path) for path in own)
    assert not [p for p in site.pages if done.portal.is_article(BASE + p) and p not in own and "_2.html" not in p]
    assert all(not done.portal.is_article(url) and url not in done.portal.discover.examples
               for url in done.portal.discover.pages)  # fmt: skip
    assert done.portal.discover.list_urls
    assert done.portal.domains == ("example.com",)
    assert done.learned is not None
    assert (done.learned.good, done.learned.wrong, len(done.visits)) == (True, 0, 20)
    assert {done.learned.places[field].support for field in ("title", "body", "related_links")} == {20}
    assert not [p for p in done.learned.places.values() if re.search(r"nth|\d", re.sub(r"\bh[1-6]\b", "", p.selector))]


class Changing(dict[str, Answer]):
    """A site that puts a new value of a parameter into every link at every look, and does not look at it."""

    def get(self, path: str, default: Any = None) -> Any:
        page = super().get(path.partition("?")[0], default)
        body = re.sub(rb'(href="[^"#?]+\.html)"', lambda m: m[1] + b"?x=%x&p=" % next(self.count) + b'1"', page.body)
        return Answer(body, page.status, page.headers)

    count = itertools.count(4096)


def test_parameters_whose_values_change_at_every_look_are_dropped() -> None:
    site: Invented = PORTALS["government"]()
    done = drafted(Changing(site.pages), "/xwzx/bmxx/index.html")
    assert done.portal.discover.drop_params == ("x",)
    assert "other values at every look" in done.text
    own = {article.path for article in site.articles}
    assert all(done.portal.is_article(f"{BASE}{path}?p=1") for path in own)
    assert len(done.visits) == 20
    assert all("x=" not in visit.asked for visit in done.visits)


def test_a_site_without_articles() -> None:
    pages = {"/": Answer(b"<html><body><a href='/about/'>About</a><p>Nothing happens here.</p></body></html>")}
    with pytest.raises(NothingFoundError, match="none is an article"):
        drafted(pages, "/")
    with pytest.raises(NothingFoundError, match="it answers 404"):
        drafted({}, "/")


def test_what_the_command_says(tmp_path: Path) -> None:
    with Scripted() as server:
        server.listing("/about/")
        done = citynews("portals", "new", server.base, "--write", tmp_path, "--name", "x", "--delay", 0,
                        "--allow-host", server.host, code=3)  # fmt: skip
    assert "cannot draft a definition" in done.err
    assert not list(tmp_path.glob("*.toml"))
    (tmp_path / "x.toml").write_text("", "utf-8")
    done = citynews("portals", "new", "https://example.org/", "--write", tmp_path, "--name", "x", code=2)
    assert "x.toml: exists already" in done.err


def test_a_hostile_title_stays_a_title() -> None:
    title = "a\"\n[expect]\narticles_min = 99 \x1b[31m \u202e # ''' \\"
    parts = TomlLines(
        head=title, name="x", title=title, home=f"{BASE}/", domains=["example.com"], language="en",
        timezone=("UTC", title), encoding=None, pages=[f"{BASE}/"], article_urls=["//[^/]+/it's/\\d+$"],
    )  # fmt: skip
    portal = parse(definition(parts), "x")
    assert portal.expect.articles_min == 1
    assert portal.title.startswith('a"')
    assert "\u202e" not in portal.text
    assert "\x1b" not in portal.text
    assert portal.is_article(f"{BASE}/it's/5")


RECORD = '<li><a href="/art/2024/1/{n}/art_7_{m}.html">The council counts the lamps of street number {m}</a></li>'
LINKS = [RECORD.format(n=number % 28 + 1, m=1000 + number) for number in range(24)]
DATASTORE = "<script type='text/xml'><datastore>{more}<recordset>{records}</recordset></datastore></script>"
RECORDS = "".join(f"<record><![CDATA[{link}]]></record>" for link in LINKS)
PROXY = "/module/web/jpage/dataproxy.jsp"
GROUP = f"<nextgroup><![CDATA[<a href='{PROXY}?page=2&webid=1&unitid=7'></a>]]></nextgroup>"
JPAGE = (
    "<script>$('#list').jpage({{proxyUrl: '" + PROXY + "', perPage: 15, groupSize: 2, totalRecord: 90,"
    " ajaxParam: {{col: '1', webid: '3', path: '/', columnid: '12', unitid: '88'}}}});</script>"
)
SCRIPTED = {
    "createPageHTML": "<ul>" + "".join(LINKS) + '</ul><script>createPageHTML(5, 0, "index", "html");</script>',
    "datastore": DATASTORE.format(more=GROUP, records=RECORDS),
    "jpage": DATASTORE.format(more="", records=RECORDS) + JPAGE.replace("{{", "{").replace("}}", "}"),
}


@pytest.mark.parametrize("kind", sorted(SCRIPTED))
def test_lists_that_a_script_writes_are_drafted(kind: str) -> None:
    pages = {"/col/index.html": Answer(f"<html><body>{SCRIPTED[kind]}</body></html>".encode())}
    for link in LINKS:
        path, title = re.findall(r'href="([^"]+)">([^<]+)', link)[0]
        pages[path] = Answer(page(title, story(path)))
    where = drafted(pages, "/col/index.html").portal.discover
    assert where.pages == (f"{BASE}/col/index.html",)
    if kind == "jpage":
        (asked,) = where.api
        assert asked.url == f"{BASE}{PROXY}?startrecord={{first}}&endrecord={{last}}&perpage=15"
        assert (asked.method, asked.per_page) == ("POST", 30)
        assert asked.body == "col=1&webid=3&path=%2F&columnid=12&unitid=88"
    else:
        further = {"createPageHTML": "/col/index_3.html", "datastore": f"{PROXY}?page=3&webid=1&unitid=7"}[kind]
        assert any(pattern.search(BASE + further) for pattern in where.list_urls)
