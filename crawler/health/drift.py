"""Changes of a portal compared with its own past. Pure: earlier crawls and this one in, alarms out.

A portal's past says what is usual there: how long it is silent at weekends, which fields its articles have. Medians
of batches of articles are compared, nothing is said before there is enough of a past, and a change has to be both large
and beyond chance. A portal that changes for good is believed after some weeks: its new ways are its past then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from crawler.archive.runs.history import CrawlSummary
from crawler.article import parse_moment
from crawler.health.coverage import ENOUGH, LATELY, LEAST, lately, shares, well

FEWER = 0.6  #: share of the articles that discovery always named
QUIET = timedelta(days=10)  #: silence that no portal has to explain: holidays
_WALLS = ("bot-wall", "login", "http-401", "http-403", "http-429")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong with a portal."""

    kind: str  #: one of those in docs/watch.md: discovery, articles, list-page, ban, failures, pages ...
    field: str | None
    text: str
    since: datetime | None = None

    def sentence(self) -> str:
        """What is wrong, and since when."""
        return f"{self.text}, since {self.since:%Y-%m-%d %H:%M} UTC" if self.since else self.text


def drift(past: Sequence[CrawlSummary], now: CrawlSummary) -> list[Alarm]:
    """What is wrong in *now* compared with *past* (oldest first); [] when all is as usual."""
    return [alarm for rule in _RULES for alarm in rule(past, now)]


def dated(alarms: Sequence[Alarm], past: Sequence[CrawlSummary], now: datetime) -> list[Alarm]:
    """*alarms*, each with the moment of the first run that saw it, without a break, up to *now*."""
    before = {(alarm["kind"], alarm["field"]): alarm["since"] for alarm in past[-1].alarms} if past else {}
    moments = [parse_moment(before[key]) if (key := (a.kind, a.field)) in before else now for a in alarms]
    return [Alarm(a.kind, a.field, a.text, since) for a, since in zip(alarms, moments, strict=True)]


def _coverage(past: Sequence[CrawlSummary], now: CrawlSummary) -> Iterator[Alarm]:
    for share in shares(past, now):
        if share.fallen:
            what = "view counts are gone:" if share.field == "view_count" and not share.have else f"{share.field} on"
            yield Alarm(
                "coverage", share.field, f"{what} {share.have} of {share.count} articles, {share.usual:.0%} before"
            )


def _length(past: Sequence[CrawlSummary], now: CrawlSummary) -> Iterator[Alarm]:
    """Texts are much shorter, or longer, than they ever were: an extract instead of the article, or half the page."""
    late = lately(past, now, _measured, LEAST)
    before = [look for look in well("length", None, past) if _measured(look) and look.at < _since(late, now)]
    usual = [math.log(max(1, _text_length(batch))) for batch in _batches(before)]
    if sum(map(_measured, late)) < LEAST or len(usual) < 4 * ENOUGH:
        return
    length, middle = _text_length(late), median(usual)
    spread = 1.4826 * median([abs(name - middle) for name in usual])  # as a standard deviation, robustly
    if abs(math.log(max(1, length)) - middle) > max(math.log(3), 5 * spread):
        yield Alarm("length", None, f"new texts have {length:.0f} characters, {math.exp(middle):.0f} before")


def _since(late: Sequence[CrawlSummary], now: CrawlSummary) -> datetime:
    """Where the present begins and the past ends."""
    return late[-1].at if late else now.at


def _measured(look: CrawlSummary) -> int:
    """How many articles its text_length speaks for."""
    return _new(look) if look.stats.get("text_length") is not None else 0


def _text_length(looks: Sequence[CrawlSummary]) -> float:
    """The median over the new articles of *looks*, as far as the medians of each tell it."""
    return median([float(look.stats["text_length"]) for look in looks for _ in range(_new(look))])


def _batches(looks: Sequence[CrawlSummary]) -> Iterator[list[CrawlSummary]]:
    """Runs in a row with as many new articles together as a judgement needs."""
    batch: list[CrawlSummary] = []
    for look in looks:
        batch.append(look)
        if sum(map(_new, batch)) >= LEAST:
            yield batch
            batch = []


def _dates(past: Sequence[CrawlSummary], now: CrawlSummary) -> Iterator[Alarm]:
    """New articles keep coming, and none of them is newer than what was known: a date is read that does not move."""
    fed = [look for look in [*past, now] if _new(look) and _plausible(look)]
    if len(fed) < 2 * ENOUGH:
        return
    top = ""
    standing: list[CrawlSummary] = []
    for look in fed:
        moved = look.stats["newest"] > top
        standing = [] if moved else [*standing, look]
        top = max(top, look.stats["newest"])
    stood = standing[-1].at - standing[0].at if standing else timedelta()
    if len(standing) >= ENOUGH and sum(map(_new, standing)) > LEAST and stood >= timedelta(days=2):
        count = sum(map(_new, standing))
        yield Alarm("dates", None, f"dates stand still: none of {count} new articles is newer than {top[:16]}")


