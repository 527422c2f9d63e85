"""The parallel half of a replay on a cluster: pages are read and extracted by its workers, decided where it began."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crawler.assembly import prepare_process
from crawler.replay.places import Place
from crawler.replay.restoring import MakePool, RestorePool, Restoring, restore_chunk
from crawler.replay.visits import Archived
from crawler.values.worker_pool import AHEAD


class _Workers:
    """The workers of *client*, each of which has *archived*."""

    def __init__(self, client: Any, archived: Any, slots: int) -> None:
        self._client, self._archived = client, archived
        self._most = AHEAD * slots

    def has_room(self, pending: int) -> bool:
        return pending < self._most

    def submit(self, chunk: list[Place]) -> Restoring:
        restoring: Restoring = self._client.submit(_restore, self._archived, chunk, pure=False)
        return restoring

    def grow(self) -> None:
        """The cluster is as large as it is."""

    def may_help(self, pending: int) -> bool:
        return False


def workers(client: Any) -> MakePool:
    """A pool of the workers of *client*. They read the WARC files under the paths that they have here."""

    @contextmanager
    def make(archived: Archived) -> Iterator[RestorePool]:
        everywhere = client.scatter(archived, broadcast=True)
        yield _Workers(client, everywhere, sum(client.nthreads().values()))

    return make


def _restore(archived: Archived, chunk: list[Place]) -> Any:
    prepare_process()
    return restore_chunk(archived, chunk)
