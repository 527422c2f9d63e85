"""The search index of an archive: a SQLite store outside of it, updated from finished runs."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.analysis import query
from crawler.analysis.meta import read_meta
from crawler.analysis.names import Known, facts, unknown
from crawler.analysis.snapshot import OnProgress, Snapshot, archive_id, number_of
from crawler.analysis.sqlite_store import SqliteStore
from crawler.archive.storage.errors import BusyError, DamagedError, StorageError
from crawler.archive.storage.files import storage_error
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.archive.storage.sqlite import closed_on_error

_PATIENCE = 30  #: seconds to wait for another process that is at the index


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """Where the index of an archive lies."""

    root: Path
    path: Path
    until: int | None = None  #: number of the run that it is as of; None: the last finished one

    @classmethod
    def of(cls, root: Path, path: Path | None = None, until: int | None = None) -> SearchIndex | None:
        """The index of the archive *root*, at *path* or in the user's cache; None where no run has finished yet."""
        if path is not None:
            return cls(root, path, until)
        archive = archive_id(Paths(root))
        name = "index.sqlite3" if until is None else f"index-{until}.sqlite3"
        return None if archive is None else cls(root, default_folder(archive) / name, until)

    def bring_up(
        self,
        known: Known = unknown,
        on_progress: OnProgress = lambda done, total: None,
        say: Callable[[str], None] = print,
    ) -> None:
        """Makes the index, or adds what runs wrote since; *say* gets the reason when it is rebuilt.

        Where another process is at it, what it has made so far must do; with nothing there, this one waits.
        Raises DamagedError, StorageError, BusyError; LookupError where it is as of a run that is not to be had again.
        """
        if self.until is not None:
            number_of(Paths(self.root), str(self.until))
        try:
            lock = Lock(self.path.with_name(self.path.name + ".lock"), wait=0 if self.path.exists() else 3600)
        except BusyError:
            return
        try:
            with storing(self.path):
                self._bring_up(known, on_progress, say)
        finally:
            lock.release()

    def _bring_up(self, known: Known, on_progress: OnProgress, say: Callable[[str], None]) -> None:
        if self.path.exists():
            with SqliteStore(self.path, journal="WAL") as store:
                meta = store.meta()
                snapshot = Snapshot.of(self.root, until=self.until, since=meta["run_number"] if meta else 0)
                reason = store.reason_to_start_afresh(snapshot)
                if reason is None:
                    if meta and meta["run"] != snapshot.run:
                        store.carry_on(snapshot, facts(snapshot, known), on_progress)
                    return
            say(f"{self.path}: rebuilt: {reason}")
        snapshot = Snapshot.of(self.root, until=self.until)
        building = self.path.with_name(self.path.name + ".building")
        with SqliteStore(building, journal="WAL") as store:
            begun = store.can_go_on(snapshot)
        if not begun:
            remove_store(building)
        try:
            with SqliteStore(building, journal="WAL") as store:
                store.fill(snapshot, facts(snapshot, known), on_progress)
                store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except DamagedError:  # what was read of it is of no use once it is repaired
            remove_store(building)
            raise
        remove_store(self.path)
        building.rename(self.path)
        assert snapshot.archive is not None
        if self.path != default_folder(snapshot.archive) / self.path.name:
            remember(snapshot.archive, self.path)

    def open(self, *, shared: bool = False) -> sqlite3.Connection:
        """A connection for reading; ``query.condition`` works on it. *shared*: threads may use it, one at a time."""
        uri = f"file:{self.path.as_posix()}?mode=ro"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=not shared)
        with closed_on_error(db):
            db.row_factory = sqlite3.Row
            db.executescript("PRAGMA cache_size=-65536; PRAGMA temp_store=FILE;")
            query.prepare(db)
            assert read_meta(db) is not None
        return db


def default_folder(archive: str) -> Path:
    """The folder in the user's cache for the archive with the id *archive*."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "citynews" / archive


def remove_store(path: Path) -> None:
    """Takes the SQLite file *path* away, with its side files."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextlib.contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turns what SQLite and the disk say of writing *path* into StorageError."""
    try:
        yield
    except OSError as error:
        raise storage_error(path, error) from error
    except sqlite3.OperationalError as error:
        raise StorageError(f"{path}: {error}") from error


def purge(archive: str) -> bool:
    """Deletes the default indexes of *archive*; returns whether there was one. Raises BusyError, StorageError."""
    files = default_folder(archive).glob("index*.sqlite3*")
    names = {file.name[: file.name.index(".sqlite3")] + ".sqlite3" for file in files if file.suffix != ".lock"}
    for path in (default_folder(archive) / name for name in sorted(names)):
        with Lock(path.with_name(path.name + ".lock"), wait=_PATIENCE), storing(path):
            remove_store(path)
            remove_store(path.with_name(path.name + ".building"))
    return bool(names)


def remember(archive: str, target: Path) -> None:
    """Notes that *target* was made of *archive*, so that `citynews remove` can name it. Never fails."""
    with contextlib.suppress(OSError):
        file = default_folder(archive) / "exports"
        file.parent.mkdir(parents=True, exist_ok=True)
        known = file.read_bytes().split(b"\n") if file.exists() else []  # a name may be no UTF-8
        if (path := os.fsencode(target.resolve())) not in known:
            file.write_bytes(b"\n".join([*filter(None, known), path, b""]))


def made_of(archive: str) -> list[Path]:
    """The exports, and the indexes elsewhere, that this user made of *archive* and that are still there."""
    file = default_folder(archive) / "exports"
    names = file.read_bytes().split(b"\n") if file.exists() else []
    return [path for path in map(Path, map(os.fsdecode, filter(None, names))) if path.exists()]
