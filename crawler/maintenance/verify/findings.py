"""The findings of verify."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written."""

    kind: str  #: chain, range, line, record, index, missing; lost, removed where a run of this archive says so
    file: str  #: relative to the archive
    where: str  #: a byte offset, a line, an id; "" for the whole file
    what: str
    key: str = ""  #: sha256 of the line, or id of the WARC record, that it is about


@dataclass(slots=True)
class Findings:
    """All of them, what the next writer will repair, what is known to be lost or removed, what was looked at."""

    damage: list[Finding] = field(default_factory=list)
    recoverable: list[Finding] = field(default_factory=list)
    known: list[Finding] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, file: str, where: object, what: str, key: str = "") -> None:
        """Notes damage."""
        self.damage.append(Finding(kind, file, str(where), what, key))

    def excuse(self, file: str, where: object, what: str) -> None:
        """Notes what a dead run left and the next writer repairs."""
        self.recoverable.append(Finding("unfinished", file, str(where), what))

    def admit(self, kind: str, file: str, where: object, what: str) -> None:
        """Notes what a repair could not save, or what was removed: it is said in the chain of runs."""
        self.known.append(Finding(kind, file, str(where), what))

    def take(self, other: Findings) -> None:
        """Adds those of another part of the archive."""
        self.damage += other.damage
        self.recoverable += other.recoverable
        self.known += other.known
        self.checked += other.checked
