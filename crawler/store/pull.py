"""From a store into a folder: new runs are verified and placed at once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crawler.archive.index.index import Index
from crawler.archive.read.stored import AT_ONCE, StoredFile, StoredPiece, claims_of, fetch, files_of
from crawler.archive.runs import run_file
from crawler.archive.storage import home
from crawler.archive.storage.errors import NoObjectError
from crawler.archive.storage.files import storage
from crawler.archive.storage.home import StoreHome
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.objects import Objects
from crawler.archive.write import archive_readme, recovery, reindex
from crawler.archive.write.transaction import FileTransaction
from crawler.store.chains import ChainComparison, compare, refuse_strangers
from crawler.store.outcome import Transfer

_COPY = 1 << 20
_AGAIN = 3  # times that a pull begins again where a removal took away what it was about to read


def pull(paths: Paths, objects: Objects, name: str, *, light: bool, yield_all: bool = False) -> Transfer:
    """Brings the archive *paths*, whose lock is held, to where *objects* stands; *name*: of the archive there.

    *light*: WARC files stay in the store. A local run whose number another one has there is moved to diverged/; with
    *yield_all* every run is that the store does not have. Raises DamagedError, which names the key, for what is not
    what its run says; UsageError for another archive.
    """
    for attempt in range(_AGAIN):
        try:
            return _pull(paths, objects, name, light, yield_all)
        except NoObjectError:
            if attempt == _AGAIN - 1:
                raise
    raise AssertionError


def _pull(paths: Paths, objects: Objects, name: str, light: bool, yield_all: bool) -> Transfer:
    index = recovery.recover(paths)
    try:
        known = home.read(paths)
        standing = compare(paths, objects)
        if known is None or known.store != objects.url:
            refuse_strangers(paths, objects, standing)
        if standing.here and not standing.there and not yield_all:
            return Transfer(ahead=True)  # a push brings them there
        change = PullPlan(paths, objects, standing, light=light)
        mine = StoreHome(objects.url, name, light, known.token if known else secrets.token_hex(16))
        done = change.do(mine if mine != known else None)
        _follow(paths, index, standing)
        return done
    finally:
        index.close()


class PullPlan:
    """What a pull puts in the place of what is in the folder."""

    def __init__(self, paths: Paths, objects: Objects, standing: ChainComparison, *, light: bool) -> None:
        self.paths, self.objects, self.standing, self.light = paths, objects, standing, light
        self.done = Transfer()
        self._fetches: list[Callable[[], int]] = []

    def do(self, own: StoreHome | None) -> Transfer:
        """Fetches, proves and places it; *own*: what the folder is a copy of, where that is new."""
        mine = claims_of(run for run, _ in [*self.standing.both, *self.standing.here])
        theirs = claims_of(run for run, _ in self.standing.stored)
        have, want = files_of(mine), files_of(theirs)
        diverged = {run["run"] for run, _ in self.standing.here}
        head = run_file.head(self.paths)
        with FileTransaction(self.paths, head, "crawl") as change:
            if own is not None:
                change.write(self.paths.home.name, own.encoded())
            for path, file in want.items():
                self._file(change, have.get(path), file)
            for path in have.keys() - want.keys():
                writers = {span["run"] for span in mine.ranges.get(path, ())}
                self._drop(change, have[path].path, writers & diverged)
            for run, _ in self.standing.here:
                self._drop(change, f"runs/{run['run']}.json", {run["run"]})
            self._fetch()
            for stored in self.standing.there:
                change.write(f"runs/{stored.run['run']}.json", stored.data)
            if not change.empty:
                change.place()
                archive_readme.explain(self.paths.root)
        self.done.runs = [stored.run["run"] for stored in self.standing.there]
        self.done.diverged = sorted(diverged)
        return self.done

    def _file(self, change: FileTransaction, have: StoredFile | None, want: StoredFile) -> None:
        """*want*, made of what is here and what is fetched."""
        path = self.paths.root / want.path
        if have is not None and have == want and path.is_file():
            return
        if want.path.endswith(".warc.gz") and self.light:
            self.done.elsewhere += 1
            if path.is_file():
                change.drop(want.path)
            return
        shared = 0
        if have is not None and have.path == want.path and path.is_file():
            pairs = zip(have.pieces, want.pieces, strict=False)
            shared = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(have.pieces), len(want.pieces)))
        target = change.new(want.path)
        base = want.pieces[shared - 1].end if shared else 0
        with storage(target):
            _copy(path, target, base)
        if have is not None and have.path != want.path:
            change.drop(have.path)  # open here and sealed there
        self._fetches.append(lambda: sum(self._append(target, piece) for piece in want.pieces[shared:]))

    def _fetch(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self.done.size = sum(pool.map(lambda wait: wait(), self._fetches))

    def _append(self, target: Path, piece: StoredPiece) -> int:
        size = fetch(self.objects, piece, target)
        self.done.objects += 1
        return size

    def _drop(self, change: FileTransaction, path: str, diverged: set[str]) -> None:
        """*path* goes; into diverged/ where one of the runs *diverged* wrote it."""
        if (self.paths.root / path).is_file():
            change.drop(path)
            for run in diverged:
                change.keep_as(path, f"diverged/{run}/{path}")


def _follow(paths: Paths, index: Index, standing: ChainComparison) -> None:
    """The index after the files: what was appended is applied; after any other change the next writer rebuilds it.

    A seal changes no line and no offset.
    """
    new = [(run.run, run.sha256) for run in standing.there]
    changes = (run for run, _ in new if run["kind"] != "seal")
    restated = any(entry.get("whole") or entry.get("gone") for run in changes for entry in run["files"])
    if new and not standing.here and not restated and reindex.follow(paths, index, new):
        index.commit()


def _copy(source: Path, target: Path, size: int) -> None:
    """The first *size* bytes of *source* as *target*."""
    with target.open("wb") as out:
        if size:
            with source.open("rb") as file:
                while size > 0 and (chunk := file.read(min(size, _COPY))):
                    size -= out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
