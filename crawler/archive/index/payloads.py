"""Payloads that are archived durably, by digest, with their location: so that the same bytes are not stored twice.

A table in state/ by digest, made from the CDXJ files of whole WARC files and from what this run has synced. It is
repaired by itself: a CDXJ that is new, gone or of another size is read again. May be deleted.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from crawler.archive.storage.layout import Paths
from crawler.archive.storage.sqlite import renewable
from crawler.archive.warc.cdxj import REVISIT
from crawler.article import WarcRef

VERSION = 2
#: A payload that is shorter takes no more space than the revisit record that would stand for it.
SHORTEST = 1024
_TABLES = """
CREATE TABLE files (name TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE payloads (
  digest BLOB PRIMARY KEY, file TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX payloads_of_file ON payloads (file);
"""


class Payloads:
    """The table of the archive at *paths*. Only for who holds its lock. Raises StorageError."""

    def __init__(self, paths: Paths) -> None:
        self._db = renewable(paths.payloads, _TABLES, VERSION)
        self._catch_up(paths.cdxj_files())

    def find(self, digest: str) -> WarcRef | None:
        """Where a record with that payload lies durably; its id is not known."""
        row = self._db.one("SELECT file, offset, length FROM payloads WHERE digest=?", (_key(digest),))
        return WarcRef(row[0], row[1], row[2], "", digest) if row else None

    def add(self, ref: WarcRef) -> None:
        """A record that is durable at *ref*."""
        row = (_key(ref.payload_digest), ref.file, ref.offset, ref.length)
        self._db.do("INSERT OR IGNORE INTO payloads VALUES (?,?,?,?)", row)

    def forget(self, digest: str) -> None:
        """What was to lie there does not."""
        self._db.do("DELETE FROM payloads WHERE digest=?", (_key(digest),))

    def close(self) -> None:
        """Keeps what was added; what is lost by dying before is read from the CDXJ files."""
        self._db.commit()
        self._db.close()

    def abandon(self) -> None:
        """Closes without keeping what was added."""
        self._db.close()

    def _catch_up(self, found: dict[str, Path]) -> None:
        known = dict(self._db.all("SELECT name, size FROM files"))
        sizes = {name: path.stat().st_size for name, path in found.items()}
        for name in [name for name, size in known.items() if sizes.get(name) != size]:
            self._db.do("DELETE FROM payloads WHERE file=?", (name,))
            self._db.do("DELETE FROM files WHERE name=?", (name,))
            known.pop(name)
        for name in sizes.keys() - known.keys():
            self._db.do_many("INSERT OR IGNORE INTO payloads VALUES (?,?,?,?)", _rows(found[name], name))
            self._db.do("INSERT INTO files VALUES (?,?)", (name, sizes[name]))


def _rows(path: Path, file: str) -> list[tuple[bytes, str, int, int]]:
    """The whole payloads that a CDXJ file names."""
    rows = []
    for line in path.read_bytes().splitlines():
        try:
            fields = orjson.loads(line.split(b" ", 2)[2])
            if fields["status"] != "200" or fields["mime"] == REVISIT:
                continue
            rows.append((_key(fields["digest"]), file, int(fields["offset"]), int(fields["length"])))
        except (orjson.JSONDecodeError, IndexError, KeyError, TypeError, ValueError):
            continue  # a damaged index is for verify to find; here it only means a payload that is stored again
    return rows


def _key(digest: str) -> bytes:
    """The bytes of a "sha256:<hex>"."""
    return bytes.fromhex(digest.removeprefix("sha256:"))
