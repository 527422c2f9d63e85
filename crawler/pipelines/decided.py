"""What passes from the decision to the store."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.archive.records.verdict import Verdict
from crawler.assembly import Visit


@dataclass(slots=True)
class Decided:
    """A visit and how it ended."""

    visit: Visit
    verdict: Verdict
