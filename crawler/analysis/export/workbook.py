"""XLSX: pages, copies and visits as sheets that evaluate nothing, and a sheet that says what they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import orjson

from crawler.analysis.export.delimited import joined
from crawler.analysis.export.flat_files import page_columns
from crawler.analysis.export.job import ExportJob, put, scratch
from crawler.analysis.export.sqlite_files import SelectedTables
from crawler.analysis.tables import COPIES, PAGE_LIST, VISITS, Column, Table
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import StorageError
from crawler.values.extras import wanted

ROWS = 1_048_575  #: of a sheet, below its heading
CELL = 32_767  #: characters of a cell
CUT = " […]"  #: at the end of a text that a cell does not hold
_EXACT = 1 << 53  #: numbers up to here a spreadsheet keeps as they are
_HEADINGS = {"moment": " (UTC)", "local": " (the page's clock)"}


@dataclass(slots=True)
class Workbook:
    """What was written, and what did not fit."""

    meta: Json
    rows: dict[str, int] = field(default_factory=dict)  #: table -> rows
    sheets: dict[str, int] = field(default_factory=dict)  #: table -> sheets, where one does not hold it
    cut: int = 0  #: texts longer than a cell


def to_xlsx(job: ExportJob, columns: Sequence[str] = ()) -> Workbook:
    """Writes the workbook *job* names; of pages only *columns* where given.

    Raises MissingExtraError, DamagedError, StorageError, BusyError.
    """
    library = wanted("xlsxwriter")
    with scratch(job.target) as folder, SelectedTables(job, folder) as chosen:
        done = Workbook(chosen.meta)
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                   "strings_to_numbers": False, "tmpdir": str(folder)}  # fmt: skip
        with _closing(library, job), library.Workbook(str(folder / "made.xlsx"), options) as book:
            book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
            sheets = _Sheets(book, done)
            for table, chosen_columns in (
                (PAGE_LIST, page_columns(job, columns)), (COPIES, COPIES.columns), (VISITS, VISITS.columns),
            ):  # fmt: skip
                sheets.write(table, chosen_columns, chosen.rows(table, chosen_columns))
            sheets.about()
        put(folder / "made.xlsx", job.target)
    return done


@contextmanager
def _closing(library: Any, job: ExportJob) -> Iterator[None]:
    """Turns what xlsxwriter makes of an OSError when it closes the file into StorageError."""
    try:
        yield
    except library.exceptions.FileCreateError as error:
        raise StorageError(f"{job.target}: {error}") from error


class _Sheets:
    def __init__(self, book: Any, done: Workbook) -> None:
        self._book, self._done = book, done
        self._bold = book.add_format({"bold": True})
        self._formats = {
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "local": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }

    def write(self, table: Table, columns: Sequence[Column], rows: Iterator[Sequence[Any]]) -> None:
        """*rows* of *table*, on as many sheets as it takes."""
        count, number = 0, 0
        sheet: Any = None
        for row in rows:
            if count % ROWS == 0:
                number += 1
                sheet = self._begin(table.name if number == 1 else f"{table.name} {number}", columns)
            for column, value in enumerate(row):
                if value is not None:
                    self._cell(sheet, count % ROWS + 1, column, columns[column].kind, value)
            count += 1
        if not count:
            self._begin(table.name, columns)
        self._done.rows[table.name] = count
        if number > 1:
            self._done.sheets[table.name] = number

    def _begin(self, name: str, columns: Sequence[Column]) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            sheet.write_string(0, number, column.name + _HEADINGS.get(column.kind, ""), self._bold)
        return sheet

    def _cell(self, sheet: Any, row: int, column: int, kind: str, value: Any) -> None:
        if isinstance(value, int | float):
            if abs(value) < _EXACT:
                sheet.write_number(row, column, value)
            else:
                sheet.write_string(row, column, str(value))
            return
        if kind in {"date", "local", "moment"} and (moment := _moment(value)) is not None:
            sheet.write_datetime(row, column, moment, self._formats["date" if kind == "date" else "local"])
            return
        text = joined(value) if kind in {"list", "counts"} else value
        if len(text.encode("utf-16-le")) // 2 > CELL:  # a spreadsheet counts in UTF-16
            text = _cut(text)
            self._done.cut += 1
        sheet.write_string(row, column, text)

    def about(self) -> None:
        """The sheet that says what the others are."""
        sheet = self._book.add_worksheet("about")
        meta, done = self._done.meta, self._done
        chosen = orjson.loads(meta["filters"])
        said = {
            "what": "Tables of a citynews archive. A row of pages is an archived page: an article, or a copy of one.",
            "count": "published_date is the day to count by. To count texts once, count different group_id.",
            "archive": meta["archive"],
            "last run": f"{meta['run']} (number {meta['run_number']}, {meta['run_finished_at']})",
            "sha256 of its run file": meta["run_sha256"],
            "made by": f"citynews {meta['citynews']}, {meta['schema']}",
            "chosen": "; ".join(f"{name}: {value}" for name, value in chosen.items()) or "everything",
            "body": meta["body"],
            **{f"rows of {name}": count for name, count in done.rows.items()},
            **{f"sheets of {name}": count for name, count in done.sheets.items()},
            "texts cut to fit a cell": done.cut,
            "articles in the archive": meta["articles"],
            "copies in the archive": meta["duplicates"],
            "visits in the archive": meta["observations"],
            "removed articles": meta["removed_articles"],
            "cite as": f"citynews archive {meta['archive']}, as of run {meta['run']}, sha256 {meta['run_sha256']}",
        }
        for number, (name, value) in enumerate(said.items()):
            sheet.write_string(number, 0, name, self._bold)
            if isinstance(value, int):
                sheet.write_number(number, 1, value)
            else:
                sheet.write_string(number, 1, str(value))


def _moment(text: str) -> date | None:
    """*text* as a date that a spreadsheet knows, without zone; None for one before 1900."""
    moment = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).replace(tzinfo=None)
    return moment if moment.year >= 1900 else None


def _cut(text: str) -> str:
    """The beginning of *text* that fits a cell, and a mark."""
    space = CELL - len(CUT)
    return text.encode("utf-16-le")[: 2 * space].decode("utf-16-le", "ignore") + CUT
