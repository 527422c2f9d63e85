"""A crawl with everything on, beside a bare Scrapy spider that yields titles and one with all fields by hand."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path

from benchmarks.speed.measure import CITYNEWS, Ratio, Took, alternating, archived, ratio, run, stages
from benchmarks.speed.site import build, served

FEW = 20  #: pages of the site that start-up is measured on
BARE, BY_HAND, OURS, ALONE = "bare spider", "spider with all fields by hand", "citynews", "citynews --jobs 1"
_SPIDER = Path(__file__).with_name("spider.py")
_FIELDS = {BARE: "", BY_HAND: "all"}
_SETTINGS = {
    "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "DOWNLOAD_DELAY": 0, "LOG_LEVEL": "WARNING",
    "TELNETCONSOLE_ENABLED": 0, "ROBOTSTXT_OBEY": 1,
}  # fmt: skip
_PORTAL = """
name = "bench"
title = "Bench"
home = "{base}/"
domains = ["{host}"]
language = "zh"
timezone = "Asia/Shanghai"
[discover]
pages = ["{base}/list_1.html"]
article_urls = ['/a/\\d+\\.html$']
list_urls = ['/list_\\d+\\.html$']
max_list_pages = 100000
[politeness]
delay = 0
concurrency = 16
max_requests = 10000000
"""


def measure(folder: Path, pages: int, rounds: int) -> list[Ratio]:
    """Crawls a site of *pages* pages in turn; prints what each costs and returns the ratios. Needs nginx."""
    with served(folder) as base:
        size = build(folder / "site", pages)
        build(folder / "site" / "few", FEW)
        print(f"crawl: {pages} pages of {size / 1024:.0f} KB, nginx on loopback, {rounds} rounds", flush=True)
        names = (BARE, BY_HAND, OURS, ALONE)
        start = {name: _crawl(folder, name, f"{base}/few", FEW) for name in names}
        took = alternating({name: partial(_crawl, folder, name, base, pages) for name in names}, rounds)
        cpu = {name: [run.cpu - start[name].cpu for run in runs] for name, runs in took.items()}
        for name in names:
            rates = sorted(pages / run.wall for run in took[name])
            page = sorted(cpu[name])[rounds // 2] / (pages - FEW) * 1000
            print(f"  {name:32} {page:6.2f} ms CPU a page; {rates[rounds // 2]:4.0f} pages/s, start-up included")
        print(f"  stages, --jobs 1: {stages(_arguments(folder, ALONE, base), folder)}", flush=True)
    return [
        ratio("crawl: CPU by that of a bare spider", cpu[ALONE], cpu[BARE]),
        ratio("crawl, default: CPU by that of a bare spider", cpu[OURS], cpu[BARE]),
        ratio("crawl: CPU by that of a spider with all fields by hand", cpu[ALONE], cpu[BY_HAND]),
    ]


def _crawl(folder: Path, name: str, base: str, pages: int) -> Took:
    """One crawl of the site at *base* from nothing."""
    if name in _FIELDS:
        given = ["-a", f"base={base}", "-a", f"fields={_FIELDS[name]}"]
        given += [word for key, value in _SETTINGS.items() for word in ("-s", f"{key}={value}")]
        return run([sys.executable, "-m", "scrapy", "runspider", _SPIDER, *given], folder)
    took = run([CITYNEWS, *_arguments(folder, name, base)], folder)
    if (found := archived(folder / "archive")) != pages:
        raise SystemExit(f"{name}: {found} of {pages} pages archived")
    return took


def _arguments(folder: Path, name: str, base: str) -> list[str | Path]:
    shutil.rmtree(folder / "archive", ignore_errors=True)
    host = base.removeprefix("http://").partition("/")[0]
    (folder / "bench.toml").write_text(_PORTAL.format(base=base, host=host), "utf-8")
    jobs = ["--jobs", "1"] if name == ALONE else []
    place: list[str | Path] = ["--portals", folder / "bench.toml", "--output", folder / "archive"]
    return ["crawl", "bench", *place, "--allow-host", host, "--quiet", *jobs]
