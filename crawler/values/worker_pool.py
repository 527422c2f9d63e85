"""Processes that work for this one: started one after the other as they are needed, replaced when they die."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

T = TypeVar("T")
AHEAD = 2  #: tasks that each process may have, so that none waits for its next one


@dataclass(slots=True, eq=False)
class _Worker:
    executor: ProcessPoolExecutor
    processes: list[BaseProcess]  #: its one process
    begun: bool = False  #: whether its process is there; set in the thread of the executor
    given: int = 0  #: tasks it got; counted in the thread that uses the pool
    done: int = 0  #: tasks that have a result; counted in the one thread of the executor

    @property
    def pending(self) -> int:
        return self.given - self.done


class WorkerPool:
    """At most *most* processes; each calls ``begin(*given)`` first. Used by one thread.

    A task whose process dies (killed, out of memory) is done once more, in a process that has one task at a time, so
    that a deadly one takes no other with it; where that dies too, the result is BrokenProcessPool.
    """

    def __init__(self, most: int, settled: int, begin: Callable[..., None], *given: Any) -> None:
        """*settled*: tasks after which a process has caught up with what had come while it was being started."""
        self._most, self._settled, self._first = most, settled, (begin, *given)
        self._workers: list[_Worker] = []
        self._again = ThreadPoolExecutor(1, "lost-task")  # does lost tasks one after the other
        self._lost: set[Future[Any]] = set()
        self._spare: ProcessPoolExecutor | None = None  #: of lost tasks; only their thread knows it

    @property
    def size(self) -> int:
        """Processes there are."""
        return len(self._workers)

    @property
    def pending(self) -> int:
        """Tasks that have no result yet."""
        return sum(worker.pending for worker in self._workers)

    def has_room(self, most: int) -> bool:
        """Whether a process that has begun has fewer than *most* tasks."""
        return any(worker.begun and worker.pending < most for worker in self._workers)

    @property
    def at_once(self) -> int:
        """Tasks that keep all processes busy."""
        return AHEAD * max(1, self.size)

    def grow(self) -> bool:
        """Starts another process, unless there are enough or the newest has not settled; says whether it did."""
        if self.size >= self._most or (self._workers and self._workers[-1].done < self._settled):
            return False
        self._workers.append(self._worker())
        return True

    def submit(self, task: Callable[..., T], *given: Any) -> Future[T]:
        """``task(*given)``, called in the process that has the least to do, of those that have begun if any has."""
        if not self._workers:
            self.grow()
        result: Future[T] = Future()
        worker = min(self._workers, key=lambda one: (not one.begun, one.pending))
        try:
            done = worker.executor.submit(task, *given)
        except BrokenProcessPool:  # it died with nothing to do
            worker = self._replace(worker)
            done = worker.executor.submit(task, *given)
        worker.given += 1
        done.add_done_callback(lambda done: self._settle(worker, done, result, task, given))
        return result

    def close(self) -> None:
        """Ends the processes; what they still work on is thrown away."""
        for worker in self._workers:
            worker.executor.shutdown(wait=False, cancel_futures=True)
            if not worker.begun:  # it would look for what is gone by then, and say that it is
                for process in worker.processes:
                    process.kill()
        self._workers.clear()
        self._again.shutdown(wait=False, cancel_futures=True)

    def _worker(self) -> _Worker:
        before, executor = set(active_children()), self._process()
        first = executor.submit(_nothing)
        worker = _Worker(executor, [process for process in active_children() if process not in before])

        def note(done: Future[None]) -> None:
            worker.begun = not done.cancelled() and done.exception() is None

        first.add_done_callback(note)
        return worker

    def _process(self) -> ProcessPoolExecutor:
        # a forked process would inherit the archive's lock, and hold it when this process is killed
        return ProcessPoolExecutor(1, get_context("spawn"), _begin, self._first)

    def _replace(self, dead: _Worker) -> _Worker:
        self._workers[self._workers.index(dead)] = worker = self._worker()
        return worker

    def _settle(
        self, worker: _Worker, done: Future[T], result: Future[T], task: Callable[..., T], given: tuple[Any, ...]
    ) -> None:
        """Hands on what came of a task. Called in a thread of its process' executor."""
        worker.done += 1
        if done.cancelled():
            result.cancel()
        elif isinstance(done.exception(), BrokenProcessPool):
            self._lost.add(result)
            try:
                self._again.submit(self._alone, result, task, given)
            except RuntimeError:  # the pool is closed
                _copy(done, result)
        else:
            _copy(done, result)

    def _alone(self, result: Future[T], task: Callable[..., T], given: tuple[Any, ...]) -> None:
        if self._spare is None:
            self._spare = self._process()
        done = self._spare.submit(task, *given)
        broken = isinstance(done.exception(), BrokenProcessPool)
        self._lost.discard(result)
        if broken or not self._lost:
            self._spare.shutdown(wait=False)
            self._spare = None
        _copy(done, result)


def _copy(done: Future[T], result: Future[T]) -> None:
    if not result.set_running_or_notify_cancel():
        return
    if (error := done.exception()) is not None:
        result.set_exception(error)
    else:
        result.set_result(done.result())


def _begin(begin: Callable[..., None], *given: Any) -> None:
    """In a new process: its end with the one that started it, by whatever that dies; then what it was made for."""
    for number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C and service managers signal the whole group; this ends last
        signal.signal(number, signal.SIG_IGN)
    if (parent := parent_process()) is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    begin(*given)


def _nothing() -> None:
    """The first task of each process."""


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
