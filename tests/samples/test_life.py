"""The hooks: portals that publish, edit, delete, fail, slow down, go down and come back."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection, RemoteDisconnected

import pytest

from crawler.samples import NAMES, Samples
from harness.waiting import until

from .client import ask

ZHIHUI, CHENGSHI, METRO = NAMES


def test_a_new_story_is_everywhere(fresh: Samples) -> None:
    last = fresh.stories(METRO)[-1]
    new = replace(last, path="/2024/12/01/breaking/", title="Breaking", text="Just in.", at=last.at + timedelta(days=9))
    fresh.add(METRO, new)
    base = fresh.base[METRO]
    assert "Just in." in ask(base, new.path).text
    for path in ("/news/", "/feed.xml", "/atom.xml", "/sitemap-news.xml"):
        assert new.path in ask(base, path).text
    online = {s.path: s for s in fresh.stories(METRO)}
    assert online[new.path].body == "Just in."
    assert [link.url for link in online[last.path].links if link.kind == "next"] == [new.path]


def test_an_edit_changes_validators(fresh: Samples) -> None:
    story, base = fresh.stories(METRO)[5], fresh.base[METRO]
    before = ask(base, story.path)
    changed = fresh.change(METRO, story.path, text="All of it is new.", views="2.1M")
    assert (changed.body, changed.view_count) == ("All of it is new.", 2_100_000)
    since = {"If-Modified-Since": before.headers["Last-Modified"]}
    for known in (since, {"If-None-Match": before.headers["ETag"]}):
        answer = ask(base, story.path, known)
        assert answer.status == 200
        assert "All of it is new." in answer.text
    with pytest.raises(KeyError):
        fresh.change(METRO, "/no/such/story/", title="x")


def test_a_deleted_story_is_gone_and_can_come_back(fresh: Samples) -> None:
    story = next(s for s in fresh.stories(ZHIHUI) if len(s.pages) == 3)
    fresh.delete(ZHIHUI, story.path)
    base = fresh.base[ZHIHUI]
    assert [ask(base, path).status for path in story.pages] == [410] * 3
    assert story.path not in ask(base, f"/news/{story.column}/list.html").text
    assert story.path not in {s.path for s in fresh.stories(ZHIHUI)}
    fresh.add(ZHIHUI, story)
    assert [ask(base, path).status for path in story.pages] == [200] * 3


def test_failing_and_healing(fresh: Samples) -> None:
    base = fresh.base[CHENGSHI]
    fresh.fail(CHENGSHI, r"count\.php", 503)
    assert ask(base, "/plus/count.php?view=yes&aid=1003&mid=1").status == 503
    assert ask(base, "/").status == 200
    fresh.fail(CHENGSHI, "")
    assert ask(base, "/").status == 500
    fresh.heal(CHENGSHI)
    assert ask(base, "/").status == 200


def test_slow(fresh: Samples) -> None:
    fresh.slow(METRO, 60, "^/feed")
    began = time.monotonic()
    ask(fresh.base[METRO], "/")
    assert time.monotonic() - began < 50, "only the feed is slow"
    fresh.heal(METRO)
    fresh.slow(METRO, 0.3, "^/feed")
    began = time.monotonic()
    ask(fresh.base[METRO], "/feed.xml")
    assert time.monotonic() - began >= 0.3


def test_down_and_up_on_the_same_port(fresh: Samples) -> None:
    base = fresh.base[ZHIHUI]
    connection = HTTPConnection(base.removeprefix("http://"), timeout=60)
    connection.request("GET", "/")
    connection.getresponse().read()
    fresh.down(ZHIHUI)
    with pytest.raises((RemoteDisconnected, ConnectionResetError, BrokenPipeError)):
        _get(connection)
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        ask(base, "/")
    assert ask(fresh.base[METRO], "/").status == 200
    fresh.heal(ZHIHUI)
    assert fresh.base[ZHIHUI] == base
    assert ask(base, "/").status == 200


def _get(connection: HTTPConnection) -> int:
    connection.request("GET", "/")
    return connection.getresponse().status


def test_a_slow_answer_does_not_hold_up_the_end() -> None:
    with Samples(dict.fromkeys(NAMES, 0)) as samples:
        samples.slow(METRO, 60)
        connection = HTTPConnection(samples.base[METRO].removeprefix("http://"), timeout=60)
        connection.request("GET", "/")
        until(lambda: any("process_request_thread" in thread.name for thread in threading.enumerate()))
        began = time.monotonic()
    assert time.monotonic() - began < 50
    connection.close()


def test_the_log_tells_who_asked_what(fresh: Samples) -> None:
    base = fresh.base[METRO]
    ask(base, "/news/?page=2", {"User-Agent": "tester"})
    ask(base, "/nowhere", method="HEAD")
    first, second = fresh.requests(METRO)
    assert (first.method, first.path, first.status) == ("GET", "/news/?page=2", 200)
    assert first.headers["User-Agent"] == "tester"
    assert (second.method, second.status) == ("HEAD", 404)
    assert first.time <= second.time <= time.monotonic()
    assert fresh.requests(ZHIHUI) == []


def test_a_taken_port_is_replaced(samples: Samples) -> None:
    taken = int(samples.base[METRO].rpartition(":")[2])
    with Samples(dict.fromkeys(NAMES, 0) | {METRO: taken}) as others:
        assert others.base[METRO] != samples.base[METRO]
        assert ask(others.base[METRO], "/").status == 200


def test_edits_under_load(fresh: Samples) -> None:
    base, story = fresh.base[CHENGSHI], fresh.stories(CHENGSHI)[3]
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask, base, story.path) for _ in range(150)]
        for n in range(150):
            fresh.change(CHENGSHI, story.path, title=f"第{n}版")
        assert {answer.result().status for answer in answers} == {200}
