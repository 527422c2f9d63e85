"""CSV and JSON lines: one table into a file, or every table into a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

from crawler.analysis.export.delimited import CsvWriter
from crawler.analysis.export.job import ExportJob, ForeignTargetError, put, scratch
from crawler.analysis.export.sqlite_files import SelectedTables
from crawler.analysis.tables import META, PAGE_LIST, PAGES, TABLES, TEXTS, VERSIONS, Column, Table
from crawler.archive.records.jsonl import Json, encode

_LISTS = frozenset({"list", "counts"})


@dataclass(slots=True)
class FlatExport:
    """What was written, and what had to be done to it."""

    meta: Json
    rows: dict[str, int] = field(default_factory=dict)  #: table -> rows
    quoted: int = 0  #: cells with ' in front, so that no spreadsheet evaluates them
    numberlike: int = 0  #: ids that a spreadsheet takes for numbers


def to_flat(
    job: ExportJob, form: Literal["csv", "jsonl"], columns: Sequence[str] = (), *, raw: bool = False
) -> FlatExport:
    """Writes what *job* names: pages into a file, with *columns* only these; or all tables into a folder.

    Raises ForeignTargetError where the folder holds other files, DamagedError, StorageError, BusyError.
    """
    whole_folder = job.target.is_dir() or not job.target.suffix
    if whole_folder and job.target.exists() and any(f.stem not in _NAMES for f in job.target.iterdir()):
        raise ForeignTargetError(f"{job.target} contains files that are not tables of citynews; choose another folder")
    with scratch(job.target) as folder, SelectedTables(job, folder) as chosen:
        done = FlatExport(chosen.meta)
        made = folder / "made"
        if whole_folder:
            made.mkdir()
            for table in TABLES:
                if table is not TEXTS or job.body != "none":
                    _write(chosen, table, _kept(job, table), made / f"{table.name}.{form}", form, done, raw=raw)
        else:
            _write(chosen, PAGE_LIST, page_columns(job, columns), made, form, done, raw=raw)
        put(made, job.target)
    return done


_NAMES = frozenset(table.name for table in TABLES)
BODY = Column("body", "text", "the text; paragraphs separated by a blank line")
#: The columns of PAGE_LIST, and the body behind those of pages.
WITH_BODY = (*PAGES.columns, BODY, *PAGE_LIST.columns[len(PAGES.columns) :])


def page_columns(job: ExportJob, names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of PAGE_LIST that are written: all, with the body where it is wanted, or those called *names*."""
    known = PAGE_LIST.columns if job.body == "none" else WITH_BODY
    return tuple(next(column for column in known if column.name == name) for name in names) or known


def _kept(job: ExportJob, table: Table) -> tuple[Column, ...]:
    hidden = job.body == "none" and table is VERSIONS
    return tuple(column for column in table.columns if not (hidden and column.name == "body"))


def _write(
    chosen: SelectedTables,
    table: Table,
    columns: tuple[Column, ...],
    file: Path,
    form: str,
    done: FlatExport,
    *,
    raw: bool,
) -> None:
    rows = _without_moment(chosen.rows(table, columns), table, columns)
    if form == "jsonl":
        done.rows[table.name] = _json_lines(rows, columns, file)
        return
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = CsvWriter(stream, columns, raw=raw)
        writer.write(rows)
    done.rows[table.name] = writer.rows
    done.quoted, done.numberlike = done.quoted + writer.quoted, done.numberlike + writer.numberlike


def _json_lines(rows: Iterator[Sequence[Any]], columns: tuple[Column, ...], file: Path) -> int:
    lists = [column.kind in _LISTS for column in columns]
    names = [column.name for column in columns]
    count = 0
    with file.open("wb") as stream:
        for row in rows:
            values = (orjson.loads(v) if is_list and v else v for v, is_list in zip(row, lists, strict=True))
            stream.write(encode(dict(zip(names, values, strict=True))))
            count += 1
    return count


def _without_moment(
    rows: Iterator[Sequence[Any]], table: Table, columns: tuple[Column, ...]
) -> Iterator[Sequence[Any]]:
    """The same run gives the same bytes: the moment of making is left open."""
    hidden = [table is META and column.name == "made_at" for column in columns]
    for row in rows:
        yield [None if hide else value for value, hide in zip(row, hidden, strict=True)] if any(hidden) else row
