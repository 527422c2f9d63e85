"""Runs of the real command under a clock of their own: the client of the fork server."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness.fork_client import ForkServer
from harness.waiting import until

PATIENCE = 120.0  #: seconds after which a run that does not end is a failure


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended and what it cost."""

    now: datetime  #: of its clock, when it began
    code: int  #: negative: killed by that signal
    seconds: float
    cpu: float
    rss: int  #: KiB at most
    out: str
    err: str


class YearRunner:
    """Runs of `citynews` under clocks of their own, from ``with`` to its end. *folder* takes what they print."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> Self:
        self._server = ForkServer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    def run(
        self,
        now: datetime,
        arguments: Sequence[object],
        *,
        file_size: int | None = None,
        kill_when: Callable[[], bool] | None = None,
        set_back: tuple[timedelta, Callable[[], bool]] | None = None,
    ) -> Ended:
        """Runs ``citynews`` with *arguments* at *now*. *kill_when*: asked often; SIGKILL once it says so.

        *set_back*: how far its clock is set back, once the other says so.
        """
        out, err = self._folder / "out", self._folder / "err"
        order: dict[str, Any] = {"now": now.isoformat(), "arguments": [*map(str, arguments)], "file_size": file_size}
        order |= {"out": str(out), "err": str(err), "cwd": str(self._folder)}
        if set_back is not None:
            order |= {"set_back": set_back[0].total_seconds()}
        begun = time.monotonic()
        pid = self._server.begin(order)
        if kill_when is not None:
            self._watch(pid, kill_when, lambda: os.kill(pid, signal.SIGKILL))
        if set_back is not None:
            self._watch(pid, set_back[1], Path(f"{out}.set-back").touch)
        answer = self._server.end(pid, 600)
        return Ended(
            now, answer["code"], time.monotonic() - begun, answer["cpu"], answer["rss"],
            out.read_text("utf-8"), err.read_text("utf-8", "backslashreplace"),
        )  # fmt: skip

    def _watch(self, pid: int, when: Callable[[], bool], do: Callable[[], object]) -> None:
        """Does *do* to *pid* once the time has come; nothing happens to a run that has ended."""
        until(lambda: _ended(pid) or when(), "the run or the moment it is watched for", PATIENCE)
        if not _ended(pid):
            do()


def _ended(pid: int) -> bool:
    """Whether process *pid* runs no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
