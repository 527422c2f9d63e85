"""Where a pipeline gets the archive of its run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from crawler.archive.write.writer import ArchiveWriter


class _PipelineRun(Protocol):
    @property
    def archive(self) -> ArchiveWriter: ...

    @property
    def fixes(self) -> Mapping[str, Any]: ...


class _SpiderClass(Protocol):
    @property
    def run(self) -> _PipelineRun: ...


class ArchivingCrawler(Protocol):
    """Of Scrapy's crawler what a pipeline asks: its spider class carries the run. Replay runs without Scrapy."""

    @property
    def spidercls(self) -> _SpiderClass: ...
