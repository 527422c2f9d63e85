"""CSV that spreadsheets read right and evaluate nothing of."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

import orjson

from crawler.analysis.tables import Column

#: What a spreadsheet takes for a formula, also behind spaces; and full-width, as an IME may turn it.
_FORMULA = re.compile(r"[\t\r]|\s*[=+\-@＝＋－＠]")
#: What Excel takes for a number though it is an id: 12345678, 1234e5678.
_NUMBERLIKE = re.compile(r"\d+(?:e\d+)?")
BOM = "\ufeff"


def harmless(text: str) -> str:
    """*text* as a cell that no spreadsheet evaluates: with ``'`` in front where it might."""
    return f"'{text}" if _FORMULA.match(text) else text


class CsvWriter:
    """Rows of *columns* into *stream*, which must not translate line ends.

    UTF-8 with BOM, CRLF, lists joined by ``; ``. *raw*: for machines, without BOM and without ``'`` before formulas.
    """

    def __init__(self, stream: TextIO, columns: Sequence[Column], *, raw: bool = False) -> None:
        self._raw = raw
        self._lists = {number for number, column in enumerate(columns) if column.kind in {"list", "counts"}}
        self._writer = csv.writer(stream, lineterminator="\r\n")
        self.rows = self.quoted = self.numberlike = 0
        if not raw:
            stream.write(BOM)
        self._writer.writerow([column.name for column in columns])

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Writes *rows*; lists come as JSON text."""
        for row in rows:
            self._writer.writerow([self._cell(number, value) for number, value in enumerate(row)])
            self.rows += 1

    def _cell(self, number: int, value: object) -> object:
        if not isinstance(value, str):
            return value
        if number in self._lists:
            value = joined(value)
        if self._raw:
            return value
        if len(value) == 32 and _NUMBERLIKE.fullmatch(value):
            self.numberlike += 1
        quoted = harmless(value)
        self.quoted += quoted is not value
        return quoted


def joined(values: str) -> str:
    """A list, or counts, out of JSON text as one text."""
    found = orjson.loads(values)
    return (
        "; ".join(f"{name}: {count}" for name, count in found.items()) if isinstance(found, dict) else "; ".join(found)
    )
