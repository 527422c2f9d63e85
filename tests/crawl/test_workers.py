"""Processes that extract for a crawl or a replay: when there are some, and that the archive is the same with any."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from crawler.archive.records import decisions
from crawler.archive.records.jsonl import Json
from crawler.article import Capture
from crawler.assembly import Visit
from crawler.crawl.workers import MANY, Workers
from crawler.portals import Portal, parse
from crawler.samples import NAMES
from harness import disk
from harness.command import citynews, finish, start
from harness.killed_crawls import slow_sites
from harness.sample_sites import METRO, SampleSites
from harness.scripted import page
from harness.waiting import until

AT_ONCE = ("-s", "CITYNEWS_JOBS_SHARE=0")
MOMENTS = {"fetched_at", "observed_at", "run", "warc", "captures"}


@pytest.fixture
def portal() -> Portal:
    return parse(
        'name = "one"\ntitle = "一"\nhome = "https://one.example/"\ndomains = ["one.example"]\nlanguage = "zh"\n'
        'timezone = "Asia/Shanghai"\n[discover]\npages = ["https://one.example/"]\narticle_urls = ["/a/"]\n',
        "one.toml",
    )


class Clock:
    """Moves by *step* seconds each time it is read, so that each extraction takes that long."""

    def __init__(self, step: float) -> None:
        self.step, self.time = step, 0.0

    def __call__(self) -> float:
        self.time += self.step
        return self.time


def visited(portal: Portal, clock: Clock, *, pages: int, waits: float, jobs: int = 2) -> int:
    """How many processes *pages* pages start, *waits* seconds apart."""
    workers = Workers(jobs, now=clock)

    async def crawl() -> None:
        for number in range(pages):
            clock.time += waits
            url = f"https://one.example/a/{number}"
            body = page(f"第{number}条", "城市新闻。" * 60)
            visit = Visit(
                portal, url, [Capture("page", url, 200, (), body, datetime(2026, 1, 1, tzinfo=UTC), "record")]
            )
            assert await workers.wanted(visit) is None
            assert visit.result is not None

    try:
        asyncio.run(crawl())
        return workers.size
    finally:
        workers.close()


def test_a_portal_at_a_page_a_second_starts_no_process(portal: Portal) -> None:
    assert visited(portal, Clock(0.02), pages=200, waits=1.0) == 0


def test_a_portal_whose_pages_come_faster_than_one_process_extracts_starts_some(portal: Portal) -> None:
    assert visited(portal, Clock(0.02), pages=90, waits=0.02) >= 1


@pytest.mark.parametrize(("pages", "processes"), [(MANY - 10, 0), (MANY + 10, 1)])
def test_many_pages_in_less_time_than_the_share_is_taken_of_start_one(
    portal: Portal, pages: int, processes: int
) -> None:
    assert visited(portal, Clock(0.001), pages=pages, waits=0.0) == processes


@pytest.mark.parametrize(("cores", "processes"), [(1, 0), (2, 1)])
def test_by_default_a_core_is_left_to_fetching_and_storing(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, cores: int, processes: int
) -> None:
    monkeypatch.setattr("crawler.crawl.workers.usable_cores", lambda: cores)
    assert visited(portal, Clock(0.02), pages=90, waits=0.02, jobs=0) == processes


def without_moments(record: Json) -> Json:
    """*record* as it is in every run; a counter says another value each time it is asked."""
    return {key: value for key, value in record.items() if key not in MOMENTS}


def without_circumstances(record: Json) -> Json:
    """*record* alike whether a second visit in a run came before the first was archived, and asked without its ETag."""
    if record.get("outcome") in {"unchanged", "not-modified"}:
        return {"id": record["id"], "outcome": "unchanged"}
    return without_moments(record)


def told(output: Path) -> dict[str, list[str]]:
    """The lines of *output* without their moments and places."""
    lines = {
        stream: sorted(str(without_circumstances(record)) for record in disk.records(output, stream))
        for stream in ("articles", "revisions", "observations", "duplicates")
    }
    stored = [
        decision
        for decision in decisions.of_files((output / "warc").glob("*/*.warc.gz"))
        if decision.get("outcome") in {"new", "changed", "duplicate"}
    ]
    # by article: of two addresses that lead to one page, either may be archived first
    return lines | {"charsets": sorted(f"{decision.get('id')} {decision.get('charset')}" for decision in stored)}


@pytest.mark.ci
def test_the_archive_is_the_same_whatever_the_number(sample_sites: SampleSites, tmp_path: Path) -> None:
    texts: list[dict[str, list[str]]] = []
    for jobs in (("--jobs", 1), (), ("--jobs", 2, *AT_ONCE)):
        output = tmp_path / f"archive{len(texts)}"
        done = sample_sites.crawl(output, METRO, more=(*jobs, "-s", "LOG_LEVEL=INFO"))
        if jobs:
            assert ("process 1 of at most 2" in done.err) == (AT_ONCE[-1] in jobs)
        texts.append(told(output))
        for again in ((), ("--jobs", 2)):
            copy = tmp_path / f"again{len(texts)}{len(again)}"
            citynews("replay", output / "warc", "--output", copy, *again)
            assert disk.all_lines(copy) == disk.all_lines(output)
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.ci
def test_a_crawl_goes_on_when_a_process_that_extracts_is_killed(sample_sites: SampleSites, tmp_path: Path) -> None:
    slow_sites(sample_sites)
    output = tmp_path / "archive"
    crawl = start(*sample_sites.arguments(output, *NAMES), "--jobs", 2, *AT_ONCE)
    until(lambda: list((output / "articles").glob("*/*.jsonl")), "the first article")
    children = [child for child in psutil.Process(crawl.pid).children() if "worker_pool" in " ".join(child.cmdline())]
    assert children
    os.kill(children[0].pid, signal.SIGKILL)
    done = finish(crawl)
    assert done.code == 0, done.err
    archived = {record["id"] for stream in ("articles", "duplicates") for record in disk.records(output, stream)}
    assert all(sample_sites.ids(name) <= archived for name in NAMES)
    citynews("verify", "--output", output)


@pytest.mark.ci
def test_processes_that_extract_end_with_a_crawl_that_is_killed(sample_sites: SampleSites, tmp_path: Path) -> None:
    slow_sites(sample_sites)
    output = tmp_path / "archive"
    crawl = start(*sample_sites.arguments(output, *NAMES), "--jobs", 2, *AT_ONCE)
    until(lambda: list((output / "articles").glob("*/*.jsonl")), "the first article")
    children = psutil.Process(crawl.pid).children(recursive=True)
    assert children
    os.kill(crawl.pid, signal.SIGKILL)
    crawl.communicate()
    until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children), "the end of all")
