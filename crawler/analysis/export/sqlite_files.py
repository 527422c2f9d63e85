"""SQLite files for others, and the store that flat files are written from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from crawler.analysis.export.job import OF_CHOSEN, ExportJob, ForeignTargetError, put, scratch
from crawler.analysis.full_text import CREATE_SEARCH, index_all
from crawler.analysis.meta import read_meta
from crawler.analysis.names import facts
from crawler.analysis.snapshot import Snapshot
from crawler.analysis.sqlite_schema import CREATE, INDEXES, PAGE_LIST_ROWS, script
from crawler.analysis.sqlite_store import SqliteStore
from crawler.analysis.tables import (
    COPIES,
    FIELDS,
    LINKS,
    META,
    PAGE_LIST,
    PAGES,
    PORTALS,
    RUNS,
    SCHEMA,
    TABLES,
    TEXTS,
    VERSIONS,
    VISITS,
    Column,
    Table,
)
from crawler.archive.records.jsonl import Json, encode
from crawler.archive.storage.sqlite import closed_on_error


def to_sqlite(job: ExportJob) -> Json:
    """Makes, or carries on, the SQLite file *job* names, with its search index; returns its row of meta.

    Raises ForeignTargetError, DamagedError, StorageError, BusyError.
    """
    with scratch(job.target) as folder:
        if job.target.exists():
            with _opened(job) as store:
                meta = store.meta()
                snapshot = job.snapshot(meta["run_number"] if meta else 0)
                if (reason := job.start_afresh(meta, snapshot)) is None:
                    store.carry_on(snapshot, facts(snapshot, job.known), job.on_progress)
                    found = store.meta()
                    assert found is not None
                    return found
            job.say(f"{job.target}: rebuilt: {reason}")
        path = folder / "store.sqlite3"
        if job.is_whole:
            with SqliteStore(path, journal="OFF") as store:
                snapshot = job.snapshot()
                store.fill(snapshot, facts(snapshot, job.known), job.on_progress)
                found = store.meta()
        else:
            with SelectedTables(job, folder) as chosen, _for_chosen(job, path) as store:
                found = chosen.meta
                _copy(chosen, store, job)
        put(path, job.target)
        job.target.with_name(f"{job.target.stem}.metadata.yaml").write_bytes(datasette(job.target.stem))
        assert found is not None
        return found


def _for_chosen(job: ExportJob, path: Path) -> SqliteStore:
    return SqliteStore(path, search=job.body != "none", journal="OFF")


def _opened(job: ExportJob) -> SqliteStore:
    try:
        return SqliteStore(job.target)
    except sqlite3.DatabaseError as error:
        raise ForeignTargetError(
            f"{job.target} exists and is not a SQLite file, or is locked: {error}; choose another name"
        ) from error


def _copy(chosen: SelectedTables, store: SqliteStore, job: ExportJob) -> None:
    """Writes what is chosen into *store*, which is empty."""
    store.db.executescript(f"BEGIN; {CREATE} COMMIT;")
    store.db.execute("BEGIN")
    script(store.db, INDEXES["pages"])
    for table in (PAGES, VERSIONS, VISITS, COPIES, LINKS, FIELDS, PORTALS, RUNS):
        names = ", ".join(f'"{name}"' for name in table.names)
        marks = ", ".join("?" for _ in table.names)
        store.db.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", chosen.rows(table, table.columns))
    if job.body == "none":
        store.db.execute("UPDATE versions SET body = NULL")
    values = [chosen.meta[name] for name in META.names]
    store.db.execute(f"INSERT INTO meta VALUES ({', '.join('?' for _ in values)})", values)
    script(store.db, INDEXES["before"] + INDEXES["after"])
    store.db.execute("COMMIT")
    if job.body != "none":
        store.db.execute(CREATE_SEARCH)
        index_all(store.db, job.on_progress, resumable=False)
    if not job.is_plain:  # beside the texts of the versions, which are searched
        store.db.execute("DROP VIEW texts")
        store.db.execute("CREATE TABLE texts (id TEXT PRIMARY KEY, body TEXT)")
        store.db.execute("BEGIN")
        store.db.executemany("INSERT INTO texts VALUES (?, ?)", chosen.rows(TEXTS, TEXTS.columns))
        store.db.execute("COMMIT")
    store.db.execute("VACUUM")


def _filled(job: ExportJob, snapshot: Snapshot, folder: Path) -> sqlite3.Connection:
    store = SqliteStore(folder / "all.sqlite3", search=False, journal="OFF")
    with closed_on_error(store.db):
        store.fill(snapshot, facts(snapshot, job.known), job.on_progress)
    return store.db


def _of_index(path: Path | None, snapshot: Snapshot) -> sqlite3.Connection | None:
    """The index *path*, held as it is now; None where it is not of the run of *snapshot*."""
    if path is None:
        return None
    db = sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True, isolation_level=None)
    with closed_on_error(db):
        db.execute("PRAGMA temp_store=FILE")
        db.execute("BEGIN")
        meta = read_meta(db)
    if meta is not None and (meta["schema"], meta["run_sha256"]) == (SCHEMA, snapshot.sha256):
        return db
    db.close()
    return None


class SelectedTables:
    """The tables as of the run of *job*, and its choice among them.

    They are those of its index where that is of the same run, else of a store made in the scratch *folder*.
    """

    def __init__(self, job: ExportJob, folder: Path) -> None:
        snapshot = job.snapshot()
        self._db = _of_index(job.index, snapshot) or _filled(job, snapshot, folder)
        with closed_on_error(self._db):
            self._choose(job)

    def _choose(self, job: ExportJob) -> None:
        """The choice of *job* as temporary tables beside those that it is made among."""
        db = self._db
        self._order = "first_fetched_at, id" if job.index else "n"  # the same; n alone where it is known to be
        sql, values = job.choice.filters()
        db.execute("CREATE TEMP TABLE chosen (id TEXT PRIMARY KEY) WITHOUT ROWID")
        db.execute(f"INSERT INTO chosen SELECT id FROM pages p WHERE {sql}", values)
        if job.ids is not None:
            db.execute("CREATE TEMP TABLE hits (id TEXT PRIMARY KEY) WITHOUT ROWID")
            db.executemany("INSERT INTO hits VALUES (?)", ((article_id,) for article_id in job.ids))
            db.execute("DELETE FROM chosen WHERE id NOT IN (SELECT id FROM hits)")
        meta = read_meta(db)
        assert meta is not None
        (pages,) = db.execute("SELECT count(*) FROM chosen").fetchone()
        self.meta = job.note(meta) | {"pages": pages}
        self._texts = "texts"
        if not job.is_plain:
            self._texts = "temp.rendered"
            db.execute("CREATE TEMP TABLE rendered (id TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID")
            db.executemany("INSERT INTO rendered VALUES (?, ?)", job.texts)
        self._all = job.choice.is_everything

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def rows(self, table: Table, columns: Sequence[Column]) -> Iterator[Sequence[Any]]:
        """The rows of *table* that are chosen, in a fixed order; of pages also those of PAGE_LIST, and ``body``."""
        if table is META:
            yield [self.meta[column.name] for column in columns]
            return
        where = "" if self._all or table.name not in OF_CHOSEN else f" WHERE {OF_CHOSEN[table.name]}"
        source, order = table.name, ", ".join(f'"{name}"' for name in table.key)
        if table in {PAGES, PAGE_LIST}:
            source = f"(SELECT p.*, t.body FROM ({PAGE_LIST_ROWS}) p LEFT JOIN {self._texts} t ON t.id = p.id)"
            order = self._order
        elif table is TEXTS:
            source = self._texts
        names = ", ".join(f'"{column.name}"' for column in columns)
        yield from self._db.execute(f"SELECT {names} FROM {source}{where} ORDER BY {order}")


def datasette(name: str) -> bytes:
    """Metadata for Datasette of the database *name*: what tables and columns mean. JSON, which is YAML too."""
    tables = {
        table.name: {
            "description": f"A row is {table.row}.",
            "columns": {column.name: column.meaning for column in table.columns},
        }
        for table in TABLES
    }
    return encode({"title": "A citynews archive", "databases": {name: {"tables": tables}}})
