"""A crawl with everything on against a bare Scrapy spider that yields titles, from one nginx on the same machine.

    python -m benchmarks.crawl_speed [--pages 2000] [--jobs 1 2] [--rounds 3]

Rounds alternate, so that a noisy machine is noisy for both. Prints pages a second (start-up taken off: a run over a
site of a few pages), their ratio, CPU of all processes, and the share of time of each stage in the crawl's own process.
Needs nginx.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PER_LIST = 100
FEW = 20  #: pages of the site that start-up is measured on
CITYNEWS = str(Path(sys.executable).with_name("citynews"))
SAMPLER = Path(__file__).with_name("sampler.py")
_NGINX = """
{user} daemon off; pid {root}/nginx.pid; error_log stderr crit; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off; types {{ text/html html; text/plain txt; }} charset utf-8; keepalive_requests 1000000;
  client_body_temp_path {root}/t; proxy_temp_path {root}/t; fastcgi_temp_path {root}/t; uwsgi_temp_path {root}/t;
  scgi_temp_path {root}/t;
  server {{ listen 127.0.0.1:{port}; root {root}/site; }}
}}
"""
_BARE = """
import scrapy

class Bare(scrapy.Spider):
    name = "bare"
    start_urls = ["{base}/list_1.html"]
    custom_settings = {{
        "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "DOWNLOAD_DELAY": 0, "LOG_LEVEL": "WARNING",
        "TELNETCONSOLE_ENABLED": False, "ROBOTSTXT_OBEY": True,
    }}

    def parse(self, response):
        yield from response.follow_all(css="li a", callback=self.article)
        yield from response.follow_all(css="a.next")

    def article(self, response):
        yield {{"title": response.css("h1::text").get()}}
