"""One task of a cluster crawl: the ordinary command as a process of its own, which dies with its worker."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from crawler.values.processes import PARENT

GRACE = 20.0  #: seconds in which attempts seal and send what they have when their worker ends
_SAID = 2000  # characters of stderr that travel

_running: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()


def attempt(arguments: list[str], definitions: dict[str, str], environment: dict[str, str]) -> dict[str, Any]:
    """Runs `citynews` with *arguments* and the portal *definitions*; returns its exit code and its summary.

    *environment*: the choices of who runs the driver; keys of the store come from the worker's own.
    """
    with tempfile.TemporaryDirectory(prefix="citynews-attempt-") as folder:
        for name, text in definitions.items():
            Path(folder, f"{name}.toml").write_text(text, "utf-8")
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-m", "crawler", *arguments, "--portals", folder, "--json"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **environment, PARENT: str(os.getpid())},
        )  # fmt: skip
        with _lock:
            _running.add(process)
        try:
            out, err = process.communicate()
        finally:
            with _lock:
                _running.discard(process)
    return {
        "exit_code": process.returncode if process.returncode >= 0 else 128 - process.returncode,
        "summary": _summary(out),
        "said": err.decode("utf-8", "replace")[-_SAID:],
        "host": platform.node(),
    }


class Attempts:
    """A plugin of each worker: who ends it ends its attempts too, and waits until they have sent what they have."""

    name = "citynews-attempts"

    def setup(self, worker: Any) -> None:
        """Nothing to begin with."""

    def teardown(self, worker: Any) -> None:
        """SIGTERM to all attempts, then a bounded wait."""
        with _lock:
            left = list(_running)
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + GRACE
        for process in left:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))


def _summary(out: bytes) -> Any:
    lines = out.decode("utf-8", "replace").splitlines()
    with contextlib.suppress(IndexError, json.JSONDecodeError):
        return json.loads(lines[-1])
    return None
