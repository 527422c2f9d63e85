"""Decides each visit again against the output, from its line or, if needed, its pages."""

from __future__ import annotations

from dataclasses import replace

from crawler.archive.read.order import DecisionPlace
from crawler.archive.records import decisions, jsonl, tombstone
from crawler.archive.records.decisions import observation_of
from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import DecisionRecord
from crawler.archive.storage.errors import DamagedError
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import Refusal, WarcRef
from crawler.assembly import Visit
from crawler.maintenance.merge.lines import InputLines, article_of, visit_of_line, visit_without_line
from crawler.pipelines.chain import chain, decide_and_store
from crawler.replay.sources import Sources, record_at
from crawler.replay.visits import Archived, portal_of, restore, standing_for

_WITHOUT_PAGE = frozenset({"refused", "gone", "not-modified", "failed"})


class MergedVisits:
    """Puts visits into *writer*. *removed*: ids that an input has removed: nothing of them is taken over.

    *judged*: what other articles were found to be against those: it cannot be found again.
    """

    def __init__(
        self, writer: ArchiveWriter, sources: Sources, lines: InputLines, removed: set[str], judged: dict[str, Json]
    ) -> None:
        self._judged = judged
        self._writer, self._sources, self._lines, self._removed = writer, sources, lines, removed
        self._archived = Archived(sources.files, {}, {})
        self._whole, self._decide = chain(writer), decide_and_store(writer)
        self._buried: set[tuple[str, str]] = set()  #: (month file, sha256) of tombstones written
        self.count = self.from_pages = 0

    def decision(self, place: DecisionPlace) -> DecisionRecord:
        """The decision at *place*. Raises DamagedError."""
        found = decisions.parse(record_at(self._sources.files, WarcRef(place.file, place.offset, place.length, "", "")))
        if found is None or found["schema"] != decisions.DECISION:
            raise DamagedError(f"{place.file}: offset {place.offset}: no decision here")
        return found

    def take(self, decision: DecisionRecord, archive: str) -> None:
        """Decides the visit again, and stores it. Raises StorageError, SealedError, DamagedError."""
        self.count += 1
        if decision["id"] in self._removed or decision.get("removed"):
            self._bury(decision)
            return
        if decision["id"] in self._judged and "judged" not in decision:
            decision["judged"] = self._judged[decision["id"]]
        visit = self._of_line(decision) or self._unchanged(decision, archive)
        if visit is None:
            self.from_pages += 1
            self._whole(restore(self._archived, decision))
        else:
            self._decide(visit)

    def _of_line(self, decision: DecisionRecord) -> Visit | None:
        """The visit as its line tells it, or as the decision alone does."""
        portal = portal_of(self._archived, decision)
        if decision["outcome"] in _WITHOUT_PAGE:
            visit = visit_without_line(portal, decision)
            reason = decision["reason"] or "not-modified"
            visit.result = Refusal(reason, transient=decision["outcome"] == "failed")
            return visit
        for line in decision["lines"]:
            if not line["path"].startswith("observations/") and (record := self._lines.record(line["sha256"])):
                return visit_of_line(portal, decision, record)
        return None

    def _unchanged(self, decision: DecisionRecord, archive: str) -> Visit | None:
        """A visit that found what the output has as its latest version; None where that is not known."""
        if any(not line["path"].startswith("observations/") for line in decision["lines"]):
            return None  # its line is lost
        known = self._writer.index.page(decision["id"])
        if known is None or known.content_hash != self._lines.content_hash(archive, decision):
            return None
        latest = self._writer.latest(known)
        visit = visit_without_line(portal_of(self._archived, decision), decision)
        article = article_of(latest)
        visit.result = replace(
            article, view_count=decision["view_count"], view_count_raw=decision["view_count_raw"]
        )  # fmt: skip
        visit.record = dict(latest)
        return visit

    def _bury(self, decision: DecisionRecord) -> None:
        """Takes over that there was a visit, and nothing of the page."""
        found: list[tuple[str, bytes]] = []
        for path, line in self._tombstones(decision):
            key = (path, jsonl.sha256(line))
            if key not in self._buried:
                self._buried.add(key)
                found.append((path, line))
        self._writer.know(decision, found)
        self._writer.stats[decision["portal"]].outcomes[decision["outcome"]] += 1
        self._writer.commit()

    def _tombstones(self, decision: DecisionRecord) -> list[tuple[str, bytes]]:
        if decision.get("removed"):
            return standing_for(decision)
        found: list[tuple[str, bytes]] = []
        for line_ref in decision["lines"]:
            record: Json | None = observation_of(decision)
            if not line_ref["path"].startswith("observations/"):
                record = self._lines.record(line_ref["sha256"])
                record = None if record is None else tombstone.bury(record)
            if record is not None:
                found.append((line_ref["path"], jsonl.encode(record)))
        return found
