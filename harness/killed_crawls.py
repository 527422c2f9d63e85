"""Real crawls of the sample sites, slowed down and killed with SIGKILL at random moments."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from pathlib import Path

from crawler.samples import NAMES
from harness.sample_sites import SampleSites
from harness.waiting import elapse, until

#: Seconds between two requests of a portal: a whole crawl takes five seconds, so that kills hit its middle.
DELAY = 0.04
#: Within so many seconds of its beginning a crawl is killed.
LONGEST = 2.5


def slow_sites(sites: SampleSites) -> SampleSites:
    """*sites* with DELAY between two requests, and without expectations of coverage."""
    sites.expect_nothing()
    for name in NAMES:
        sites.rewrite(name, ("delay = 0", f"delay = {DELAY}"))
    return sites


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kills the whole process group, where it has not ended by itself."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def kill_one(sites: SampleSites, output: Path, chance: random.Random) -> bool:
    """Begins a crawl of all sites and kills it at a random moment. Returns whether it died before its end."""
    before = set((output / "runs").glob("*.open"))
    process = sites.begin(output, *NAMES)
    until(lambda: set((output / "runs").glob("*.open")) - before or process.poll() is not None)
    elapse(chance.uniform(0, LONGEST))
    kill(process)
    return any((output / "runs").glob("*.open"))
