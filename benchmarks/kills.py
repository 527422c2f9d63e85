"""kill -9 at random moments of crawls of the sample portals, then one more run: is anything lost, doubled or damaged?

Six crawls of one archive are killed one after the other, each somewhere; after each death verify must end with 0. Then
one more crawl runs to its end: every article online must be there once, no line that stood before may be gone.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from crawler.samples import NAMES, Samples
from harness import disk
from harness.command import run_in_process
from harness.killed_crawls import kill_one, slow_sites
from harness.sample_sites import SampleSites

IN_A_ROW = 6


def one(folder: Path, chance: random.Random, count: int) -> tuple[int, list[str]]:
    """How many of *count* crawls of one archive died under way, and what was wrong."""
    wrong: list[str] = []
    deaths = 0
    output = folder / "archive"
    with Samples(dict.fromkeys(NAMES, 0)) as samples:
        sample_sites = slow_sites(SampleSites(samples, folder / "portals"))
        for _ in range(count):
            deaths += kill_one(sample_sites, output, chance)
            code, said = run_in_process("verify", "--output", str(output))
            if code:
                wrong.append(f"verify after a death: {code}: {said}")
        before = disk.all_lines(output)
        done = sample_sites.crawl(output, *NAMES, code=None)
        if done.code:
            wrong.append(f"the next run: {done.code}: {done.err}")
        after = disk.all_lines(output)
        wrong += [f"lines of {s} lost" for s, found in before.items() if set(found) - set(after[s])]
        there = {r["id"] for stream in ("articles", "duplicates") for r in disk.records(output, stream)}
        wrong += [f"{name}: articles never came" for name in NAMES if sample_sites.ids(name) - there]
        wrong += [f"doubled: {line}" for line in disk.doubled(output)]
        code, said = run_in_process("verify", "--output", str(output))
        if code:
            wrong.append(f"verify: {code}: {said}")
    return deaths, wrong


def main() -> None:
    """Prints what was wrong, then the figures; exit code 1 where anything was."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    kills = deaths = bad = 0
    while kills < options.count:
        count = min(IN_A_ROW, options.count - kills)
        with tempfile.TemporaryDirectory() as name:
            died, wrong = one(Path(name), chance, count)
        kills, deaths, bad = kills + count, deaths + died, bad + bool(wrong)
        for fault in wrong:
            print(fault[:1000])
        print(f"kills {kills}, of these while the run was under way {deaths}, archives with a fault {bad}", flush=True)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
