"""When an address is due again is worked out once: an hour costs what is due, and not what is archived."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.archive.index.entries import ALIAS, ARTICLE, DUPLICATE, NOTHING, REMOVED, AddressEntry, KnownArticle
from crawler.archive.index.index import Index
from crawler.archive.index.renamed import RenamedAddresses
from crawler.archive.runs.stats import PortalStats
from crawler.article import isoformat
from crawler.crawl.frontier.frontier import CrawlLimits, Frontier
from crawler.crawl.frontier.schedule import due, due_from
from crawler.portals import Portal, parse
from crawler.values.urls import article_id

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = st.floats(0, 400).map(lambda days: timedelta(days=days))
REASONS = ("http-404", "http-403", "http-503", "bot-wall", "redirect", "list", "empty")


def portal(after: str = '["1d", "3d", "7d", "30d"]', name: str = "one") -> Portal:
    return parse(
        f'name = "{name}"\ntitle = "一"\nhome = "https://one.example/"\ndomains = ["one.example"]\nlanguage = "zh"\n'
        'timezone = "Asia/Shanghai"\n[discover]\npages = ["https://one.example/"]\narticle_urls = ["/a/"]\n'
        f"[revisit]\nafter = {after}\n",
        f"{name}.toml",
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rank=st.sampled_from([NOTHING, ALIAS, DUPLICATE, ARTICLE, REMOVED]),
    outcome=st.sampled_from(["new", "unchanged", "gone", "refused", "failed"]),
    reason=st.sampled_from(REASONS),
    refusals=st.integers(1, 5),
    ages=st.tuples(DAYS, DAYS, DAYS),
    archived=st.booleans(),
)
def test_an_address_is_due_from_the_moment_that_is_worked_out_and_never_before(
    rank: int, outcome: str, reason: str, refusals: int, ages: tuple[timedelta, ...], archived: bool
) -> None:
    first, last, since = NOW - max(ages[:2]), NOW - min(ages[:2]), ages[2]
    address = AddressEntry("i", "one", "u", rank, isoformat(first), isoformat(last), outcome, reason, refusals, 1)
    known = KnownArticle("i", "one", "u", isoformat(first), 1, None, "p", 0, 1) if archived else None
    moment = due_from(address, known, portal())
    asked = last + since
    assert due(address, known, portal(), asked) == (moment is not None and moment <= asked)


def _archive(index: Index) -> Any:
    """As much of an archive as a frontier reads before anything is asked."""
    return SimpleNamespace(index=index, renamed=RenamedAddresses(index))


class Ledger:
    """The index of a portal with *count* articles, archived *age* ago and visited then; runs of its frontier."""

    opened: ClassVar[list[Index]] = []  #: closed at the end of each test

    def __init__(self, count: int, age: timedelta = timedelta(days=100)) -> None:
        self.index = Index(":memory:")
        self.opened.append(self.index)
        self.urls = [f"https://one.example/a/{number}" for number in range(count)]
        for url in self.urls:
            self.visited(url, NOW - age, "new")
            at = isoformat(NOW - age)
            self.index.database.do(
                "INSERT INTO articles VALUES (?,?,?,?,1,NULL,'p',0,1,1)", (article_id(url), "one", url, at)
            )

    def visited(self, url: str, at: datetime, outcome: str, reason: str | None = None) -> None:
        self.index.apply(
            "observations",
            {"id": article_id(url), "portal": "one", "url": url, "observed_at": isoformat(at), "status": 200,
             "outcome": outcome, "reason": reason, "warc": None},
            "observations/one/2026-01.jsonl", 0, 1,
        )  # fmt: skip

    def run(self, definition: Portal, choice: CrawlLimits | None = None) -> tuple[list[str], dict[str, Any]]:
        """The addresses that are due, and what the run counts of the others."""
        stats, archive = PortalStats(), _archive(self.index)
        found = Frontier(archive, definition, stats, choice or CrawlLimits()).due()
        return found, stats.summary()

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements that SQLite runs."""
        statements: list[str] = []
        connection: sqlite3.Connection = self.index.database._db
        connection.set_trace_callback(statements.append)
        yield statements
        connection.set_trace_callback(None)


@pytest.fixture(autouse=True)
def _at_now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("crawler.values.clock.now", lambda: NOW)
    yield
    while Ledger.opened:
        Ledger.opened.pop().close()


def test_a_run_reads_what_may_be_due_and_not_what_is_archived() -> None:
    took = []
    for count in (20, 400):
        ledger = Ledger(count)
        first, summary = ledger.run(portal())
        assert len(first) == count  # 30 days have come since
        assert summary["known"] == 0
        for url in ledger.urls:
            ledger.visited(url, NOW, "unchanged")
        assert ledger.run(portal())[0] == []
        ledger.visited(ledger.urls[7], NOW, "failed", "timeout")
        with ledger.counted() as statements:
            found, summary = ledger.run(portal())
        assert found == [ledger.urls[7]]
        assert summary["known"] == count - 1
        took.append(len(statements))
    assert took[0] == took[1]


def test_what_rests_wakes_when_its_time_comes_or_when_something_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(3, timedelta(days=1, hours=1))
    ledger.visited(ledger.urls[0], NOW - timedelta(hours=1), "unchanged")
    ledger.visited("https://one.example/a/none", NOW - timedelta(hours=2), "refused", "http-404")
    assert sorted(ledger.run(portal())[0]) == ledger.urls[1:]
    assert ledger.run(portal())[1]["refused_before"] == 1
    monkeypatch.setattr("crawler.values.clock.now", lambda: NOW + timedelta(days=1))
    assert len(ledger.run(portal())[0]) == 3  # the refused page, and the two that were not visited
    monkeypatch.setattr("crawler.values.clock.now", lambda: NOW + timedelta(days=2))
    assert len(ledger.run(portal())[0]) == 4


def test_a_new_definition_and_an_option_end_the_rest_of_all() -> None:
    ledger = Ledger(5)
    for url in ledger.urls:
        ledger.visited(url, NOW, "unchanged")
    ledger.visited("https://one.example/a/none", NOW, "refused", "http-404")
    assert ledger.run(portal())[0] == []
    assert len(ledger.run(portal('["1d", "99d", "100d"]'))[0]) == 0  # the last visit was after them
    assert ledger.run(portal('["200d"]'))[0] == []
    ledger.index.database.do("UPDATE addresses SET last_at=? WHERE rank=?", (isoformat(NOW - timedelta(50)), ARTICLE))
    assert len(ledger.run(portal('["99d"]'))[0]) == 5
    assert len(ledger.run(portal('["200d"]'), CrawlLimits(retry_refused=True))[0]) == 1
    assert ledger.run(portal('["200d"]'))[0] == []


def test_what_discovery_names_of_those_that_rest_is_counted_once() -> None:
    ledger = Ledger(5)
    for url in ledger.urls:
        ledger.visited(url, NOW, "unchanged")
    ledger.run(portal())
    stats, archive = PortalStats(), _archive(ledger.index)
    frontier = Frontier(archive, portal(), stats, CrawlLimits())
    assert frontier.due() == []
    for url in ledger.urls[:2]:
        assert not frontier._admits(article_id(url), ledger.index.address(article_id(url)))
    assert stats.summary()["known"] == 5
