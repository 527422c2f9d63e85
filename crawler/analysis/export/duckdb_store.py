"""The tables in DuckDB, for Parquet and DuckDB files. DuckDB reads the lines itself; nothing is downloaded.

``duckdb_derived`` derives the rest from what is read here. Lines come in files of some megabytes, cut from
the byte ranges of finished runs, so that sealed months, months under way and torn lines make no difference to it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from errno import EDQUOT, EFBIG, EIO, ENOSPC, EROFS
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

import orjson

from crawler.analysis.export.duckdb_lines import Kept, LineReader, quoted
from crawler.analysis.export.partitions import TYPES
from crawler.analysis.selection import Selection
from crawler.analysis.snapshot import OnProgress, Snapshot
from crawler.analysis.tables import (
    COPIES,
    FIELDS,
    META,
    PAGES,
    PORTALS,
    RUNS,
    Table,
)
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.layout import STREAMS
from crawler.archive.storage.sqlite import closed_on_error
from crawler.values.extras import wanted

if TYPE_CHECKING:
    import duckdb

LIMIT = "270MB"  #: of memory; with what Python needs, 600 MiB
THREADS = 2  #: of a query
_NO_ROOM = "max_temp_directory_size"
#: What DuckDB says where a disk does not take what is written; its errors have many classes.
_DISK = re.compile(f"{_NO_ROOM}|(?<=: )({'|'.join(map(os.strerror, (ENOSPC, EDQUOT, EROFS, EIO, EFBIG)))})")
_MOMENT = "strftime({} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
#: (table, column) -> type, of what rows are loaded into from here.
_LOADED = {(table.name, column.name): TYPES[column.kind] for table in (PORTALS, RUNS, META) for column in table.columns}
_LOADED |= {
    ("changed", name): kind
    for name, kind in (("id", "VARCHAR"), ("revision", "BIGINT"), ("added", "BIGINT"), ("removed", "BIGINT"))
}
_LOADED |= {("sources", name): "VARCHAR" for name in ("portal", "source", "source_norm", "source_portal")}
_LOADED |= {("field_counts", name): "VARCHAR" for name in ("portal", "month", "field", "how")}
_LOADED |= {("field_counts", "pages"): "BIGINT"}
_LOADED |= {("rendered", name): "VARCHAR" for name in ("id", "body")}
_LOADED |= {("worked", name): "VARCHAR" for name in ("url", "id")} | {("hits", "id"): "VARCHAR"}


class DuckStore:
    """The tables in the DuckDB file *path*, under way. *scratch*: a folder for what is needed meanwhile."""

    def __init__(self, path: Path, scratch: Path) -> None:
        self._duckdb: ModuleType = wanted("duckdb")
        self.path, self._scratch = path, scratch
        self.db = self._connected()

    def _connected(self) -> duckdb.DuckDBPyConnection:
        db: duckdb.DuckDBPyConnection = self._duckdb.connect(":memory:")
        with closed_on_error(db):
            db.execute(
                f"SET memory_limit='{LIMIT}'; SET threads={THREADS}; SET preserve_insertion_order=false;"
                " SET TimeZone='UTC'; SET enable_progress_bar=false;"
                " SET allocator_flush_threshold='16MB'; SET allocator_background_threads=true;"
                f" SET temp_directory='{quoted(str(self._scratch / 'spill'))}'"
            )
            if str(self.path) != ":memory:":
                db.execute(f"{attach(self.path)}; USE made")
            db.execute("CREATE TEMP MACRO unixepoch(t) AS CAST(floor(epoch(t)) AS BIGINT)")
        return db

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.db.close()
        if isinstance(error, self._duckdb.Error) and (said := _disk_failure(str(error))):
            raise StorageError(f"{self._scratch.parent}: {said}") from error
        if isinstance(error, self._duckdb.OutOfMemoryException):
            raise StorageError(
                f"{self._scratch.parent}: DuckDB needs more than {LIMIT} of memory for this export;"
                " choose fewer pages (--since, --portal), or --to sqlite"
            ) from error

    def create(self) -> None:
        """The empty tables of what is kept in memory: all but texts, versions, visits and links."""
        for table in (PAGES, COPIES, FIELDS, PORTALS, RUNS, META):
            self.db.execute(create(table))

    def read(
        self, snapshot: Snapshot, kept: Kept, since: int = 0, on_progress: OnProgress = lambda done, total: None
    ) -> None:
        """Reads what runs after number *since* wrote; texts and visits go to *kept*."""
        self.lines = lines = LineReader(self.db, snapshot, since, self._scratch, kept)
        self.db.execute("SET threads=1")  # of each of those who read; two a query cost half as much again
        for done, total in lines.read():
            on_progress(done, total)
        self.db.execute(f"SET threads={THREADS}")
        self.counted = {stream: (lines.lines[stream], lines.removed[stream]) for stream in map(str, STREAMS)}
        self.script(
            "CREATE TEMP TABLE touched AS SELECT DISTINCT id FROM"
            " (SELECT id FROM new_heads UNION ALL SELECT id FROM new_visits);"
            "CREATE TEMP TABLE visit_counts AS"
            ' SELECT portal, count(*) AS visits, max("at") AS last FROM read_visits GROUP BY portal;'
            "CREATE TEMP TABLE hows AS"
            " SELECT portal, month, extracted_by, count(*) AS pages FROM read_hows GROUP BY ALL"
        )

    def load_texts(self, texts: Iterable[tuple[str, str | None]]) -> None:
        """The temporary table ``rendered``: texts in another form."""
        self.db.execute("CREATE TEMP TABLE rendered (id VARCHAR, body VARCHAR)")
        self.load("rendered", ("id", "body"), texts)

    def meta(self) -> Json | None:
        """The row of meta; None in a file that is none of ours."""
        try:
            return self.meta_of("meta")
        except self._duckdb.Error:
            return None

    def meta_of(self, source: str) -> Json | None:
        """The row of meta in *source*, moments as ISO 8601 text."""
        columns = (_MOMENT.format(column.name) if column.kind == "moment" else column.name for column in META.columns)
        row = self.db.execute(f"SELECT {', '.join(columns)} FROM {source}").fetchone()
        return dict(zip(META.names, row, strict=True)) if row else None

    def set_meta(self, values: Json) -> None:
        """Replaces the row of meta."""
        self.db.execute("DELETE FROM meta")
        self.load("meta", META.names, [tuple(values[name] for name in META.names)])

    def choose(self, choice: Selection, ids: Iterable[str] | None) -> None:
        """The table ``chosen``: the ids of the pages that *choice* names, and that are among *ids* where given."""
        sql, values = choice.filters()
        self.db.execute("CREATE TEMP TABLE chosen (id VARCHAR)")
        self.db.execute(f"INSERT INTO chosen SELECT id FROM pages p WHERE {sql}", values)
        if ids is not None:
            self.db.execute("CREATE TEMP TABLE hits (id VARCHAR)")
            self.load("hits", ("id",), ((article_id,) for article_id in ids))
            self.db.execute("DELETE FROM chosen WHERE id NOT IN (SELECT id FROM hits)")

    def load(self, table: str, names: Iterable[str], values: Iterable[tuple[Any, ...]]) -> None:
        """Inserts rows: through a file of JSON lines, as DuckDB reads these quicker than it takes rows one by one."""
        columns = tuple(names)
        kinds = ", ".join(f"'{name}': '{_LOADED[table, name]}'" for name in columns)
        with tempfile.NamedTemporaryFile(dir=self._scratch, suffix=".jsonl") as file:
            longest = 0
            for row in values:
                line = orjson.dumps(dict(zip(columns, row, strict=True))) + b"\n"
                longest = max(longest, len(line))
                file.write(line)
            file.flush()
            if not longest:
                return
            most = max(longest + 1, 1 << 20)  # DuckDB allocates for twice as much at once
            listed = ", ".join(f'"{name}"' for name in columns)
            self.db.execute(
                f"INSERT INTO {table} ({listed}) SELECT {listed} FROM read_json('{file.name}',"
                f" format='newline_delimited', columns={{{kinds}}}, maximum_object_size={most})"
            )

    def reopen(self, path: Path) -> None:
        """Closes everything, and opens the file *path* again: only so all memory is given back.

        What is temporary is gone.
        """
        self.db.close()
        self.path = path
        self.db = self._connected()

    def script(self, script: str) -> None:
        """Executes statements that a semicolon separates."""
        for statement in script.split(";"):
            if statement.strip():
                self.db.execute(statement)


def _disk_failure(text: str) -> str | None:
    """What the DuckDB error *text* says of the disk; None where it says nothing of it."""
    found = _DISK.search(text)
    return found and (found[0] if found[0] != _NO_ROOM else "no space left for what does not fit into memory")


def attach(path: Path) -> str:
    """The statement that opens the DuckDB file *path* as ``made``.

    Row groups are small, as each thread holds one with its texts in memory. Opened with another size, a file would be
    written again as a whole.
    """
    return f"ATTACH '{quoted(str(path))}' AS made (ROW_GROUP_SIZE 10240, STORAGE_VERSION 'v1.2.0')"


_COMPRESSED = {"body": " USING COMPRESSION zstd"}


def create(table: Table, name: str = "") -> str:
    """The statement that creates *table*, under *name* where that is given."""
    columns = ", ".join(
        f'"{column.name}" {TYPES[column.kind]}{_COMPRESSED.get(column.name, "")}' for column in table.columns
    )
    return f"CREATE TABLE {name or table.name} ({columns})"
