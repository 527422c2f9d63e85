"""Deaths and faults at every request: a reader finds a whole archive, one writer wins, the same command ends well."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.read.stored import runs_after
from crawler.archive.storage import objects as object_module
from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.objects import Objects
from crawler.archive.write import transaction
from crawler.maintenance import verify
from crawler.store import survey
from crawler.store.outcome import OvertakenError
from harness import disk
from harness.stored import NAME, content, crawl, pull, push, whole
from harness.stores import Proxy

FAULTS: tuple[int | str, ...] = (500, 503, "cut", "lost")


class DiedError(BaseException):
    """The process is gone."""


def dying(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """This process dies before its request number *at* (from 0)."""
    numbers, ask = count(), Objects._ask

    def counted(self: Objects, verb: str, key: str, call: Callable[[str], Any]) -> Any:
        if next(numbers) >= at:
            raise DiedError
        return ask(self, verb, key, call)

    monkeypatch.setattr(Objects, "_ask", counted)


def reader(store: Objects, root: Path) -> int:
    """How many runs a reader of the store finds; all it finds must be whole."""
    pull(root, store)
    whole(root)
    return len(disk.runs(root))


def test_a_push_that_dies_at_any_request_leaves_a_whole_archive(folder: Objects, tmp_path: Path) -> None:
    root = crawl(crawl(tmp_path / "archive", 0), 1)
    seen = []
    for at in count():
        store = folder.below(f"trial-{at}")
        with pytest.MonkeyPatch.context() as patch:
            dying(patch, at)
            try:
                push(root, store)
                break
            except DiedError:
                pass
        found = len(runs_after(store.below(NAME), 0, None))
        if at > 0 and found not in seen:
            assert reader(store, tmp_path / f"reader-{at}") == found
        seen.append(found)
        if at > 1:
            assert survey.prove(store.below(NAME)).damage == []
        push(root, store)
        assert survey.prove(store.below(NAME)).damage == []
    assert len(seen) > 20
    assert set(seen) == {0, 1, 2}
    assert seen == sorted(seen)
    assert reader(store, tmp_path / "last") == 2
    assert content(tmp_path / "last") == content(root)


def test_a_pull_that_dies_anywhere_is_finished_by_the_next_one(folder: Objects, tmp_path: Path) -> None:
    root, copy = crawl(tmp_path / "archive", 0), tmp_path / "copy"
    push(root, folder)
    pull(copy, folder)
    push(crawl(root, 1), folder)
    for at in range(8):
        with pytest.MonkeyPatch.context() as patch:
            dying(patch, at)
            with pytest.raises(DiedError):
                pull(copy, folder)
        assert verify.verify(Paths(copy)).damage == []
    for at in range(6):
        victim = Path(shutil.copytree(copy, tmp_path / f"victim-{at}"))
        with pytest.MonkeyPatch.context() as patch:
            numbers, step = count(), transaction._step

            def dies(*arguments: Any, at: int = at, numbers: Any = numbers, step: Any = step) -> None:
                if next(numbers) == at:
                    raise DiedError
                step(*arguments)

            patch.setattr(transaction, "_step", dies)
            with pytest.raises(DiedError):
                pull(victim, folder)
        assert verify.verify(Paths(victim)).damage == []
        pull(victim, folder)
        assert content(whole(victim)) == content(root)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    backoff = {"init_backoff": timedelta(milliseconds=5), "max_backoff": timedelta(milliseconds=20), "base": 2}
    monkeypatch.setattr(object_module, "_RETRY", {**object_module._RETRY, "backoff": backoff})


@pytest.mark.ci
@pytest.mark.usefixtures("_quick")
def test_each_request_fails_once_in_each_way(s3: str, tmp_path: Path) -> None:
    root = crawl(tmp_path / "archive", 0)
    with Proxy(s3) as proxy:
        push(root, Objects("s3://news/faults", endpoint=proxy.url))
        asked = len(proxy.asked)
        assert asked >= 10
        for at in range(asked):
            numbers = count()
            fault = FAULTS[at % len(FAULTS)]
            proxy.fault = lambda method, path, at=at, numbers=numbers, fault=fault: (  # type: ignore[misc] # defaults
                fault if next(numbers) == at else None
            )
            store = Objects(f"s3://news/faults-{at}", endpoint=proxy.url)
            push(root, store)
            proxy.fault = lambda method, path: None
            done = survey.prove(store.below(NAME))
            assert (done.damage, done.objects > 4) == ([], True), (at, fault)


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("fault", [*FAULTS, 409, 412])
def test_a_commit_that_fails_in_any_way_is_no_loss(s3: str, tmp_path: Path, fault: int | str) -> None:
    root = crawl(tmp_path / "archive", 0)
    with Proxy(s3) as proxy:
        left = [fault, fault]
        proxy.fault = lambda method, path: left.pop() if method == "PUT" and "/runs/" in path and left else None
        store = Objects(f"s3://news/commit-{fault}", endpoint=proxy.url)
        assert len(push(root, store).runs) == 1
        assert left == []
        assert reader(store, tmp_path / "reader") == 1


@pytest.mark.usefixtures("_quick")
def test_a_server_that_is_down_is_5_and_nothing_is_lost(s3: str, tmp_path: Path) -> None:
    root = crawl(tmp_path / "archive", 0)
    with Proxy(s3) as proxy:
        store = Objects("s3://news/down", endpoint=proxy.url)
        proxy.fault = lambda method, path: 503 if "/runs/" in path else None
        with pytest.raises(StorageError) as caught:
            push(root, store)
        assert "\n" not in str(caught.value)
        proxy.fault = lambda method, path: None
        assert len(push(root, store).runs) == 1


def test_of_two_writers_one_wins_each_time(bucket: Objects, tmp_path: Path) -> None:
    roots = [crawl(tmp_path / "0", 0)]
    push(roots[0], bucket)
    roots.append(Path(shutil.copytree(roots[0], tmp_path / "1")))
    for race in range(2):
        won: list[int] = []
        barrier = threading.Barrier(2)
        for root in roots:
            crawl(root, 1 + race % 2)

        def one(number: int, barrier: threading.Barrier = barrier, won: list[int] = won) -> None:
            barrier.wait()
            try:
                push(roots[number], bucket)
            except OvertakenError:
                return
            won.append(number)

        threads = [threading.Thread(target=one, args=(number,)) for number in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        pull(roots[0], bucket)
        pull(roots[1], bucket)
        assert content(whole(roots[0])) == content(whole(roots[1]))
        assert len(disk.runs(roots[0])) == race + 2
    assert survey.prove(bucket.below(NAME)).damage == []
