"""Large tables as Parquet files partitioned by month and portal: ``pages/month=2026-09/portal=NAME/000001_0.parquet``.

Month and portal stand in the path alone, as Hive has it. A table without rows is one file without rows, so that whoever
reads it finds its columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from crawler.analysis.export.duckdb_lines import BATCH_TEXTS, BATCH_VERSIONS, BATCH_VISITS, quoted
from crawler.analysis.tables import LINKS, PAGES, TEXTS, VERSIONS, VISITS, Kind, Table

if TYPE_CHECKING:
    import duckdb

TYPES: dict[Kind, str] = {
    "text": "VARCHAR", "integer": "BIGINT", "real": "DOUBLE", "moment": "TIMESTAMPTZ", "local": "TIMESTAMP",
    "date": "DATE", "list": "VARCHAR[]", "counts": "MAP(VARCHAR, BIGINT)",
}  # fmt: skip
#: Table -> the moment whose month it is partitioned by; of links it is that of the page they stand on.
PARTITIONED = {
    PAGES.name: "first_fetched_at", TEXTS.name: "first_fetched_at", LINKS.name: "first_fetched_at",
    VERSIONS.name: "fetched_at", VISITS.name: "at",
}  # fmt: skip
#: Level 1 makes news text a third larger than the usual 3, in little more than half of the time.
WRITTEN = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 10000"
_REWRITTEN = 8 << 20  #: bytes of files that are written again at once
_BY = ("month", "portal")
Place = tuple[str, str]  #: month, portal
_NOWHERE: Place = ("none", "none")


def month_of(moment: str) -> str:
    """The SQL for the month, in UTC, of the column *moment*."""
    return f"strftime({moment} AT TIME ZONE 'UTC', '%Y-%m')"


def within(moment: str, month: str) -> str:
    """The condition that the column *moment* lies in *month*."""
    year, number = int(month[:4]), int(month[5:])
    after = f"{year + number // 12:04}-{number % 12 + 1:02}"
    return f"{moment} >= '{month}-01 00:00:00Z' AND {moment} < '{after}-01 00:00:00Z'"


@dataclass(frozen=True, slots=True)
class Dataset:
    """The partitioned tables in *folder*. What it is to write has the table's columns, ``month`` and ``portal``."""

    db: duckdb.DuckDBPyConnection
    folder: Path

    def source(self, table: Table, month: str = "*") -> str:
        """The rows of *table*, of *month* or all, with month and portal, for FROM."""
        pattern = f"month={month}/portal=*/*.parquet"
        found = next((self.folder / table.name).glob(pattern), None)
        return _rows(table, [self.folder / table.name / pattern] if found else [])

    def places(self, table: Table) -> dict[Place, list[Path]]:
        """Month and portal -> the files of *table* there."""
        found: dict[Place, list[Path]] = {}
        for file in sorted((self.folder / table.name).glob("month=*/portal=*/*.parquet")):
            place = tuple(unquote(folder.name.partition("=")[2]) for folder in (file.parent.parent, file.parent))
            if place != _NOWHERE:
                found.setdefault(cast(Place, place), []).append(file)
        return found

    def months(self, table: Table) -> list[str]:
        """The months that *table* has rows of."""
        return sorted({month for month, _ in self.places(table)})

    def write(self, table: Table, select: str, name: str, db: duckdb.DuckDBPyConnection | None = None) -> None:
        """Adds what *select* gives, in files that begin with *name*: one for each month and portal.

        *db*: another connection to ask.
        """
        (self.folder / table.name).mkdir(parents=True, exist_ok=True)
        (db or self.db).execute(
            f"COPY ({select}) TO '{quoted(str(self.folder / table.name))}' ({WRITTEN}, PARTITION_BY (month, portal),"
            f" FILENAME_PATTERN '{name}_{{i}}', OVERWRITE_OR_IGNORE)"
        )

    def seal(self, table: Table, names: Sequence[str] = ()) -> None:
        """Gives a *table* without rows, of which the columns *names* are written, its file without rows."""
        if self.places(table):
            return
        nowhere = self.folder / table.name / f"month={_NOWHERE[0]}" / f"portal={_NOWHERE[1]}"
        nowhere.mkdir(parents=True)
        columns = ", ".join(f'"{name}"' for name in names or table.names if name not in _BY)
        self.db.execute(
            f"COPY (SELECT {columns} FROM {_rows(table, [])}) TO '{quoted(str(nowhere))}/0.parquet' ({WRITTEN})"
        )

    # -- what lines bring ---------------------------------------------------------------------------------------------

    def take_texts(self, db: duckdb.DuckDBPyConnection, number: int) -> None:
        """Versions and texts in the table ``batch`` of *db*."""
        self.write(VERSIONS, BATCH_VERSIONS, f"{number:06}", db)
        self.write(TEXTS, BATCH_TEXTS, f"{number:06}", db)

    def take_visits(self, db: duckdb.DuckDBPyConnection, number: int) -> None:
        """Visits in the table ``batch`` of *db*."""
        self.write(VISITS, BATCH_VISITS, f"{number:06}", db)

    @property
    def visits(self) -> str:
        """All visits, for FROM."""
        return self.source(VISITS)

    # -- what changes -------------------------------------------------------------------------------------------------

    def carry(self, into: Dataset, table: Table, change: Change, name: str) -> None:
        """Writes *into* what *table* becomes by *change*, in files called *name*; links what stays as it is."""
        changed = set(self.db.execute(f"SELECT DISTINCT month, portal FROM {change.new}").fetchall()) | change.also
        before = self.places(table)
        for place in before.keys() - changed:
            for file in before[place]:
                target = into.folder / file.relative_to(self.folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.hardlink_to(file)
        names = [f'"{column}"' for column in dict.fromkeys((*table.names, *_BY))]
        kept = [change.becomes.get(column, column) for column in names]
        for chunk in _chunks(changed, before):
            files = [file for place in chunk for file in before.get(place, [])]
            listed = ", ".join(f"('{month}', '{quoted(portal)}')" for month, portal in chunk)
            into.write(
                table,
                f"SELECT {', '.join(kept)} FROM {_rows(table, files)} WHERE NOT coalesce(({change.stale}), false)"
                f" UNION ALL SELECT {', '.join(names)} FROM {change.new} WHERE (month, portal) IN ({listed})",
                name,
            )
        into.seal(table)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a table."""

    new: str  #: rows that come, for FROM, with month and portal
    stale: str = "false"  #: condition of rows that go
    becomes: Mapping[str, str] = field(default_factory=dict)  #: "column" -> what it becomes in rows that stay
    also: frozenset[Place] = frozenset()  #: where rows change and none may come


def _rows(table: Table, files: Sequence[Path]) -> str:
    """The rows of *table* in *files* with month and portal, for FROM."""
    if files:
        listed = ", ".join(f"'{quoted(str(file))}'" for file in files)
        return f"read_parquet([{listed}], hive_partitioning = true, hive_types_autocast = false)"
    typed = [f'NULL::{TYPES[column.kind]} AS "{column.name}"' for column in table.columns]
    typed += [f"NULL::VARCHAR AS {name}" for name in _BY if name not in table.names]
    return f"(SELECT {', '.join(typed)} WHERE false)"


def _chunks(places: Iterable[Place], before: dict[Place, list[Path]]) -> Iterator[list[Place]]:
    """*places*, some at a time, so that what is written again at once fits into memory."""
    chunk: list[Place] = []
    size = 0
    for place in sorted(places):
        chunk.append(place)
        size += sum(file.stat().st_size for file in before.get(place, []))
        if size > _REWRITTEN:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
