"""Portal definitions: the bundled ones keep the rules of this project, and a bad one is refused naming file and key."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crawler import portals
from crawler.cli import run
from crawler.crawl.frontier.frontier import fingerprint
from crawler.portals import DefinitionError, families
from crawler.portals.reader import BUNDLED as FOLDER
from crawler.values import urls

BUNDLED = sorted((Path(portals.__file__).parent / "bundled").glob("*.toml"))

GOOD = """
name = "good"
title = "Good"
home = "https://good.example/"
domains = ["good.example"]
language = "en"
timezone = "UTC"
[discover]
pages = ["https://good.example/news/"]
article_urls = ['/a/']
"""

#: (what is changed, the key that must be named)
WRONG = {
    "unknown key": (("title =", 'colour = "red"\ntitle ='), "colour"),
    "unknown key in a section": (("[discover]", "[discover]\ndepth = 3"), "discover.depth"),
    "bad pattern": (("'/a/'", "'/a/('"), "discover.article_urls"),
    "pattern that never ends": (("'/a/'", "'(a+)+$'"), "discover.article_urls"),
    "missing section": ((GOOD[GOOD.index("[discover]") :], ""), "discover"),
    "nowhere to look": (('pages = ["https://good.example/news/"]', ""), "discover"),
    "missing name": (('name = "good"', ""), "name"),
    "name of a path": (('name = "good"', 'name = "../good"'), "name"),
    "upper case name": (('name = "good"', 'name = "Good"'), "name"),
    "long name": (('name = "good"', f'name = "{"g" * 65}"'), "name"),
    "no such zone": (('"UTC"', '"Mars/Olympus"'), "timezone"),
    "no such codec": (('language = "en"', 'language = "en"\nencoding = "klingon"'), "encoding"),
    "file address": (("https://good.example/news/", "file:///etc/passwd"), "discover.pages"),
    "domain with a path": (('["good.example"]', '["good.example/news"]'), "domains"),
    "no domain": (('["good.example"]', "[]"), "domains"),
    "wrong type": (('title = "Good"', "title = 7"), "title"),
    "bad selector": (("[discover]", '[extract]\nbody = "div["\n[discover]'), "extract.body"),
    "bad xpath": (("[discover]", '[extract]\nbody = "xpath://div["\n[discover]'), "extract.body"),
    "unknown xpath function": (("[discover]", '[extract]\nbody = "xpath:foo(//div)"\n[discover]'), "extract.body"),
    "unknown field": (("[discover]", '[extract]\nmood = "div"\n[discover]'), "extract.mood"),
    "bad age": (("[discover]", '[revisit]\nafter = ["soon"]\n[discover]'), "revisit.after"),
    "negative delay": (("[discover]", "[politeness]\ndelay = -1\n[discover]"), "politeness.delay"),
    "no requests": (("[discover]", "[politeness]\nmax_requests = 0\n[discover]"), "politeness.max_requests"),
    "share above one": (("[discover]", "[expect]\ncoverage = { title = 7 }\n[discover]"), "expect.coverage"),
    "share of what is not": (("[discover]", "[expect]\ncoverage = { mood = 1 }\n[discover]"), "expect.coverage"),
    "placeholder without a way": (("[discover]", '[counter]\nurl = "/c?{aid}"\n[discover]'), "counter"),
    "pattern without a group": (("[discover]", '[counter]\nurl = "/c?{aid}"\naid = "x"\n[discover]'), "counter"),
    "layout without an end": (("[discover]", '[[layout]]\nextract = { body = "p" }\n[discover]'), "layout.0.until"),
}  # fmt: skip


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_bundled_definitions_keep_the_rules(path: Path) -> None:
    portal = portals.read(path)
    assert portal.name == path.stem
    assert path.read_text("utf-8").count("\n") < 40, "a portal is a handful of facts"
    assert portal.politeness.delay >= 1, "a real portal is asked gently"
    assert portal.expect.articles_min, "a portal that finds nothing must be noticed"
    assert all(portal.owns(url) for url in (portal.home, *portal.discover.pages, *portal.discover.sitemaps))
    assert portal.verify_tls or "verify_tls" in tomllib.loads(portal.text)
    assert portal.evidence
    assert portal.confidence
    assert (
        portal.confidence != "high" or portal.discover.examples or portal.discover.feeds or "family" in path.read_text()
    )


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_no_list_page_is_taken_for_an_article(path: Path) -> None:
    """Nor is an article taken for a list page: the patterns tell the two apart."""
    portal = portals.read(path)
    where = portal.discover
    if where.article_urls:  # without a pattern all that a feed names is an article
        assert all(not portal.is_article(url) for url in (portal.home, *where.pages))
    assert all(portal.is_article(url) and not portal.is_list(url) for url in where.examples)
    assert all(urls.clean(url) == url for url in (*where.pages, *where.feeds, *where.examples))


def test_the_catalogue() -> None:
    """All load together, no two claim one host, and Chinese comes first."""
    known = portals.load()
    assert sorted(known) == [path.stem for path in BUNDLED]
    assert len(known) >= 40
    domains = [(domain, portal.name) for portal in known.values() for domain in portal.domains]
    for domain, name in domains:
        assert {other for suffix, other in domains if domain == suffix or domain.endswith(f".{suffix}")} == {name}
    languages = [portal.language for portal in known.values()]
    assert languages.count("zh") > languages.count("en")
    assert {"zh-TW", "es"} <= set(languages)


def test_the_text_is_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "good.toml"
    path.write_text(GOOD)
    assert portals.read(path).text == GOOD


@pytest.mark.parametrize("what", sorted(WRONG))
def test_a_bad_definition_names_file_and_key(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (old, new), key = WRONG[what]
    assert old in GOOD
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace(old, new))
    code = run(["portals", "--portals", str(path)])
    said = capsys.readouterr().err
    assert code == 2
    assert str(path) in said
    assert key in said
    assert "Traceback" not in said


def test_what_is_no_toml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.toml"
    for data in (b"name = ", b"\xff\xfe\x00", b"[[["):
        path.write_bytes(data)
        assert run(["portals", "--portals", str(path)]) == 2
        assert str(path) in capsys.readouterr().err
    assert run(["portals", "--portals", str(tmp_path / "nowhere.toml")]) == 2
    (tmp_path / "empty").mkdir()
    assert run(["portals", "--portals", str(tmp_path / "empty")]) == 2


def test_one_name_given_twice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(GOOD)
    with pytest.raises(DefinitionError, match="good") as caught:
        portals.load([tmp_path])
    assert "one.toml" in str(caught.value)
    assert "two.toml" in str(caught.value)
    portals.load([tmp_path / "one.toml", tmp_path / "one.toml"])  # the same file is no contradiction


def test_a_given_definition_replaces_a_bundled_one(tmp_path: Path) -> None:
    name = BUNDLED[0].stem
    (tmp_path / "mine.toml").write_text(GOOD.replace('"good"', f'"{name}"'))
    assert portals.load([tmp_path])[name].home == "https://good.example/"


def test_the_oldest_layout_that_held_is_used() -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    text = GOOD + '[[layout]]\nuntil = 2025-03-01\nextract = { body = "#newer" }\n'
    text += '[[layout]]\nuntil = 2024-03-01\nextract = { body = "#oldest" }\n[extract]\nbody = "#now"\n'
    portal = portals.parse(text, "here")
    seen = []
    for year in (2023, 2024, 2025):
        body = portal.rules_at(datetime(year, 6, 1, tzinfo=UTC)).body
        assert body is not None
        seen.append(body.source)
    assert seen == ["#oldest", "#newer", "#now"]


@pytest.mark.parametrize("name", families.names())
def test_a_family_makes_a_portal_of_a_few_lines(name: str) -> None:
    keys = families.read(name)
    brought = keys.get("discover", {})
    assert brought or keys["extract"], "a family brings something"
    text = GOOD.replace("article_urls = ['/a/']\n", "") if "article_urls" in brought else GOOD
    portal = portals.parse(f'family = "{name}"\n{text}', "good.toml")
    assert "family" not in tomllib.loads(portal.text), "what is archived does not depend on a family"
    assert portals.parse(portal.text, "archived") == portal
    assert [url.pattern for url in portal.discover.list_urls] == brought.get("list_urls", [])
    assert portal.extract.rules().keys() == keys.get("extract", {}).keys()


def test_a_portal_overrules_its_family_key_by_key(tmp_path: Path) -> None:
    (tmp_path / "families").mkdir()
    (tmp_path / "families" / "mine.toml").write_text(
        'about = "ours"\nencoding = "gb18030"\n[discover]\nlist_urls = ["/l/"]\narticle_urls = ["/b/"]\n[extract]\n'
        'title = "h2"\nbody = "#b"\n[counter]\nurl = "/c?{aid}"\naid = "x(.)"\n'
    )
    path = tmp_path / "good.toml"
    path.write_text(f'family = "mine"\n{GOOD}[extract]\ntitle = "h1"\n')
    portal = portals.read(path)
    assert portal.encoding == "gb18030"
    assert [p.pattern for p in portal.discover.article_urls] == ["/a/"]
    assert [p.pattern for p in portal.discover.list_urls] == ["/l/"]
    assert {name: rule.source for name, rule in portal.extract.rules().items()} == {"title": "h1", "body": "#b"}
    assert portal.counter is not None
    assert [portal.name for portal in portals.load([tmp_path], bundled=False).values()] == ["good"], (
        "a family is no portal"
    )


@pytest.mark.parametrize(
    ("family", "text", "said"),
    [
        ('"nobody"', None, "no family is called 'nobody'"),
        ('"../x"', None, "not a family's name"),
        ("7", None, "not a family's name"),
        ('"mine"', 'encoding = "utf-8"', "about: missing"),
        ('"mine"', 'about = "x"\nname = "y"', "name: not allowed in a family"),
        ('"mine"', "about = ", "cannot be read"),
        ('"mine"', 'about = "x"\ncolour = "red"', "colour: unknown key"),
    ],
)
def test_a_bad_family_is_named(family: str, text: str | None, said: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "families").mkdir()
        (tmp_path / "families" / "mine.toml").write_text(text)
    path = tmp_path / "good.toml"
    path.write_text(f"family = {family}\n{GOOD}")
    with pytest.raises(DefinitionError, match=r"good\.toml") as caught:
        portals.read(path)
    assert said in str(caught.value)


def test_what_only_describes_a_portal_changes_nothing_of_its_runs() -> None:
    """Discovery is read to its end when rules change, not when a day or a tag does."""
    text = (FOLDER / "c114.toml").read_text("utf-8")
    before = fingerprint(portals.parse(text, "c114"))
    described = text.replace('"telecom"', '"telecom", "5g"').replace('kind = "media"', 'kind = "industry"')
    assert described != text
    assert fingerprint(portals.parse(described, "c114")) == before
    ruled = text.replace("[discover]", "[discover]\nmax_list_pages = 7")
    assert fingerprint(portals.parse(ruled, "c114")) != before
