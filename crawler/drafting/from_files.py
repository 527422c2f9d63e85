"""WARC files that answer a survey in the place of the site."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from crawler.archive.warc import third_party
from crawler.archive.warc.third_party import Response
from crawler.article import Capture
from crawler.drafting.survey import Answers
from crawler.portals.api import ApiStep
from crawler.replay import Sources
from crawler.values import urls

Result = TypeVar("Result")
_HOPS = 5  #: redirects followed, as in a crawl


def ask_files(
    steps: Generator[Sequence[str | ApiStep], Answers, Result],
    sources: Sequence[Path],
    on_damage: Callable[[str], None],
) -> Result:
    """What *steps* return when the newest captures in *sources* answer them; *on_damage* is called for each gap.

    Raises what the steps raise, SourceError.
    """
    known = _responses(sources, on_damage) if sources else {}
    answers: Mapping[str, Capture | None] = {}
    batch: Sequence[str | ApiStep] = []
    first = True
    while True:
        try:
            batch = next(steps) if first else steps.send(answers)
        except StopIteration as end:
            result: Result = end.value
            return result
        first = False
        answers = {
            asked if isinstance(asked, str) else asked.name: _capture(
                asked if isinstance(asked, str) else asked.url(), known
            )
            for asked in batch
        }


def _responses(sources: Sequence[Path], on_damage: Callable[[str], None]) -> dict[str, Response]:
    """Address -> the newest response to it in *sources*."""
    found: dict[str, Response] = {}
    with Sources(tuple(path.resolve() for path in sources)) as files:
        for path in sorted(files.files.values()):
            for response in third_party.responses(path, on_damage):
                url = urls.clean(response.url) or response.url
                if url not in found or found[url].date <= response.date:
                    found[url] = response
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
