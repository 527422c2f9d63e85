"""Commits once per second and records how the spider ended. For `scrapy crawl` it also opens and closes the archive.

Scrapy's other commands (`shell`, `fetch`, `view`, `parse`) ask under the same guards, and write no run: what they fetch
goes into an archive that is thrown away.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.asyncio import AsyncioLoopingCall
from twisted.python.failure import Failure

from crawler import portals
from crawler.archive.storage.errors import StorageError
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import isoformat
from crawler.assembly import Visit
from crawler.crawl.downloader.throttle import GAVE_UP
from crawler.crawl.failures import failure_name
from crawler.crawl.hooks import Hooks
from crawler.crawl.logging import quiet_scrapy
from crawler.crawl.run import CrawlRun, PortalRun
from crawler.crawl.spiders.portal import PortalSpider
from crawler.crawl.summary import closing_lines, counts_line
from crawler.exit_codes import Exit, worst
from crawler.health.expectations import as_json, check_all
from crawler.health.notices import notices
from crawler.pipelines.chain import chain

logger = logging.getLogger(__name__)
OUTPUT = "CITYNEWS_OUTPUT"  #: the setting: the archive's folder
WARC_INFO = "CITYNEWS_WARC_INFO"  #: the setting: what the warcinfo record of each file says
COMMIT_INTERVAL = 0.5  # seconds; with the writer's own bound, a decision waits 1.5 s at most


class ArchiveExtension:
    """Loaded before every component that writes. `citynews crawl` opens and closes the archive itself."""

    def __init__(self, crawler: Crawler) -> None:
        spider_class: Any = crawler.spidercls
        quiet_scrapy()
        self._crawler = crawler
        self._owned = not hasattr(spider_class, "run")
        self._scratch: TemporaryDirectory[str] | None = None
        if self._owned:
            folder = crawler.settings.get(OUTPUT, "output")
            if not _is_crawl(crawler):
                self._scratch = TemporaryDirectory(prefix="citynews-scrapy-", ignore_cleanup_errors=True)
                folder = self._scratch.name
            portal = getattr(spider_class, "portal", None) or portals.minimal(
                "none", home="http://none.invalid/", domain="none.invalid", delay=0.0
            )
            hooks = Hooks.of(crawler.settings) if self._scratch is None else Hooks()
            info = crawler.settings.getdict(WARC_INFO) | {"portals": portal.name} | hooks.info
            archive = ArchiveWriter(Path(str(folder)).resolve(), info=info)
            spider_class.run = CrawlRun(archive, crawler.settings, hooks).of(portal)
        self._run: PortalRun = spider_class.run
        self._run.scrapy_stats = crawler.stats.get_stats()
        self._timer: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.started, signals.engine_started)
        crawler.signals.connect(extension.stopped, signals.engine_stopped)
        crawler.signals.connect(extension.idle, signals.spider_idle)
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
        if self._scratch is not None:
            for reason in self._run.stats.drops:
                logger.warning("a request was not made: %s", reason)
            self._run.archive.abandon()
            self._run.run.close()
            self._scratch.cleanup()
        elif self._owned:
            archive, crawled = self._run.archive, [self._run.portal]
            alarms = check_all(archive, crawled)
            codes = [Exit.EXPECTATION] if alarms else []
            if self._run.stats.failures["internal-error"]:
                codes.append(Exit.UNEXPECTED)
            archive.close({"exit_code": int(worst(codes)), **as_json(alarms), **notices(archive, crawled)})
            self._run.run.close()
            if self._run.run.hooks.stored.close():
                codes.append(Exit.UNEXPECTED)
            said = closing_lines(f"run {archive.run}", int(worst(codes)), archive.paths.root, archive.head)
            counts = f"{self._run.portal.name}: {counts_line(self._run.stats.summary())}"
            sys.stderr.write("".join(f"{line}\n" for line in (counts, *said)))

    def idle(self) -> None:
        """All that was asked has been answered: what may still be asked depends on the last article, too."""
        if self._run.throttle.closed != "stopped":
            self._decide(self._run.outages.confirmed())

    def closed(self, reason: str) -> None:
        """The spider ended: of itself, or because somebody stopped it."""
        throttle, stats = self._run.throttle, self._run.stats
        self._run.frontier.pages.close()
        outages = self._run.outages
        # of a run that is stopped they are asked again, since nothing is decided of them
        self._decide(outages.last() if throttle.closed == "stopped" else outages.rest())
        if throttle.closed == GAVE_UP:  # all the same an operator is to know what it was
            stats.failures.update(
                f"http-{answer}" if isinstance(answer, int) else failure_name(answer)
                for answer in throttle.failures.answers
            )
        stats.finished = reason == "finished" and throttle.closed != "stopped"
        if reason.startswith(("closespider_", "memusage_")):  # of a setting of Scrapy's, which counts nothing
            logger.warning("%s: ended early (%s): the next run goes on", self._run.portal.name, reason)
        stats.away_until = isoformat(throttle.away_until) if throttle.away_until else None

    def _decide(self, visits: list[Visit]) -> None:
        """Decides *visits*, which were held back to the end of the run."""
        decide = chain(self._run.archive, self._run.fixes)
        try:
            for visit in visits:
                self._crawler.signals.send_catch_log(  # as of any item: what its page needs is still to be noted
                    signals.item_scraped, item=decide(visit), response=None, spider=self._crawler.spider
                )
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


def _is_crawl(crawler: Crawler) -> bool:
    """Whether *crawler* crawls a portal.

    `fetch`, `view` and `parse` give the class a start of their own, and `shell` takes the filter of duplicates away.
    """
    shell = crawler.settings.get("DUPEFILTER_CLASS") == "scrapy.dupefilters.BaseDupeFilter"
    return issubclass(crawler.spidercls, PortalSpider) and "start" not in vars(crawler.spidercls) and not shell
