"""Which payloads are archived durably, and where: so that the same bytes need not be stored twice.

A table in state/ by digest, made from the CDXJ files of whole WARC files and from what this run has synced. It is
mended by itself: a CDXJ that is new, gone or of another size is read again. May be deleted.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import orjson

from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.layout import Paths

VERSION = 1
#: A payload that is shorter takes no more room than the revisit record that would stand for it.
SHORTEST = 1024
_REVISIT = "warc/revisit"
_TABLES = """
CREATE TABLE files (name TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE payloads (
  digest BLOB PRIMARY KEY, file TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX payloads_of_file ON payloads (file);
"""
Place = tuple[str, int, int]  #: file relative to warc/, offset, length


class Payloads:
    """The table of the archive at *paths*. Only for who holds its lock. Raises StorageError."""

    def __init__(self, paths: Paths) -> None:
        self._path = paths.payloads
        try:
            self._db = _opened(self._path)
            self._db.execute("BEGIN")
            self._catch_up(paths.warc)
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{self._path}: the table of payloads cannot be used: {error}") from error

    def find(self, digest: str) -> Place | None:
        """Where a payload with *digest* lies durably."""
        query = "SELECT file, offset, length FROM payloads WHERE digest=?"
        row: Place | None = self._do(query, (_key(digest),)).fetchone()
        return row

    def add(self, digest: str, place: Place) -> None:
        """A payload that is durable at *place*."""
        self._do("INSERT OR IGNORE INTO payloads VALUES (?,?,?,?)", (_key(digest), *place))

    def forget(self, digest: str) -> None:
        """What was to lie there does not."""
        self._do("DELETE FROM payloads WHERE digest=?", (_key(digest),))

    def close(self) -> None:
        """Keeps what was added; what is lost by dying before is read from the CDXJ files."""
        self._do("COMMIT", ())
        self._db.close()

    def abandon(self) -> None:
        """Closes without keeping what was added."""
        self._db.close()

    def _catch_up(self, folder: Path) -> None:
        known = dict(self._db.execute("SELECT name, size FROM files").fetchall())
        found = {f"{path.parent.name}/{path.name}": path for path in sorted(folder.glob("*/*.cdxj"))}
        sizes = {name: path.stat().st_size for name, path in found.items()}
        for name in [name for name, size in known.items() if sizes.get(name) != size]:
            self._db.execute("DELETE FROM payloads WHERE file=?", (_warc(name),))
            self._db.execute("DELETE FROM files WHERE name=?", (name,))
            known.pop(name)
        for name in sizes.keys() - known.keys():
            rows = _rows(found[name], _warc(name))
            self._db.executemany("INSERT OR IGNORE INTO payloads VALUES (?,?,?,?)", rows)
            self._db.execute("INSERT INTO files VALUES (?,?)", (name, sizes[name]))

    def _do(self, query: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        try:
            return self._db.execute(query, values)
        except sqlite3.Error as error:
            raise StorageError(f"{self._path}: the table of payloads cannot be used: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    """The database in *path*, made anew where it is none of this version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for last in (False, True):
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            if not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                db.executescript(f"BEGIN; {_TABLES} COMMIT;")
                db.execute(f"PRAGMA user_version={VERSION}")
            if db.execute("PRAGMA user_version").fetchone() == (VERSION,):
                return db
        except sqlite3.OperationalError:  # disk full, read-only, I/O error
            db.close()
            raise
        except sqlite3.DatabaseError:
            if last:
                raise
        db.close()
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}{suffix}").unlink()
    raise sqlite3.DatabaseError("it cannot be made anew")


def _rows(path: Path, file: str) -> list[tuple[bytes, str, int, int]]:
    """The whole payloads that a CDXJ file names."""
    rows = []
    for line in path.read_bytes().splitlines():
        try:
            fields = orjson.loads(line.split(b" ", 2)[2])
            if fields["status"] != "200" or fields["mime"] == _REVISIT:
                continue
            rows.append((_key(fields["digest"]), file, int(fields["offset"]), int(fields["length"])))
        except (orjson.JSONDecodeError, IndexError, KeyError, TypeError, ValueError):
            continue  # a damaged index is for verify to find; here it only means a payload that is stored again
    return rows


def _warc(name: str) -> str:
    return name.removesuffix(".cdxj") + ".warc.gz"


def _key(digest: str) -> bytes:
    """The bytes of a "sha256:<hex>"."""
    return bytes.fromhex(digest.removeprefix("sha256:"))
