"""`citynews portals check`: all well, and each thing that can go wrong with a portal; a template learned again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.extraction import Fields, Page, extract
from crawler.portals import Portal, read
from harness.command import citynews
from harness.families import government
from harness.invented import Invented
from harness.scripted import Answer, Scripted

DEFINITION = """name = "government"
title = "云河市数据局"
home = "{base}/"
domains = ["{host}"]
language = "zh"
timezone = "Asia/Shanghai"

[discover]
pages = ["{base}/xwzx/gzdt/index.html", "{base}/xwzx/bmxx/index.html"]
article_urls = ['/t\\d+_\\d+\\.html$']

[template]  # 20 of 20
title = "div.xl_tit"
published_at = "div.xl_ly"
source = "div.xl_ly"
view_count = "div.xl_ly"
body = "div.xl_text"
section = "div.dqwz"
related_links = "div.xgwd, div.sxp"
always = ["title", "body", "published_at"]
shortest = 60

[politeness]
delay = 0

[expect]
coverage = {{ title = 0.98, source = 0.9 }}
template = 0.8
"""


@pytest.fixture
def site() -> Iterator[tuple[Scripted, Invented]]:
    invented = government.portal()
    with Scripted() as server:
        invented.serve(server)
        yield server, invented


def define(server: Scripted, folder: Path) -> Path:
    path = folder / "government.toml"
    path.write_text(DEFINITION.format(base=server.base, host=server.host), "utf-8")
    return path


def relaunch(server: Scripted, site: Invented) -> None:
    """The site has a new design: every name of its article pages is another one."""
    names = ((b"xl_tit", b"headline"), (b"xl_ly", b"facts"), (b"xl_text", b"story"), (b"xgwd", b"more"))
    for truth in site.articles:
        body = raw(server, truth.path)
        for old, new in names:
            body = body.replace(old, new)
        server.pages[truth.path] = Answer(body)


def raw(server: Scripted, path: str) -> bytes:
    body = server.pages[path].body
    assert isinstance(body, bytes)
    return body


def page(server: Scripted, portal: Portal, path: str, days: int) -> Fields:
    """The page at *path* as read, had it been fetched so many *days* from the change of the layout."""
    until = portal.layout[-1].until
    moment = datetime(until.year, until.month, until.day, tzinfo=portal.zone) + timedelta(days=days)
    found = extract([Page(raw(server, path), url=server.base + path, fetched_at=moment, portal=portal)])
    assert isinstance(found, Fields)
    return found


def test_all_well_then_a_new_layout(site: tuple[Scripted, Invented], tmp_path: Path) -> None:
    server, invented = site
    path = define(server, tmp_path)
    well = citynews("portals", "check", "government", "--portals", path, "--allow-host", server.host, "--json")
    assert well.summary["problems"] == []
    assert well.summary["template"] == well.summary["articles"] == 6
    assert not (tmp_path / "output").exists()

    before = invented.articles[-1].path
    archived = server.pages[before]
    relaunch(server, invented)
    crawled = citynews("crawl", "government", "--portals", path, "--allow-host", server.host, "--limit", 6, "--json",
                       "--output", tmp_path / "archive", code=3)  # fmt: skip
    assert "the template matches 0 of 6 articles, expected 80%" in crawled.summary["problems"]["government"][0]
    assert crawled.summary["portals"]["government"]["template"] == {"missed": 6}
    assert crawled.summary["portals"]["government"]["coverage"]["source"] == 1.0
    changed = citynews("portals", "check", "government", "--portals", path, "--allow-host", server.host, "--repair",
                       "--write", tmp_path / "repaired", code=3)  # fmt: skip
    assert "the template matches 0 of" in changed.out
    assert "--repair` learns a new one" in changed.out
    proposed = read(tmp_path / "repaired" / "government.toml")
    assert proposed.template is not None
    assert proposed.template.body.source == "div.story"
    assert page(server, proposed, before, +1).extracted_by["body"] == "template"
    server.pages[before] = archived
    old = page(server, proposed, before, -1)
    assert (old.extracted_by["body"], old.source) == ("template", invented.articles[-1].source)
    assert page(server, proposed, before, +1).extracted_by["body"] == "generic"


def test_what_is_wrong_is_said(site: tuple[Scripted, Invented], tmp_path: Path) -> None:
    server, invented = site
    path = define(server, tmp_path)
    kept = tmp_path / "golden" / "government" / "one"
    kept.mkdir(parents=True)
    (kept / "page.html").write_bytes(raw(server, invented.articles[0].path))
    (kept / "meta.toml").write_text(f'url = "{server.base}/x.html"\nfetched_at = 2026-11-23T00:00:00+00:00\n', "utf-8")
    (kept / "expected.json").write_text('{"title": "another headline"}', "utf-8")
    server.pages["/xwzx/bmxx/index.html"] = Answer(b"gone", 404)
    for truth in invented.articles:
        body = raw(server, truth.path).replace("信息来源".encode(), b"")
        server.pages[truth.path] = Answer(body.replace(str(truth.source).encode(), b""))
    done = citynews("portals", "check", "--portals", path, "government", "--allow-host", server.host, code=3)
    assert "/xwzx/bmxx/index.html answers 404: correct it, or remove it from [discover]" in done.out
    assert "source on 0% of 6 articles, expected 90%" in done.out
    assert "golden page one: title" in done.out

    server.listing("/news/one-1.html", "/news/two-2.html", "/news/three-3.html", path="/xwzx/gzdt/index.html")
    done = citynews("portals", "check", "--portals", path, "government", "--allow-host", server.host, code=3)
    assert "no link of 1 discovery pages matches discover.article_urls" in done.out
    assert "what they link to looks like" in done.out
