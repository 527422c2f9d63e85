"""Of what is due again the most valuable first, when max_requests is not enough for all (docs/decisions/0044)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive.index.entries import ARTICLE, NOTHING, AddressEntry, KnownArticle
from crawler.article import isoformat
from crawler.crawl.frontier.schedule import priority
from crawler.portals import parse
from harness import disk
from harness.command import citynews
from harness.large_portal import fill
from harness.scripted import Scripted

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Path -> how long ago it was archived, never looked at since. In the order in which they are worth a visit.
AGES = {"/a/4": 30 * HOUR, "/a/3": 25 * HOUR, "/a/2": 4 * DAY, "/a/6": 9 * DAY, "/a/1": 40 * DAY}


def test_what_is_new_then_the_youngest_then_the_most_overdue(server: Scripted, tmp_path: Path) -> None:
    for path in (*AGES, "/a/5"):
        server.article(path)
    # without a delay this server answers three known articles in the time that it takes to read its list page
    polite = "[politeness]\ndelay = {}\nmax_requests = {}\n"
    definition = server.definition(tmp_path, more=polite.format(0.1, 6))
    output = tmp_path / "archive"
    assert fill(output, server, definition, {**AGES, "/a/5": 2 * HOUR}) == 6
    server.article("/a/new")
    server.listing("/a/new", "/a/1", "/list/2")
    server.listing(path="/list/2")
    command = ["crawl", "scripted", "--portals", definition, "--output", output, "--allow-host", server.host]
    citynews(*command)
    assert server.paths()[:2] == ["/robots.txt", "/"], "new articles are looked for before known ones are visited"
    asked = server.paths()[2:]
    assert "/a/new" in asked
    assert [path for path in asked if path != "/a/new"] == ["/a/4", "/a/3", "/a/2"]
    (run,) = disk.runs(output)[1:]
    assert run["portals"]["scripted"]["limits"]["max_requests"] == 3, "two known articles and a list page are left"

    server.definition(tmp_path, more=polite.format(0, 100))
    before = len(server.asked)
    citynews(*command)
    assert [path for path in server.paths()[before:] if path not in {"/robots.txt", "/"}] == ["/a/6", "/a/1", "/list/2"]


def _address(name: str, outcome: str, last: timedelta, *, rank: int = NOTHING, failures: int = 0) -> AddressEntry:
    at = isoformat(NOW - last)
    reason = "list" if outcome == "refused" else ""
    refusals = int(outcome == "refused")
    return AddressEntry(name, "scripted", f"http://x/{name}", rank, at, at, outcome, reason, refusals, failures)


@pytest.mark.parametrize("archived", [True, False])
def test_what_is_not_archived_comes_before_what_is_and_what_keeps_failing_last(
    server: Scripted, tmp_path: Path, archived: bool
) -> None:
    portal = parse(server.definition(tmp_path).read_text("utf-8"), "scripted.toml")
    known = KnownArticle("1", "scripted", "http://x/", isoformat(NOW - 26 * HOUR), 1, None, "", 0, 0)
    failed = known if archived else None
    addresses = [
        (_address("failing", "failed", HOUR, failures=3), failed),
        (_address("known", "new", 26 * HOUR, rank=ARTICLE), known),
        (_address("failed", "failed", HOUR, failures=1), failed),
        (_address("refused", "refused", 25 * HOUR), None),
        (_address("not yet", "refused", 23 * HOUR), None),
    ]
    turns = [turn for address, of in addresses if (turn := priority(address, of, portal, NOW)) is not None]
    order = [turn.id for turn in sorted(turns)]
    if archived:
        assert order == ["refused", "failed", "known", "failing"]
    else:
        assert order == ["failed", "refused", "known", "failing"]
