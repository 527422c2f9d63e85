"""One SQLite file, with the failures of the disk as StorageError."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.soundness import CleanCloseMarker

CACHE_KIB = 8_192  #: the system keeps more of the file in memory that it has to spare


class UnreadableError(StorageError):
    """The file is no index: it can be made anew."""


class Database:
    """The tables *tables* in *path* (``:memory:`` for what is thrown away), inside a transaction that is left open.

    Raises StorageError where the file cannot be used.
    """

    def __init__(self, path: Path | str, tables: str) -> None:
        self.fresh = False  #: whether the tables have just been made
        self._stamp = CleanCloseMarker(path) if isinstance(path, Path) else None
        self._sound = False  # as far as is known
        self._failures = _Failures(path, self._failed)
        self.on_error: Callable[[StorageError], None] = lambda error: None  #: told of each failure before it is raised
        try:
            if isinstance(path, Path):
                path.parent.mkdir(parents=True, exist_ok=True)
            self._sound = self._stamp is not None and self._stamp.take()
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute(f"PRAGMA cache_size=-{CACHE_KIB}")  # band keys lie all over the table of near copies
            self._db.execute("PRAGMA synchronous=NORMAL")  # the files are the truth; a lost tail is applied again
            if not self._db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                self._db.executescript(f"BEGIN; {tables} COMMIT;")
                self.fresh = True
            self._db.execute("BEGIN")
        except (sqlite3.Error, OSError) as error:
            known = isinstance(error, OSError | sqlite3.OperationalError)  # disk full, read-only, I/O error
            kind = StorageError if known else UnreadableError
            raise kind(f"{path}: the index cannot be used: {error}") from error

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

    def do_many(self, query: str, rows: list[tuple[Any, ...]]) -> None:
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
        if self._stamp is not None and (self._sound or self.fresh):
            self._stamp.put()

    def _failed(self, error: StorageError) -> None:
        if isinstance(error, UnreadableError):  # whoever opens the file next has it checked
            self._sound = self.fresh = False
        self.on_error(error)


class _Failures:
    """What SQLite raises of the disk, as StorageError, told to *failed* first. Entered at every query, so it is no
    generator."""

    def __init__(self, path: Path | str, failed: Callable[[StorageError], None]) -> None:
        self._path, self._failed = path, failed

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if isinstance(error, sqlite3.OperationalError):  # disk full, read-only, I/O error
            found = StorageError(f"{self._path}: the index cannot be used: {error}")
        elif type(error) is sqlite3.DatabaseError:  # its subclasses, but for the one above, are mistakes of our own
            found = UnreadableError(
                f"{self._path}: the index is damaged, and will be made anew from the files: {error}"
            )
        else:
            return
        self._failed(found)
        raise found from error
