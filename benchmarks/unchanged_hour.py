"""What an hourly run of an unchanged portal costs: `python -m benchmarks.unchanged_hour [ARTICLES]`.

A generated portal on loopback with list pages, a feed and sitemaps, all with validators; an archive that holds every
article; then two runs of the real command. The first reads discovery to its end, the second is the unchanged hour.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from harness.command import citynews
from harness.conditional_server import Changing
from harness.large_portal import fill, serve


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with Changing() as server, tempfile.TemporaryDirectory() as folder:
        definition = serve(server, count, Path(folder))
        output = Path(folder) / "archive"
        print(f"{fill(output, server, definition):,} articles archived")
        arguments = ["crawl", "scripted", "--portals", definition, "--output", output, "--allow-host", server.host]
        print("| run | requests | of articles | 304 | bytes | seconds | CPU seconds |\n|---|---|---|---|---|---|---|")
        for name in ("reads to the end", "the unchanged hour"):
            asked, unchanged = len(server.asked), len(server.unchanged)
            began, before = time.monotonic(), _cpu()
            done = citynews(*arguments, "--json", timeout=600)
            paths = server.paths()[asked:]
            row = (
                name, len(paths), sum(path.startswith("/a/") for path in paths), len(server.unchanged) - unchanged,
                f"{done.summary['portals']['scripted']['bytes']:,}", f"{time.monotonic() - began:.1f}",
                f"{_cpu() - before:.1f}",
            )  # fmt: skip
            print(f"| {' | '.join(map(str, row))} |", flush=True)
        citynews("verify", "--output", output, timeout=600)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
