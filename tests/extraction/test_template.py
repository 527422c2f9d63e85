"""A learned template: the same values as the whole page gives, and generic extraction where it does not hold."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.article import Refusal
from crawler.extraction import Fields, Page, extract
from crawler.portals import DefinitionError, Portal, parse
from crawler.samples.sites import make

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
BASE = "http://127.0.0.1:1"
HEAD = f"""
name = "learned"
title = "Learned"
home = "{BASE}/"
domains = ["127.0.0.1:1"]
language = "zh"
timezone = "{{zone}}"
[discover]
sitemaps = ["{BASE}/sitemap.xml"]
"""
ALWAYS = 'always = ["title", "body", "published_at"]\nshortest = 20\n'
TEMPLATES = {
    "sample-zhihui": (
        "Asia/Shanghai",
        'title = "h1"\nbody = "#newsContent"\npublished_at = "div.info"\nsource = "div.info"\nview_count = "div.info"\n'
        'related_links = "div.neighbour, div.related"\n',
    ),
    "sample-chengshi": (
        "Asia/Shanghai",
        'title = "b.title"\nbody = "td.content"\npublished_at = "td.info"\nsource = "td.info"\nsection = "td.bar"\n'
        "related_links = \"xpath://td[@class='content']/parent::tr/following-sibling::tr\"\n",
    ),
    "sample-metro": (
        "America/New_York",
        'title = "h1"\nbody = "div.article-body"\npublished_at = "div.byline"\nsection = "nav.breadcrumb"\n'
        'related_links = "section.related, nav.post-nav"\n',
    ),
}
PAGE = """<html><head><title>Lamps of Calder Bay are counted</title></head><body>{above}
<h1>Lamps of Calder Bay are counted</h1><p class="info">2026-03-04 05:06 Source: {source}</p><div id="text">
<p>The council met on Monday and agreed that street lamps should be counted and repaired by those who pass them.</p>
<p>Nobody else in the town knows where the light is missing, said the mayor, who walks home from the office.</p></div>
<div class="side"><p>By the way: 2020-01-01 00:00 Source: The Sidebar</p></div></body></html>"""
OWN = f'[template]\ntitle = "h1"\nbody = "#text"\npublished_at = "p.info"\nsource = "p.info"\n{ALWAYS}'


def definition(zone: str, more: str) -> Portal:
    return parse(HEAD.format(zone=zone) + more, "learned.toml")


def read(body: str | bytes, portal: Portal, path: str = "/1.html", at: datetime = NOW) -> Fields:
    raw = body if isinstance(body, bytes) else body.encode()
    found = extract([Page(raw, url=BASE + path, fetched_at=at, portal=portal)])
    assert not isinstance(found, Refusal)
    return found


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_values_are_those_of_the_whole_page(name: str) -> None:
    site, (zone, places) = make(name), TEMPLATES[name]
    site.base = BASE
    whole, learned = definition(zone, ""), definition(zone, f"[template]\n{places}{ALWAYS}")
    held = 0
    for story in site.stories():
        page = site.page(story.path, "").body
        with_it, without = read(page, learned, story.path), read(page, whole, story.path)
        held += with_it.extracted_by["body"] == "template"
        values, expected = plain(with_it), plain(without)
        if values["source_url"] is None:
            expected["source_url"] = None  # a source of the same name in a menu: what the template does not look at
        assert values == expected, story.path
    assert held >= 30


def plain(fields: Fields) -> dict[str, Any]:
    return {name: value for name, value in asdict(fields).items() if name != "extracted_by"}


def test_it_says_what_its_places_gave() -> None:
    by = read(PAGE.format(above="", source="The Lamp"), definition("UTC", OWN)).extracted_by
    assert {by[name] for name in ("title", "body", "published_at", "published_raw", "source")} == {"template"}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (("<h1>", "<h2>"), "no headline"),
        (('id="text"', 'id="words"'), "no text"),
        (("</body>", '<div id="text"><p>Another text.</p></div></body>'), "two texts"),
        (("2026-03-04 05:06", ""), "a field of always is missing"),
        (("shortest = 20", "shortest = 5000"), "too short"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_where_it_fails_the_whole_page_is_read(wrong: tuple[str, str], why: str) -> None:
    page = PAGE.format(above="", source="The Lamp").replace(*wrong)
    fields = read(page, definition("UTC", OWN.replace(*wrong)))
    assert plain(fields) == plain(read(page, definition("UTC", "")))
    assert fields.extracted_by["body"] == "generic", why


def test_what_is_no_place_is_not_read() -> None:
    page = PAGE.format(above="<p>2019-01-01 00:00 Source: The Banner</p>", source="").replace("2026-03-04 05:06", "")
    fields = read(page, definition("UTC", OWN.replace(ALWAYS, "")))
    assert (fields.source, fields.published_at) == (None, None)


def test_an_older_layout_has_a_template_of_its_own() -> None:
    page = PAGE.format(above="", source="The Lamp").replace('id="text"', 'id="words"')
    older = 'template = { title = "h1", body = "#words", published_at = "p.info" }'
    portal = definition("UTC", f"[[layout]]\nuntil = 2026-06-01\n{older}\n{OWN}")
    assert read(page, portal, at=datetime(2026, 5, 1, tzinfo=UTC)).extracted_by["body"] == "template"
    assert read(page, portal).extracted_by["body"] == "generic"


def test_a_field_that_no_page_lacks_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"template\.always: 'headline' is not an optional field"):
        definition("UTC", OWN.replace('always = ["title"', 'always = ["headline"'))
