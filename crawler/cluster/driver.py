"""Crawls of many archives: one task per slot at a time, put back where another machine has the turn."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crawler.cluster.attempt import Attempts, attempt
from crawler.exit_codes import Exit, worst
from crawler.values.extras import wanted

_POLL = 0.1  # seconds between two looks at what runs
_BUSY_PAUSE = 5.0  # seconds before an archive is tried again whose turn somebody has
_MOST_FAILURES = 3  # attempts that end with a failing store, or whose workers die
_MOST_CUT = 20  # attempts that a signal ends: machines that go away
_CUT = {Exit.INTERRUPTED, Exit.TERMINATED}


@dataclass(slots=True)
class CrawlTask:
    """An archive to be crawled in this round."""

    archive: str
    arguments: list[str]
    definitions: dict[str, str]  #: portal -> TOML
    lasted: float = 0.0  #: seconds that its last run took: the longest begin first
    attempts: int = 0
    failures: int = 0
    not_before: float = 0.0  #: of time.monotonic()


@dataclass(slots=True)
class CrawlEnded:
    """How the crawl of an archive ended."""

    archive: str
    code: int
    attempts: int
    host: str = ""  #: empty where no attempt ended: its workers died
    said: str = ""  #: the end of its stderr
    summary: Any = None


@dataclass(slots=True)
class ClusterRound:
    """What a driver did."""

    ended: list[CrawlEnded] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  #: archives that were not begun, or cut, when the driver had to stop
    lost: bool = False  #: the scheduler is gone: what its workers did stands in the store

    @property
    def code(self) -> Exit:
        """The worst of all."""
        return worst([*(ended.code for ended in self.ended), *([Exit.UNEXPECTED] if self.lost else [])])


def drive(
    client: Any,
    orders: Iterable[CrawlTask],
    environment: dict[str, str],
    *,
    stop: Callable[[], bool] = lambda: False,
    on_ended: Callable[[CrawlEnded], None] = lambda ended: None,
) -> ClusterRound:
    """Crawls what *orders* name on the workers of *client*; *stop* is asked often. Nothing is kept in the driver.

    What is done stands in the store: the same round again goes on with what is left.
    """
    distributed: Any = wanted("distributed", "cluster")
    client.register_plugin(_plugin(distributed))
    queue = deque(sorted(orders, key=lambda order: -order.lasted))
    archives = {order.archive for order in queue}
    running: dict[Any, CrawlTask] = {}
    done = ClusterRound()
    while (queue or running) and not stop():
        try:
            _begin(client, queue, running, environment)
        except (OSError, TimeoutError):  # of a connection that Dask could not make again
            done.lost = True
            break
        finished = [future for future in running if future.done()]
        if not finished:
            time.sleep(_POLL)
        for future in finished:
            order = running.pop(future)
            ended = _ended(order, future)
            future.release()
            if _again(order, ended):
                queue.append(order)
            else:
                done.ended.append(ended)
                on_ended(ended)
    done.left = sorted(archives - {ended.archive for ended in done.ended})
    for future in running if not done.lost else ():
        future.cancel(force=True)
    return done


def _begin(client: Any, queue: deque[CrawlTask], running: dict[Any, CrawlTask], environment: dict[str, str]) -> None:
    """Submits what is due, no more than there are slots: what waits in a worker waits behind the wrong one."""
    slots = sum(client.nthreads().values())
    for _ in range(len(queue)):
        if len(running) >= slots:
            return
        order = queue.popleft()
        if order.not_before > time.monotonic():
            queue.append(order)
            continue
        order.attempts += 1
        future = client.submit(
            attempt, order.arguments, order.definitions, environment,
            key=f"crawl-{order.archive}-{order.attempts}-{time.monotonic_ns()}", pure=False, retries=0,
        )  # fmt: skip
        running[future] = order


def _ended(order: CrawlTask, future: Any) -> CrawlEnded:
    if future.status == "finished":
        found = future.result()
        return CrawlEnded(
            order.archive, found["exit_code"], order.attempts, found["host"], found["said"], found["summary"]
        )  # fmt: skip
    error = future.exception() if future.status == "error" else future.status
    return CrawlEnded(order.archive, int(Exit.UNEXPECTED), order.attempts, said=f"{type(error).__name__}: {error}")


def _again(order: CrawlTask, ended: CrawlEnded) -> bool:
    """Whether *order* is tried again, behind the others."""
    if ended.code == Exit.BUSY:
        order.not_before = time.monotonic() + _BUSY_PAUSE
        return True
    if ended.code in set(map(int, _CUT)):
        asked_to = bool(((ended.summary or {}).get("store") or {}).get("stopped"))
        return not asked_to and order.attempts < _MOST_CUT
    if ended.code == Exit.STORAGE or not ended.host:
        order.failures += 1
        return order.failures < _MOST_FAILURES
    return False


def _plugin(distributed: Any) -> Any:
    """The plugin as Dask wants it: of a class of its own."""
    return type("AttemptsPlugin", (Attempts, distributed.WorkerPlugin), {})()


def groups_of(sites: Sequence[tuple[str, frozenset[str]]]) -> list[list[str]]:
    """Names of portals that share a site, together: (name, sites) -> groups, in the order of their first names."""
    groups: list[tuple[list[str], set[str]]] = []
    for name, own in sites:
        touching = [group for group in groups if any(_same(one, other) for one in group[1] for other in own)]
        merged = ([task for group in touching for task in group[0]] + [name], set(own).union(*(g[1] for g in touching)))
        groups = [group for group in groups if group not in touching] + [merged]
    return [names for names, _ in groups]


def _same(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
