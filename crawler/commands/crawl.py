"""`citynews crawl`: one process, one archive, one spider a portal; the exit code says what happened."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler import settings as wiring
from crawler.archive.records.jsonl import Json
from crawler.archive.runs.history import looks
from crawler.archive.storage.errors import StorageError
from crawler.archive.write.shared import share, unshare
from crawler.archive.write.writer import ArchiveWriter
from crawler.assembly import prepare_process
from crawler.commands import alarm, room
from crawler.commands.config import Config
from crawler.commands.outcome import Exit, UsageError, worst
from crawler.commands.progress import Progress
from crawler.crawl.downloader.throttles import gates_of
from crawler.crawl.rendering.browser import NoBrowserError, executable
from crawler.crawl.spiders.loader import spider_class
from crawler.crawl.spiders.portal import PortalSpider
from crawler.health.expectations import Alarms, as_json, judge_all
from crawler.health.notices import notices
from crawler.portals import Portal

logger = logging.getLogger(__name__)
_MOMENT = len("20261124T120000Z")  # of a run's name
#: Seconds that requests under way may take once a signal has come; the archive is sealed within ten.
GRACE = 6.0
#: Seconds between two looks at whether the engines of a run that is to end have been opened.
OPENING = 0.05


@dataclass(frozen=True, slots=True)
class Options:
    """What a crawl is asked to do."""

    config: Config
    limit: int = 0
    since: str | None = None
    allow_hosts: tuple[str, ...] = ()
    wait: float = 0.0
    scrapy: dict[str, str] = field(default_factory=dict)
    quiet: bool = False
    jobs: int = 1
    only: tuple[str, ...] = ()  #: article addresses asked for instead of any discovery


@dataclass(slots=True)
class Report:
    """What a crawl did."""

    run: str
    exit: Exit
    portals: dict[str, dict[str, Any]]
    problems: dict[str, list[str]]
    output: Path
    alarms: dict[str, list[Json]] = field(default_factory=dict)
    notices: dict[str, list[str]] = field(default_factory=dict)


Making = Callable[[Portal], type[PortalSpider]]


def crawl(portals: Sequence[Portal], options: Options, make: Making = spider_class) -> Report:
    """Crawls *portals* into the archive, each with the spider that *make* makes for it.

    Raises BusyError, StorageError (nothing begun), UsageError.
    """
    room.check(options.config)
    _need_browser(portals)
    prepare_process()
    settings = scrapy_settings(options)
    process = AsyncCrawlerProcess(settings)
    info = settings.getdict("CITYNEWS_WARC_INFO") | {"portals": " ".join(portal.name for portal in portals)}
    archive = share(ArchiveWriter(options.config.output, wait=options.wait, info=info))
    try:
        _look_at_the_clock(archive)
        silent = bool(options.only) or make is not spider_class
        session = _Session(process, archive, portals, quiet=options.quiet, silent=silent)
        report = session.run(make)
    finally:
        unshare(archive)
    _tell(archive, report, [portal.name for portal in portals], options)
    return report


def _tell(archive: ArchiveWriter, report: Report, judged: Sequence[str], options: Options) -> None:
    """Lets the operator know what is wrong that was not wrong before, and what is well again."""
    if report.exit not in {Exit.OK, Exit.EXPECTATION} or options.only:
        return
    past = looks(archive.paths, archive.started_at)
    before = {name: seen[-1].alarms for name, seen in past.items() if seen}
    alarm.tell(options.config, report.run, alarm.news(report.alarms, before, judged))


def _look_at_the_clock(archive: ArchiveWriter) -> None:
    """Says so where the run before is dated later than this one: nothing can tell which of the two clocks was right."""
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


def scrapy_settings(options: Options) -> Settings:
    """The wiring with the operator's choices put over it. Raises UsageError."""
    settings = Settings()
    settings.setmodule(wiring, priority="project")
    chosen: dict[str, Any] = {
        "CITYNEWS_OUTPUT": str(options.config.output),
        "CITYNEWS_PORTALS": [str(path) for path in options.config.portals],
        "CITYNEWS_ALLOW_HOSTS": list(options.allow_hosts),
        "CITYNEWS_LIMIT": options.limit,
        "CITYNEWS_SINCE": options.since,
        "CITYNEWS_JOBS": options.jobs,
        "CITYNEWS_MAX_MINUTES": options.config.max_minutes,
        "CITYNEWS_QUIET_HOURS": options.config.quiet_hours,
        "CITYNEWS_ONLY": list(options.only),
        "CITYNEWS_CONTACT": options.config.contact,
        "USER_AGENT": wiring.user_agent(options.config.contact),
    }
    settings.setdict(chosen, priority="cmdline")
    unknown = [name for name in options.scrapy if name not in settings]
    if unknown:
        raise UsageError(f"-s {unknown[0]}: Scrapy has no such setting")
    settings.setdict(options.scrapy, priority="cmdline")
    info = wiring.warc_info(options.config.contact, robots=settings.getbool("ROBOTSTXT_OBEY"))
    settings.set("CITYNEWS_WARC_INFO", info, "cmdline")
    return settings


