"""The last stage: the decision goes into the archive, and is counted."""

from __future__ import annotations

from typing import Self

from crawler.archive.write.writer import ArchiveWriter
from crawler.article import COVERED, Article
from crawler.pipelines.decided import ArchivingCrawler, Decided


class StorePipeline:
    """Writes what was decided, and counts it in the run's tally."""

    def __init__(self, archive: ArchiveWriter) -> None:
        self._archive = archive

    @classmethod
    def from_crawler(cls, crawler: ArchivingCrawler) -> Self:
        return cls(crawler.spidercls.run.archive)

    def process_item(self, decided: Decided) -> Decided:
        visit, verdict = decided.visit, decided.verdict
        if visit.decision is None:
            self._archive.define(visit.portal.name, visit.portal.text)
        self._archive.decide(verdict)
        tally = self._archive.tallies[verdict.portal]
        tally.outcomes[verdict.outcome] += 1
        if verdict.outcome == "refused" and verdict.reason:
            tally.drops[verdict.reason] += 1
        elif verdict.outcome == "failed" and verdict.reason:
            tally.failures[verdict.reason] += 1
        if isinstance(visit.result, Article):
            values = {name: getattr(visit.result, name) for name in COVERED}
            tally.cover(values, new=verdict.outcome in {"new", "duplicate"})
            if visit.portal.template_at(visit.captures[0].fetched_at) is not None:
                tally.template["held" if visit.result.extracted_by["body"] == "template" else "missed"] += 1
        elif verdict.outcome == "not-modified" and (known := self._archive.index.article(verdict.ident)) is not None:
            tally.cover(self._archive.latest(known), new=False)  # it still is what was archived
        self._archive.commit()
        return decided
