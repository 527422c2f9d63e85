"""A crawl from its options to its report: one process, one archive, one spider for each portal.

:func:`crawl` is what the command calls: it starts the reactor, and may be called once in a process. Under a reactor
that runs already :class:`CrawlSession` is used directly, as often as wanted.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.utils.log import configure_logging
from scrapy.utils.reactor import install_reactor

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.layout import Paths
from crawler.archive.write.dry_run import DryRunWriter
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import prepare_process
from crawler.crawl import disk_space
from crawler.crawl.downloader.address_guard import GuardedResolver
from crawler.crawl.file_handles import side_by_side
from crawler.crawl.hooks import Hooks
from crawler.crawl.options import CrawlOptions, scrapy_settings
from crawler.crawl.rendering.browser import NoBrowserError, executable
from crawler.crawl.run import CrawlRun
from crawler.crawl.spiders.loader import spider_class
from crawler.crawl.spiders.portal import PortalSpider
from crawler.exit_codes import Exit, UsageError, worst
from crawler.health.expectations import Alarms, as_json, check_all
from crawler.health.notices import notices
from crawler.portals import Portal
from crawler.values.processes import follows_parent

logger = logging.getLogger(__name__)
_MOMENT = len("20261124T120000Z")  # of a run's name
_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
#: Seconds that requests under way may take once a signal has come; the archive is sealed within ten.
GRACE = 6.0
#: Seconds between two looks at whether the engines of a run that is to end have been opened.
OPENING = 0.05


@dataclass(slots=True)
class CrawlReport:
    """What a crawl did."""

    run: str
    started_at: datetime
    exit: Exit
    portals: dict[str, dict[str, Any]]
    problems: dict[str, list[str]]
    output: Path
    alarms: dict[str, list[Json]] = field(default_factory=dict)
    notices: dict[str, list[str]] = field(default_factory=dict)
    planned: dict[str, dict[str, list[str]]] = field(default_factory=dict)  #: of a dry run: what would be asked for
    head: str | None = None  #: of the archive after this run; None where it did not finish


MakeSpider = Callable[[Portal], type[PortalSpider]]
#: Called with the run while it is crawled: what shows its progress.
Watch = Callable[["CrawlSession"], AbstractContextManager[object]]


def crawl(
    portals: Sequence[Portal],
    options: CrawlOptions,
    make: MakeSpider = spider_class,
    watch: Watch = lambda session: nullcontext(),
) -> CrawlReport:
    """Crawls *portals* into the archive, each with the spider that *make* makes for it; a signal ends it early.

    Raises BusyError, StorageError (nothing begun), UsageError.
    """
    prepare_process()
    install_reactor(_REACTOR, scrapy_settings(options)["ASYNCIO_EVENT_LOOP"])
    from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would install the wrong one

    session = CrawlSession(portals, options, make)
    configure_logging(session.settings)
    loop: Any = reactor

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if session.signal is not None:  # the second one: at once; the archive is whole without our help
            if not follows_parent():
                os._exit(128 + number)
            return
        session.signal = number
        loop.callFromThread(session.stop)

    handlers = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        task = asyncio.get_event_loop().create_task(session.run())
        task.add_done_callback(lambda _: loop.stop())
        with watch(session):
            loop.run(installSignalHandlers=False)
        return task.result()
    finally:
        session.close()
        for number, handler in handlers.items():
            signal.signal(number, handler)


class CrawlSession:
    """One run: its archive, its crawlers, and what ends it early. Raises as :func:`crawl`."""

    def __init__(self, portals: Sequence[Portal], options: CrawlOptions, make: MakeSpider = spider_class) -> None:
        disk_space.check(options.config)
        _need_browser(portals)
        self._portals, self._make, self._said = portals, make, options.said
        self._silent = bool(options.only) or make is not spider_class  # `extract` and surveys say what is wrong
        self.signal: int | None = None
        self.settings = scrapy_settings(options)
        hooks = Hooks.of(self.settings, stored=not (self._silent or options.dry_run))
        info = self.settings.getdict("CITYNEWS_WARC_INFO") | {"portals": " ".join(portal.name for portal in portals)}
        info |= hooks.info
        if made_of := run_file.merged_from(Paths(options.config.output)):
            raise UsageError(
                f"{options.config.output} is a merged archive; crawl into one of its inputs: {', '.join(made_of)}"
            )
        self._archive = (
            DryRunWriter(options.config.output)
            if options.dry_run
            else ArchiveWriter(options.config.output, wait=options.wait, info=info, warc_size=options.warc_size)
        )
        self._archive.on_error = lambda error: self.stop()
        _warn_of_clock(self._archive)
        self.crawl = CrawlRun(self._archive, self.settings, hooks, options.may_ask)
        self._runner = AsyncCrawlerRunner(self.settings)
        self._closed = False
        self._given_up = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None

    async def run(self) -> CrawlReport:
        """Crawls until all is done, storage fails or :meth:`stop` is called; then completes the run. Once only."""
        from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would install the wrong one

        loop: Any = reactor
        GuardedResolver.of_settings(self.settings, loop).install_on_reactor()
        loop.suggestThreadPoolSize(self.settings.getint("REACTOR_THREADPOOL_MAXSIZE"))
        try:
            slots = asyncio.Semaphore(side_by_side(self._portals))
            made = [self._made(portal) for portal in self._portals]
            crawls = asyncio.gather(*(self._crawl(spider, slots) for spider in made))
            ended: set[asyncio.Future[Any]] = {crawls, asyncio.ensure_future(self._given_up.wait())}
            _, open_tasks = await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
            for task in open_tasks:
                task.cancel()
            return self._finish()
        finally:
            self.close()

    def _made(self, portal: Portal) -> type[PortalSpider]:
        spider = self._make(portal)
        spider.run = self.crawl.of(portal)
        return spider

    async def _crawl(self, spider: type[PortalSpider], slots: asyncio.Semaphore) -> None:
        """One portal's crawl, once one of *slots* is free; none where the run is being stopped by then."""
        async with slots:
            if self._stopping is None:
                task = self._runner.crawl(spider)
                task.add_done_callback(_report_bootstrap)
                await asyncio.wait({task})

    def stop(self) -> None:
        """Lets what is under way finish, for a bounded time. Called in the reactor's thread."""
        self.crawl.stop()
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self._stop_crawlers())
            asyncio.get_event_loop().call_later(GRACE, self._given_up.set)

    def close(self) -> None:
        """Lets go of everything; of a run that was not completed the next writer makes what can be made."""
        if not self._closed:
            self._closed = True
            self.crawl.close()
            self._archive.abandon()

    async def _stop_crawlers(self) -> None:
        """Stops every crawler once all engines run: Scrapy leaves one that is still being opened alone, silently."""
        while not all(_running(crawler) for crawler in self._runner.crawlers if crawler.crawling):
            await asyncio.sleep(OPENING)
        await self._runner.stop()

    def _finish(self) -> CrawlReport:
        archive = self._archive
        if isinstance(archive, DryRunWriter):
            for stats in archive.stats.values():
                stats.asked = 0  # no article was: what is judged is discovery
        alarms = {} if self.signal or archive.error else self._checked()
        found = as_json(alarms) | notices(archive, self._portals, silent=self._silent)
        codes = [Exit.EXPECTATION] if alarms else []
        if self.signal is not None:
            codes.append(Exit.INTERRUPTED if self.signal == signal.SIGINT else Exit.TERMINATED)
        if self._runner.bootstrap_failed or any(t.failures["internal-error"] for t in archive.stats.values()):
            codes.append(Exit.UNEXPECTED)
        portals = {name: stats.summary() for name, stats in sorted(archive.stats.items())}
        try:
            if archive.error is not None:
                raise archive.error
            self._closed = True  # archive.close lets go of everything, whatever happens
            self.crawl.close()
            archive.close({"exit_code": int(worst(codes)), "signal": self.signal, **self._said, **found})
        except StorageError as error:
            logger.error("storage failed; the next run will fetch again what is not durable: %s", error)
            codes.append(Exit.STORAGE)
        if self.crawl.hooks.stored.close():
            codes.append(Exit.UNEXPECTED)
        planned = {name: portal.frontier.planned for name, portal in sorted(self.crawl.portals.items())}
        return CrawlReport(
            archive.run, archive.started_at, worst(codes), portals, found["problems"], archive.paths.root,
            found["alarms"], found["notices"], planned, archive.head,
        )  # fmt: skip

    def _checked(self) -> Alarms:
        try:
            return check_all(self._archive, self._portals, silent=self._silent)
        except StorageError:  # the archive has noted it: the run is not sealed
            return {}


def _running(crawler: Crawler) -> bool:
    try:
        return crawler.engine.running
    except RuntimeError:  # it is still being opened
        return False


def _report_bootstrap(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("a crawl could not be run: %s", error, exc_info=error)


def _warn_of_clock(archive: ArchiveWriter) -> None:
    """Warns if the previous run started later than this one: one of the two clocks was wrong."""
    if archive.before is not None and archive.before[:_MOMENT] > archive.run[:_MOMENT]:
        logger.warning(
            "the clock was set back, or was ahead in run %s: what was visited then is not due before that time",
            archive.before,
        )


def _need_browser(portals: Sequence[Portal]) -> None:
    """Raises UsageError where a portal needs a browser and there is none."""
    if wanting := next((portal.name for portal in portals if portal.render), None):
        try:
            executable()
        except NoBrowserError as error:
            raise UsageError(f"{wanting}: {error}") from error
