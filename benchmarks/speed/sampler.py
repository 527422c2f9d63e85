"""Runs `citynews` under a sampling profiler; {stage: samples of CPU time} goes to a file: sampler.py FILE ARGS..."""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY = 0.002  #: seconds of CPU time between two samples
#: The innermost of these that a stack goes through is the stage.
STAGES = (
    ("/crawler/extraction/", "extraction"), ("/crawler/values/", "extraction"), ("/crawler/assembly", "extraction"),
    ("/crawler/archive/index/similarity", "near copies"), ("/crawler/archive/index/lsh", "near copies"),
    ("/crawler/archive/index/duplicates", "near copies"), ("/crawler/archive/warc/", "WARC"),
    ("/crawler/archive/write/warc_writer", "WARC"), ("/crawler/archive/", "lines and index"),
    ("/crawler/pipelines/", "pipelines"), ("/crawler/crawl/middlewares/", "middlewares"),
    ("/crawler/crawl/downloader/", "downloader of ours"), ("/crawler/crawl/frontier/", "frontier"),
    ("/crawler/crawl/", "spider"), ("/scrapy/", "Scrapy"), ("/twisted/", "Twisted"), ("/asyncio/", "event loop"),
)  # fmt: skip


def stage_of(frame: FrameType | None) -> str:
    """The stage that *frame* works for."""
    while frame is not None:
        name = frame.f_code.co_filename
        for part, stage in STAGES:
            if part in name:
                return stage
        frame = frame.f_back
    return "else"


def main() -> None:
    target, sys.argv = Path(sys.argv[1]), ["citynews", *sys.argv[2:]]
    found: Counter[str] = Counter()

    def sample(number: int, frame: FrameType | None) -> None:
        found[stage_of(frame)] += 1

    from crawler.cli import run  # noqa: PLC0415 - before the clock runs

    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    code = run()
    signal.setitimer(signal.ITIMER_PROF, 0)
    target.write_text(json.dumps(found))
    sys.exit(code)


if __name__ == "__main__":
    main()
