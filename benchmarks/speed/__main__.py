"""What citynews costs beside others, in one run on one machine, and whether it became dearer.

    python -m benchmarks.speed [PART...] [--pages 1500] [--articles 20000] [--rounds 3] [--record]

Parts: crawl, replay, hour, start; without any all of them. Each prints CPU of whole processes, the share of each stage,
and ratios to what ran in the same rounds. Ends with 1 where a ratio is worse by a tenth than floors.json says;
--record writes down those of this run instead. A ratio that could not be measured is named.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.speed import crawl, hour, replay, start
from benchmarks.speed.measure import Ratio

FLOORS = Path(__file__).with_name("floors.json")
PACKAGE = Path(__file__).parents[2] / "crawler"
WORSE = 0.1  #: share by which a ratio may be worse than its floor: machines differ, and drift
PARTS = {"crawl": crawl.measure, "replay": replay.measure, "hour": hour.measure, "start": start.measure}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART")
    parser.add_argument("--pages", type=int, default=1500, help="of a crawl and of a replay")
    parser.add_argument("--articles", type=int, default=20_000, help="of the unchanged hour")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--record", action="store_true", help="write the ratios of this run into floors.json")
    chosen = parser.parse_args()
    compileall.compile_dir(PACKAGE, quiet=1)  # as pip does with what it installs, and all others here are
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    ratios: list[Ratio] = []
    for name in chosen.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="citynews-bench-") as folder:
            size = chosen.articles if name in {"hour", "start"} else chosen.pages
            ratios += PARTS[name](Path(folder) / "work" if name == "start" else Path(folder), size, chosen.rounds)
    print("\n".join(["", "ratios: the median of the rounds (least to most)", *map(str, ratios)]))
    floors: dict[str, float] = json.loads(FLOORS.read_text("utf-8"))
    if chosen.record:
        floors |= {one.name: round(one.value, 2) for one in ratios}
        FLOORS.write_text(json.dumps(floors, indent=1, sort_keys=True) + "\n", "utf-8")
        return 0
    for name in sorted(set(floors) - {one.name for one in ratios}):
        print(f"not measured: {name}")
    for one in ratios:
        if one.name not in floors:
            print(f"no floor yet: {one.name} (--record)")
    found = worse(ratios, floors)
    print("\n".join(found) or "none is worse than its floor by a tenth")
    return 1 if found else 0


def worse(ratios: Sequence[Ratio], floors: Mapping[str, float]) -> list[str]:
    """What is to be said of each of *ratios* that is worse by more than WORSE than in *floors*."""
    found = []
    for one in ratios:
        floor = floors.get(one.name)
        if floor is None:
            continue
        if one.value > floor * (1 + WORSE) if one.floor_is_most else one.value < floor * (1 - WORSE):
            found.append(f"WORSE: {one.name}: {one.value:.2f}, recorded was {floor:.2f}")
    return found


if __name__ == "__main__":
    sys.exit(main())
