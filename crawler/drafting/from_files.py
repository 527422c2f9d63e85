"""WARC files that answer a survey in the place of the site."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc import third_party
from crawler.archive.warc.third_party import Response, ResponseHead
from crawler.article import Answers, Capture
from crawler.portals.api import ApiStep
from crawler.replay import Sources
from crawler.values import urls

Result = TypeVar("Result")
NOT_MODIFIED = 304
_HOPS = 5  #: redirects followed, as in a crawl


def ask_files(
    steps: Generator[Sequence[str | ApiStep], Answers, Result],
    sources: Sequence[Path],
    on_damage: Callable[[str], None],
    unanswered: Mapping[str, str] = {},
) -> Result:
    """What *steps* return when the newest captures in *sources* answer them; *on_damage* is called for each gap.

    *unanswered*: why addresses, or requests for data by name, have no answer. Raises what the steps raise, SourceError.
    """
    known = _responses(sources, on_damage) if sources else {}
    answers = Answers()
    batch: Sequence[str | ApiStep] = []
    first = True
    while True:
        try:
            batch = next(steps) if first else steps.send(answers)
        except StopIteration as end:
            result: Result = end.value
            return result
        first = False
        answers = Answers(
            {
                asked if isinstance(asked, str) else asked.name: _capture(
                    asked if isinstance(asked, str) else asked.url(), known
                )
                for asked in batch
            },
            unanswered,
        )


def responses(files: Iterable[Path], on_damage: Callable[[str], None]) -> Iterator[Response]:
    """The answers in *files*, each with its body: a revisit with that of the answer it refers to, where it is there.

    A revisit that says "not modified" is left out: what it refers to answers the same address.
    """
    places: dict[str, tuple[Path, int]] = {}
    revisits: list[ResponseHead] = []
    for path in files:
        for response in third_party.responses(path, on_damage):
            places[response.record_id] = (path, response.offset)
            yield response
        heads = third_party.heads(path, lambda gap: None).heads  # gaps were reported above
        revisits += [head for head in heads if head.revisit and head.status != NOT_MODIFIED]
    for head in revisits:
        place = places.get(head.refers[0])
        try:
            original = third_party.response_at(*place) if place else None
        except DamagedError as error:
            on_damage(str(error))
            continue
        if original is not None:
            yield replace(
                original, record_id=head.record_id, url=head.url, date=head.date,
                status=head.status or original.status, headers=head.headers or original.headers,
            )  # fmt: skip


def _responses(sources: Sequence[Path], on_damage: Callable[[str], None]) -> dict[str, Response]:
    """Address -> the newest response to it in *sources*."""
    found: dict[str, Response] = {}
    with Sources(tuple(path.resolve() for path in sources)) as files:
        for response in responses(sorted(files.files.values()), on_damage):
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
