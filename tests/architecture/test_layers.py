"""Which package may import which, inside archive/ too. Imports for types and inside functions count."""

from __future__ import annotations

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "crawler"
#: The rows inside a package: each imports only itself and rows before it. What lies in the package itself is above all.
ROWS = {
    "archive": ("storage", "warc", "records", "runs", "index", "write", "read"),
    "extraction": ("page", "text", "fields", "formats"),
}
#: Modules that lie in a package itself, and that its rows may import all the same.
BASE = {"crawler.extraction.result"}
#: Package -> what it may import besides itself; "archive" means all its rows.
MAY = {
    "values": "",
    "article": "values",
    "portals": "values article exit_codes",
    "extraction": "article values portals",
    "assembly": "extraction article portals values",
    "archive": "article values",
    "pipelines": "article values portals extraction assembly archive",
    "replay": "archive portals assembly pipelines article values exit_codes",
    "maintenance": "archive replay pipelines assembly portals article values exit_codes",
    "store": "archive values exit_codes article",
    "cluster": "replay archive assembly values exit_codes article",
    "exit_codes": "",
    "config": "portals exit_codes values",
    "health": "archive portals config exit_codes article values",
    "analysis": "archive portals article values",
    "queries": "analysis archive health portals config exit_codes article values",
    "crawl": "archive health pipelines portals assembly extraction config exit_codes article values",
    "drafting": "replay portals extraction assembly archive article values",
    "samples": "values",
}
#: These may import everything; nothing but they imports them.
TOP = {"__main__", "settings", "cli"}
#: Distributions that a package must not load, so that replay, extract and verify start without them.
KEEP_OUT = {
    "values": {"scrapy", "twisted", "lxml"}, "article": {"scrapy", "twisted", "lxml"},
    "portals": {"scrapy", "twisted"}, "archive": {"scrapy", "twisted", "lxml"}, "extraction": {"scrapy", "twisted"},
    "assembly": {"scrapy", "twisted"}, "replay": {"scrapy", "twisted"}, "maintenance": {"scrapy", "twisted"},
    "store": {"scrapy", "twisted", "lxml"}, "cluster": {"scrapy", "twisted", "lxml"},
    "health": {"scrapy", "twisted"}, "analysis": {"scrapy", "twisted"}, "queries": {"scrapy", "twisted"},
    "drafting": {"scrapy", "twisted"},
    "samples": {"scrapy", "twisted", "lxml", "orjson", "pydantic"},
}  # fmt: skip
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def dotted(path: Path) -> str:
    """The dotted name of the module *path*."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


NAMES = {dotted(path): path for path in MODULES}
SUBPACKAGES = {dotted(path) for path in MODULES if path.name == "__init__.py"}


def package(module: str) -> str:
    """The top-level package (or module) of *module*, without ``crawler.``."""
    return module.split(".")[1]


def row(module: str) -> str | None:
    """The row of its package that *module* lies in; None where its package has no rows, or it lies above them."""
    parts = module.split(".")
    return parts[2] if len(parts) > 2 and parts[1] in ROWS and ".".join(parts[:3]) in SUBPACKAGES else None


def imported(path: Path) -> set[str]:
    """Dotted names of all that *path* imports: a name of a module of ours is given as that module."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                names.add(full if full in NAMES else str(node.module))
    return names


IMPORTS = {name: {imports for imports in imported(path) if imports != name} for name, path in NAMES.items()}
OURS = {name: {layer for layer in names if layer in NAMES} for name, names in IMPORTS.items()}


def test_every_package_is_in_the_table() -> None:
    assert {package(name) for name in NAMES} == MAY.keys() | TOP
    for name, rows in ROWS.items():
        assert {row(module) for module in NAMES if package(module) == name} - {None} == set(rows)


def test_packages_import_one_way() -> None:
    offenders = [
        f"{name} imports {other}"
        for name, others in OURS.items() if package(name) not in TOP
        for other in sorted(others)
        if package(other) != package(name) and package(other) not in MAY[package(name)].split()
    ]  # fmt: skip
    assert offenders == []


def test_rows_import_one_way() -> None:
    offenders = [
        f"{name} imports {other}"
        for name, others in OURS.items() if (own := row(name)) is not None
        for other in sorted(others - BASE)
        if package(other) == package(name)
        and row(other) not in ROWS[package(name)][: ROWS[package(name)].index(own) + 1]
    ]  # fmt: skip
    assert offenders == []


@pytest.mark.parametrize("name", sorted(KEEP_OUT))
def test_packages_that_run_without_the_engine(name: str) -> None:
    offenders = [
        f"{module} imports {other}"
        for module, others in IMPORTS.items() if package(module) == name
        for other in sorted(others) if other.split(".")[0] in KEEP_OUT[name]
    ]  # fmt: skip
    assert offenders == []


def test_samples_need_nothing_but_python() -> None:
    known = set(sys.stdlib_module_names) | {"crawler"}
    assert {module.split(".")[0] for name in NAMES if package(name) == "samples" for module in IMPORTS[name]} <= known


def test_no_cycles_between_modules() -> None:
    try:
        list(TopologicalSorter(OURS).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_every_module_has_a_docstring() -> None:
    assert [name for name, path in NAMES.items() if not ast.get_docstring(ast.parse(path.read_text("utf-8")))] == []


def test_one_name_is_one_class() -> None:
    defined: dict[str, list[str]] = {}
    for module, path in NAMES.items():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                defined.setdefault(node.name, []).append(module)
    assert {name: modules for name, modules in defined.items() if len(modules) > 1} == {}