class _Session:
    """One run: the process, its archive and what ends it early."""

    def __init__(
        self,
        process: AsyncCrawlerProcess,
        archive: ArchiveWriter,
        portals: Sequence[Portal],
        *,
        quiet: bool,
        silent: bool,
    ) -> None:
        self._silent = silent  # one page for `extract`, or a survey, which say themselves what is wrong
        self._process, self._archive, self._portals = process, archive, portals
        self._signal: int | None = None
        names = [portal.name for portal in portals]
        self._progress = Progress(archive, names, quiet=quiet, waiting=self._waiting)

    def run(self, make: Making) -> Report:
        """Crawls until all is done, storage fails or a signal comes; then seals the run."""
        before = {number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        self._archive.on_error = lambda error: self._stop()
        try:
            for portal in self._portals:
                self._process.crawl(make(portal))
            with self._progress:
                self._process.start(install_signal_handlers=False)
            return self._close()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _waiting(self, portal: str) -> int:
        """How many requests of *portal* are known and not answered."""
        engines = (each.engine for each in self._process.crawlers if each.spidercls.name == portal)
        slots = ((engine._slot, engine.downloader) for engine in engines if engine is not None)
        queues: list[Any] = [each for slot, loader in slots if slot for each in (slot.scheduler, loader.active)]
        return sum(map(len, queues))

    def _close(self) -> Report:
        found = {} if self._signal or self._archive.error else self._judged()
        told = as_json(found) | notices(self._archive, self._portals, silent=self._silent)
        problems: dict[str, list[str]] = told["problems"]
        codes = [Exit.EXPECTATION] if problems else []
        if self._signal is not None:
            codes.append(Exit.INTERRUPTED if self._signal == signal.SIGINT else Exit.TERMINATED)
        if self._process.bootstrap_failed or any(t.failures["internal-error"] for t in self._archive.tallies.values()):
            codes.append(Exit.UNEXPECTED)
        tallies = {name: tally.summary() for name, tally in sorted(self._archive.tallies.items())}
        try:
            if self._archive.error is not None:
                raise self._archive.error
            self._archive.close({"exit_code": int(worst(codes)), "signal": self._signal, **told})
        except StorageError as error:
            logger.error("storage failed, what is not durable will be fetched again by the next run: %s", error)
            codes.append(Exit.STORAGE)
            self._archive.abandon()
        root = self._archive.paths.root
        return Report(self._archive.run, worst(codes), tallies, problems, root, told["alarms"], told["notices"])

    def _judged(self) -> Alarms:
        try:
            return judge_all(self._archive, self._portals, silent=self._silent)
        except StorageError:  # the archive has noted it: the run is not sealed
            return {}

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would install the wrong one

        if self._signal is not None:  # the second one: at once; the archive is whole without our help
            os._exit(128 + number)
        self._signal = number
        loop: Any = reactor
        loop.callFromThread(self._stop)

    def _stop(self) -> None:
        """Lets what is under way finish, for a bounded time."""
        from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would install the wrong one

        loop: Any = reactor
        gates_of(self._archive).stop()
        loop.callLater(0, _end, self._process)
        loop.callLater(GRACE, lambda: loop.running and loop.stop())


def _end(process: AsyncCrawlerProcess) -> None:
    """Stops every crawler once all engines run: Scrapy leaves one that is still being opened alone, without a word."""
    from scrapy.utils.defer import deferred_from_coro  # noqa: PLC0415 - needs the reactor
    from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would install the wrong one

    if all(each.engine is not None and each.engine.running for each in process.crawlers if each.crawling):
        deferred_from_coro(process.stop())
    else:
        loop: Any = reactor
        loop.callLater(OPENING, _end, process)
