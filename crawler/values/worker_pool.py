"""Processes that work for this one: started one after the other as they are needed, given up when they die.

Each is asked and answers through a socket of its own, and no thread of this process takes part: the one that uses the
pool reads the answers while it waits for them, or its event loop does.
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

T = TypeVar("T")
AHEAD = 2  #: tasks that each process may have, so that none waits for its next one
_LIVES = 2  #: processes that a task may cost, and that may die before they have begun
#: What a new process runs: the path first, or a module that lies in the folder it is started in would be taken.
_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from crawler.values.worker_pool import serve; serve(int(sys.argv[2]))"
)


@dataclass(slots=True)
class _Task:
    message: bytes
    result: Future[Any]
    died: int = 0  #: processes that died while they did it


@dataclass(slots=True, eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    connection: Connection
    tasks: deque[_Task] = field(default_factory=deque)  #: what it has to do; it is at the first one
    begun: bool = False  #: whether it said that it is ready
    done: int = 0  #: tasks that have a result


class WorkerPool:
    """At most *most* processes; each calls ``begin(*given)`` first. Used by one thread.

    A task whose process dies (killed, out of memory) is done once more; where that process dies too, its result is
    BrokenExecutor, and so it is where no process can be started. What else a process had to do, another one does.
    """

    def __init__(
        self,
        most: int,
        settled: int,
        begin: Callable[..., None],
        *given: Any,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """*settled*: tasks after which a process has caught up with what had come while it was being started.

        *loop* reads the answers as they come; without one, :meth:`read` does.
        """
        self._most, self._settled, self._first = most, settled, pickle.dumps((begin, given))
        self._workers: list[_Worker] = []
        self._stillborn = 0
        self._loop = loop

    @property
    def size(self) -> int:
        """Processes there are."""
        return len(self._workers)

    @property
    def pending(self) -> int:
        """Tasks that have no result yet."""
        return sum(len(worker.tasks) for worker in self._workers)

    def has_room(self, most: int) -> bool:
        """Whether a process that has begun has fewer than *most* tasks."""
        return any(worker.begun and len(worker.tasks) < most for worker in self._workers)

    def grow(self) -> bool:
        """Starts another process, unless there are enough or the newest has not settled; says whether it did."""
        if self.size >= self._most or self._stillborn >= _LIVES:
            return False
        if self._workers and self._workers[-1].done < self._settled:
            return False
        try:
            worker = _started()
        except OSError:  # no memory, too many processes: those there are do it
            self._stillborn = _LIVES
            return False
        self._workers.append(worker)
        if self._loop is not None:
            self._loop.add_reader(worker.connection.fileno(), self._receive, worker)
        self._send(worker, self._first)
        return True

    def submit(self, task: Callable[..., T], *given: Any) -> Future[T]:
        """``task(*given)``, called in the process that has the least to do, of those that have begun if any has."""
        result: Future[T] = Future()
        self._give(_Task(pickle.dumps((task, given)), result))
        return result

    def read(self, timeout: float | None = 0.0) -> None:
        """Reads the answers that are there; where there are none, waits *timeout* seconds for one, None without end."""
        workers = {worker.connection: worker for worker in self._workers}
        for connection in wait(list(workers), timeout):
            self._receive(workers[connection])  # type: ignore[index]  # what it was asked of

    def close(self) -> None:
        """Ends the processes; what they still work on is thrown away."""
        self._stillborn = _LIVES  # none is started again
        while self._workers:
            worker = self._workers.pop()
            self._end(worker)
            for task in worker.tasks:
                task.result.cancel()

    def _give(self, task: _Task) -> None:
        if not self._workers:
            self.grow()
        if not self._workers:
            task.result.set_exception(BrokenExecutor("no process can be started"))
            return
        worker = min(self._workers, key=lambda one: (not one.begun, len(one.tasks)))
        worker.tasks.append(task)
        self._send(worker, task.message)

    def _send(self, worker: _Worker, message: bytes) -> None:
        try:
            worker.connection.send_bytes(message)
        except OSError:  # it is dead, or dies: what it had to do is known once its last answers are read
            self._bury(worker)

    def _receive(self, worker: _Worker) -> None:
        """Reads one answer of *worker*, or that it died."""
        try:
            _hear(worker)
        except (EOFError, OSError):
            self._bury(worker)

    def _bury(self, worker: _Worker) -> None:
        """Takes *worker*, which died, out of the pool, and has another one do what it had to do."""
        if worker not in self._workers:
            return
        self._workers.remove(worker)
        with suppress(EOFError, OSError):  # its last answers
            while True:
                _hear(worker)
        self._end(worker)
        self._stillborn += not worker.begun
        for task in islice(worker.tasks, 1 if worker.begun else None):
            task.died += 1
        for task in worker.tasks:
            if task.died < _LIVES:
                self._give(task)
            elif not task.result.done():
                task.result.set_exception(BrokenExecutor("two processes died at it"))

    def _end(self, worker: _Worker) -> None:
        if self._loop is not None:
            self._loop.remove_reader(worker.connection.fileno())
        worker.connection.close()
        worker.process.kill()
        worker.process.wait()


def _started() -> _Worker:
    """A new process. Raises OSError."""
    ours, its = socket.socketpair()
    with ours, its:  # a session of its own: Ctrl-C in a terminal goes to the process that this one works for, alone
        process = subprocess.Popen(  # noqa: S603 - this Python, and a socket
            [sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path), str(its.fileno())],
            stdin=subprocess.DEVNULL, pass_fds=[its.fileno()], start_new_session=True,
        )  # fmt: skip
        return _Worker(process, Connection(ours.detach()))


def _hear(worker: _Worker) -> None:
    """One answer of *worker*: the first says that it has begun. Raises EOFError or OSError where it is dead."""
    message = worker.connection.recv_bytes()
    if not worker.begun:
        worker.begun = True
        return
    worker.done += 1
    result = worker.tasks.popleft().result
    value, error = _read(message)
    if result.done():  # nobody waits for it any more
        return
    if error is None:
        result.set_result(value)
    else:
        result.set_exception(error)


def _read(message: bytes) -> tuple[Any, Exception | None]:
    try:
        answer: tuple[Any, Exception | None] = pickle.loads(message)  # noqa: S301 - of a process of ours
    except Exception as error:  # noqa: BLE001 - raised where the answer is waited for
        return None, error
    return answer


# -- in a worker -----------------------------------------------------------------------------------------------------


def serve(descriptor: int) -> None:
    """Does what comes through the socket *descriptor*, one task after the other; ends with the one that sends them."""
    for number in (signal.SIGINT, signal.SIGTERM):  # service managers signal all processes of a service; this ends last
        signal.signal(number, signal.SIG_IGN)
    connection, messages = Connection(descriptor), queue.SimpleQueue[bytes]()
    threading.Thread(target=_queue_up, args=(connection, messages), daemon=True).start()
    begin, given = pickle.loads(messages.get())  # noqa: S301 - of the process that started this one
    begin(*given)
    with suppress(OSError):  # who reads the answers is gone
        connection.send_bytes(b"begun")
        while True:
            connection.send_bytes(_answer(messages.get()))


def _queue_up(connection: Connection, messages: queue.SimpleQueue[bytes]) -> None:
    """Takes the tasks in as they come, so that who sends one need not wait until there is time for it."""
    with suppress(EOFError, OSError):
        while True:
            messages.put(connection.recv_bytes())
    os._exit(0)  # who sent them is gone, by whatever it died


def _answer(message: bytes) -> bytes:
    try:
        task, given = pickle.loads(message)  # noqa: S301 - of the process that started this one
        return pickle.dumps((task(*given), None))
    except Exception as error:  # noqa: BLE001 - it is raised where the task came from
        raised = RuntimeError(repr(error)) if isinstance(error, StopIteration) else error
        raised.add_note("".join(traceback.format_exception(error)))
        try:
            return pickle.dumps((None, raised))
        except Exception:  # noqa: BLE001 - an error that holds what cannot be sent
            return pickle.dumps((None, RuntimeError(repr(error))))
