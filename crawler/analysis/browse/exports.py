"""The result set of a search as a file: all of it, and nothing else."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from crawler.analysis import cite
from crawler.analysis.browse.current import CurrentView
from crawler.analysis.browse.results import Bin
from crawler.analysis.browse.view import IndexView
from crawler.analysis.export.delimited import CsvWriter
from crawler.analysis.export.duckdb_files import to_duckdb
from crawler.analysis.export.flat_files import WITH_BODY
from crawler.analysis.export.job import ExportJob
from crawler.analysis.export.sqlite_files import to_sqlite
from crawler.analysis.export.workbook import to_xlsx
from crawler.analysis.selection import Selection
from crawler.analysis.sqlite_schema import PAGE_LIST_ROWS
from crawler.analysis.tables import PAGE_LIST, Column
from crawler.archive.records.jsonl import encode

_STEP = 500  #: pages read at a time
_LISTS = tuple(column.name for column in PAGE_LIST.columns if column.kind == "list")
_DAILY = (
    Column("day", "date", "day of publication, as printed"),
    Column("hits", "integer", "hits published on it"),
    Column("all_pages", "integer", "all pages published on it"),
    Column("share", "real", "hits of all pages"),
)


def as_csv(view: IndexView, numbers: Sequence[int]) -> Iterator[bytes]:
    """The rows of pages, for a spreadsheet."""
    stream = io.StringIO(newline="")
    writer = CsvWriter(stream, PAGE_LIST.columns)
    yield _taken(stream)
    for rows in _rows(view, numbers):
        writer.write([row[name] for name in PAGE_LIST.names] for row in rows)
        yield _taken(stream)


def as_jsonl(view: IndexView, numbers: Sequence[int]) -> Iterator[bytes]:
    """The rows of pages with their texts, one JSON object a line."""
    for rows in _rows(view, numbers):
        yield b"".join(encode(_whole(row)) for row in rows)


def as_bibtex(view: IndexView, numbers: Sequence[int]) -> Iterator[bytes]:
    """A BibTeX entry for each page."""
    for rows in _rows(view, numbers):
        yield "".join(cite.cite(citable(row), "bibtex") + "\n\n" for row in rows).encode()


#: Form -> name, media type, and what makes it as it is read: quick, whatever the size of the archive.
STREAMS: dict[str, tuple[str, str, Callable[[IndexView, Sequence[int]], Iterator[bytes]]]] = {
    "csv": ("CSV", "text/csv; charset=utf-8", as_csv),
    "jsonl": ("JSONL", "application/x-ndjson", as_jsonl),
    "bib": ("BibTeX", "application/x-bibtex; charset=utf-8", as_bibtex),
}
#: Form -> name: made by `citynews export`, which reads the archive.
FILES = {"xlsx": "XLSX", "sqlite": "SQLite", "duckdb": "DuckDB"}
_MAKERS: dict[str, Callable[[ExportJob], object]] = {"xlsx": to_xlsx, "sqlite": to_sqlite, "duckdb": to_duckdb}
FORMS = {**{form: name for form, (name, _, _) in STREAMS.items()}, **FILES}


def as_file(current: CurrentView, view: IndexView, numbers: Sequence[int], asked: str, form: str) -> Iterator[bytes]:
    """The file that `citynews export` makes of these pages; *asked*, the search in words, is noted in it.

    It is made before this returns. Raises ArchiveError.
    """
    ids = frozenset(row["id"] for rows in _rows(view, numbers) for row in rows)
    folder = tempfile.TemporaryDirectory(prefix="citynews-export-")
    try:
        target = Path(folder.name) / f"export.{form}"
        job = ExportJob(
            current.root,
            target,
            Selection(query=asked or None),
            ids,
            view.meta["run_number"],
            view.path,
            known=current.known,
        )
        _MAKERS[form](job)
    except BaseException:  # an interruption too leaves no folder behind
        folder.cleanup()
        raise
    return _chunks(folder, target)


def _chunks(folder: tempfile.TemporaryDirectory[str], target: Path) -> Iterator[bytes]:
    with folder, target.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def daily_csv(days: Sequence[Bin]) -> bytes:
    """Hits, all pages and share of each day."""
    stream = io.StringIO(newline="")
    CsvWriter(stream, _DAILY).write((day.since, day.hits, day.total, round(day.hits / day.total, 6)) for day in days)
    return _taken(stream)


def citable(row: dict[str, Any]) -> dict[str, Any]:
    """A row of pages as the record that ``cite`` takes."""
    place = {
        "file": row["warc_file"], "offset": row["warc_offset"], "record_id": row["warc_record_id"],
        "payload_digest": row["payload_digest"],
    }  # fmt: skip
    return row | {"fetched_at": row["version_fetched_at"], "warc": place}


def _rows(view: IndexView, numbers: Sequence[int]) -> Iterator[list[dict[str, Any]]]:
    for begin in range(0, len(numbers), _STEP):
        step = numbers[begin : begin + _STEP]
        marks = ",".join("?" * len(step))
        found = view.records(
            f"SELECT p.*, t.body FROM ({PAGE_LIST_ROWS}) p JOIN texts t ON t.id = p.id WHERE p.n IN ({marks})", step
        )
        place = {n: at for at, n in enumerate(step)}
        yield sorted(found, key=lambda row: place[row["n"]])


def _whole(row: dict[str, Any]) -> dict[str, Any]:
    names = (column.name for column in WITH_BODY)
    return {name: orjson.loads(row[name]) if name in _LISTS else row[name] for name in names}


def _taken(stream: io.StringIO) -> bytes:
    text = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    return text.encode("utf-8", "replace")
