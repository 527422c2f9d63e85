"""Shared state of a crawl: one CrawlRun for the whole run, and one PortalRun for each portal in it.

A spider class is made for each portal and run (spiders/loader.py); it carries its PortalRun, by which every component
of Scrapy finds it (:func:`run_of`). `citynews crawl` makes the run before the spiders; for plain `scrapy crawl` the
ArchiveExtension does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.settings import BaseSettings

from crawler.archive.index.portal_state import portal_state
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import parse_moment
from crawler.crawl.downloader.throttle import RequestBudget, SiteThrottle, ThrottlePolicy
from crawler.crawl.downloader.throttles import Throttles
from crawler.crawl.frontier.frontier import CrawlLimits, Frontier
from crawler.crawl.hooks import Hooks
from crawler.crawl.outages import OutageWatch
from crawler.crawl.workers import Workers
from crawler.portals import Portal
from crawler.values.hours import Hours

DEEP = "CITYNEWS_DEEP"  #: the setting: discovery is read to its end
DRY_RUN = "CITYNEWS_DRY_RUN"  #: the setting: discovery alone is asked, nothing is written
JOBS = "CITYNEWS_JOBS"  #: the setting: processes that extract, at most; 0 for the usable cores
JOBS_SHARE = "CITYNEWS_JOBS_SHARE"  #: the setting: share of its time that a crawl extracts before it starts one
LIMIT = "CITYNEWS_LIMIT"  #: the setting: articles per portal that are asked for at most; 0 for no limit
MAX_MINUTES = "CITYNEWS_MAX_MINUTES"  #: the setting: minutes after which a run asks for nothing more; 0 for no end
ONLY = "CITYNEWS_ONLY"  #: the setting: article addresses that are asked for instead of any discovery
QUIET_HOURS = "CITYNEWS_QUIET_HOURS"  #: the setting: hours of each portal's own day in which nothing is asked for
RETRY_REFUSED = "CITYNEWS_RETRY_REFUSED"  #: the setting: every refused address is due
SINCE = "CITYNEWS_SINCE"  #: the setting: documents that are known to be older are not asked for


class CrawlRun:
    """One run: its archive, the throttles of the sites it asks, the processes that extract. Not for several threads."""

    def __init__(
        self,
        archive: ArchiveWriter,
        settings: BaseSettings,
        hooks: Hooks,
        may_ask: Callable[[], bool] = lambda: True,
    ) -> None:
        self.archive = archive
        self.hooks = hooks
        archive.on_stored = hooks.stored
        self.may_ask = may_ask
        self.settings = settings
        self.throttles = Throttles()
        self.workers = Workers(settings.getint(JOBS), settings.getfloat(JOBS_SHARE))
        self.portals: dict[str, PortalRun] = {}

    def of(self, portal: Portal) -> PortalRun:
        """What *portal* does in this run, made once."""
        if portal.name not in self.portals:
            self.portals[portal.name] = PortalRun(self, portal)
        return self.portals[portal.name]

    def stop(self) -> None:
        """Nothing is asked for any more; what is on its way may come."""
        self.throttles.stop()

    def close(self) -> None:
        """Ends the processes that extract. The archive is closed by who opened it."""
        self.workers.close()


class PortalRun:
    """One portal's part in a run."""

    def __init__(self, run: CrawlRun, portal: Portal) -> None:
        self.run = run
        self.portal = portal
        self.archive = run.archive
        self.fixes = run.hooks.fixes
        self.stats = run.archive.stats[portal.name]
        self.budget = RequestBudget(self.stats, portal.politeness.max_requests)
        self.scrapy_stats: Mapping[str, Any] = {}  #: what Scrapy counts of the spider, once it has been made
        self.only: list[str] = run.settings.getlist(ONLY)
        since = run.settings.get(SINCE)
        choice = CrawlLimits(
            run.settings.getint(LIMIT),
            parse_moment(since) if since else None,
            deep=run.settings.getbool(DEEP),
            retry_refused=run.settings.getbool(RETRY_REFUSED),
            dry_run=run.settings.getbool(DRY_RUN),
        )
        self.frontier = Frontier(run.archive, portal, self.stats, choice)
        self.throttle: SiteThrottle = run.throttles.of(portal.domains, self._policy())
        state = portal_state(run.archive.index, portal.name)
        if state.away_until:
            self.throttle.hold_until(parse_moment(state.away_until))
        self.outages = OutageWatch(state, self.stats, self.throttle, run.archive.index)

    @property
    def waiting(self) -> int:
        """Requests that are known and not answered: those in Scrapy's queue, and those at the throttle."""
        queued, taken = (self.scrapy_stats.get(f"scheduler/{key}", 0) for key in ("enqueued", "dequeued"))
        return int(queued - taken) + self.budget.pending

    def _policy(self) -> ThrottlePolicy:
        polite, settings = self.portal.politeness, self.run.settings
        minutes, hours = settings.getfloat(MAX_MINUTES), settings.get(QUIET_HOURS)
        return ThrottlePolicy(
            delay=polite.delay,
            jitter=polite.jitter,
            concurrency=polite.concurrency,
            deadline=self.archive.begun + minutes * 60 if minutes else None,
            quiet=polite.quiet_hours or (Hours.of(hours) if hours else None),
            zone=self.portal.zone,
            may_ask=self.run.may_ask,
        )


def run_of(crawler: Crawler) -> PortalRun:
    """The part in a run of the spider that *crawler* runs.

    Raises NotConfigured where it is no portal's (`scrapy shell`), so that Scrapy goes on without the component.
    """
    spider_class: Any = crawler.spidercls
    run: PortalRun | None = getattr(spider_class, "run", None)
    if run is None:
        raise NotConfigured("only a portal's spider writes an archive")
    return run
