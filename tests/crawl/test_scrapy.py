"""From a checkout, Scrapy's own command does the same job through the same pipelines."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler import portals
from crawler.samples import NAMES
from harness import disk
from harness.command import CHECKOUT, citynews, scrapy
from harness.sample_sites import METRO, SampleSites


def settings(sample_sites: SampleSites, output: Path) -> list[str]:
    hosts = ",".join(base.removeprefix("http://") for base in sample_sites.samples.base.values())
    chosen = {"CITYNEWS_PORTALS": sample_sites.folder, "CITYNEWS_OUTPUT": output, "CITYNEWS_ALLOW_HOSTS": hosts}
    return [word for name, value in chosen.items() for word in ("-s", f"{name}={value}")]


def test_scrapy_list_prints_the_portals(sample_sites: SampleSites) -> None:
    assert scrapy("list").out.split() == sorted(portals.load())
    assert set(NAMES) < set(scrapy("list", *settings(sample_sites, Path("unused"))).out.split())
    assert not (CHECKOUT / "unused").exists()


@pytest.mark.ci
def test_scrapys_other_commands_work_and_write_no_run(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    page = sample_sites.samples.base[METRO] + sample_sites.samples.stories(METRO)[0].path
    chosen = settings(sample_sites, output)
    title = "print('title', response.css('title::text').get())"
    for named in ([], ["--spider", METRO]):
        assert "<html" in scrapy("fetch", page, *named, *chosen).out
        assert "title " in scrapy("shell", page, "-c", title, *named, *chosen).out
        assert scrapy("view", page, *named, *chosen).code == 0
    assert scrapy("shell", "-c", "print('no page', 1 + 1)", *chosen).out.startswith("no page 2")
    elsewhere = page.replace("127.0.0.1", "localhost")  # of no portal
    host = elsewhere.split("/")[2]
    allowed = ["-s", f"CITYNEWS_OUTPUT={output}", "-s", f"CITYNEWS_ALLOW_HOSTS={host}"]
    assert "<html" in scrapy("fetch", elsewhere, *allowed).out
    assert not output.exists()
    assert not (CHECKOUT / "output" / "runs").exists()
    refused = scrapy("fetch", page, "-s", f"CITYNEWS_OUTPUT={output}")
    assert (refused.out, "private-address" in refused.err) == ("", True), "the guards hold here too"


@pytest.mark.ci
def test_scrapy_crawl_does_the_same_job(sample_sites: SampleSites, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    sample_sites.crawl(one, METRO)
    done = scrapy("crawl", METRO, *settings(sample_sites, other))
    assert done.code == 0, done.err

    def lines_of(root: Path) -> dict[str, disk.Json]:
        mine = ("fetched_at", "run", "warc", "captures")
        return {r["id"]: {k: v for k, v in r.items() if k not in mine} for r in disk.records(root, "articles")}

    assert lines_of(one) == lines_of(other)
    (run,) = disk.runs(other)
    (same,) = disk.runs(one)
    # A second address of an article may be asked for before or after the first has come: that is a visit more.
    again = {"unchanged", "not-modified"}
    outcomes_once = [{k: n for k, n in r["portals"][METRO]["outcomes"].items() if k not in again} for r in (run, same)]
    assert outcomes_once == [{"new": len(lines_of(one))}] * 2
    before = disk.all_lines(other)
    assert scrapy("crawl", METRO, *settings(sample_sites, other)).code == 0
    assert disk.all_lines(other) == before, "and a second run of it adds nothing"
    assert [r["number"] for r in disk.runs(other)] == [1, 2]
    citynews("verify", "--output", other)
