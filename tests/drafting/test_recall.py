"""`citynews portals recall`: what the site lists itself, each miss with its reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness import disk
from harness.command import Done, citynews
from harness.sample_sites import CHENGSHI, METRO, ZHIHUI, SampleSites
from harness.scripted import Answer, Scripted

XML = {"Content-Type": "application/xml"}


def recall(server: Scripted, folder: Path, *more: object, code: int | None = 0) -> Done:
    return citynews("portals", "recall", "scripted", "--portals", folder / "scripted.toml", "--allow-host", server.host,
                    "--output", folder / "archive", *more, code=code)  # fmt: skip


def crawl(server: Scripted, folder: Path, *more: object, code: int | None = 0) -> None:
    citynews("crawl", "scripted", "--portals", folder / "scripted.toml", "--allow-host", server.host, "--output",
             folder / "archive", "-s", "RETRY_TIMES=0", *more, code=code)  # fmt: skip


def urlset(server: Scripted, *paths: str, dated: str = "") -> Answer:
    rows = "".join(
        f"<url><loc>{server.base}{path}</loc>{dated and f'<lastmod>{dated}</lastmod>'}</url>" for path in paths
    )
    text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
    return Answer(text.encode(), headers=XML)


@pytest.fixture
def site(server: Scripted, tmp_path: Path) -> Scripted:
    """Five articles behind a list, two more that only a sitemap has; a refused page, a page that fails."""
    names = [f"/a/{n}" for n in ("one", "two", "three", "list", "broken")]
    server.listing(*names)
    for name in (*names[:3], "/a/hidden", "/a/late"):
        server.article(name)
    server.listing("/a/one", "/a/two", "/a/three", "/a/hidden", path="/a/list")
    server.pages["/a/broken"] = Answer(b"", 503)
    server.pages["/robots.txt"] = Answer(f"User-agent: *\nSitemap: {server.base}/index.xml\n".encode())
    server.pages["/index.xml"] = Answer(
        f"<sitemapindex><sitemap><loc>{server.base}/news.xml</loc></sitemap><sitemap><loc>{server.base}/late.xml</loc>"
        f"</sitemap><sitemap><loc>{server.base}/gone.xml</loc></sitemap></sitemapindex>".encode(), headers=XML
    )  # fmt: skip
    server.pages["/news.xml"] = urlset(server, *names, "/a/hidden", "/about", dated="2026-03-04")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    server.pages["/late.xml"] = urlset(server, "/a/late", dated=tomorrow)
    server.definition(tmp_path)
    return server


def test_each_miss_has_its_reason(site: Scripted, tmp_path: Path) -> None:
    crawl(site, tmp_path, code=None)
    before = {path: path.read_bytes() for path in (tmp_path / "archive").rglob("*.json*")}
    found: Any = json.loads(recall(site, tmp_path, "--json").out)
    assert (found["archived"], found["listed"], found["newer"], found["share"]) == (3, 6, 1, 0.5)
    reasons = {miss["url"].rpartition("/")[2]: miss["reason"] for miss in found["misses"]}
    assert reasons["hidden"] == "never found"
    assert reasons["list"].startswith("refused: ")
    assert reasons["broken"] == "failed: http-503"
    assert found["outside"] == {"matched by no pattern": 1}
    assert set(found["sources"]) == {f"{site.base}/news.xml", f"{site.base}/late.xml"}
    assert found["failed"] == {f"{site.base}/gone.xml": "answers 404"}
    after = {path: path.read_bytes() for path in (tmp_path / "archive").rglob("*.json*")}
    kept = {path.name: path.read_bytes() for path in (tmp_path / "archive" / "recall").iterdir()}
    assert before == {path: data for path, data in after.items() if path.parent.name != "recall"}, "nothing is archived"
    assert b"://" not in kept.pop("scripted.jsonl"), "nor named: what is removed must be gone"
    assert kept == {}
    text = recall(site, tmp_path, "--at-least", "0.99", code=3).out
    assert "3 of 6 articles are archived, 50.0%" in text
    assert "never found" in text
    assert json.loads(recall(site, tmp_path, "--json", "--since", "2026-03-05", code=3).out)["listed"] == 0


def test_feeds_of_every_kind(server: Scripted, tmp_path: Path) -> None:
    """Atom with relative addresses, RSS, JSON Feed: each is a judge of what lists lack."""
    server.listing("/a/one")
    kinds = {"rss": "rss+xml", "atom": "atom+xml", "json": "feed+json"}
    links = "".join(f"<link rel='alternate' type='application/{kind}' href='/{name}'>" for name, kind in kinds.items())
    page = server.pages["/"].body
    assert isinstance(page, bytes)
    server.pages["/"] = Answer(page.replace(b"<body>", f"<body>{links}".encode()))
    for name in ("one", "rss", "atom", "json"):
        server.article(f"/a/{name}")
    server.pages["/rss"] = Answer(f"<rss version='2.0'><channel><item><link>{server.base}/a/rss</link></item>"
                                  "</channel></rss>".encode(), headers=XML)  # fmt: skip
    server.pages["/atom"] = Answer(b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='/a/atom'/>"
                                   b"<updated>2026-03-04T05:06:07Z</updated></entry></feed>", headers=XML)  # fmt: skip
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [
        {"url": f"{server.base}/a/one"}, {"url": "/a/json", "date_published": "2026-03-04T05:06:07+08:00"}, {"id": "x"}
    ]}  # fmt: skip
    server.pages["/json"] = Answer(json.dumps(feed).encode(), headers={"Content-Type": "application/feed+json"})
    server.definition(tmp_path)
    crawl(server, tmp_path)
    found = json.loads(recall(server, tmp_path, "--json").out)
    assert found["sources"] == {f"{server.base}/rss": 1, f"{server.base}/atom": 1, f"{server.base}/json": 2}
    misses = {miss["url"].rpartition("/")[2]: miss["dated"] for miss in found["misses"]}
    assert misses == {
        "rss": None,
        "atom": "2026-03-04T05:06:07+00:00",
        "json": "2026-03-04T05:06:07+08:00",
    }
    server.definition(tmp_path, discover=f'feeds = ["{server.base}/json", "{server.base}/atom", "{server.base}/rss"]')
    crawl(server, tmp_path)
    assert len(disk.records(tmp_path / "archive", "articles")) == 4, "a crawl reads all three too"


def test_a_site_that_does_not_answer_has_no_lists_to_compare_with(site: Scripted, tmp_path: Path) -> None:
    crawl(site, tmp_path, code=None)
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /\n")
    done = recall(site, tmp_path, code=3)
    assert f"{site.base}/ robots.txt forbids it" in done.out
    assert "none of the site's lists can be read" in done.out


def test_what_discovery_reads_itself_is_no_judge(site: Scripted, tmp_path: Path) -> None:
    used = ", ".join(f'"{site.base}/{name}.xml"' for name in ("index", "news", "late"))
    site.definition(tmp_path, discover=f"sitemaps = [{used}]")
    crawl(site, tmp_path, code=None)
    found = json.loads(recall(site, tmp_path, "--json", code=3).out)
    assert (found["sources"], found["share"]) == ({}, None)
    assert "nothing to compare with" in recall(site, tmp_path, code=3).out
    assert "no archive here" in citynews("portals", "recall", "c114", "--output", tmp_path / "no", code=2).err


def test_health_keeps_what_was_measured(site: Scripted, tmp_path: Path) -> None:
    crawl(site, tmp_path, code=None)
    asked = ("health", "scripted", "--portals", tmp_path / "scripted.toml", "--output", tmp_path / "archive")
    assert json.loads(citynews(*asked, "--json", code=None).out)["portals"]["scripted"]["recall"] == []
    recall(site, tmp_path)
    names = [f"/a/more-{n}" for n in range(4)]
    site.pages["/news.xml"] = urlset(site, "/a/one", "/a/two", "/a/three", "/a/hidden", *names, dated="2026-03-04")
    recall(site, tmp_path, "--since", "2026-03-05", code=3)
    assert "fell" not in citynews(*asked, code=None).out, "other days are no measure of these"
    recall(site, tmp_path)
    past = json.loads(citynews(*asked, "--json", code=None).out)["portals"]["scripted"]["recall"]
    assert [run["share"] for run in past] == [0.5, None, 0.375]
    assert past[2]["missed"] == {"never found": 5}
    shown = citynews(*asked, code=None).out
    assert "recall fell from 50.0% to 37.5%" in shown
    assert "scripted: recall 50.0% (" in shown
    citynews("verify", "--output", tmp_path / "archive")


def test_an_index_without_end_is_bounded(site: Scripted, tmp_path: Path) -> None:
    rows = "".join(f"<sitemap><loc>{site.base}/s/{n}.xml</loc></sitemap>" for n in range(500))
    site.pages["/index.xml"] = Answer(f"<sitemapindex>{rows}</sitemapindex>".encode(), headers=XML)
    crawl(site, tmp_path, code=None)
    before = len(site.asked)
    found = json.loads(recall(site, tmp_path, "--json", code=3).out)
    assert len(site.asked) - before < 80
    assert len(found["not_read"]) > 400


@pytest.mark.ci
def test_the_samples(sample_sites: SampleSites, tmp_path: Path) -> None:
    """Discovery by lists alone finds at least 99 % of what sitemap and feeds name."""
    sample_sites.expect_nothing()
    for line in ('feeds = ["', 'sitemaps = ["'):
        path = sample_sites.folder / f"{METRO}.toml"
        text = "".join(row for row in path.read_text("utf-8").splitlines(keepends=True) if not row.startswith(line))
        path.write_text(text, "utf-8")
    sample_sites.crawl(tmp_path / "archive", ZHIHUI, CHENGSHI, METRO, code=None)
    hosts = [word for base in sample_sites.samples.base.values() for word in ("--allow-host", base.partition("//")[2])]
    shares = {}
    for name in (ZHIHUI, CHENGSHI, METRO):
        done = citynews("portals", "recall", name, "--portals", sample_sites.folder, "--output", tmp_path / "archive",
                        "--json", *hosts, code=None)  # fmt: skip
        shares[name] = json.loads(done.out)["share"]
    assert shares[METRO] is not None
    assert all(share >= 0.99 for share in shares.values() if share is not None), shares
