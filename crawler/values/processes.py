"""A process that ends when the one that started it does."""

from __future__ import annotations

import ctypes
import os
import signal

PARENT = "CITYNEWS_PARENT"  #: the variable that holds the number of the process to end with
_PR_SET_PDEATHSIG = 1
_follows = False


def follow_parent() -> None:
    """From now on this process gets SIGTERM when the process dies that PARENT names; it ends where that is dead."""
    global _follows  # noqa: PLW0603 - one parent a process, as it is
    parent = os.environ.pop(PARENT, "")
    if not parent.isdecimal():
        return
    _follows = True
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != int(parent):  # it died before we asked
        os._exit(128 + signal.SIGTERM)


def follows_parent() -> bool:
    """Whether a second SIGTERM may be the death of the parent that sent the first, and no impatience."""
    return _follows
