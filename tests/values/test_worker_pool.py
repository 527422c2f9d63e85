"""Processes that work for another: started as they are needed, and one that dies takes no other task with it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from crawler.values.worker_pool import WorkerPool
from harness.waiting import until

SETTLED = 3


def begin() -> None: ...


def square(number: int) -> int:
    return number * number


def deadly(mark: Path, always: bool) -> int:
    """Kills its process: the first time only, unless *always*."""
    if always or not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return -1


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool(2, SETTLED, begin)
    yield made
    made.close()


def test_a_pool_grows_once_its_newest_process_has_settled_and_to_its_bound(pool: WorkerPool) -> None:
    assert pool.size == 0
    beginning = pool.at_once
    assert [pool.submit(square, number).result() for number in range(SETTLED - 1)] == [0, 1]
    assert pool.size == 1
    assert not pool.grow()
    pool.submit(square, 5).result()
    assert pool.grow()
    assert [done.result() for done in [pool.submit(square, number) for number in range(9)]] == [n * n for n in range(9)]
    until(lambda: pool.pending == 0)
    assert not pool.grow()
    assert pool.size == 2
    assert pool.at_once == 2 * beginning > 2


@pytest.mark.parametrize("always", [False, True])
def test_a_task_whose_process_dies_is_done_once_more_and_takes_no_other_with_it(
    pool: WorkerPool, always: bool, tmp_path: Path
) -> None:
    before = pool.submit(square, 2)
    lost = pool.submit(deadly, tmp_path / "mark", always)
    after = [pool.submit(square, number) for number in range(4)]
    assert before.result() == 4
    if always:
        with pytest.raises(BrokenProcessPool):
            lost.result()
    else:
        assert lost.result() == -1
    assert [done.result() for done in after] == [0, 1, 4, 9]
    assert pool.submit(square, 7).result() == 49  # the dead one has a successor
