"""docs/analysis.md shows the tables as they are."""

from __future__ import annotations

import pytest

from crawler.analysis.tables import TABLES, Table
from tests.docs.pages import ROOT, code, rows, section

PAGE = ROOT / "docs" / "analysis.md"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_types_and_meanings(table: Table) -> None:
    text = section(PAGE, table.name)
    assert f"A row is {table.row}." in text
    assert [(code(row[0])[0], row[1], row[2]) for row in rows(text)] == [
        (column.name, column.kind, column.meaning) for column in table.columns
    ]
    key = text.partition("Key: ")[2].partition("\n")[0]
    assert tuple(code(key)) == table.key
