"""The tables, and the search index over them, in one SQLite file that every SQLite opens.

The first filling goes in steps, each a transaction that says how far it came, so that a kill costs one step. Carrying
on is one transaction: lines that runs wrote since are read, what they touch is derived again (``derive``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from crawler.analysis import full_text, rows, sqlite_derived
from crawler.analysis.meta import read_meta
from crawler.analysis.names import PortalFacts
from crawler.analysis.row_batches import RowBatch, row_batches
from crawler.analysis.snapshot import ByteRange, OnProgress, Snapshot
from crawler.analysis.sqlite_schema import CREATE, INDEXES, READING, marks, script
from crawler.analysis.tables import SCHEMA, VERSIONS, VISITS
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.sqlite import closed_on_error

STEP = 20_000  #: lines that are written at a time; a first filling is saved after as many
_KEYS = (("versions", "revision"), ("visits", "at"))


class SqliteStore:
    """The file *path*. ``fill`` brings it up to a snapshot; *search*: with the search index.

    *journal*: WAL for a file that others read meanwhile, OFF for one that is of no use if it is cut short.
    """

    def __init__(self, path: Path, *, search: bool = True, journal: Literal["DELETE", "WAL", "OFF"] = "DELETE") -> None:
        self.path, self._search = path, search
        self.db = sqlite3.connect(path, isolation_level=None)
        with closed_on_error(self.db):
            self.db.executescript(
                f"PRAGMA journal_mode={journal}; PRAGMA synchronous={'OFF' if journal == 'OFF' else 'NORMAL'};"
                # after `citynews remove` everything is rebuilt: pages that are freed hold nothing that is removed
                "PRAGMA secure_delete=OFF;"
                "PRAGMA cache_size=-65536; PRAGMA temp.cache_size=-32768; PRAGMA temp_store=FILE;"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def meta(self) -> Json | None:
        """The row of meta; None in a file that is not whole, or that is none of ours."""
        return read_meta(self.db)

    def reason_to_start_afresh(self, snapshot: Snapshot) -> str | None:
        """Why what is there cannot be carried on to *snapshot*; None where it can."""
        meta = self.meta()
        if meta is None:
            return "it is not whole"
        if meta["schema"] != SCHEMA:
            return f"its tables are {meta['schema']}, those of this version {SCHEMA}"
        if meta["archive"] != snapshot.archive:
            return "it was made from another archive"
        if meta["filters"] != "{}" or meta["body"] != "text":
            return "it was made with a choice"
        if (not self._search and self._has("search")) or (self._search and not self._has("search")):
            return "it was made with another choice of search"
        return snapshot.follows(meta["run_number"], meta["run_sha256"])

    def can_go_on(self, snapshot: Snapshot) -> bool:
        """Whether a filling of this file was cut short that *snapshot* may finish."""
        try:
            row = self.db.execute("SELECT * FROM begun").fetchone()
        except sqlite3.DatabaseError:
            return False
        return row is not None and row[:2] == (SCHEMA, snapshot.archive) and snapshot.follows(*row[2:]) is None

    # -- the first filling -------------------------------------------------------------------------------------------

    def fill(
        self, snapshot: Snapshot, facts: Mapping[str, PortalFacts], on_progress: OnProgress = lambda done, total: None
    ) -> None:
        """Fills an empty file, or goes on with one whose filling was cut short. Raises DamagedError."""
        if not self._has("progress"):
            index = f"{full_text.CREATE_SEARCH};" if self._search else ""
            self.db.executescript(f"BEGIN; {CREATE} {READING} {index} COMMIT;")
            self.db.execute(
                "INSERT INTO begun VALUES (?,?,?,?)", (SCHEMA, snapshot.archive, snapshot.number, snapshot.sha256)
            )
        if not self._has("pages"):
            self._read_all(snapshot, on_progress)
            self.db.execute("BEGIN")
            self._index_keys()
            sqlite_derived.derive_tables(self.db, snapshot, facts, fresh=True, search=self._search, visits_before=0)
            script(self.db, INDEXES["after"])
            self.db.execute("UPDATE begun SET run_number = ?, run_sha256 = ?", (snapshot.number, snapshot.sha256))
            self.db.execute("COMMIT")
        else:
            (number,) = self.db.execute("SELECT run_number FROM begun").fetchone()
            snapshot = Snapshot.of(snapshot.paths, until=number)
        if self._search:
            full_text.index_all(self.db, on_progress, resumable=True)
        self.db.execute("BEGIN")
        sqlite_derived.write_meta(self.db, snapshot, None, {})
        script(self.db, "DROP TABLE progress; DROP TABLE begun;")
        self.db.execute("COMMIT")
        self.db.execute("ANALYZE")

    def _read_all(self, snapshot: Snapshot, on_progress: OnProgress) -> None:
        ranges = snapshot.ranges()
        total = sum(byte_range.end for byte_range in ranges)
        reached = dict(self.db.execute("SELECT path, reached FROM progress"))
        read, unsaved = sum(reached.values()), 0
        self.db.execute("BEGIN")
        for span in ranges:
            begin = reached.get(span.path, 0)
            for done, batch in row_batches(snapshot, ByteRange(span.path, begin, span.end), STEP):
                self._write(batch, span.path, done)
                read, begin, unsaved = read + done - begin, done, unsaved + len(batch)
                if unsaved >= STEP:
                    self.db.execute("COMMIT")
                    on_progress(read, total)
                    self.db.execute("BEGIN")
                    unsaved = 0
        self.db.execute("COMMIT")

    def _index_keys(self) -> None:
        """The keys of what was read, once it is all there. Raises DamagedError."""
        try:
            script(self.db, INDEXES["before"])
        except sqlite3.IntegrityError as error:
            twice = "SELECT id FROM {} GROUP BY id, {} HAVING count(*) > 1 LIMIT 1"
            found = next(filter(None, (self.db.execute(twice.format(*key)).fetchone() for key in _KEYS)))
            raise DamagedError(f"{found[0]} is archived twice; run `citynews verify`") from error

    # -- carrying on -------------------------------------------------------------------------------------------------

    def carry_on(
        self, snapshot: Snapshot, facts: Mapping[str, PortalFacts], on_progress: OnProgress = lambda done, total: None
    ) -> None:
        """Adds what runs wrote since, in one transaction. Raises DamagedError."""
        meta = self.meta()
        assert meta is not None
        if meta["run"] == snapshot.run:
            return
        ranges = snapshot.ranges(since=meta["run_number"])
        total, read = sum(byte_range.end - byte_range.start for byte_range in ranges), 0
        visits = sqlite_derived.last_visit(self.db)
        self.db.execute("BEGIN")
        try:
            script(self.db, READING.replace("CREATE TABLE", "CREATE TEMP TABLE"))
            for span in ranges:
                begin = span.start
                for done, batch in row_batches(snapshot, span, STEP):
                    self._write(batch, span.path, done)
                    self._touch(batch)
                    read, begin = read + done - begin, done
                    on_progress(read, total)
            came_in = sqlite_derived.derive_tables(
                self.db, snapshot, facts, fresh=False, search=self._search, visits_before=visits
            )
            sqlite_derived.write_meta(self.db, snapshot, meta, came_in)
            script(self.db, "DROP TABLE temp.progress; DROP TABLE temp.begun;")
            self.db.execute("COMMIT")
        except BaseException:  # an interruption too: the tables stay as they were
            self.db.execute("ROLLBACK")
            raise

    # -- both --------------------------------------------------------------------------------------------------------

    def _write(self, batch: RowBatch, path: str, reached: int) -> None:
        many = self.db.executemany
        try:
            many(f"INSERT INTO new_heads VALUES ({marks(rows.HEAD)})", batch.heads)
            many(f"INSERT INTO new_pairs VALUES ({marks(rows.PAIR)})", batch.pairs)
            many("INSERT INTO new_links VALUES (?,?,?,?,?,?,?)", batch.links)
            many(f"INSERT INTO versions VALUES ({marks(VERSIONS.names)})", batch.versions)
            many(f"INSERT INTO visits VALUES ({marks(VISITS.names)})", batch.visits)
        except sqlite3.IntegrityError as error:
            raise DamagedError(
                f"{path}: before byte {reached}: occurs twice: {error}; run `citynews verify`"
            ) from error
        many(
            "INSERT INTO field_counts VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET pages = pages + excluded.pages",
            ((*key, count) for key, count in batch.counts.items()),
        )
        many(
            "INSERT INTO line_counts VALUES (?,?,?) ON CONFLICT DO UPDATE"
            " SET lines = lines + excluded.lines, removed = removed + excluded.removed",
            ((stream, count, batch.buried[stream]) for stream, count in batch.lines.items()),
        )
        self.db.execute("INSERT OR REPLACE INTO progress VALUES (?,?)", (path, reached))

    def _touch(self, batch: RowBatch) -> None:
        for rows_read in (batch.heads, batch.visits):
            self.db.executemany("INSERT OR IGNORE INTO touched VALUES (?)", ((row[0],) for row in rows_read))

    def _has(self, name: str) -> bool:
        return self.db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None
