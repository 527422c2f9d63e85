"""Processes that work for another: started as they are needed, and one that dies takes no other task with it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from crawler.values.worker_pool import AHEAD, WorkerPool
from harness.command import CHECKOUT
from harness.waiting import until

T = TypeVar("T")
SETTLED = 3


def begin() -> None: ...


def square(number: int) -> int:
    return number * number


def process(_: object = None) -> int:
    return os.getpid()


def deadly(mark: Path, always: bool) -> int:
    """Kills its process: the first time only, unless *always*."""
    if always or not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return -1


def begin_deadly() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def failing(error: Exception) -> None:
    raise error


def failing_unsendably() -> None:
    raise ValueError(lambda: "what cannot be pickled")


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool(2, SETTLED, begin)
    yield made
    made.close()


def result(pool: WorkerPool, future: Future[T]) -> T:
    while not future.done():
        pool.read(None)
    return future.result()


def test_a_pool_grows_once_its_newest_process_has_settled_and_to_its_bound(pool: WorkerPool) -> None:
    assert pool.size == 0
    assert [result(pool, pool.submit(square, number)) for number in range(SETTLED - 1)] == [0, 1]
    assert pool.size == 1
    assert not pool.grow()
    result(pool, pool.submit(square, 5))
    assert pool.grow()
    tasks = [pool.submit(square, number) for number in range(9)]
    assert pool.pending == 9
    assert [result(pool, task) for task in tasks] == [n * n for n in range(9)]
    assert pool.pending == 0
    assert not pool.grow()
    assert pool.size == 2


#: Ends while its pool starts a process, with or without a word.
_ENDS_AT_ONCE = """
import sys
from crawler.values.worker_pool import WorkerPool
from tests.values.test_worker_pool import begin
pool = WorkerPool(2, 3, begin)
assert pool.grow()
assert not pool.has_room(9)
if "close" in sys.argv:
    pool.close()
"""


@pytest.mark.parametrize("how", ["close", "leave"])
def test_a_process_that_is_still_being_started_ends_with_its_pool_and_says_nothing(tmp_path: Path, how: str) -> None:
    script = tmp_path / "ends.py"
    script.write_text(_ENDS_AT_ONCE, "utf-8")
    done = subprocess.run(
        [sys.executable, script, how], cwd=CHECKOUT, env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_has_room_once_it_has_begun(pool: WorkerPool) -> None:
    assert not pool.has_room(9)
    assert result(pool, pool.submit(square, 3)) == 9
    assert pool.has_room(1)
    assert not pool.has_room(0)
    tasks = [pool.submit(square, number) for number in range(AHEAD)]
    assert not pool.has_room(AHEAD)
    assert [result(pool, task) for task in tasks] == [0, 1]


@pytest.mark.parametrize("always", [False, True])
def test_a_task_whose_process_dies_is_done_once_more_and_takes_no_other_with_it(
    pool: WorkerPool, always: bool, tmp_path: Path
) -> None:
    before = pool.submit(square, 2)
    lost = pool.submit(deadly, tmp_path / "mark", always)
    after = [pool.submit(square, number) for number in range(4)]
    assert result(pool, before) == 4
    if always:
        with pytest.raises(BrokenExecutor, match="two processes died"):
            result(pool, lost)
    else:
        assert result(pool, lost) == -1
    assert [result(pool, done) for done in after] == [0, 1, 4, 9]
    assert result(pool, pool.submit(square, 7)) == 49  # the dead one has a successor


def test_a_process_that_dies_with_nothing_to_do_is_replaced_when_there_is_something(pool: WorkerPool) -> None:
    dead = result(pool, pool.submit(process))
    os.kill(dead, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(dead) or psutil.Process(dead).status() == psutil.STATUS_ZOMBIE)
    alive = result(pool, pool.submit(process))
    assert alive != dead
    assert pool.size == 1


def test_a_process_that_cannot_begin_is_tried_again_once_and_its_task_fails() -> None:
    pool = WorkerPool(2, SETTLED, begin_deadly)
    for _ in range(2):
        with pytest.raises(BrokenExecutor):
            result(pool, pool.submit(square, 2))
    assert pool.size == 0
    assert not pool.grow()
    pool.close()


def test_a_process_that_the_system_does_not_start_fails_the_task(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert not pool.grow()
    with pytest.raises(BrokenExecutor, match="no process can be started"):
        result(pool, pool.submit(square, 2))


@pytest.mark.parametrize(("error", "kind"), [(ValueError("no number"), ValueError), (StopIteration(), RuntimeError)])
def test_what_a_task_raises_is_raised_where_it_came_from(
    pool: WorkerPool, error: Exception, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as raised:
        result(pool, pool.submit(failing, error))
    assert any("in failing" in note for note in raised.value.__notes__)
    with pytest.raises(RuntimeError, match="ValueError"):
        result(pool, pool.submit(failing_unsendably))
    assert result(pool, pool.submit(square, 2)) == 4


def test_an_event_loop_reads_the_answers(tmp_path: Path) -> None:
    async def work() -> list[int]:
        pool = WorkerPool(2, SETTLED, begin, loop=asyncio.get_running_loop())
        async with asyncio.timeout(60):
            assert pool.grow()
            while not pool.has_room(1):
                await asyncio.sleep(0.01)
            tasks = [
                *(pool.submit(square, number) for number in range(5)),
                pool.submit(deadly, tmp_path / "mark", False),
            ]
            done = await asyncio.gather(*map(asyncio.wrap_future, tasks))
        pool.close()
        return done

    assert asyncio.run(work()) == [0, 1, 4, 9, 16, -1]


def test_tasks_larger_than_the_buffer_of_a_socket_do_not_wait_for_each_other(pool: WorkerPool) -> None:
    large = b"x" * 3_000_000
    tasks = [pool.submit(bytes.upper, large) for _ in range(6)]
    assert all(result(pool, task) == large.upper() for task in tasks)


def test_what_is_left_when_a_pool_is_closed_is_cancelled(pool: WorkerPool) -> None:
    before = set(psutil.Process().children())
    left = pool.submit(square, 2)
    children = set(psutil.Process().children()) - before
    assert len(children) == 1
    pool.close()
    assert left.cancelled()
    assert not any(child.is_running() for child in children)
    with pytest.raises(BrokenExecutor):
        pool.submit(square, 2).result(0)
