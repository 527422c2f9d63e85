"""What passes from the decision to the store, and where both find the archive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from crawler.archive.records.verdict import Verdict
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import Visit


@dataclass(slots=True)
class Decided:
    """A visit and how it ended."""

    visit: Visit
    verdict: Verdict


class _Run(Protocol):
    @property
    def archive(self) -> ArchiveWriter: ...


class _SpiderClass(Protocol):
    @property
    def run(self) -> _Run: ...


class ArchivingCrawler(Protocol):
    """Of Scrapy's crawler what a pipeline asks: its spider class carries the run. Replay runs without Scrapy."""

    @property
    def spidercls(self) -> _SpiderClass: ...
