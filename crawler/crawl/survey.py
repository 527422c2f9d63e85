"""Runs a survey of sites: a crawl whose spiders make the requests of the survey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crawler.crawl.options import CrawlOptions
from crawler.crawl.session import crawl
from crawler.crawl.spiders.survey import Steps, survey_class
from crawler.exit_codes import Exit
from crawler.portals import Portal


class SurveyStoppedError(Exception):
    """The crawl ended before the survey did; *code* is the exit code of the crawl that drove it."""

    def __init__(self, code: Exit) -> None:
        super().__init__("the survey was stopped")
        self.code = code


def ask_site(steps: Steps, portal: Portal, options: CrawlOptions) -> Any:
    """What *steps* return when the site of *portal* answers them; everything is archived.

    Raises what the steps raise, SurveyStoppedError, and what a crawl raises.
    """
    (result,) = ask_sites([(portal, steps)], options)
    return result


def ask_sites(surveys: Sequence[tuple[Portal, Steps]], options: CrawlOptions) -> list[Any]:
    """What each of *surveys* returns, in their order. Raises as :func:`ask_site`."""
    spiders = {portal.name: survey_class(portal, steps) for portal, steps in surveys}
    report = crawl([portal for portal, _ in surveys], options, lambda portal: spiders[portal.name])
    results = []
    for spider in spiders.values():
        if not spider.outcome:
            raise SurveyStoppedError(report.exit)
        error = spider.outcome[0]
        if isinstance(error, Exception):
            if report.portals[spider.name]["drops"].get("private-address"):
                hosts = ", ".join(spider.portal.domains)
                error.add_note(f"{hosts} is not a public address: --allow-host {hosts} allows it")
            raise error
        results.append(spider.outcome[0])
    return results
