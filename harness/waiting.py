"""Waiting for what another process or thread does: for a condition with a deadline, never for a time that should do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

_LONGEST_PAUSE = 0.04  #: seconds; to look all the time takes from what is waited for
PATIENCE = 120.0  #: seconds after which a condition that does not come true fails the test


def until(condition: Callable[[], object], what: str = "what is waited for", patience: float = PATIENCE) -> None:
    """Returns once *condition* is true. Raises AssertionError after *patience* seconds."""
    deadline, pause, seconds = time.monotonic() + patience, threading.Event(), 0.005
    while not condition():
        assert time.monotonic() < deadline, f"after {patience:.0f} s: {what} does not happen"
        pause.wait(seconds)
        seconds = min(seconds * 1.2, _LONGEST_PAUSE)


def elapse(seconds: float) -> None:
    """Lets real time pass: only where a moment of time itself is the subject, as a kill at random or a slow server."""
    threading.Event().wait(seconds)


def listens(port: int) -> bool:
    """Whether a server takes connections on *port* of the loopback interface."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
