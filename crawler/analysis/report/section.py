"""What a section of the report is made of."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from crawler.analysis.export.delimited import CsvWriter
from crawler.analysis.tables import Column

PORTALS = 12  #: plots, at most
ROWS = 60  #: rows of a table that could have any number
Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, where it leads to, and how it is written where that is not as it is."""

    value: Value
    href: str | None = None
    shown: str | None = None

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, int | float) or self.shown is not None

    @property
    def is_long(self) -> bool:
        return isinstance(self.value, str) and len(self.value) > 16


@dataclass(slots=True)
class ReportTable:
    """Rows under headings; *cut*: how many further rows there are, which the query gives."""

    name: str  #: of the file of its CSV
    headings: Sequence[str]  #: labels' keys, or names as they are
    rows: list[list[Cell]]
    sql: str
    title: str | None = None
    cut: int = 0
    parameters: Sequence[str] = ()
    matrix: bool = False

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """Heading, and whether numbers stand below it."""
        numbers = [
            any(row[n].is_number for row in self.rows) or (self.matrix and n > 0) for n in range(len(self.headings))
        ]
        return list(zip(self.headings, numbers, strict=True))

    def csv(self) -> str:
        """The rows as the address of a CSV file that lies in the page."""
        stream = io.StringIO(newline="")
        kinds = [
            "real" if any(isinstance(row[n].value, int | float) for row in self.rows) else "text"
            for n in range(len(self.headings))
        ]
        columns = [Column(name, kind, "") for name, kind in zip(self.headings, kinds, strict=True)]  # type: ignore[arg-type]
        CsvWriter(stream, columns).write([cell.value for cell in row] for row in self.rows)
        return "data:text/csv;charset=utf-8;base64," + base64.b64encode(stream.getvalue().encode()).decode()


@dataclass(slots=True)
class ReportSection:
    """A heading, what is to be known, plots, tables."""

    key: str  #: of its labels: <key> and <key>_note
    notes: list[str] = field(default_factory=list)  #: sentences, already in the reader's language
    figures: list[tuple[str, Markup]] = field(default_factory=list)  #: (caption, SVG)
    tables: list[ReportTable] = field(default_factory=list)
