"""The layers of crawler.extraction: page, then text, then fields, then what joins them; imports go down only."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "crawler" / "extraction"
#: Layer -> the layers that it may import; what lies in extraction itself may import all of them.
BELOW: dict[str, set[str]] = {"page": set(), "text": {"page"}, "fields": {"page", "text"}}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def imported(path: Path) -> set[str]:
    """The modules of the package that *path* imports, for types alone too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crawler.extraction"):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in names}
    return found


def layer(module: str) -> str:
    """The layer of *module*; "" where it lies above all of them."""
    parts = module.split(".")
    return parts[2] if len(parts) > 2 and parts[2] in BELOW else ""


def test_imports_go_down() -> None:
    wrong = [
        f"{name} imports {each}"
        for name, path in MODULES.items() if layer(name)
        for each in sorted(imported(path)) if layer(each) not in BELOW[layer(name)] | {layer(name)}
        if each != "crawler.extraction.result"
    ]  # fmt: skip
    assert wrong == []


def test_no_circle_of_modules_not_even_for_types() -> None:
    graph = {name: imported(path) - {name} for name, path in MODULES.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)
