"""What verify finds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written."""

    kind: str  #: chain, range, line, record, index, missing
    file: str  #: relative to the archive
    where: str  #: a byte offset, a line, an id; "" for the whole file
    what: str


@dataclass(slots=True)
class Findings:
    """All of them, the notes about what the next writer will repair, and what was looked at."""

    damage: list[Finding] = field(default_factory=list)
    recoverable: list[Finding] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, file: str, where: object, what: str) -> None:
        """Notes damage."""
        self.damage.append(Finding(kind, file, str(where), what))

    def excuse(self, file: str, where: object, what: str) -> None:
        """Notes what a dead run left and the next writer repairs."""
        self.recoverable.append(Finding("unfinished", file, str(where), what))
