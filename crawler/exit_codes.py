"""Exit codes, and the error for wrong usage. Raised anywhere, turned into a code in one place of cli."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of the public interface; docs/watch.md says what each means."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    EXPECTATION = 3
    DAMAGED = 4
    STORAGE = 5
    BUSY = 75
    INTERRUPTED = 130
    TERMINATED = 143


#: Several at once: the first of these that happened.
PRECEDENCE = (
    Exit.USAGE, Exit.STORAGE, Exit.DAMAGED, Exit.UNEXPECTED, Exit.INTERRUPTED, Exit.TERMINATED, Exit.BUSY,
    Exit.EXPECTATION,
)  # fmt: skip


class UsageError(Exception):
    """The command line, the configuration or a definition is wrong; the message says what to do."""


def worst(codes: Iterable[int]) -> Exit:
    """The exit code of a command in which all of *codes* happened."""
    happened = set(codes)
    return next((code for code in PRECEDENCE if code in happened), Exit.OK)
