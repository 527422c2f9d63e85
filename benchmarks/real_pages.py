"""Real pages, end to end: a corpus served on loopback, crawled by the real command, verified and replayed.

    python benchmarks/real_pages.py --corpus FOLDER [--keep FOLDER] [--jobs N]

Prints counts, reasons, pages a second and peak memory of each command. Exits with 1 when something failed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PORTAL = """
name = "corpus"
title = "A corpus of real pages"
home = "http://127.0.0.1:{port}/"
domains = ["127.0.0.1:{port}"]
language = "zh"
timezone = "Asia/Shanghai"
[discover]
pages = ["http://127.0.0.1:{port}/list_1.html"]
article_urls = ['/[a-z_0-9]+/[^/]+\\.html$']
list_urls = ['/list_\\d+\\.html$']
max_list_pages = 1000
[politeness]
delay = 0
concurrency = 8
max_requests = 100000
"""


def measured(arguments: list[str]) -> tuple[dict[str, Any], float, float]:
    """(the command's --json summary, seconds, peak memory in MiB of its largest process)."""
    begun = time.monotonic()
    process = subprocess.Popen([Path(sys.executable).parent / "citynews", *arguments, "--json"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"citynews {' '.join(arguments)}: exit {process.returncode}")
    return json.loads(output.splitlines()[-1]), time.monotonic() - begun, usage.ru_maxrss / 1024


def lines(root: Path) -> set[bytes]:
    """Every line of the four streams."""
    return {line for stream in ("articles", "revisions", "observations", "duplicates")
            for file in (root / stream).rglob("*.jsonl") for line in file.open("rb")}  # fmt: skip


def run(corpus: Path, folder: Path, jobs: int) -> bool:
    """Crawls, verifies and replays *corpus* in *folder*; returns whether all went well."""
    server = subprocess.Popen([sys.executable, HERE / "serve_corpus.py", corpus], stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        definition = folder / "corpus.toml"
        definition.write_text(PORTAL.format(port=port), "utf-8")
        archive, again = folder / "archive", folder / "again"
        summary, seconds, memory = measured([
            "crawl", "corpus", "--portals", str(definition), "--output", str(archive), "--allow-host",
            f"127.0.0.1:{port}", "--jobs", str(jobs), "--quiet",
        ])  # fmt: skip
    finally:
        server.kill()
    stats = summary["portals"]["corpus"]
    print(f"crawl: {stats['seen']} pages, {sum(stats['outcomes'].values()) / seconds:.0f} a second, {memory:.0f} MiB")
    for name in ("outcomes", "drops", "failures", "limits", "coverage"):
        print(f"  {name}: {json.dumps(stats[name])}")
    checked, seconds, memory = measured(["verify", "--output", str(archive), "--quiet"])
    print(f"verify: {len(checked['damage'])} findings, {seconds:.1f} s, {memory:.0f} MiB")
    replayed, seconds, memory = measured(
        ["replay", str(archive / "warc"), "--output", str(again), "--jobs", str(jobs), "--quiet"]
    )
    same = lines(archive) == lines(again)
    rate = replayed["visits"] / seconds
    print(f"replay: {rate:.0f} pages a second, {memory:.0f} MiB, lines {'the same' if same else 'DIFFER'}")
    return same and not checked["damage"] and not stats["failures"]


def main() -> int:
    """Parses the command line and runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=os.environ.get("CITYNEWS_CORPUS"), help="folder of pages")
    parser.add_argument("--keep", type=Path, help="where the archive is left to look at")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    if options.corpus is None or not Path(options.corpus).is_dir():
        print("no corpus: name its folder with --corpus or CITYNEWS_CORPUS")
        return 2
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        return 0 if run(Path(options.corpus), folder, options.jobs) else 1


if __name__ == "__main__":
    sys.exit(main())
