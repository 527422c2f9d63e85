"""`citynews replay` against warcio + trafilatura over the same pages, in one run on one machine.

    python -m benchmarks.replay_speed [--pages 1500] [--jobs 1 2] [--rounds 3]

Two archives of the same pages: our own, with decisions, and one written by warcio, as other tools leave it. Rounds
alternate, so that a noisy machine is noisy for all. Prints pages a second (start-up taken off: a replay of a few pages)
on the clock and by core (CPU of all processes), ratios to warcio + trafilatura, and the share of time of each stage.
trafilatura is looked for in the Python that CITYNEWS_PEERS_PYTHON names; without it that row is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.crawl_speed import CHARACTERS, CITYNEWS, FEW, SAMPLER, Took, article
from crawler import portals
from crawler.archive.warc.exchange import Exchange
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit
from crawler.pipelines.chain import chain

BASE = "http://bench.example.org"
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
PORTAL = f"""
name = "bench"
title = "Bench"
home = "{BASE}/"
domains = ["bench.example.org"]
language = "zh"
timezone = "Asia/Shanghai"
[discover]
pages = ["{BASE}/"]
article_urls = ['/a/']
"""
#: The peer times itself: its start-up is its own affair. warcio is ours to lend: site-packages come last on its path.
PEER = """
import resource, sys, time
sys.path.append(sys.argv[2])
from trafilatura import bare_extraction
from warcio.archiveiterator import ArchiveIterator
before, begun, found = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter(), 0
with open(sys.argv[1], "rb") as file:
    for record in ArchiveIterator(file):
        if record.rec_type == "response":
            url = record.rec_headers.get_header("WARC-Target-URI")
            found += bare_extraction(record.content_stream().read(), url=url, with_metadata=True) is not None
after = resource.getrusage(resource.RUSAGE_SELF)
print(found, time.perf_counter() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1500)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="citynews-bench-") as name:
        folder = Path(name)
        size = build(folder / "many", chosen.pages)
        build(folder / "few", FEW)
        print(f"{chosen.pages} pages of {size / 1024:.0f} KB, {chosen.rounds} rounds, {os.cpu_count()} cores")
        measure(folder, chosen.pages, chosen.jobs, chosen.rounds)


def measure(folder: Path, pages: int, jobs: list[int], rounds: int) -> None:
    """Runs all in turn and prints the table."""
    peer = find_peer()
    names = [f"{kind} --jobs {count}" for kind in ("own", "other") for count in jobs]
    start = {name: run(folder, name, "few", FEW) for name in names}
    took: dict[str, list[Took]] = {name: [] for name in (*names, *(["peer"] if peer else []))}
    for _ in range(rounds):
        for name, runs in took.items():
            runs.append(run_peer(peer, folder, pages) if name == "peer" and peer else run(folder, name, "many", pages))
    walls: dict[str, list[float]] = {}
    cores: dict[str, list[float]] = {}
    for name, runs in took.items():
        off, made = (start[name], pages - FEW) if name in start else (Took(0, 0), pages)
        walls[name] = [made / max(each.wall - off.wall, 1e-3) for each in runs]
        cores[name] = [made / max(each.cpu - off.cpu, 1e-3) for each in runs]
    for name in took:
        shown = "warcio + trafilatura" if name == "peer" else f"citynews replay, {name}"
        line = f"{shown:32} {statistics.median(walls[name]):6.0f} pages/s, {statistics.median(cores[name]):6.0f} a core"
        if peer and name != "peer":
            ratios = [one / other for one, other in zip(cores[name], cores["peer"], strict=True)]
            line += f", {statistics.median(ratios):.1f} times a core ({min(ratios):.1f} to {max(ratios):.1f})"
        print(line + (f", start-up {start[name].wall:.1f} s" if name in start else ""))
    if not peer:
        print("warcio + trafilatura left out: CITYNEWS_PEERS_PYTHON names no Python that has trafilatura")
    run(folder, "own --jobs 1", "many", pages, sampled=folder / "stages.json")
    stages = json.loads((folder / "stages.json").read_text())
    total = sum(stages.values())
    shares = ", ".join(f"{name} {n / total:.0%}" for name, n in sorted(stages.items(), key=lambda each: -each[1]))
    print(f"stages of --jobs 1, own archive, start-up included: {shares}")


