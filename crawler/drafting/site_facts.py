"""What a site does, by its answers: redirects, walls, encodings, view counters, dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from crawler import extraction
from crawler.archive.records.jsonl import Json
from crawler.archive.warc.third_party import Response
from crawler.article import Refusal
from crawler.assembly import Visit, charset_of
from crawler.drafting.check import Inspection
from crawler.extraction import Page
from crawler.portals import Portal
from crawler.values import urls

_SHOWN = 20  #: redirects that are named
_WALLS = frozenset({"bot-wall", "login", "http-401", "http-403", "http-412", "http-418", "http-429"})


def facts(portal: Portal, answers: Sequence[Response], seen: Inspection) -> Json:
    """What of *seen* and of the *answers* of the portal's hosts a person would want to know of the site."""
    reasons = [result.reason for result in seen.results if isinstance(result, Refusal)]
    dated = [article.published_date for article in seen.articles if article.published_date]
    return {
        "redirects": dict(list(_redirects(portal, answers))[:_SHOWN]),
        "walls": counted(reason for reason in reasons if reason in _WALLS),
        "encodings": counted(name for visit in seen.visits if (name := _encoding(visit))),
        "counters": counted(name for visit in seen.visits if (name := _counter(visit))),
        "dates": {
            "newest": max(dated, default=None),
            "precision": counted(stated for article in seen.articles if (stated := article.published_precision)),
        },
    }


def counted(values: Iterable[str]) -> dict[str, int]:
    """Value -> how often, by value."""
    return dict(sorted(Counter(values).items()))


def _redirects(portal: Portal, answers: Sequence[Response]) -> Iterable[tuple[str, str]]:
    for answer in answers:
        place = next((value for name, value in answer.headers if name.lower() == "location"), None)
        if 300 <= answer.status < 400 and place:
            target = urls.clean(place, answer.url) or place[:200]
            note = "" if portal.owns(target) else " (in no domain of the portal)"
            yield answer.url, f"{answer.status} {target}{note}"


def _encoding(visit: Visit) -> str | None:
    """What the first page declares in its header, and what it was read as."""
    if not visit.captures or not isinstance(visit.page, Page):
        return None
    stated = (charset_of(visit.captures[0].header("content-type")) or "none stated").lower()
    return stated if stated == visit.page.encoding.lower() else f"{stated}, read as {visit.page.encoding}"


def _counter(visit: Visit) -> str | None:
    """What a page's view counter is, and whether it was asked."""
    if not visit.captures or not isinstance(visit.page, Page):
        return None
    counter = extraction.counter(visit.page)
    if counter is None:
        return None
    answer = next((capture for capture in visit.captures if capture.role == "counter"), None)
    if answer is not None:
        return f"asked, answers {answer.status}"
    return "rises when asked: not asked" if counter.increments else "not asked"
