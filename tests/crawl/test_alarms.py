"""What a run has to report of a portal though most of it goes well, and what it must not report."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from crawler.crawl.outages import ABSENT_FOR
from harness import disk
from harness.command import Done, citynews
from harness.scripted import Answer, Scripted, page, story

PATHS = [f"/a/{number}" for number in range(5)]


def crawl(server: Scripted, tmp_path: Path, *, days: float = 0, code: int | None = 0, more: str = "") -> Done:
    definition = server.definition(tmp_path, more=more)
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    return citynews(*command, "--allow-host", server.host, "--json", code=code, later=timedelta(days=days))


def health(tmp_path: Path, code: int) -> Done:
    portals = ["--portals", tmp_path / "scripted.toml"]
    return citynews("health", "scripted", "--output", tmp_path / "archive", *portals, code=code)


def test_links_that_are_lost_in_part(server: Scripted, tmp_path: Path) -> None:
    """Three of five links get another form: what they name would be missed for ever."""
    server.listing(*PATHS)
    for path in PATHS:
        server.article(path)
    for day in range(4):
        crawl(server, tmp_path, days=day)
    server.listing(*PATHS[:2], *(f"/b/{number}" for number in range(3)))
    done = crawl(server, tmp_path, days=4, code=3)
    assert "discovery names 2 articles, never fewer than 5 before" in done.err
    server.listing(*PATHS)
    crawl(server, tmp_path, days=5)


def test_a_portal_without_a_single_article_is_never_well(server: Scripted, tmp_path: Path) -> None:
    """Every address answers 404: an outage at first; when none of them is due any more the portal is no better."""
    server.listing(*PATHS)
    for day in (0, 0.2, 8.2, 31, 31.2):
        done = crawl(server, tmp_path, days=day, code=3)
        if day < ABSENT_FOR.days:
            assert "shows no article under any address" in done.err, done.err
        else:
            assert "was ever an article" in done.err or "was an article" in done.err, done.err
        health(tmp_path, 3)
    (stats,) = disk.runs(tmp_path / "archive")[-1]["portals"].values()
    assert (stats["known"], stats["refused_before"]) == (0, 5)
    assert "0 known, 5 refused before" in done.err


def test_a_name_that_cannot_be_resolved_any_more_is_no_portal_that_is_well(server: Scripted, tmp_path: Path) -> None:
    server.listing(*PATHS)
    for path in PATHS:
        server.article(path)
    crawl(server, tmp_path)
    health(tmp_path, 0)
    definition = tmp_path / "scripted.toml"
    definition.write_text(definition.read_text().replace("127.0.0.1", "no-such-name.invalid"))
    citynews("crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive", code=3)
    assert "well" not in health(tmp_path, 3).out


def test_coverage_is_judged_over_a_run_that_was_cut_and_the_next(server: Scripted, tmp_path: Path) -> None:
    """Six articles with a source, then the six without: half of twelve, as expected of the portal."""
    paths = [f"/a/{number}" for number in range(12)]
    server.listing(*paths)
    for number, path in enumerate(paths):
        text = page(f"The story of {path}", story(path))
        server.pages[path] = Answer(text if number < 6 else text.replace(b"Source: The Lamp", b""))
    expect = "\n[expect]\ncoverage = { source = 0.5 }\n"
    crawl(server, tmp_path, more=f"[politeness]\ndelay = 0\nmax_requests = 8{expect}")
    done = crawl(server, tmp_path, more=f"[politeness]\ndelay = 0{expect}", days=0.1)
    (stats,) = done.summary["portals"].values()
    assert stats["coverage"]["source"] == 0.0, "of the rest alone"
    assert len(list(disk.records(tmp_path / "archive", "articles"))) == 12


def test_a_portal_that_its_definition_disables_is_crawled_only_by_name(server: Scripted, tmp_path: Path) -> None:
    server.listing(*PATHS)
    server.article(PATHS[0])
    definition = server.definition(tmp_path)
    definition.write_text("enabled = false\n" + definition.read_text())
    listed = {row["name"]: row for row in citynews("portals", "--portals", definition, "--json").summary}
    assert not listed["scripted"]["chosen"]
    (tmp_path / "citynews.toml").write_text('[groups]\ng = ["scripted"]\n', "utf-8")
    options = ["--portals", definition, "--output", tmp_path / "archive", "--config", tmp_path / "citynews.toml"]
    assert "excluded or disabled" in citynews("crawl", "g", *options, code=2).err
    crawl(server, tmp_path)


def test_a_channel_in_another_encoding_than_the_definition_says_is_read_and_said(
    server: Scripted, tmp_path: Path
) -> None:
    paragraphs = "\n\n".join(f"第{n}盏路灯已经改造完成,市民夜间出行更加安全,道路照明更加明亮。" for n in range(9))
    old, new = (page(title, paragraphs + title).decode() for title in ("旧编码的频道里的文章", "新编码的频道里的文章"))
    html = {"Content-Type": "text/html"}
    server.listing("/a/old", "/a/new")
    server.pages["/a/old"] = Answer(old.replace("utf-8", "gb2312").encode("gb18030"), headers=html)
    server.pages["/a/new"] = Answer(new.encode(), headers=html)
    definition = server.definition(tmp_path)
    definition.write_text('encoding = "gb18030"\n' + definition.read_text())
    command = ["crawl", "scripted", "--portals", definition, "--output", tmp_path / "archive"]
    done = citynews(*command, "--allow-host", server.host)
    titles = {record["title"] for record in disk.records(tmp_path / "archive", "articles")}
    assert titles == {"旧编码的频道里的文章", "新编码的频道里的文章"}
    assert 'another encoding than `encoding = "gb18030"` says (1 utf-8)' in done.err
    assert disk.runs(tmp_path / "archive")[-1]["portals"]["scripted"]["encodings"] == {"utf-8": 1}
    citynews("verify", "--output", tmp_path / "archive")
