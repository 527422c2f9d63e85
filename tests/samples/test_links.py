"""Walking the portals as a crawler does: every link leads somewhere, every article can be found."""

from __future__ import annotations

import gzip
import json
import re
from urllib.parse import urljoin

import pytest
from lxml import etree

from crawler.portals import Portal, read
from crawler.samples import NAMES, Samples, stories
from crawler.values import urls

from .client import CODECS, ask

_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def portals(samples: Samples, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Portal]:
    written = samples.write_definitions(tmp_path_factory.mktemp("portals"))
    assert [path.stem for path in written] == list(NAMES)
    return {path.stem: read(path) for path in written}


def _links(samples: Samples, name: str, path: str) -> set[str]:
    """The paths on the same portal that the page at *path* names, pictures and forms too."""
    base = samples.base[name]
    tree = ask(base, path).tree
    found = {urljoin(base + path, link) for _, _, link, _ in tree.iterlinks()}
    found |= {urljoin(base + path, form.get("action")) for form in tree.iter("form")}
    return {link.removeprefix(base) for link in found if link.startswith(base)}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(samples: Samples, name: str) -> None:
    seen: set[str] = set()
    todo = {"/"}
    while todo:
        path = todo.pop()
        seen.add(path)
        answer = ask(samples.base[name], path)
        if answer.status == 301:
            assert ask(samples.base[name], answer.headers["Location"]).status == 200, path
        else:
            assert answer.status == 200, path
            assert "/plus/count.php" in path or answer.body, path
        if answer.status == 200 and answer.headers["Content-Type"].startswith("text/html"):
            todo |= _links(samples, name, path) - seen
    assert {s.path for s in stories(name)} <= seen
    assert len(seen) < 400  # no endless space of addresses


@pytest.mark.parametrize("name", NAMES)
def test_every_article_is_found_from_the_lists(samples: Samples, portals: dict[str, Portal], name: str) -> None:
    portal, base = portals[name], samples.base[name]
    lists, found = set(portal.discover.pages), set()
    todo = list(lists)
    while todo:
        links = {urls.clean(base + path) or "" for path in _links(samples, name, todo.pop().removeprefix(base))}
        found |= {link for link in links if portal.is_article(link)}
        todo += (new := {link for link in links if portal.is_list(link)} - lists)
        lists |= new
    assert len(lists) <= portal.discover.max_list_pages
    assert not any(portal.is_article(address) for address in lists)
    reached = {ask(base, link.removeprefix(base)).headers.get("Location", link.removeprefix(base)) for link in found}
    assert reached - {"/preview/2024/12/20/harbor-budget-draft/"} == {s.path for s in stories(name)}


def test_definitions_state_no_rules(portals: dict[str, Portal]) -> None:
    for portal in portals.values():
        assert portal.extract.rules() == {}
        assert portal.politeness.delay == 0
        assert portal.text.count("\n") < 40
        assert all(re.fullmatch(r"127\.0\.0\.1:\d+", domain) for domain in portal.domains)
    counter = portals["sample-chengshi"].counter
    assert counter is not None
    assert (counter.increments, counter.ask) == (True, True)


def test_feeds_and_sitemaps(samples: Samples, portals: dict[str, Portal]) -> None:
    base, online = samples.base["sample-metro"], {s.path for s in stories("sample-metro")}
    rss = etree.fromstring(ask(base, "/feed.xml").body)
    links = [item.findtext("link") or "" for item in rss.iter("item")]
    assert all("utm_source=rss" in link for link in links)
    cleaned = {urls.clean(link) or "" for link in links}
    assert all(portals["sample-metro"].is_article(link) for link in cleaned)
    assert all(ask(base, link.removeprefix(base)).status in (200, 301) for link in cleaned)
    atom = etree.fromstring(ask(base, "/atom.xml").body)
    assert len(atom.findall("{http://www.w3.org/2005/Atom}entry")) == len(links) == 20
    index = etree.fromstring(ask(base, "/sitemap.xml").body)
    packed, news = (loc.text or "" for loc in index.iter(f"{_SITEMAP}loc"))
    answer = ask(base, packed.removeprefix(base), {"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers  # the file itself is gzip
    listed = etree.fromstring(gzip.decompress(answer.body))
    assert {(loc.text or "").removeprefix(base) for loc in listed.iter(f"{_SITEMAP}loc")} == online
    latest = etree.fromstring(ask(base, news.removeprefix(base)).body)
    assert {(loc.text or "").removeprefix(base) for loc in latest.iter(f"{_SITEMAP}loc")} <= online


@pytest.mark.parametrize("name", NAMES)
def test_robots(samples: Samples, name: str) -> None:
    answer = ask(samples.base[name], "/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.text.startswith("User-agent: *\n")
    assert "Disallow: /" in answer.text
    assert "{base}" not in answer.text


@pytest.mark.parametrize("name", NAMES)
def test_not_found_and_moved(samples: Samples, name: str) -> None:
    base = samples.base[name]
    missing = ask(base, "/no/such/page.html")
    assert (missing.status, "404" in missing.text) == (404, True)
    for story in stories(name):
        old = {"sample-zhihui": "/news/detail/{}.html", "sample-chengshi": "/html/{}.html"}.get(
            name, "/archive/{}.html"
        )
        answer = ask(base, old.format(story.key))
        assert (answer.status, answer.headers["Location"]) == (301, story.path)


def test_gb18030_under_the_name_of_gb2312(samples: Samples) -> None:
    base = samples.base["sample-chengshi"]
    seen = set()
    for story in stories("sample-chengshi"):
        answer = ask(base, story.path)
        assert answer.headers["Content-Type"] == "text/html"
        assert b"charset=gb2312" in answer.body
        seen |= set(answer.body.decode(CODECS["sample-chengshi"]))
    assert set("镕堃䶮€𬭎峣喆頔") <= seen
    assert not any(sign == "\ufffd" for sign in seen)
    with pytest.raises(UnicodeDecodeError):
        ask(base, "/").body.decode("gb2312")


def test_structured_data_agrees_with_the_truth(samples: Samples) -> None:
    for story in stories("sample-metro"):
        found = ask(samples.base["sample-metro"], story.path).tree.xpath("//script[@type='application/ld+json']/text()")
        assert bool(found) == (story.layout != "classic")
        if found:
            data = json.loads(found[0])
            assert (data["headline"], data["datePublished"]) == (story.title, story.published_at)
            assert data.get("dateModified") == story.modified_at
            assert ", ".join(p["name"] for p in data.get("author", ())) == (story.author or "")
