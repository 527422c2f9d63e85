"""Politeness as proof: what a server sees of delays, pauses and bounds, and the receipt in the run's file."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler.values.urls import site_of
from harness import disk
from harness.command import Done, citynews, finish, start
from harness.rebinding import COMMAND
from harness.scripted import Answer, Scripted

PLAIN = {"Content-Type": "text/plain"}


@pytest.fixture
def other() -> Iterator[Scripted]:
    with Scripted() as running:
        yield running


def crawl(
    server: Scripted,
    tmp_path: Path,
    *more: object,
    code: int | None = 0,
    later: timedelta = timedelta(),
    **definition: str,
) -> Done:
    path = server.definition(tmp_path, **definition)
    command = ["crawl", "scripted", "--portals", path, "--output", tmp_path / "archive", "--allow-host", server.host]
    return citynews(*command, "--json", "-s", "RETRY_TIMES=0", *more, code=code, later=later)


def stats(done: Done) -> Any:
    return done.summary["portals"]["scripted"]


def stories(server: Scripted, count: int) -> None:
    server.listing(*(f"/a/{n}" for n in range(count)))
    for number in range(count):
        server.article(f"/a/{number}")


def gaps(server: Scripted, begin: int = 0) -> list[float]:
    """Seconds between requests, from number *begin* on, as the server saw them."""
    return [later.time - earlier.time for earlier, later in pairwise(server.asked[begin:])]


def test_request_rate_is_kept_and_written_down(server: Scripted, tmp_path: Path) -> None:
    server.pages["/robots.txt"] = Answer(b"User-agent: *\nRequest-rate: 4/1s\nCrawl-delay: 0.1\n", headers=PLAIN)
    stories(server, 4)
    done = crawl(server, tmp_path, more="[politeness]\ndelay = 0\nconcurrency = 8\n")
    assert len(gaps(server, 1)) == 4
    assert min(gaps(server, 1)) > 0.23
    receipt = stats(done)
    assert receipt["robots"][server.host] == {
        "status": 200, "followed": "obeyed", "crawl_delay": 0.1, "request_rate": 0.25,
    }  # fmt: skip
    seen = receipt["hosts"][server.host]
    assert (seen["requests"], seen["bytes"]) == (6, receipt["bytes"])
    assert 0.25 <= seen["smallest_gap"] < min(gaps(server, 1)) + 0.1
    (run,) = disk.runs(tmp_path / "archive")
    assert run["portals"]["scripted"]["hosts"] == receipt["hosts"]


def test_jitter_only_adds(server: Scripted, tmp_path: Path) -> None:
    stories(server, 4)
    done = crawl(server, tmp_path, more="[politeness]\ndelay = 0.15\njitter = 1.0\n")
    assert min(gaps(server)) > 0.14
    assert max(gaps(server)) - min(gaps(server)) > 0.01
    assert stats(done)["hosts"][server.host]["smallest_gap"] >= 0.15


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_waited_for(server: Scripted, tmp_path: Path, form: str) -> None:
    until = datetime.now(UTC) + timedelta(seconds=5)
    value = "1" if form == "seconds" else format_datetime(until, usegmt=True)
    stories(server, 3)
    server.pages["/a/1"] = Answer(b"", 503 if form == "date" else 429, {"Retry-After": value})
    crawl(server, tmp_path, more="[politeness]\ndelay = 0\nconcurrency = 1\n")
    asked = server.paths().index("/a/1")
    assert server.paths()[asked + 1 :], "the rest is asked for after the pause"
    if form == "seconds":
        assert gaps(server)[asked] > 0.95
    elif until > datetime.now(UTC) - timedelta(seconds=4):
        assert gaps(server)[asked] > 0.5


def test_who_wants_to_be_left_alone_for_long_is_left_alone_by_the_next_run_too(
    server: Scripted, other: Scripted, tmp_path: Path
) -> None:
    stories(server, 3)
    stories(other, 3)
    server.pages["/a/1"] = Answer(b"", 429, {"Retry-After": "7200"})
    done = crawl(server, tmp_path, more="[politeness]\ndelay = 0.05\n")
    first = stats(done)
    until = datetime.fromisoformat(first["away_until"]).strftime("%Y-%m-%d %H:%M UTC")
    (sentence,) = done.summary["notices"]["scripted"]
    left = first["limits"]["retry_after"]
    assert sentence == (
        f"its server asks for no requests before {until} (Retry-After): {left} requests are left until then"
    )
    assert left >= 1
    assert first["away_until"] > datetime.now(UTC).isoformat()
    asked = len(server.asked)
    neighbour = other.definition(tmp_path, "neighbour")
    both = ["neighbour", "--portals", neighbour, "--allow-host", other.host]
    done = crawl(server, tmp_path, *both)
    assert len(server.asked) == asked, "not one request"
    assert done.summary["portals"]["neighbour"]["outcomes"] == {"duplicate": 3}
    assert stats(done)["away_until"] == first["away_until"]
    sentence = f"not crawled: its server asked an earlier run for no requests before {until} (Retry-After)"
    assert f" WARNING scripted: {sentence}\n" in done.err
    assert done.summary["notices"] == disk.runs(tmp_path / "archive")[1]["notices"] == {"scripted": [sentence]}
    assert done.summary["problems"] == {}, "a limit, so exit code 0"


def test_a_site_that_fails_is_asked_ever_more_slowly_and_then_left_alone(server: Scripted, tmp_path: Path) -> None:
    stories(server, 60)
    for number in range(60):
        server.pages[f"/a/{number}"] = Answer(b"", 500)
    done = crawl(server, tmp_path, code=3, more="[politeness]\ndelay = 0\nmax_requests = 1000\n")
    assert len(server.asked) == 7, "robots.txt, the list, five failures in a row"
    assert stats(done)["limits"]["gave_up"] == 55
    assert stats(done)["left"]["articles"] == 55
    stories(server, 60)
    crawl(server, tmp_path, more="[politeness]\ndelay = 0\n")
    assert len(disk.lines(tmp_path / "archive", "articles")) == 60, "the next run begins again"


class HangsUpOnce(Scripted):
    """Closes the connection of the first request for /a/3 without a word; it was kept from the request before."""

    hung_up = False

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        if path == "/a/3" and not self.hung_up:
            self.hung_up = True
            return Answer(lambda _connection: None)
        return super().answer(path, headers)


def test_every_request_that_a_server_sees_is_counted(tmp_path: Path) -> None:
    """Twisted would repeat one whose kept connection breaks, past the pace of the site, the counts and the archive."""
    with HangsUpOnce() as server:
        stories(server, 6)
        more = "[politeness]\ndelay = 0.05\njitter = 0\nconcurrency = 1\n"
        done = crawl(server, tmp_path, "-s", "RETRY_TIMES=2", more=more)
        assert server.paths().count("/a/3") == 2
        assert stats(done)["requests"] == len(server.asked)
        assert min(gaps(server, 1)) > 0.04
        assert len(disk.lines(tmp_path / "archive", "articles")) == 6


@pytest.mark.parametrize("answer", ["cut", "hangs up"])
def test_a_site_that_fails_before_a_second_try_is_not_well(server: Scripted, tmp_path: Path, answer: str) -> None:
    """A handful fails, and what would try them again is left for the next run: none has failed for good."""
    stories(server, 25)
    whole = dict(server.pages)
    compressed = gzip.compress(server.pages["/a/1"].body)  # type: ignore[arg-type] # bytes, as made by `article`
    sick = {
        "cut": Answer(compressed[:-20], headers={"Content-Encoding": "gzip"}),
        "hangs up": Answer(lambda _connection: None),
    }[answer]
    more = "[politeness]\ndelay = 0\n"
    for known in (False, True):
        server.pages.update({f"/a/{number}": sick for number in range(25)})
        done = crawl(server, tmp_path, "-s", "RETRY_TIMES=1", code=3, more=more, later=timedelta(days=5 * known))
        assert "the site failed in one request after another" in done.err
        server.pages.update(whole)
        crawl(server, tmp_path, more=more, later=timedelta(days=5 * known))
        assert len(disk.lines(tmp_path / "archive", "articles")) == 25


def test_articles_that_come_in_part_are_answers_of_a_site_that_is_up(server: Scripted, tmp_path: Path) -> None:
    stories(server, 12)
    compressed = gzip.compress(server.pages["/a/1"].body)  # type: ignore[arg-type] # bytes, as made by `article`
    for number in range(7):
        server.pages[f"/a/{number}"] = Answer(compressed[:-20], headers={"Content-Encoding": "gzip"})
    crawl(server, tmp_path, "-s", "RETRY_TIMES=0", code=None, more="[politeness]\ndelay = 0\n")
    assert len(disk.lines(tmp_path / "archive", "articles")) == 5


def test_who_gave_up_before_discovery_was_asked_is_told_of(server: Scripted, tmp_path: Path) -> None:
    stories(server, 25)
    for number in range(25):
        server.pages[f"/a/{number}"] = Answer(b"", 500)
    crawl(server, tmp_path, code=3, more="[politeness]\ndelay = 0\n")
    server.pages["/"] = Answer(b"", 500)
    done = crawl(server, tmp_path, code=3, more="[politeness]\ndelay = 0\n")
    assert "no discovery page answered" in done.err


def test_the_gap_doubles_with_each_failure_in_a_row(server: Scripted, tmp_path: Path) -> None:
    stories(server, 5)
    for number in (0, 1, 2):
        server.pages[f"/a/{number}"] = Answer(b"", 500)
    crawl(server, tmp_path, more="[politeness]\ndelay = 0.05\njitter = 0\n")
    seen = gaps(server, server.paths().index("/a/0"))
    assert [round(gap / 0.05) >= least for gap, least in zip(seen, (2, 4, 8, 1), strict=True)] == [True] * 4


def test_the_desk_and_the_phone_of_one_site_share_its_delay(server: Scripted, tmp_path: Path) -> None:
    """Two portals, www. and m. of one domain: one queue, at the slower pace, as the server sees it."""
    stories(server, 3)
    arguments: list[object] = ["--output", tmp_path / "archive"]
    names = {"www": "www.lamp.example", "m": "m.lamp.example"}
    for name, delay in (("www", 0.1), ("m", 0.2)):
        server.host = f"{names[name]}:{server.server_port}"
        server.base = f"http://{server.host}"
        arguments += ["--portals", server.definition(tmp_path, name, more=f"[politeness]\ndelay = {delay}\n")]
        arguments += ["--allow-host", server.host]
    known = json.dumps({name: ["127.0.0.1"] for name in names.values()})
    done = finish(start("crawl", "www", "m", *arguments, env={"REBIND": known}, command=COMMAND))
    assert done.code == 0, done.err
    assert Counter(request.headers["Host"].partition(":")[0] for request in server.asked) == dict.fromkeys(
        names.values(), 5
    )
    assert min(gaps(server)) > 0.18


def test_names_that_are_faces_of_one_site() -> None:
    from crawler.crawl.downloader.throttle import ThrottlePolicy  # noqa: PLC0415 - importing Scrapy takes a while
    from crawler.crawl.downloader.throttles import Throttles  # noqa: PLC0415 - as above

    gates = Throttles()
    first = gates.of(["www.lamp.example"], ThrottlePolicy(delay=1.0, concurrency=4))
    assert gates.of(["m.lamp.example"], ThrottlePolicy(delay=2.0)) is first
    assert gates.of(["news.lamp.example"], ThrottlePolicy()) is first, "a domain covers its subdomains"
    assert (first.policy.delay, first.policy.concurrency) == (2.0, 1)
    assert gates.of(["lamp.example.org"], ThrottlePolicy()) is not first
    assert gates.of(["127.0.0.1:8001"], ThrottlePolicy()) is not gates.of(["127.0.0.1:8002"], ThrottlePolicy())
    assert site_of("www.com") == "www.com"


def test_quiet_hours_and_a_budget_of_minutes_leave_the_rest_for_later(server: Scripted, tmp_path: Path) -> None:
    stories(server, 12)
    now = datetime.now(UTC)
    hours = f"{now - timedelta(minutes=5):%H:%M}-{now + timedelta(minutes=5):%H:%M}"
    done = crawl(server, tmp_path, more=f'[politeness]\ndelay = 0\nquiet_hours = "{hours}"\n')
    assert server.connections == 0
    assert stats(done)["limits"] == {"quiet_hours": 1}
    assert stats(done)["whole"] is False

    operator = tmp_path / "operator.toml"
    operator.write_text(f'quiet_hours = "{hours}"\n')
    crawl(server, tmp_path, "--config", operator, more="[politeness]\ndelay = 0\n")
    assert server.connections == 0

    done = crawl(server, tmp_path, "-s", "CLOSESPIDER_PAGECOUNT=2", more="[politeness]\ndelay = 1\n")
    assert not disk.lines(tmp_path / "archive", "articles"), "robots.txt and the list page alone"
    assert stats(done)["whole"] is False
    assert "scripted: ended early (closespider_pagecount): the next run goes on" in done.err

    server.asked.clear()
    done = crawl(server, tmp_path, "--max-minutes", "0.05", more="[politeness]\ndelay = 0.5\n")
    assert stats(done)["limits"]["max_minutes"] == stats(done)["left"]["articles"] > 2
    assert 1 < len(server.asked) < 9
    done = crawl(server, tmp_path, more="[politeness]\ndelay = 0\n")
    assert len(disk.lines(tmp_path / "archive", "articles")) == 12
    assert stats(done)["whole"] is True
    assert server.paths().count("/a/0") == 1


@pytest.mark.parametrize(
    ("text", "said"), [('quiet_hours = "25:00-06:00"', "25:00"), ("max_minutes = -1", "max_minutes")]
)
def test_a_bad_bound_is_a_bad_configuration(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "operator.toml").write_text(text)
    done = citynews("crawl", "afzhan", "--config", tmp_path / "operator.toml", "--output", tmp_path / "a", code=2)
    assert said in done.err
