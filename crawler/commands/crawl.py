"""`citynews crawl`: shows the progress of a crawl, and lets the operator know of what changed."""

from __future__ import annotations

from collections.abc import Sequence

from crawler.archive.runs.history import looks
from crawler.archive.storage.layout import Paths
from crawler.commands.progress import Progress
from crawler.crawl import session
from crawler.crawl.session import MakeSpider, Options, Report
from crawler.crawl.spiders.loader import spider_class
from crawler.exit_codes import Exit
from crawler.health import notify
from crawler.portals import Portal

__all__ = ["Options", "Report", "crawl"]


def crawl(portals: Sequence[Portal], options: Options, make: MakeSpider = spider_class) -> Report:
    """Crawls *portals* as :func:`crawler.crawl.session.crawl` does, with a live table on a terminal."""
    report = session.crawl(portals, options, make, watch=lambda crawl: Progress(crawl.crawl, quiet=options.quiet))
    _notify(report, [portal.name for portal in portals], options)
    return report


def _notify(report: Report, checked: Sequence[str], options: Options) -> None:
    """Lets the operator know what is wrong that was not wrong before, and what is well again."""
    if report.exit not in {Exit.OK, Exit.EXPECTATION} or options.only:
        return
    past = looks(Paths(report.output), report.started_at)
    before = {name: seen[-1].alarms for name, seen in past.items() if seen}
    notify.send(options.config, report.run, notify.changes(report.alarms, before, checked))
