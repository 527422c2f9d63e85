"""SIGINT and SIGTERM as a request to end: what runs is completed, and the exit code says which signal it was."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType


class StopSignals:
    """Notes the first SIGINT or SIGTERM while it is entered, also where SIGINT was ignored when the process started.

    *then* is called at each signal, in the main thread, between any two of its steps.
    """

    def __init__(self, then: Callable[[], None] | None = None) -> None:
        self.number: int | None = None
        self._then = then

    def __enter__(self) -> StopSignals:
        self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.number is None:
            self.number = number
        if self._then is not None:
            self._then()

    def came(self) -> bool:
        """Whether a signal has come."""
        return self.number is not None

    def code(self) -> int | None:
        """The exit code of a process that ends because of the signal, 130 or 143; None where none came."""
        return None if self.number is None else 128 + self.number
