"""What tests and benchmarks share lies in harness/: neither benchmarks nor the harness import a test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def imported(path: Path) -> set[str]:
    """Dotted names of the modules that *path* imports; of a relative import its name alone."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_benchmarks_and_harness_import_no_test() -> None:
    files = [*ROOT.glob("benchmarks/**/*.py"), *ROOT.glob("harness/**/*.py")]
    assert files
    assert [
        f"{file.name} imports {name}" for file in files for name in imported(file) if name.startswith("tests")
    ] == []


def test_no_test_module_imports_another() -> None:
    files = list(ROOT.glob("tests/**/*.py"))
    shared = {"tests.architecture.test_layers"}  # its table is what a test of the documentation compares
    offenders = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in files
        for name in imported(file)
        if re.search(r"(^|\.)test_\w+", name) and not name.startswith(tuple(shared))
    }
    assert offenders == set()


def test_nothing_sleeps() -> None:
    """A fixed wait is slow where it is long, and fails on a loaded machine where it is short: harness/waiting.py."""
    pattern = re.compile(r"(?<![\w.])(?:time\.)?sleep\(")
    files = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("harness/**/*.py")]
    offenders = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in files if file != Path(__file__)
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1) if pattern.search(line)
    ]  # fmt: skip
    assert offenders == []