def run(folder: Path, name: str, which: str, pages: int, sampled: Path | None = None) -> Took:
    """One replay into an empty archive."""
    output = folder / "replayed"
    shutil.rmtree(output, ignore_errors=True)
    kind, _, count = name.partition(" --jobs ")
    source = folder / which / ("own/warc" if kind == "own" else "other/pages.warc.gz")
    command = [CITYNEWS] if sampled is None else [sys.executable, str(SAMPLER), str(sampled)]
    command += ["replay", str(source), "--output", str(output), "--quiet", "--jobs", count]
    command += ["--portals", str(folder / which / "bench.toml")] if kind == "other" else []
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    made = sum(file.read_bytes().count(b"\n") for file in (output / "articles").glob("*/*.jsonl"))
    if made != pages:
        raise SystemExit(f"{name}: {made} of {pages} pages became articles")
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def find_peer() -> str | None:
    """The Python that has trafilatura."""
    python = os.environ.get("CITYNEWS_PEERS_PYTHON", "")
    if not python or shutil.which(python) is None:
        return None
    done = subprocess.run([python, "-c", "import trafilatura"], capture_output=True, check=False)
    return python if done.returncode == 0 else None


def run_peer(python: str, folder: Path, pages: int) -> Took:
    """trafilatura over the pages that warcio reads."""
    lent = folder / "lent"
    if not lent.exists():
        lent.mkdir()
        for name in ("warcio", "six"):  # six: what warcio needs
            found = importlib.util.find_spec(name)
            assert found is not None
            assert found.origin is not None
            origin = Path(found.origin)
            if origin.name == "__init__.py":
                shutil.copytree(origin.parent, lent / name)
            else:
                shutil.copy(origin, lent)
    done = subprocess.run(
        [python, "-c", PEER, str(folder / "many" / "other" / "pages.warc.gz"), str(lent)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    read, wall, cpu = done.stdout.split()
    if int(read) < pages * 0.9:
        raise SystemExit(f"trafilatura: {read} of {pages} pages")
    return Took(float(wall), float(cpu))


def build(folder: Path, pages: int) -> float:
    """Writes *pages* articles as an archive of ours and as one of warcio; returns the mean size of a page in bytes."""
    (folder / "other").mkdir(parents=True)
    (folder / "bench.toml").write_text(PORTAL, "utf-8")
    portal = portals.parse(PORTAL, "bench")
    choose = random.Random(20240511)
    words = ["".join(choose.choices(CHARACTERS, k=choose.randint(2, 4))) for _ in range(4000)]
    archive = ArchiveWriter(folder / "own")
    process = chain(archive)
    size = 0
    with (folder / "other" / "pages.warc.gz").open("wb") as out:
        tool = WARCWriter(out, gzip=True)
        for number in range(pages):
            body = page(choose, words, number)
            url, moment = f"{BASE}/a/{number}.html", BEGIN + timedelta(seconds=number)
            size += len(body)
            sent = f"GET /a/{number}.html HTTP/1.1\r\nHost: bench.example.org\r\n\r\n".encode()
            answer = HEAD % len(body)
            captured = archive.capture(Exchange.of_wire(url, moment, sent, answer + body))
            process(Visit(portal, url, [captured]))
            fields = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
            head = StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1")
            dated = {"WARC-Date": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
            tool.write_record(
                tool.create_warc_record(url, "response", BytesIO(body), http_headers=head, warc_headers_dict=dated)
            )
    archive.close({"exit_code": 0})
    return size / pages


def page(choose: random.Random, words: list[str], number: int) -> bytes:
    """An article of about 38 KB: that of the crawl's benchmark with a block of links to topics below."""
    item = '<li class="item"><a href="/topic/{0}.html" target="_blank" title="{0}">{1}</a></li>'
    links = "".join(item.format(n, "".join(choose.choices(words, k=4))) for n in range(75))
    more = f"<div class='topics'><ul>{links}</ul></div></body>"
    return article(choose, words, number, "").replace("</body>", more).encode()


if __name__ == "__main__":
    main()
