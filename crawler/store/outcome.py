"""The results and the errors of a command with a store."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.archive.storage.errors import BusyError


class OvertakenError(BusyError):
    """Another machine's run has the number that a run of this one wanted; *runs* lie in diverged/ now."""

    def __init__(self, message: str, runs: list[str]) -> None:
        super().__init__(message)
        self.runs = runs


@dataclass(slots=True)
class Transfer:
    """What was brought from one place to the other."""

    runs: list[str] = field(default_factory=list)  #: names, in order
    objects: int = 0
    size: int = 0  #: bytes
    diverged: list[str] = field(default_factory=list)  #: local runs that were moved to diverged/
    ahead: bool = False  #: whether this side has runs that the other one does not have
    elsewhere: int = 0  #: WARC files that are left in the store
