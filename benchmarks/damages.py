"""Random damages to an archive: is each detected by verify, and does repair keep every untouched record?

A bit, a hole, a truncation, a swap, a doubled or missing line, a file that is gone: over JSONL, WARC, CDXJ and run
files. The archive is a small one of all kinds of lines, made from the sample portals; half the damages are done to it
with its past months sealed.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from harness import damage_trial
from harness.command import run_in_process
from harness.socketless_sites import past_archive


def main() -> None:
    """Prints every failure, then the figures; exit code 1 where there was one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        opened = past_archive(folder / "open")
        sealed = Path(shutil.copytree(opened, folder / "sealed"))
        run_in_process("seal", "--output", str(sealed))
        wholes = [damage_trial.IntactArchive(opened), damage_trial.IntactArchive(sealed)]
        found = []
        for number in range(options.count):
            found.append(damage_trial.damage_and_repair(wholes[number % 2], folder / "trial", chance))
            for wrong in found[-1].wrong:
                print(f"{number}: {found[-1].damage}: {wrong[:1000]}", flush=True)
    detected = sum(not any("did not find" in wrong for wrong in trial.wrong) for trial in found)
    sound = sum(not trial.wrong for trial in found)
    print(f"damages             {len(found)}")
    print(f"detected by verify  {detected}")
    print(f"repaired, verify 0, every untouched record kept, each loss said  {sound}")
    print(f"of these without any loss  {sum(trial.exact for trial in found)}")
    print(f"touched and lost    {sum(trial.records_lost for trial in found)} WARC records, "
          f"{sum(trial.lines_lost for trial in found)} lines")  # fmt: skip
    sys.exit(sound < len(found))


if __name__ == "__main__":
    main()
