"""A portal against its own past: every kind of change is reported, and what is usual there is not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from crawler.archive.runs.history import CrawlSummary, looks
from crawler.archive.storage.layout import Paths
from crawler.article import COVERED
from crawler.health.drift import Alarm, dated, drift

MONDAY = datetime(2026, 3, 2, 5, 17, tzinfo=UTC)
Json = dict[str, Any]


def stats(at: datetime, new: int, seen: int = 60, again: int = 3, **changes: Any) -> Json:
    """A run that found *new* articles and looked at *again* known ones."""
    count = new + again
    coverage = dict.fromkeys(COVERED, 1.0) | {"author": 0.5, "editor": 0.0}
    return {
        "discovery": {"asked": 4, "answered": 4},
        "seen": seen,
        "outcomes": {"new": new, "unchanged": again},
        "drops": {},
        "failures": {},
        "extracted": count,
        "coverage": coverage if count else {},
        "text_length": 900 if new else None,
        "newest": (at - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if new else None,
        **changes,
    }


def past(days: int = 40, weekend: int = 0) -> list[CrawlSummary]:
    """A run a day up to the day before MONDAY: two new articles a day, *weekend* on Saturdays and Sundays."""
    moments = [MONDAY - timedelta(days=n) for n in range(days, 0, -1)]
    return [CrawlSummary(at, stats(at, weekend if at.weekday() >= 5 else 2)) for at in moments]


def kinds(alarms: list[Alarm]) -> list[tuple[str, str | None]]:
    return [(alarm.kind, alarm.field) for alarm in alarms]


def after(days: int, change: Callable[[datetime], Json]) -> list[list[Alarm]]:
    """The alarms of the *days* runs from MONDAY on, each of which says what *change* makes of it."""
    looks, found = past(), []
    for day in range(days):
        at = MONDAY + timedelta(days=day)
        now = CrawlSummary(at, change(at))
        alarms = dated(drift(looks, now), looks, at)
        alarms_then = tuple(
            {"kind": a.kind, "field": a.field, "since": a.since and a.since.isoformat()} for a in alarms
        )
        looks.append(CrawlSummary(at, now.stats, alarms_then))
        found.append(alarms)
    return found


def without(*fields: str) -> Callable[[datetime], Json]:
    def change(at: datetime) -> Json:
        made = stats(at, 2)
        return made | {"coverage": made["coverage"] | dict.fromkeys(fields, 0.0)}

    return change


def test_a_field_that_fell_is_told_once_there_are_articles_enough_and_keeps_its_day() -> None:
    first, *_, last = after(6, without("published_at", "author"))
    assert kinds(first) == [("coverage", "published_at")]
    assert first[0].text == "published_at on 0 of 5 articles, 100% before"
    assert last[0].since == MONDAY, "since the first run that saw it"
    assert "since 2026-03-02 05:17 UTC" in last[0].sentence()


def test_counters_that_are_gone_have_words_of_their_own() -> None:
    (alarm,) = after(1, without("view_count"))[0]
    assert alarm.text.startswith("view counts are gone: 0 of 5")


def test_a_field_that_half_the_articles_have_may_be_missing_for_a_while() -> None:
    assert after(3, without("author")) == [[], [], []]


def test_a_change_for_good_is_believed_in_the_end() -> None:
    found = after(70, without("published_at"))
    assert found[20] != []
    assert found[-1] == [] or (found[-1][0].since or MONDAY) == MONDAY


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seen": 0, "outcomes": {}, "extracted": 0, "text_length": None, "newest": None}, ("articles", None)),
        ({"outcomes": {"refused": 6}, "drops": {"bot-wall": 6}, "extracted": 0, "newest": None}, ("wall", None)),
        ({"failures": {"tls": 2}}, ("tls", None)),
    ],
)
def test_what_one_run_shows(changes: Json, expected: tuple[str, None]) -> None:
    assert kinds(drift(past(), CrawlSummary(MONDAY, stats(MONDAY, 2) | changes))) == [expected]
    assert drift([], CrawlSummary(MONDAY, stats(MONDAY, 2) | changes)) == [], "without a past nothing is unusual"


def test_a_part_of_the_links_that_is_lost() -> None:
    """Fewer than ever by more than a third, of as many pages or more; after two weeks that is how the portal is."""
    few = stats(MONDAY, 2, seen=24)
    assert kinds(drift(past(), CrawlSummary(MONDAY, few))) == [("articles", None)]
    assert drift(past(2), CrawlSummary(MONDAY, few)) == [], "two good runs are not enough"
    assert drift(past(), CrawlSummary(MONDAY, stats(MONDAY, 2, seen=45))) == []
    fewer_pages = stats(MONDAY, 2, seen=24, discovery={"asked": 1, "answered": 1})
    assert drift(past(), CrawlSummary(MONDAY, fewer_pages)) == [], "paging stopped at what is known"
    found = after(30, lambda at: stats(at, 2, seen=24))
    assert [day for day, alarms in enumerate(found) if ("articles", None) in kinds(alarms)] == list(range(15))


def test_unchanged_list_pages_name_no_article_and_are_no_alarm() -> None:
    quiet = stats(MONDAY, 0, seen=0, again=0, discovery={"asked": 4, "answered": 1, "not-modified": 3})
    assert drift(past(), CrawlSummary(MONDAY, quiet)) == []


def test_texts_that_shrank() -> None:
    found = after(4, lambda at: stats(at, 2, text_length=60))
    assert kinds(found[0]) == []
    assert kinds(found[1]) == [("length", None)]
    assert found[1][0].text == "new texts have 60 characters, 900 before"


def test_dates_that_stand_still() -> None:
    frozen = "2026-03-01T08:00:00.000000Z"
    found = after(8, lambda at: stats(at, 2, newest=frozen))
    assert kinds(found[1]) == []
    assert kinds(found[4]) == [("dates", None)]
    assert frozen[:16] in found[4][0].text


def test_a_date_of_the_future_does_not_stop_the_dates() -> None:
    def change(at: datetime) -> Json:
        return stats(at, 2) | ({"newest": "2062-01-01T00:00:00.000000Z"} if at == MONDAY else {})

    assert after(9, change) == [[] for _ in range(9)]


def test_silence_is_measured_by_the_portal_itself() -> None:
    found = after(14, lambda at: stats(at, 0, again=0))
    assert [kinds(alarms) for alarms in found[:8]] == [[] for _ in range(8)], "a week of holidays explains itself"
    assert kinds(found[-1]) == [("silence", None)]


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.ci)])
def test_ordinary_life_raises_no_alarm(seed: int) -> None:
    """Half a year of a portal with weekends, holidays, hourly runs, and fields that come and go by chance."""
    chance = random.Random(seed)
    looks: list[CrawlSummary] = []
    false: list[str] = []
    for hour in range(0, 24 * 120, 6):
        at = MONDAY + timedelta(hours=hour)
        holiday = 40 <= hour / 24 < 48
        new = 0 if at.weekday() >= 5 or holiday else chance.choice((0, 0, 1, 1, 3))
        again = chance.randint(0, 4)
        lengths = [chance.randint(250, 2500) for _ in range(new)]
        made = stats(at, new, again=again, text_length=median(lengths) if new else None)
        shares = {"author": 0.5, "source": 0.85, "view_count": 0.95, "images": 0.3, "tags": 0.7}
        if new + again:
            made["coverage"] |= {
                name: sum(chance.random() < share for _ in range(new + again)) / (new + again)
                for name, share in shares.items()
            }
        alarms = drift(looks[-224:], CrawlSummary(at, made))
        false += [f"{at}: {alarm.text}" for alarm in alarms]
        looks.append(CrawlSummary(at, made))
    assert false == []


def test_runs_that_began_within_one_second_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """Their names, which begin with the second, are not."""
    (tmp_path / "runs").mkdir()
    for number, token in enumerate("dbca", 1):
        run = {"kind": "crawl", "exit_code": 0, "number": number, "started_at": f"2026-03-02T05:17:00.{number}Z"}
        tallies = {"portals": {"p": {"requests": number}}, "run": f"20260302T051700Z-{token}"}
        (tmp_path / "runs" / f"{tallies['run']}.json").write_text(json.dumps(run | tallies))
    seen = looks(Paths(tmp_path), MONDAY + timedelta(hours=1))["p"]
    assert [look.stats["requests"] for look in seen] == [1, 2, 3, 4]
