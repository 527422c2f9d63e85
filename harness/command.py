"""The real command in a process of its own, as a shell would start it."""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

from crawler import cli
from harness.fork_client import CHECKOUT, ForkServer, clean_environment

__all__ = ["CHECKOUT", "CITYNEWS", "Done", "citynews", "finish", "run_in_process", "scrapy", "start"]

CITYNEWS = (str(Path(sys.executable).with_name("citynews")),)
PATIENCE = 300.0  #: seconds; a command that hangs is found by it, and none fails because the machine is busy
_READ_AT_START = ("PYTHON", "LC_", "LANG")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str
    peak: int = 0  #: KiB of memory; 0 where it was not measured

    @property
    def summary(self) -> Any:
        """The last line of stdout, which --json promises to be JSON."""
        return json.loads(self.out.splitlines()[-1])


def start(*arguments: object, cwd: Path | None = None, env: Mapping[str, str] | None = None,
          command: Sequence[str] = CITYNEWS) -> subprocess.Popen[bytes]:  # fmt: skip
    """Starts `citynews` with *arguments* in a process group of its own."""
    return subprocess.Popen(
        [*command, *map(str, arguments)],
        cwd=cwd,
        env=clean_environment() | dict(env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[bytes], timeout: float = PATIENCE) -> Done:
    """Waits for *process*; one that takes longer than *timeout* is killed and fails the test."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"still running after {timeout} s: {out!r} {err!r}") from None
    return Done(process.returncode, out.decode("utf-8"), err.decode("utf-8", "backslashreplace"))


def citynews(*arguments: object, code: int | None = 0, cwd: Path | None = None, env: Mapping[str, str] | None = None,
             timeout: float = PATIENCE, later: timedelta = timedelta(),
             file_size: int | None = None) -> Done:  # fmt: skip
    """Runs `citynews` with *arguments*; it must end with *code* (None: any) and without a traceback.

    Nothing that it opened may be left to the garbage collector.

    *later*: how far ahead its clock is. *file_size*: bytes that a file may have, as on a full disk. The fork server
    forks it, but where *env* says what an interpreter reads when it starts; what a start costs and how it is stopped is
    asked of `start`.
    """
    if any(name.startswith(_READ_AT_START) for name in env or {}):
        done = finish(start(*arguments, cwd=cwd, env=env), timeout)
    else:
        order = {"cwd": str(cwd or Path.cwd()), "env": clean_environment() | dict(env or {}), "file_size": file_size}
        done = _forked(arguments, timeout, later, order)
    assert code is None or done.code == code, f"exit {done.code}, not {code}\n{done.out}\n{done.err}"
    assert "Traceback (most recent call last)" not in done.err, done.err
    assert "ResourceWarning" not in done.err, f"left open:\n{done.err}"
    return done


@functools.cache
def _server() -> ForkServer:
    """The fork server of this process: started when it is needed first, ended with it."""
    server = ForkServer()
    atexit.register(server.close)
    return server


def _forked(arguments: Sequence[object], timeout: float, later: timedelta, more: Mapping[str, object]) -> Done:
    with tempfile.TemporaryDirectory(prefix="citynews-command-") as name:
        out, err = Path(name, "out"), Path(name, "err")
        now = (datetime.now(UTC) + later).isoformat() if later else None
        order = {
            "arguments": [*map(str, arguments)], "out": str(out), "err": str(err), "now": now, **more,
        }  # fmt: skip
        server = _server()
        ended = server.end(server.begin(order), timeout)
        return Done(ended["code"], out.read_text("utf-8"), err.read_text("utf-8", "backslashreplace"), ended["rss"])


def scrapy(*arguments: object) -> Done:
    """Scrapy's own command in the checkout, to its end."""
    command = [str(Path(sys.executable).with_name("scrapy"))]
    return finish(start(*arguments, cwd=CHECKOUT, command=command, env={"BROWSER": "true"}))


def run_in_process(*arguments: str) -> tuple[int, str]:
    """The exit code and the words of a command in this process."""
    said = TextIOWrapper(BytesIO(), "utf-8", write_through=True)
    with redirect_stdout(said), redirect_stderr(said):
        code = cli.run(list(arguments))
    said.seek(0)
    return code, said.read()
