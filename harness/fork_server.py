"""A fork server: everything is imported once, and every order forks the real command, under a clock that it may set.

A run costs a fork instead of a second of imports. The clock is moved in the child alone (time-machine): wall time
begins at the order's moment and runs on, monotonic time is untouched, so no code of the crawler knows of it.

Speaks JSON lines: orders on stdin, on stdout ``{"pid"}`` when a run has begun and ``{"code", ...}`` when it has ended.
Its client is `ForkServer` in harness/fork_client.py.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import resource
import sys
import threading
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import time_machine
import typer.main
from scrapy.settings import default_settings

import crawler
from crawler import portals, settings
from crawler.__main__ import main as command
from crawler.cli.app import app
from harness.waiting import until


def main() -> None:
    """Serves orders until stdin ends."""
    _import_everything()
    gc.collect()
    gc.freeze()  # a collection in a child leaves the shared pages alone
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _prepare(order)
            _command()
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


def _import_everything() -> None:
    """Imports what any command may need, but for modules that would install a reactor: each run installs its own."""
    importlib.import_module("scrapy.core.downloader.handlers.http11")
    importlib.import_module("scrapy.core.engine")
    names = [module.name for module in pkgutil.walk_packages(crawler.__path__, "crawler.")]
    sys.modules["twisted.internet.reactor"] = None  # type: ignore[assignment] # who imports it gets ImportError
    for name in (*names, *_components()):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    del sys.modules["twisted.internet.reactor"]
    portals.load()
    typer.main.get_command = functools.cache(typer.main.get_command)  # builds all commands, at each call
    typer.main.get_command(app)


def _components() -> set[str]:
    """The modules that Scrapy's settings name: it imports them when a crawl begins."""
    values = list(vars(default_settings).values())
    places = [place for value in values if isinstance(value, dict) for place in (*value, *value.values())]
    return {place.rpartition(".")[0] for place in (*values, *places) if str(place).startswith("scrapy.")}


def _send(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _prepare(order: dict[str, Any]) -> None:
    """In the child: streams, folder, limits and clock of its own."""
    os.setsid()
    os.chdir(order["cwd"])
    for number, path in ((1, order["out"]), (2, order["err"])):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(fd, number)
        os.close(fd)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    if (environment := order.get("env")) is not None:
        os.environ.clear()
        os.environ.update(environment)
        importlib.reload(settings)  # reads it when it is imported
    sys.argv = [str(Path(sys.executable).with_name("citynews")), *order["arguments"]]
    if limit := order.get("file_size"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if (now := order.get("now")) is not None:
        clock = time_machine.travel(datetime.fromisoformat(now), tick=True).start()
        if (change := order.get("set_back")) is not None:
            threading.Thread(
                target=_set_back, args=(clock, Path(order["out"] + ".set-back"), change), daemon=True
            ).start()


def _command() -> NoReturn:
    """Runs the command and ends the child as the interpreter would, but for the tearing down of its modules."""
    code = 0
    try:
        command()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 - a fault of the command, shown as the interpreter shows it
        traceback.print_exc()
        code = 1
    finally:
        # as the interpreter does first: without it a process that is still being started was waited for without end
        threading._shutdown()  # type: ignore[attr-defined]  # typeshed leaves it out
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _set_back(clock: Any, order: Path, seconds: float) -> None:
    """Sets *clock* back once the file *order* is there."""
    until(order.exists, "the order to set the clock back", patience=600)
    clock.shift(-seconds)


if __name__ == "__main__":
    main()
