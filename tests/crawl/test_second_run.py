"""Runs after the first: list pages again, articles only when they are new or due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from crawler.samples import NAMES
from harness import disk
from harness.command import citynews
from harness.sample_sites import CHENGSHI, METRO, ZHIHUI, SampleSites, is_discovery
from harness.scripted import Answer, Scripted, page, story

HOUR = timedelta(hours=1)


def test_the_first_run_gets_everything_and_the_second_asks_for_nothing_known(
    sample_sites: SampleSites, tmp_path: Path
) -> None:
    output = tmp_path / "archive"
    sample_sites.crawl(output, *NAMES)
    archived = {r["id"] for r in disk.records(output, "articles") + disk.records(output, "duplicates")}
    assert archived >= set().union(*map(sample_sites.ids, NAMES))
    assert disk.doubled(output) == []
    assert disk.unobserved(output) == []
    before, marks = disk.all_lines(output), sample_sites.marks()
    sample_sites.crawl(output, *NAMES)
    assert disk.all_lines(output) == before
    for name in NAMES:
        again = sample_sites.asked(name, marks[name])
        assert [path for path in again if not is_discovery(path)] == []
        assert len(again) == len(set(again)), "a list page was asked for twice in one run"
        assert any(not is_discovery(path) for path in sample_sites.asked(name)[: marks[name]])
    assert [run["number"] for run in disk.runs(output)] == [1, 2]


def test_what_is_due_is_visited_and_every_outcome_is_told(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    sample_sites.rewrite(METRO, add='\n[revisit]\nafter = ["1h", "3h"]\n')
    kept, edited, counted, deleted = sample_sites.samples.stories(METRO)[2:6]
    sample_sites.crawl(output, METRO)
    first = {r["url"]: r for r in disk.records(output, "articles")}
    base = sample_sites.samples.base[METRO]
    text = edited.text + "\n\nThe rest was said on Friday."
    sample_sites.samples.change(METRO, edited.path, title="Another headline altogether", text=text)
    sample_sites.samples.change(METRO, counted.path, views="77K")
    sample_sites.samples.delete(METRO, deleted.path)
    sample_sites.crawl(output, METRO, later=2 * HOUR)
    seen = {r["url"]: r for r in disk.records(output, "observations") if r["run"] == disk.runs(output)[1]["run"]}
    outcomes = {name: seen[base + story.path]["outcome"] for name, story in
                {"kept": kept, "edited": edited, "counted": counted, "deleted": deleted}.items()}  # fmt: skip
    assert outcomes.pop("kept") in {"unchanged", "not-modified"}, "as its server has validators for it or not"
    assert outcomes == {"edited": "changed", "counted": "unchanged", "deleted": "gone"}
    assert seen[base + counted.path]["view_count"] == 77_000
    assert seen[base + deleted.path]["status"] == 410
    assert {r["url"]: r for r in disk.records(output, "articles")} == first, "an archived line is never touched"
    (revision,) = disk.records(output, "revisions")
    assert revision["url"] == base + edited.path
    assert (revision["revision"], revision["title"]) == (2, "Another headline altogether")
    assert revision["previous_hash"] == first[base + edited.path]["content_hash"]
    assert set(revision["changed_fields"]) >= {"title", "body"}
    assert list(revision)[-2:] == ["previous_hash", "changed_fields"]

    sample_sites.samples.add(METRO, deleted)
    sample_sites.crawl(output, METRO, later=4 * HOUR)
    third = {r["url"]: r for r in disk.records(output, "observations") if r["run"] == disk.runs(output)[2]["run"]}
    assert third[base + deleted.path]["outcome"] == "back"
    assert third[base + edited.path]["outcome"] in {"unchanged", "not-modified"}
    assert third[base + edited.path]["revision"] == 2
    marks = sample_sites.marks()
    sample_sites.crawl(output, METRO, later=90 * HOUR)
    assert [p for p in sample_sites.asked(METRO, marks[METRO]) if not is_discovery(p)] == [], (
        "all ages are behind: never again"
    )
    citynews("verify", "--output", output)


def test_several_missed_ages_give_one_visit(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    sample_sites.rewrite(METRO, add='\n[revisit]\nafter = ["1h", "2h", "3h", "4h"]\n')
    sample_sites.crawl(output, METRO)
    marks, later = sample_sites.marks(), 5 * HOUR
    sample_sites.crawl(output, METRO, later=later)
    visited = [p for p in sample_sites.asked(METRO, marks[METRO]) if not is_discovery(p)]
    assert len(visited) == len(set(visited)) > 30
    marks = sample_sites.marks()
    sample_sites.crawl(output, METRO, later=later)
    assert [p for p in sample_sites.asked(METRO, marks[METRO]) if not is_discovery(p)] == []


def test_a_visit_that_failed_is_made_again_of_an_archived_article_too(
    sample_sites: SampleSites, tmp_path: Path
) -> None:
    output = tmp_path / "archive"
    sample_sites.rewrite(METRO, add='\n[revisit]\nafter = ["1h"]\n')
    sample_sites.crawl(output, METRO)
    story = sample_sites.samples.stories(METRO)[7]
    sample_sites.samples.fail(METRO, story.path, 503)
    later = 2 * HOUR
    sample_sites.crawl(output, METRO, later=later)
    sample_sites.samples.heal(METRO)
    marks = sample_sites.marks()
    sample_sites.crawl(output, METRO, later=later)
    assert [p for p in sample_sites.asked(METRO, marks[METRO]) if not is_discovery(p)] == [story.path]
    visits = [r for r in disk.records(output, "observations") if r["url"].endswith(story.path)]
    assert [visit["outcome"] for visit in visits] == ["new", "unchanged"]


def test_refusals_redirects_and_failures(server: Scripted, tmp_path: Path) -> None:
    """Refused: remembered, not asked again at once. Moved: both addresses known. Failed: asked again, no line."""
    output = tmp_path / "archive"
    definition = server.definition(tmp_path)
    command = ["crawl", "scripted", "--portals", definition, "--output", output, "--allow-host", server.host]
    server.listing("/a/good", "/a/empty", "/a/old", "/a/old#part", "/a/down", "/a/slow", "/a/picture", "/a/lost")
    server.article("/a/good")
    server.article("/a/new")
    server.pages["/a/empty"] = Answer(b"<html><body></body></html>")
    server.pages["/a/old"] = Answer(b"", 301, {"Location": "/a/new"})
    server.pages["/a/down"] = Answer(b"busy", 503)
    server.pages["/a/slow"] = Answer(page("Slow", story("slow")), wait=3)
    server.pages["/a/picture"] = Answer(b"\x89PNG\r\n", headers={"Content-Type": "image/png"})
    fast = ["-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_TIMEOUT=1"]
    citynews(*command, *fast)
    seen = {r["url"].removeprefix(server.base): r for r in disk.records(output, "observations")}
    assert {path: r["outcome"] for path, r in seen.items()} == {
        "/a/good": "new", "/a/new": "new", "/a/empty": "refused", "/a/picture": "refused", "/a/lost": "refused",
    }  # fmt: skip
    assert seen["/a/lost"]["reason"] == "http-404"
    assert all(r["reason"] for r in seen.values() if r["outcome"] == "refused")
    counted = disk.runs(output)[0]["portals"]["scripted"]
    assert counted["outcomes"] == {"failed": 2, "new": 2, "refused": 3}
    assert counted["failures"] == {"http-503": 1, "timeout": 1}
    assert sum(counted["drops"].values()) == 3

    asked, before = len(server.asked), disk.all_lines(output)
    citynews(*command, *fast)
    assert sorted(server.paths()[asked:]) == ["/", "/a/down", "/a/slow", "/robots.txt"]
    assert disk.all_lines(output) == before

    server.article("/a/down")
    server.article("/a/slow")
    asked = len(server.asked)
    citynews(*command, *fast)
    assert sorted(server.paths()[asked:]) == ["/", "/a/down", "/a/slow", "/robots.txt"]
    assert {r["url"].removeprefix(server.base) for r in disk.records(output, "articles")} == {
        "/a/good", "/a/new", "/a/down", "/a/slow",
    }  # fmt: skip
    citynews("verify", "--output", output)


def test_a_new_article_is_found_and_a_failing_counter_is_said(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    sample_sites.samples.fail(CHENGSHI, r"count\.php", 503)
    sample_sites.crawl(output, CHENGSHI, ZHIHUI, code=3)
    lacking = [r for r in disk.records(output, "articles") if "counter" in r["incomplete"]]
    assert len(lacking) > 30
    assert all(r["view_count"] is None and r["portal"] == CHENGSHI for r in lacking)
    sample_sites.samples.heal(CHENGSHI)
    last = sample_sites.samples.stories(ZHIHUI)[-1]
    new = replace(
        last, path=last.path.replace(last.key, "999999"), title="城市大脑今日上线", text="今天上线。" + last.text
    )
    sample_sites.samples.add(ZHIHUI, new)
    before = disk.records(output, "articles")
    sample_sites.crawl(output, CHENGSHI, ZHIHUI)
    (record,) = [r for r in disk.records(output, "articles") if r not in before]
    assert (record["url"], record["title"]) == (sample_sites.samples.base[ZHIHUI] + new.path, new.title)
