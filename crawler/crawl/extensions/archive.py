"""Opens the archive for `scrapy crawl`, commits once a second, and stops the crawl when storage fails."""

from __future__ import annotations

import contextlib
import logging
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.asyncio import AsyncioLoopingCall
from twisted.python.failure import Failure

from crawler.archive.storage.errors import StorageError
from crawler.archive.write.shared import find, root_of, share, unshare
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import isoformat
from crawler.crawl.downloader.throttles import gate_of
from crawler.crawl.logs import quiet_scrapy
from crawler.health.expectations import as_json, judge_all
from crawler.health.notices import notices

logger = logging.getLogger(__name__)
WARC_INFO = "CITYNEWS_WARC_INFO"  #: the setting with what the warcinfo record of each file says
COMMIT_INTERVAL = 0.5  # seconds; with the writer's own bound, a decision waits 1.5 s at most


class ArchiveExtension:
    """Loaded before every component that writes. `citynews crawl` opens and closes the archive itself."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        quiet_scrapy()
        found = find(crawler.settings)
        self._owned = found is None
        info = crawler.settings.getdict(WARC_INFO) | {"portals": crawler.spidercls.name}
        self._archive = found or share(ArchiveWriter(root_of(crawler.settings), info=info))
        self._timer: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.started, signals.engine_started)
        crawler.signals.connect(extension.stopped, signals.engine_stopped)
        crawler.signals.connect(extension.closed, signals.spider_closed)
        crawler.signals.connect(extension.broken, signals.spider_error)
        crawler.signals.connect(extension.item_broken, signals.item_error)
        return extension

    def started(self) -> None:
        self._timer = AsyncioLoopingCall(self._commit)
        self._timer.start(COMMIT_INTERVAL, now=False)

    async def stopped(self) -> None:
        if self._timer is not None and self._timer.running:
            self._timer.stop()
        self._note_limits()
        if self._owned:
            spider_class: Any = self._crawler.spidercls
            found = judge_all(self._archive, [spider_class.portal])
            told = as_json(found) | notices(self._archive, [spider_class.portal])
            self._archive.close({"exit_code": 3 if found else 0, **told})
            unshare(self._archive)

    def closed(self, reason: str) -> None:
        """The spider ended: of itself, or because somebody stopped it."""
        gate = gate_of(self._crawler)
        tally = self._archive.tallies[self._crawler.spidercls.name]
        tally.discovery["unanswered"] += getattr(self._crawler.spider, "unanswered", 0)
        tally.finished = reason == "finished" and gate.closed != "stopped"
        tally.away_until = isoformat(gate.away_until) if gate.away_until else None

    def broken(self, failure: Failure, response: Response) -> None:
        """A callback raised: the page is not decided, the run goes on, and its exit code says so."""
        self._count(failure)

    def item_broken(self, failure: Failure) -> None:
        """A pipeline raised."""
        self._count(failure)

    def _count(self, failure: Failure) -> None:
        if not isinstance(failure.value, StorageError):  # the archive knows of that itself
            self._archive.tallies[self._crawler.spidercls.name].failures["internal-error"] += 1

    def _commit(self) -> None:
        with contextlib.suppress(StorageError):  # the archive remembers it, and stops the crawl
            self._archive.commit()

    def _note_limits(self) -> None:
        tally = self._archive.tallies[self._crawler.spidercls.name]
        for name, value in self._crawler.stats.get_stats().items():
            if name.startswith("citynews/limit/"):
                tally.limits[name.rpartition("/")[2]] += value
