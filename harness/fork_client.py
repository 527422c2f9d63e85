"""The client of the fork server: orders runs of the real command, one at a time."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]


def clean_environment() -> dict[str, str]:
    """The environment of a command: this process's, without what its operator has chosen for citynews."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CITYNEWS_")}
    return clean | {"PYTHONWARNINGS": "default"}


class ForkServer:
    """A running fork server. Not for several threads."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-m", "harness.fork_server"],  # a test changes a hook twice within a second
            cwd=CHECKOUT, env=clean_environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._unread = b""  #: what came of answers; a buffer of Python's would hide from select what it holds

    def close(self) -> None:
        """Ends the server."""
        self._process.communicate(timeout=60)

    def begin(self, order: dict[str, Any]) -> int:
        """Begins the run that *order* describes (see the server); returns its pid, which leads its process group."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        begun = self._receive()
        assert begun is not None
        pid: int = begun["pid"]
        return pid

    def end(self, pid: int, timeout: float) -> dict[str, Any]:
        """How the run that was begun ended. Kills it and raises TimeoutError after *timeout* seconds."""
        answer = self._receive(timeout)
        if answer is None:
            with contextlib.suppress(ProcessLookupError):  # it may have ended by now
                os.killpg(pid, signal.SIGKILL)
            self._receive()  # the next answer is that of the next order
            raise TimeoutError(f"still running after {timeout} s")
        return answer

    def _receive(self, timeout: float | None = None) -> dict[str, Any] | None:
        """The next answer; None where it does not come within *timeout* seconds."""
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        while b"\n" not in self._unread:
            if not select.select([pipe], [], [], timeout)[0]:
                return None
            part = os.read(pipe, 1 << 16)
            assert part, "the fork server has died"
            self._unread += part
        line, _, self._unread = self._unread.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer
