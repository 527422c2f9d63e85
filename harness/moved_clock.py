"""The real command under a clock that begins at a moment of the test's choice and runs on from there.

``start(..., command=at(moment))`` instead of a wait until an age has come. Wall time is moved in that process alone
(time-machine); monotonic time is untouched, and no code of the crawler knows of it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta


def at(moment: datetime) -> tuple[str, ...]:
    """The command line that takes the place of `citynews`, with its clock at *moment*."""
    return (sys.executable, "-m", "harness.moved_clock", moment.isoformat())


def after(age: timedelta) -> tuple[str, ...]:
    """As *at*: *age* from now."""
    return at(datetime.now(UTC) + age)


if __name__ == "__main__":
    import time_machine

    from crawler.__main__ import main

    time_machine.travel(datetime.fromisoformat(sys.argv.pop(1)), tick=True).start()
    main()