def _plausible(look: CrawlSummary) -> bool:
    """Whether the run's newest date is one, and not of the future: one such date would stay the newest for weeks."""
    newest = look.stats.get("newest")
    return newest is not None and parse_moment(newest) <= look.at + timedelta(days=1)


def _silence(past: Sequence[CrawlSummary], now: CrawlSummary) -> Iterator[Alarm]:
    """Nothing new for far longer than the portal was ever silent."""
    moments = [look.at for look in [*past, now] if _new(look)]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    if len(gaps) < 2 * ENOUGH or not now.stats["discovery"].get("answered"):
        return
    silent = now.at - moments[-1]
    if silent > max(QUIET, 3 * max(gaps)):
        longest = max(gaps) / timedelta(days=1)
        yield Alarm("silence", None, f"nothing new for {silent.days} days, never more than {longest:.0f} before")


def _nothing(past: Sequence[CrawlSummary], now: CrawlSummary) -> Iterator[Alarm]:
    """Discovery answers and names no article."""
    discovery = now.stats["discovery"]
    before = [look.stats["seen"] for look in well("articles", None, past) if look.stats["discovery"].get("answered")]
    if now.stats["seen"] or not discovery.get("answered") or discovery.get("not-modified") or len(before) < ENOUGH:
        return
    if (usual := median(before)) >= LEAST:
        yield Alarm("articles", None, f"discovery answers and names no article, {usual:.0f} before")


def _fewer(past: Sequence[CrawlSummary], now: CrawlSummary) -> Iterator[Alarm]:
    """Discovery names far fewer articles than it ever did: a part of the links is no longer recognised.

    Compared with good runs that read as many discovery pages or fewer. After two weeks the portal is believed.
    """
    seen, pages = now.stats["seen"], now.stats["discovery"].get("answered", 0)
    good = [look for look in well("articles", None, past) if 0 < look.stats["discovery"].get("answered", 0) <= pages]
    whole = [look for look in good if not any(look.stats["discovery"].get(name) for name in ("failed", "unanswered"))]
    indexed = now.stats.get("requests_by_kind", {}).get("sitemap", 0) > 1  # which of many was asked is another matter
    if not seen or indexed or len(whole) < ENOUGH or now.stats["discovery"].get("failed"):
        return
    least = min(look.stats["seen"] for look in whole)
    before = {(alarm["kind"], alarm["field"]): alarm["since"] for alarm in past[-1].alarms}
    since = before.get(("articles", None))
    if since is not None and now.at - parse_moment(since) > LATELY:
        return
    if least - seen >= 2 and seen <= FEWER * least:
        yield Alarm("articles", None, f"discovery names {seen} articles, never fewer than {least} before")


def _walls(past: Sequence[CrawlSummary], now: CrawlSummary) -> Iterator[Alarm]:
    """Most article pages are walls against robots."""

    def walled(look: CrawlSummary) -> int:
        return sum(look.stats["drops"].get(name, 0) for name in _WALLS)

    def asked(look: CrawlSummary) -> int:
        return sum(look.stats["outcomes"].values())

    late = lately(past, now, asked, LEAST)
    count, met = sum(map(asked, late)), sum(map(walled, late))
    before = [
        walled(look) / asked(look) for look in well("wall", None, past) if asked(look) and look.at < _since(late, now)
    ]
    if count >= LEAST and met / count >= 0.5 and len(before) >= ENOUGH and median(before) < 0.2:
        yield Alarm("wall", None, f"{met} of {count} article pages are bot walls, {median(before):.0%} before")


def _tls(past: Sequence[CrawlSummary], now: CrawlSummary) -> Iterator[Alarm]:
    failed = now.stats["failures"].get("tls", 0)
    before = [look.stats["failures"].get("tls", 0) for look in well("tls", None, past)]
    if failed and len(before) >= ENOUGH and not median(before):
        yield Alarm("tls", None, f"TLS failed {failed} times, never before")


_RULES: tuple[Callable[[Sequence[CrawlSummary], CrawlSummary], Iterator[Alarm]], ...] = (
    _nothing, _fewer, _walls, _tls, _coverage, _length, _dates, _silence,
)  # fmt: skip


def _new(look: CrawlSummary) -> int:
    """Articles that were new in that run, copies among them."""
    outcomes = look.stats["outcomes"]
    return int(outcomes.get("new", 0) + outcomes.get("duplicate", 0))
