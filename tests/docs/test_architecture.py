"""docs/architecture.md: a file that a change belongs to defines what the table says stands there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, code, rows, section

PAGE = ROOT / "docs" / "architecture.md"
TABLE = rows(section(PAGE, "Where a change belongs"))


def files(cell: str) -> Iterator[Path]:
    """The modules that *cell* names, those of a folder all together."""
    for span in code(cell):
        if re.match(r"(crawler|harness)/", span):
            path = ROOT / span
            assert path.exists(), span
            yield from path.rglob("*.py") if path.is_dir() else [path] if path.suffix == ".py" else []


def defined(path: Path) -> set[str]:
    """What *path* defines at its top level."""
    names: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_a_change_belongs_where_the_table_says(row: list[str]) -> None:
    there: set[str] = set().union(*map(defined, files(row[1])))
    promised = set(code(row[2])) if len(row) > 2 else set()
    assert promised <= there, f"not defined in {row[1]}: {promised - there}"


def test_most_rows_name_what_to_look_for() -> None:
    assert sum(len(row) > 2 and bool(code(row[2])) for row in TABLE) > len(TABLE) * 0.8
