"""`citynews replay` beside warcio + trafilatura over the same pages.

Two archives of the same pages: our own, with decisions, and one written by warcio, as other tools leave it. trafilatura
is looked for in the Python that CITYNEWS_PEERS_PYTHON names; without it that ratio is left out, and said to be.
"""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.speed.crawl import FEW
from benchmarks.speed.measure import CITYNEWS, Ratio, Took, alternating, archived, ratio, run, stages
from benchmarks.speed.site import CHARACTERS, article
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


def measure(folder: Path, pages: int, rounds: int) -> list[Ratio]:
    """Replays *pages* pages in turn; prints what each costs and returns the ratios."""
    size = build(folder / "many", pages)
    build(folder / "few", FEW)
    print(f"replay: {pages} pages of {size / 1024:.0f} KB, {rounds} rounds", flush=True)
    peer = find_peer()
    start = {kind: _replay(folder, kind, "few", FEW).cpu for kind in ("own", "other")} | {"peer": 0.0}
    runs = {kind: partial(_replay, folder, kind, "many", pages) for kind in ("own", "other")}
    took = alternating(runs | ({"peer": partial(run_peer, peer, folder, pages)} if peer else {}), rounds)
    cost = {
        kind: [(one.cpu - start[kind]) / (pages - (FEW if kind in runs else 0)) for one in found]
        for kind, found in took.items()
    }
    for kind, name in (
        ("own", "citynews, own archive"),
        ("other", "citynews, WARC of warcio"),
        ("peer", "trafilatura"),
    ):
        if kind in cost:
            print(f"  {name:32} {sorted(cost[kind])[rounds // 2] * 1000:6.2f} ms CPU a page")
    print(f"  stages: {stages(_arguments(folder, 'own', 'many'), folder)}", flush=True)
    if not peer:
        print("  left out: CITYNEWS_PEERS_PYTHON names no Python that has trafilatura")
        return []
    names = {
        "own": "replay: times as fast a core as warcio + trafilatura",
        "other": "replay of a WARC of warcio: the same",
    }
    return [ratio(name, cost["peer"], cost[kind], floor_is_most=False) for kind, name in names.items()]


def _replay(folder: Path, kind: str, which: str, pages: int) -> Took:
    """One replay into an empty archive."""
    took = run([CITYNEWS, *_arguments(folder, kind, which)], folder)
    if (made := archived(folder / "replayed")) != pages:
        raise SystemExit(f"{kind}: {made} of {pages} pages became articles")
    return took


def _arguments(folder: Path, kind: str, which: str) -> list[str | Path]:
    output = folder / "replayed"
    shutil.rmtree(output, ignore_errors=True)
    source = folder / which / ("own/warc" if kind == "own" else "other/pages.warc.gz")
    more: list[str | Path] = ["--portals", folder / which / "bench.toml"] if kind == "other" else []
    return ["replay", source, "--output", output, "--quiet", "--jobs", "1", *more]


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
