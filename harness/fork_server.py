"""A fork server: Scrapy is imported once, and every order forks the real command, under a clock that the order sets.

The clock is moved in the child alone (time-machine): wall time begins at the order's moment and runs on, monotonic time
is untouched. So no code of the crawler knows of it, and a run costs a fork instead of two seconds of imports.

Speaks JSON lines: orders on stdin, on stdout ``{"pid"}`` when a run has begun and ``{"code", ...}`` when it has ended.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from harness.waiting import until


def main() -> None:
    """Serves orders until stdin ends."""
    import scrapy.core.downloader.handlers.http11  # noqa: PLC0415 - imported once, for all children
    import scrapy.core.engine  # noqa: F401, PLC0415 - as above
    import time_machine  # noqa: F401, PLC0415 - as above

    import crawler.cli  # noqa: PLC0415 - as above
    import crawler.crawl.session  # noqa: PLC0415 - as above
    import crawler.settings  # noqa: F401, PLC0415 - as above

    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _command(order)
        _send({"pid": pid})
        _, status, used = os.wait4(pid, 0)
        _send(
            {
                "code": os.waitstatus_to_exitcode(status),
                "cpu": used.ru_utime + used.ru_stime,
                "rss": used.ru_maxrss,  # KiB
                "blocks": used.ru_inblock + used.ru_oublock,
            }
        )


def _send(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _command(order: dict[str, Any]) -> None:
    """The child: runs the command and ends with its code."""
    from datetime import datetime  # noqa: PLC0415 - what the parent imports counts for all

    import time_machine  # noqa: PLC0415 - as above

    from crawler.cli import run  # noqa: PLC0415 - as above

    code = 70
    try:
        with _streams(Path(order["out"]), Path(order["err"])):
            if limit := order.get("file_size"):
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            clock = time_machine.travel(datetime.fromisoformat(order["now"]), tick=True).start()
            if (change := order.get("set_back")) is not None:
                Thread(target=_set_back, args=(clock, Path(order["out"] + ".set-back"), change), daemon=True).start()
            code = run(order["arguments"])
            sys.stdout.flush()
            sys.stderr.flush()
    finally:
        os._exit(code)


def _set_back(clock: Any, order: Path, seconds: float) -> None:
    """Sets *clock* back once the file *order* is there."""
    until(order.exists, "the order to set the clock back", patience=600)
    clock.shift(-seconds)


@contextmanager
def _streams(out: Path, err: Path) -> Iterator[None]:
    """Standard streams as files of the run's own."""
    for number, path in ((1, out), (2, err)):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(fd, number)
        os.close(fd)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    yield


if __name__ == "__main__":
    main()
