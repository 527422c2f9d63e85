"""How a visit ended, and what the archive says of it: its observation and its decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.archive.records import decisions, jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import Stream
from crawler.article import Capture, Outcome, Wanted, isoformat

#: What an observation and a decision say alike.
_SAME = ("portal", "url", "status", "outcome", "reason", "view_count", "view_count_raw", "revision")


@dataclass(slots=True)
class Verdict:
    """How a visit ended: what the pipelines hand to the archive."""

    portal: str
    ident: str  #: id of the article address
    asked: str  #: the address first asked for
    url: str  #: that answered
    observed_at: datetime
    outcome: Outcome
    status: int | None = None
    reason: str | None = None
    captures: Sequence[Capture] = ()
    missing: Iterable[Wanted] = ()
    record: tuple[Stream, Json] | None = None  #: the line besides the observation
    view_count: int | None = None
    view_count_raw: str | None = None
    revision: int | None = None
    run: str | None = None  #: None: this run
    decision: Json | None = None  #: in replay: the decision that is made again

    def observation(self, run: str) -> Json:
        """The observation of this visit; *run* is the one that writes it."""
        values: dict[str, Any] = {
            "id": self.ident,
            "observed_at": isoformat(self.observed_at),
            "run": self.run or run,
            "warc": jsonl.warc_place(self.captures[0].warc if self.captures else None),
        }
        return jsonl.observation_record(values | {name: getattr(self, name) for name in _SAME})

    def decided(self, sequence: int, run: str, definition: Json | None, written: list[tuple[str, bytes]]) -> Json:
        """The decision of number *sequence*: *written* are its lines (path, line), *definition* where that lies."""
        return {
            "schema": decisions.DECISION,
            "sequence": sequence,
            "run": run,
            "id": self.ident,
            "observed_at": isoformat(self.observed_at),
            **{name: getattr(self, name) for name in (_SAME[0], "asked", *_SAME[1:])},
            "captures": [decisions.capture_place(capture) for capture in self.captures],
            "missing": decisions.missing(self.missing),
            "definition": definition,
            "lines": [{"path": path, "sha256": jsonl.sha256(line)} for path, line in written],
        }
