"""Who answers a survey: the site itself, under the guards of a crawl, or WARC files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from crawler.archive.warc import third_party
from crawler.archive.warc.third_party import Response
from crawler.article import Capture
from crawler.commands.report import printable
from crawler.exit_codes import Exit, UsageError
from crawler.portals import Portal
from crawler.replay import SourceError, Sources
from crawler.values import urls

if TYPE_CHECKING:
    from crawler.commands.crawl import Options
    from crawler.crawl.spiders.survey import Steps

_HOPS = 5  #: redirects followed, as in a crawl


class Ended(Exception):  # noqa: N818 - not an error of ours: the crawl ended before the survey did
    """The survey did not come to its end; *code* is the exit code of the crawl that drove it."""

    def __init__(self, code: Exit) -> None:
        super().__init__("the survey was stopped")
        self.code = code


def ask_site(steps: Steps, portal: Portal, options: Options) -> Any:
    """What *steps* return when the site of *portal* answers them; everything is archived.

    Raises what the steps raise, Ended, and what a crawl raises.
    """
    (result,) = ask_sites([(portal, steps)], options)
    return result


def ask_sites(surveys: Sequence[tuple[Portal, Steps]], options: Options) -> list[Any]:
    """What each of *surveys* returns, in their order. Raises as :func:`ask_site`."""
    from crawler.commands.crawl import crawl  # noqa: PLC0415 - Scrapy takes half a second to import
    from crawler.crawl.spiders.survey import survey_class  # noqa: PLC0415 - the same

    spiders = {portal.name: survey_class(portal, steps) for portal, steps in surveys}
    report = crawl([portal for portal, _ in surveys], options, lambda portal: spiders[portal.name])
    results = []
    for spider in spiders.values():
        if not spider.outcome:
            raise Ended(report.exit)
        if isinstance(spider.outcome[0], Exception):
            raise spider.outcome[0]
        results.append(spider.outcome[0])
    return results


def ask_files(steps: Steps, sources: Sequence[Path]) -> Any:
    """What *steps* return when the newest captures in *sources* answer them.

    Raises what the steps raise, UsageError.
    """
    known = _responses(sources)
    answers: Mapping[str, Capture | None] = {}
    batch: list[str] = []
    first = True
    while True:
        try:
            batch = next(steps) if first else steps.send(answers)
        except StopIteration as end:
            return end.value
        first, answers = False, {url: _capture(url, known) for url in batch}


def _responses(sources: Sequence[Path]) -> dict[str, Response]:
    """Address -> the newest response to it in *sources*."""
    found: dict[str, Response] = {}
    try:
        with Sources(tuple(path.resolve() for path in sources)) as files:
            for path in sorted(files.files.values()):
                for each in third_party.responses(path, lambda what: typer.echo(printable(what), err=True)):
                    url = urls.clean(each.url) or each.url
                    if url not in found or found[url].date <= each.date:
                        found[url] = each
    except SourceError as error:
        raise UsageError(str(error)) from error
    return found


def _capture(url: str, known: Mapping[str, Response]) -> Capture | None:
    """The answer to *url*, redirects followed; None where it is not among *known*."""
    where: str | None = url
    for _ in range(_HOPS + 1):
        response = known.get(where or "")
        if response is None or where is None:
            return None
        place = next((value for name, value in response.headers if name.lower() == "location"), None)
        if response.status not in {301, 302, 303, 307, 308} or not place:
            return Capture(
                "page", where, response.status, response.headers, response.payload, response.date, response.record_id,
                asked=url,
            )  # fmt: skip
        where = urls.clean(place, where)
    return None
