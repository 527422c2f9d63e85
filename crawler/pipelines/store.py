"""The last step: the decision goes into the archive, and is counted."""

from __future__ import annotations

from typing import Self

from crawler.archive.records.decisions import Decision
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import COVERED, Article
from crawler.assembly import Visit
from crawler.pipelines.crawler import ArchivingCrawler
from crawler.values.encoding import codec


class StorePipeline:
    """Writes what was decided, and counts it in the run's stats."""

    def __init__(self, archive: ArchiveWriter) -> None:
        self._archive = archive

    @classmethod
    def from_crawler(cls, crawler: ArchivingCrawler) -> Self:
        return cls(crawler.spidercls.run.archive)

    def process_item(self, item: tuple[Visit, Decision]) -> tuple[Visit, Decision]:
        visit, decision = item
        if visit.decision is None:
            self._archive.define(visit.portal.name, visit.portal.text)
        self._archive.decide(decision)
        stats = self._archive.stats[decision.portal]
        stats.outcomes[decision.outcome] += 1
        if decision.outcome == "refused" and decision.reason:
            stats.drops[decision.reason] += 1
        elif decision.outcome == "failed" and decision.reason:
            stats.failures[decision.reason] += 1
        if isinstance(visit.result, Article):
            values = {name: getattr(visit.result, name) for name in COVERED}
            stats.cover(values, new=decision.outcome in {"new", "duplicate"})
            if visit.charset and visit.portal.encoding and visit.charset != codec(visit.portal.encoding):
                stats.encodings[visit.charset] += 1
            if visit.portal.template_at(visit.captures[0].fetched_at) is not None:
                stats.template["held" if visit.result.extracted_by["body"] == "template" else "missed"] += 1
        elif decision.outcome == "not-modified" and (known := self._archive.index.page(decision.ident)) is not None:
            stats.cover(self._archive.latest(known), new=False)  # it still is what was archived
        self._archive.commit()
        return item
