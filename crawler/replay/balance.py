"""What a replay read, used and left out, by reason: nothing is dropped silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from crawler.archive.records.jsonl import Json

#: Records that go with others and are no pages themselves: nobody asks where they are.
COMPANIONS = frozenset({"type-warcinfo", "type-request", "type-metadata"})


@dataclass(slots=True)
class Balance:
    """Records by type, those that visits were made of, and the rest by reason. ``read`` is the sum of both."""

    read: Counter[str] = field(default_factory=Counter)
    used: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)  #: files that are no WARC files

    def note(self, kind: str, reason: str | None, count: int = 1) -> None:
        """*count* records of type *kind* were read, and are left out for *reason*, if they are."""
        self.read[kind] += count
        if reason is not None:
            self.left_out[reason] += count

    def settle(self, rest: str) -> None:
        """What is neither used nor left out is left out for the reason *rest*."""
        more = sum(self.read.values()) - self.used - sum(self.left_out.values())
        if more > 0:
            self.left_out[rest] += more

    def values(self) -> Json:
        """As it stands in a run file and in the summary."""
        return {
            "read": dict(sorted(self.read.items())),
            "used": self.used,
            "left_out": dict(sorted(self.left_out.items())),
            "skipped_files": list(self.skipped),
        }


def sentences(balance: Mapping[str, Json] | Json) -> list[str]:
    """The balance for people: a line of sums, one for each reason that is not self-evident, one per file skipped."""
    read = ", ".join(f"{count} {kind}" for kind, count in balance["read"].items()) or "none"
    shown = {reason: count for reason, count in balance["left_out"].items() if reason not in COMPANIONS}
    left = ", ".join(f"{count} {reason}" for reason, count in shown.items()) or "none"
    return [
        f"records read: {read}; used {balance['used']}; left out: {left}",
        *(f"not a WARC file, skipped: {name}" for name in balance["skipped_files"]),
    ]
