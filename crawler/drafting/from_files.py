"""WARC files that answer a survey in the place of the site."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from crawler.archive.warc import third_party
from crawler.archive.warc.third_party import Response
from crawler.article import Capture
from crawler.drafting.survey import Findings, Steps
from crawler.replay import Sources
from crawler.values import urls

_HOPS = 5  #: redirects followed, as in a crawl


def ask_files(steps: Steps, sources: Sequence[Path], on_damage: Callable[[str], None]) -> Findings:
    """What *steps* return when the newest captures in *sources* answer them; *on_damage* is called for each gap.

    Raises what the steps raise, SourceError.
    """
    known = _responses(sources, on_damage)
    answers: Mapping[str, Capture | None] = {}
    batch: list[str] = []
    first = True
    while True:
        try:
            batch = next(steps) if first else steps.send(answers)
        except StopIteration as end:
            findings: Findings = end.value
            return findings
        first, answers = False, {url: _capture(url, known) for url in batch}


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