"""
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


@dataclass(frozen=True, slots=True)
class Took:
    """One run: seconds on the clock, and CPU seconds of its process and the children it waited for."""

    wall: float
    cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if shutil.which("nginx") is None:
        raise SystemExit("this benchmark serves its pages with nginx: apt-get install nginx-light")
    with tempfile.TemporaryDirectory(prefix="citynews-bench-") as folder, served(Path(folder), chosen.pages) as base:
        size = build(Path(folder) / "site", chosen.pages)
        few = Path(folder) / "site" / "few"
        build(few, FEW)
        print(f"{chosen.pages} pages of {size / 1024:.0f} KB, nginx on loopback, {chosen.rounds} rounds")
        measure(Path(folder), base, chosen.pages, chosen.jobs, chosen.rounds)


def measure(folder: Path, base: str, pages: int, jobs: list[int], rounds: int) -> None:
    """Runs all in turn and prints the table."""
    names = ["bare", *(f"citynews --jobs {count}" for count in jobs)]
    start = {name: run(folder, name, f"{base}/few", FEW) for name in names}
    took: dict[str, list[Took]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            took[name].append(run(folder, name, base, pages))
    rates = {
        name: [(pages - FEW) / max(each.wall - start[name].wall, 0.01) for each in runs] for name, runs in took.items()
    }
    for name in names:
        ratio = [one / other for one, other in zip(rates[name], rates["bare"], strict=True)]
        cpu = statistics.median(each.cpu - start[name].cpu for each in took[name]) / (pages - FEW) * 1000
        print(
            f"{name:22} {statistics.median(rates[name]):7.0f} pages/s, {statistics.median(ratio):.2f} of bare "
            f"({min(ratio):.2f} to {max(ratio):.2f}), {cpu:.2f} ms CPU a page, start-up {start[name].wall:.1f} s"
        )
    for count in jobs:
        run(folder, f"citynews --jobs {count}", base, pages, sampled=folder / "stages.json")
        stages = json.loads((folder / "stages.json").read_text())
        total = sum(stages.values())
        shares = ", ".join(f"{name} {n / total:.0%}" for name, n in sorted(stages.items(), key=lambda each: -each[1]))
        print(f"stages of the crawl's own process, --jobs {count}: {shares}")


def run(folder: Path, name: str, base: str, pages: int, sampled: Path | None = None) -> Took:
    """One crawl of the site at *base* from nothing."""
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    host = base.removeprefix("http://").partition("/")[0]
    if name == "bare":
        (work / "bare.py").write_text(_BARE.format(base=base))
        command = [sys.executable, "-m", "scrapy", "runspider", str(work / "bare.py")]
    else:
        (work / "bench.toml").write_text(_PORTAL.format(base=base, host=host))
        command = [CITYNEWS] if sampled is None else [sys.executable, str(SAMPLER), str(sampled)]
        command += ["crawl", "bench", "--portals", str(work / "bench.toml"), "--output", str(work / "archive")]
        command += ["--allow-host", host, "--quiet", "--jobs", name.rpartition(" ")[2]]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if name != "bare":
        archived = sum(file.read_bytes().count(b"\n") for file in (work / "archive" / "articles").glob("*/*.jsonl"))
        if archived != pages:
            raise SystemExit(f"{name}: {archived} of {pages} pages archived")
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


@contextmanager
def served(folder: Path, pages: int) -> Iterator[str]:
    """nginx over folder/site."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    user = "user root;" if os.geteuid() == 0 else ""  # else its worker could not read a folder of ours
    (folder / "nginx.conf").write_text(_NGINX.format(root=folder, port=port, user=user))
    (folder / "site").mkdir()
    server = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def build(site: Path, pages: int) -> float:
    """Writes *pages* articles, no two alike, and their list pages; returns the mean size in bytes."""
    (site / "a").mkdir(parents=True, exist_ok=True)
    prefix = "" if site.name == "site" else f"/{site.name}"
    choose = random.Random(20240511)
    words = ["".join(choice for choice in choose.choices(CHARACTERS, k=choose.randint(2, 4))) for _ in range(4000)]
    size = 0
    for number in range(pages):
        data = article(choose, words, number, prefix).encode()
        size += len(data)
        (site / "a" / f"{number}.html").write_bytes(data)
    for number in range(1, (pages - 1) // PER_LIST + 2):
        shown = range((number - 1) * PER_LIST, min(number * PER_LIST, pages))
        links = "".join(f'<li><a href="{prefix}/a/{each}.html">{sentence(choose, words, 4)}</a></li>' for each in shown)
        more = f'<a class="next" href="{prefix}/list_{number + 1}.html">下一页</a>' if number * PER_LIST < pages else ""
        (site / f"list_{number}.html").write_text(f"<html><body><ul>{links}</ul>{more}</body></html>", "utf-8")
    (site / "robots.txt").write_text("User-agent: *\nAllow: /\n")
    return size / pages


def sentence(choose: random.Random, words: list[str], length: int) -> str:
    return "".join(choose.choices(words, k=length))


def article(choose: random.Random, words: list[str], number: int, prefix: str) -> str:
    """A page such as a portal has: menus, a header line, text, related links, a ranking, scripts, a footer."""
    menu = "".join(f'<li><a href="/c{n}/">{sentence(choose, words, 1)}</a></li>' for n in range(80))
    text = "".join(
        f"<p>　　{'，'.join(sentence(choose, words, choose.randint(3, 7)) for _ in range(10))}。</p>" for _ in range(12)
    )
    related = "".join(
        f'<li><a href="{prefix}/a/{n}.html">{sentence(choose, words, 5)}</a></li>'
        for n in choose.choices(range(100), k=8)
    )
    ranking = "".join(
        f'<li><span>{n}</span><a href="/r/{n}.html">{sentence(choose, words, 5)}</a></li>' for n in range(40)
    )
    script = "var _hmt = _hmt || [];" + "".join(f"function f{n}(a,b){{return a*{n}+b;}}\n" for n in range(280))
    return (
        f"<!DOCTYPE html><html lang='zh'><head><meta charset='utf-8'><title>{sentence(choose, words, 5)}_站</title>"
        f"<script>{script}</script><style>{'.x{color:red;margin:0 auto}' * 120}</style></head><body>"
        f"<div class='nav'><ul>{menu}</ul></div><div class='main'><h1>{sentence(choose, words, 5)}</h1>"
        f"<div class='info'>2024-05-11 08:42:{number % 60:02d}　来源：{sentence(choose, words, 1)}日报　"
        f"阅读：{number + 7}</div>"
        f"<div class='content'>{text}</div><div class='related'><h3>相关新闻</h3><ul>{related}</ul></div></div>"
        f"<div class='side'><h3>热门排行</h3><ol>{ranking}</ol></div>"
        f"<div class='footer'><ul>{menu}</ul></div></body></html>"
    )


CHARACTERS = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 2500))

if __name__ == "__main__":
    main()
