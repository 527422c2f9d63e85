"""Commits once per second and notes how the spider ended. For `scrapy crawl` it also opens and closes the archive."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.utils.asyncio import AsyncioLoopingCall
from twisted.python.failure import Failure

from crawler.archive.storage.errors import StorageError
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import isoformat
from crawler.crawl.logging import quiet_scrapy
from crawler.crawl.run import CrawlRun
from crawler.crawl.spiders.portal import PortalSpider
from crawler.exit_codes import Exit
from crawler.health.expectations import as_json, check_all
from crawler.health.notices import notices
from crawler.pipelines.chain import chain

OUTPUT = "CITYNEWS_OUTPUT"  #: the setting: the archive's folder
WARC_INFO = "CITYNEWS_WARC_INFO"  #: the setting: what the warcinfo record of each file says
COMMIT_INTERVAL = 0.5  # seconds; with the writer's own bound, a decision waits 1.5 s at most


class ArchiveExtension:
    """Loaded before every component that writes. `citynews crawl` opens and closes the archive itself."""

    def __init__(self, crawler: Crawler) -> None:
        spider_class = crawler.spidercls
        if not issubclass(spider_class, PortalSpider):
            raise NotConfigured("only a portal's spider writes an archive")
        quiet_scrapy()
        self._crawler = crawler
        self._owned = not hasattr(spider_class, "run")
        if self._owned:
            info = crawler.settings.getdict(WARC_INFO) | {"portals": spider_class.portal.name}
            archive = ArchiveWriter(Path(str(crawler.settings.get(OUTPUT, "output"))).resolve(), info=info)
            spider_class.run = CrawlRun(archive, crawler.settings).of(spider_class.portal)
        self._run = spider_class.run
        self._run.scrapy_stats = crawler.stats.get_stats()
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
        if self._owned:
            archive, portals = self._run.archive, [self._run.portal]
            alarms = check_all(archive, portals)
            code = Exit.EXPECTATION if alarms else Exit.OK
            archive.close({"exit_code": int(code), **as_json(alarms), **notices(archive, portals)})
            self._run.run.close()

    def closed(self, reason: str) -> None:
        """The spider ended: of itself, or because somebody stopped it."""
        throttle, stats = self._run.throttle, self._run.stats
        self._run.frontier.close()
        if throttle.closed != "stopped":  # else they are asked again, since nothing is decided of them
            self._decide_rest()
        stats.finished = reason == "finished" and throttle.closed != "stopped"
        stats.away_until = isoformat(throttle.away_until) if throttle.away_until else None

    def _decide_rest(self) -> None:
        """Decides the visits that were held back to the end of the run."""
        decide = chain(self._run.archive)
        try:
            for visit in self._run.outages.rest():
                decide(visit)
        except StorageError:  # the archive knows of that itself
            return

    def broken(self, failure: Failure, response: Response) -> None:
        """A callback raised: the page is not decided, the run goes on, and its exit code says so."""
        self._count(failure)

    def item_broken(self, failure: Failure) -> None:
        """A pipeline raised."""
        self._count(failure)

    def _count(self, failure: Failure) -> None:
        if not isinstance(failure.value, StorageError):  # the archive knows of that itself
            self._run.stats.failures["internal-error"] += 1

    def _commit(self) -> None:
        with contextlib.suppress(StorageError):  # the archive remembers it, and stops the crawl
            self._run.archive.commit()
