"""The gates of a run, found by the crawler that asks or by the archive that is written."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from crawler.archive.index.portal_state import standing
from crawler.archive.write.shared import of_settings
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import parse_moment
from crawler.crawl.downloader.throttle import Share, SiteThrottle, ThrottlePolicy, Throttles
from crawler.portals import Portal
from crawler.values.hours import Hours

MAX_MINUTES = "CITYNEWS_MAX_MINUTES"  #: the setting: minutes after which a run asks for nothing more; 0 for no end
QUIET_HOURS = "CITYNEWS_QUIET_HOURS"  #: the setting: hours of each portal's own day in which nothing is asked for

_of_run: WeakKeyDictionary[ArchiveWriter, Throttles] = WeakKeyDictionary()
_shares: WeakKeyDictionary[Crawler, Share] = WeakKeyDictionary()
_of_crawler: WeakKeyDictionary[Crawler, SiteThrottle] = WeakKeyDictionary()


def gates_of(archive: ArchiveWriter) -> Throttles:
    """The gates of the run that writes *archive*."""
    return _of_run.setdefault(archive, Throttles())


def gate_of(crawler: Crawler) -> SiteThrottle:
    """The gate that the requests of *crawler* pass."""
    if crawler not in _of_crawler:
        spider_class: Any = crawler.spidercls  # a PortalSpider
        archive = of_settings(crawler.settings)
        terms = _terms(spider_class.portal, crawler, archive)
        gate = _of_crawler[crawler] = gates_of(archive).of(spider_class.portal.domains, terms)
        if until := standing(archive.index, spider_class.portal.name).away_until:
            gate.stay_away(parse_moment(until))
    return _of_crawler[crawler]


def share_of(crawler: Crawler) -> Share:
    """What *crawler* may still ask for."""
    if crawler not in _shares:
        spider_class: Any = crawler.spidercls  # a PortalSpider
        tally = of_settings(crawler.settings).tallies[crawler.spidercls.name]
        _shares[crawler] = Share(tally, spider_class.portal.politeness.max_requests)
    return _shares[crawler]


def _terms(portal: Portal, crawler: Crawler, archive: ArchiveWriter) -> ThrottlePolicy:
    polite, minutes = portal.politeness, crawler.settings.getfloat(MAX_MINUTES)
    hours = crawler.settings.get(QUIET_HOURS)
    return ThrottlePolicy(
        delay=polite.delay,
        jitter=polite.jitter,
        concurrency=polite.concurrency,
        deadline=archive.begun + minutes * 60 if minutes else None,
        quiet=polite.quiet_hours or (Hours.of(hours) if hours else None),
        zone=portal.zone,
    )
