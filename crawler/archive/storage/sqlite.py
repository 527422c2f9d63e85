"""Permanent SQLite files, with disk failures as StorageError. Temporary ones: scratch.py."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.files import storage, sync_folder

CACHE_KIB = 8_192  #: the system keeps more of the file in memory that it has to spare
_SIDE_FILES = ("", "-wal", "-shm", ".sound")


class Closable(Protocol):
    """A connection to a database, SQLite's or DuckDB's."""

    def close(self) -> None:
        """Closes it; closing twice is allowed."""


class UnreadableError(StorageError):
    """The file is not a database of ours: it can be rebuilt."""


class Database:
    """The tables *tables* in *path* (``:memory:`` for what is thrown away), inside a transaction that is left open.

    A new file gets *version* as its user_version. *beside*: it is built to take another's place (:func:`put_in_place`),
    and thrown away where that fails: without a log, so that however much is written, nothing is written twice. Raises
    StorageError where the file cannot be used.
    """

    def __init__(self, path: Path | str, tables: str, version: int = 0, *, beside: bool = False) -> None:
        self.fresh = False  #: whether the tables have just been made
        self._marker = CleanCloseMarker(path) if isinstance(path, Path) else None
        self._sound = False  # as far as is known
        self._failures = _Failures(path, self._failed)
        self.on_error: Callable[[StorageError], None] = lambda error: None  #: called with each failure, then raised
        db: sqlite3.Connection | None = None
        try:
            if isinstance(path, Path):
                path.parent.mkdir(parents=True, exist_ok=True)
            self._sound = self._marker is not None and self._marker.take()
            self._db = db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            db.execute(f"PRAGMA journal_mode={'OFF' if beside else 'WAL'}")
            db.execute(f"PRAGMA cache_size=-{CACHE_KIB}")  # band keys lie all over the table of near copies
            # the files are the truth; a lost tail is applied again
            db.execute(f"PRAGMA synchronous={'OFF' if beside else 'NORMAL'}")
            if not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                db.executescript(f"BEGIN; {tables} PRAGMA user_version={version}; COMMIT;")
                self.fresh = True
            self.version = int(db.execute("PRAGMA user_version").fetchone()[0])
            db.execute("BEGIN")
        except (sqlite3.Error, OSError) as error:
            if db is not None:
                db.close()
            known = isinstance(error, OSError | sqlite3.OperationalError)  # disk full, read-only, I/O error
            kind = StorageError if known else UnreadableError
            raise kind(f"{path}: this part of the index cannot be used: {error}") from error

    def sound(self) -> bool:
        """Whether SQLite finds nothing wrong with the file: asked once, then again after an unclean end or a change."""
        try:
            self._sound = self._sound or bool(self.one("PRAGMA quick_check(1)") == ("ok",))
        except UnreadableError:
            self._sound = False
        return self._sound

    def do(self, query: str, values: tuple[Any, ...] = ()) -> None:
        """Runs *query*. Raises StorageError."""
        with self._failures:
            self._db.execute(query, values)

    def do_many(self, query: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Runs *query* with each of *rows*. Raises StorageError."""
        with self._failures:
            self._db.executemany(query, rows)

    def one(self, query: str, values: tuple[Any, ...] = ()) -> Any:
        """The first row, or None."""
        with self._failures:
            return self._db.execute(query, values).fetchone()

    def all(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Every row."""
        with self._failures:
            return self._db.execute(query, values).fetchall()

    def commit(self) -> None:
        """Makes everything so far durable. Raises StorageError."""
        self.do("COMMIT")
        self.do("BEGIN")

    def rollback(self) -> None:
        """Forgets everything since the last commit."""
        self._db.execute("ROLLBACK")
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Closes without committing."""
        self._db.close()
        if self._marker is not None and (self._sound or self.fresh):
            self._marker.put()

    def _failed(self, error: StorageError) -> None:
        if isinstance(error, UnreadableError):  # whoever opens the file next has it checked
            self._sound = self.fresh = False
        self.on_error(error)


def open_reading(path: Path) -> sqlite3.Connection:
    """*path* for readers only, which leave no side file behind. Raises sqlite3.Error.

    Where there is no write-ahead log nobody writes: SQLite need not prepare to share the file.
    """
    shared = path.with_name(f"{path.name}-wal").exists() and os.access(path.parent, os.W_OK)
    options = "mode=ro" if shared else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{options}", uri=True)


@contextlib.contextmanager
def closed_on_error(db: Closable) -> Iterator[None]:
    """Closes *db* where what follows its opening raises: whoever asked for it never gets it."""
    try:
        yield
    except BaseException:  # an interruption too: nobody else has the connection
        db.close()
        raise


def delete(path: Path) -> None:
    """Deletes the SQLite file *path* and what SQLite keeps with it. Raises OSError."""
    for suffix in _SIDE_FILES:
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def put_in_place(built: Path, path: Path) -> None:
    """*built*, which is closed, becomes the SQLite file *path*, whole and durable. Raises StorageError.

    Who reads *path* goes on with what was there. A death in between leaves the new file or none.
    """
    with storage(path):
        with built.open("rb+") as file:
            os.fsync(file.fileno())
        delete(path)
        built.replace(path)
        CleanCloseMarker.move(built, path)
        sync_folder(path.parent)


def renewable(path: Path, tables: str, version: int) -> Database:
    """The database in *path*, created again where it is unreadable or of another version. Raises StorageError."""
    with contextlib.suppress(UnreadableError):
        database = Database(path, tables, version)
        if database.version == version:
            return database
        database.close()
    delete(path)
    return Database(path, tables, version)


class CleanCloseMarker:
    """A file next to the SQLite file *path* that says: found sound, closed in order, and since then as it was.

    SQLite reads a whole file to find it sound; one that nobody has touched since need not be read again. The marker is
    taken away while the file is open: a process that dies leaves none.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, Path(f"{path}.sound")

    def take(self) -> bool:
        """Takes the marker away; whether it was there and right. Before the file is opened. Raises OSError."""
        try:
            state = self._file.read_text("ascii", errors="replace")
        except FileNotFoundError:
            return False
        self._file.unlink()
        return state == self._state()

    def put(self) -> None:
        """Marks the closed file. Without a marker the file is only checked again: a failure to write it is none."""
        try:
            if state := self._state():
                self._file.write_text(state, "ascii")
        except OSError:
            return

    @staticmethod
    def move(built: Path, path: Path) -> None:
        """The marker of *built*, which was renamed to *path*, becomes that of *path*."""
        with contextlib.suppress(OSError):
            Path(f"{built}.sound").replace(f"{path}.sound")

    def _state(self) -> str:
        """Size and time of the last change, in ns; nothing where a write-ahead log still belongs to the file."""
        if not self._path.exists() or Path(f"{self._path}-wal").exists():
            return ""
        stat = self._path.stat()
        return f"{stat.st_size} {stat.st_mtime_ns}"


class _Failures:
    """What SQLite raises of the disk, as StorageError, *failed* called with it first.

    Entered at every query, so it is no generator.
    """

    def __init__(self, path: Path | str, failed: Callable[[StorageError], None]) -> None:
        self._path, self._failed = path, failed

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if isinstance(error, sqlite3.OperationalError):  # disk full, read-only, I/O error
            failure = StorageError(f"{self._path}: the index cannot be used: {error}")
        elif type(error) is sqlite3.DatabaseError:  # its subclasses, but for the one above, are mistakes of our own
            what = "the index is damaged, and will be rebuilt from the files"
            failure = UnreadableError(f"{self._path}: {what}: {error}")
        else:
            return
        self._failed(failure)
        raise failure from error
