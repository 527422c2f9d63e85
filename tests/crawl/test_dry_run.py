"""`crawl --dry-run`: discovery is asked, what would be asked for is named, and nothing is written anywhere."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.samples import NAMES
from crawler.values.urls import article_id
from harness import disk
from harness.command import citynews
from harness.sample_sites import METRO, ZHIHUI, SampleSites, is_discovery


def files(root: Path) -> dict[Path, tuple[int, bytes]]:
    return {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in root.rglob("*") if p.is_file()}


def dry(sample_sites: SampleSites, output: Path, *names: str, code: int = 0) -> disk.Json:
    """The plan of a dry run a second from now, after which nothing has changed."""
    before = files(output) if output.exists() else None
    done = sample_sites.crawl(output, *names, more=("--dry-run",), code=code, later=timedelta(seconds=1))
    assert (files(output) if output.exists() else None) == before
    assert "nothing was written" in done.err
    assert done.summary["run"] is None
    plan: disk.Json = done.summary["planned"]
    return plan


def test_on_the_first_day_everything_is_new(sample_sites: SampleSites, tmp_path: Path) -> None:
    plan = dry(sample_sites, tmp_path / "archive", *NAMES)
    assert all(is_discovery(path) for name in NAMES for path in sample_sites.asked(name)), "no article is asked for"
    done = sample_sites.crawl(tmp_path / "archive", *NAMES).summary
    for name in NAMES:
        assert len(plan[name]["new"]) == done["portals"][name]["asked"], "as many as the crawl then asks for"
        assert plan[name]["due"] == []


def test_later_what_is_new_or_due(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    sample_sites.rewrite(METRO, add='\n[revisit]\nafter = ["0.1s"]\n')
    sample_sites.crawl(output, METRO, ZHIHUI)
    fresh = sample_sites.samples.stories(ZHIHUI)[-1]
    sample_sites.samples.add(ZHIHUI, replace(fresh, path="/news/detail/99999.html"))
    marks = sample_sites.marks()
    plan = dry(sample_sites, output, METRO, ZHIHUI)
    asked = [path for name in (METRO, ZHIHUI) for path in sample_sites.asked(name, marks[name])]
    assert all(map(is_discovery, asked))
    assert {article_id(url) for url in plan[METRO]["due"]} <= {r["id"] for r in disk.records(output, "articles")}
    assert len(plan[METRO]["due"]) > 40
    assert plan[ZHIHUI]["due"] == []
    citynews("verify", "--output", output)


def test_it_reports_what_a_crawl_would_and_notifies_nobody(sample_sites: SampleSites, tmp_path: Path) -> None:
    sample_sites.samples.down(ZHIHUI)
    arguments = [*sample_sites.arguments(tmp_path / "archive", ZHIHUI), "-s", "RETRY_TIMES=0", "--dry-run"]
    heard = tmp_path / "heard"
    env = {"CITYNEWS_ALARM_COMMAND": f"touch {heard}"}
    assert "no discovery page answered" in citynews(*arguments, code=3, env=env).err
    assert not heard.exists()
    assert not (tmp_path / "archive").exists()


def test_it_needs_no_lock_but_an_index(sample_sites: SampleSites, copy: Path) -> None:
    lock = Lock(copy / ".lock")
    try:
        sample_sites.crawl(copy, METRO, more=("--dry-run",), code=None)
    finally:
        lock.release()
    shutil.rmtree(copy / "state")
    done = citynews(*sample_sites.arguments(copy, METRO), "--dry-run", code=5)
    assert "citynews reindex" in done.err
    assert not (copy / "state").exists()


@pytest.mark.parametrize("limit", [1, 3])
def test_limit_holds(sample_sites: SampleSites, tmp_path: Path, limit: int) -> None:
    done = sample_sites.crawl(tmp_path / "a", METRO, more=("--dry-run", "--limit", limit), code=None)
    assert len(done.summary["planned"][METRO]["new"]) == limit


@pytest.mark.parametrize(("content", "said"), [(None, "is not there"), (b"no database" * 999, "cannot be read")])
def test_without_an_index_it_says_how_to_get_one(
    sample_sites: SampleSites, copy: Path, content: bytes | None, said: str
) -> None:
    """It writes nothing: it rebuilds no index, as a crawl would."""
    index = Paths(copy).index
    index.unlink()
    if content is not None:
        index.write_bytes(content)
    err = sample_sites.crawl(copy, ZHIHUI, more=("--dry-run",), code=5).err
    assert said in err
    assert "`citynews reindex` rebuilds it" in err
