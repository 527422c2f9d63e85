"""Processes that work for another: started as they are needed, and one that dies takes no other task with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from crawler.values.worker_pool import WorkerPool
from harness.command import CHECKOUT
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


#: Ends while its pool starts a process.
_ENDS_AT_ONCE = """
from crawler.values.worker_pool import WorkerPool
from tests.values.test_worker_pool import begin
if __name__ == "__main__":
    pool = WorkerPool(2, 3, begin)
    assert pool.grow()
    assert not pool.has_room(9)
    pool.close()
"""


def test_a_process_that_is_still_being_started_ends_with_its_pool_and_says_nothing(tmp_path: Path) -> None:
    script = tmp_path / "ends.py"
    script.write_text(_ENDS_AT_ONCE, "utf-8")
    done = subprocess.run(
        [sys.executable, script], cwd=CHECKOUT, env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_has_room_once_it_has_begun(pool: WorkerPool) -> None:
    assert not pool.has_room(9)
    assert pool.submit(square, 3).result() == 9
    until(lambda: pool.has_room(1), "its one task is done")
    assert not pool.has_room(0)


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
