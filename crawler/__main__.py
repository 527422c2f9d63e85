"""The entry point of `citynews`: signal handling is set up before any slow import."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Runs the command line and exits with its code; 143 at SIGTERM and 130 at SIGINT, at whatever moment they come."""
    signal.signal(signal.SIGTERM, _terminated)
    if "CITYNEWS_PARENT" in os.environ:
        from crawler.values.processes import follow_parent  # noqa: PLC0415 - for a task of a cluster alone

        follow_parent()
    try:
        from crawler.cli import main as command  # noqa: PLC0415 - takes long enough for a signal to come

        command()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _terminated(number: int, _frame: FrameType | None) -> None:
    # not an exception: one that comes in the middle of an import may be swallowed there. What was begun by then the
    # next writer takes over as after a kill; a crawl or a replay that has begun has a handler of its own, which seals
    os._exit(128 + number)


if __name__ == "__main__":
    main()
