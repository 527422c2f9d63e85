"""The house: who may import whom, as DESIGN has it, and no circles between rooms."""

from __future__ import annotations

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "crawler"
#: Room -> the rooms it may import. A room that is not here does not exist.
MAY = {
    "values": "",
    "article": "values",
    "portals": "values article",
    "archive": "article values",
    "extraction": "article values portals",
    "assembly": "extraction article portals values",
    "pipelines": "article values portals assembly archive",
    "spiders": "portals assembly article values",
    "replay": "archive portals assembly pipelines article values",
    "drafting": "portals extraction assembly archive article values",
    "middlewares": "archive portals article values",
    "rendering": "archive portals article values extraction",
    "samples": "values",
}
#: These may import all; only they know each other.
EDGE = {"__main__", "settings", "cli", "commands"}
#: Distributions that a room must not know, so that replay, extract and verify start without them.
KEEP_OUT = {
    "values": {"scrapy", "twisted", "lxml"}, "article": {"scrapy", "twisted", "lxml"},
    "portals": {"scrapy", "twisted"}, "archive": {"scrapy", "twisted", "lxml"}, "extraction": {"scrapy", "twisted"},
    "assembly": {"scrapy", "twisted"}, "replay": {"scrapy", "twisted"},
    "drafting": {"scrapy", "twisted"},
    "samples": {"scrapy", "twisted", "lxml", "orjson", "pydantic"},
}  # fmt: skip
MODULES = sorted(path for path in HOUSE.rglob("*.py") if path != HOUSE / "__init__.py")


def room(path: Path) -> str:
    """The room that the module *path* lies in."""
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imports(path: Path, *, at_run_time: bool = True) -> set[str]:
    """Dotted names that *path* imports; without what only the type checker sees, unless *at_run_time* is False."""
    tree = ast.parse(path.read_text("utf-8"))
    hidden = {
        inner for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }  # fmt: skip
    found: set[str] = set()
    for node in ast.walk(tree):
        if at_run_time and node in hidden:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms_of(path: Path) -> set[str]:
    """The other rooms that *path* imports, types included."""
    parts = (name.split(".") for name in imports(path, at_run_time=False) if name.startswith("crawler."))
    return {each[1] for each in parts} - {room(path), "__version__"}


def test_every_room_is_on_the_plan() -> None:
    assert {room(path) for path in MODULES} == MAY.keys() | EDGE


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_imports_flow_one_way(path: Path) -> None:
    allowed = MAY.keys() | EDGE if room(path) in EDGE else set(MAY[room(path)].split())
    assert rooms_of(path) <= allowed


@pytest.mark.parametrize("name", sorted(KEEP_OUT))
def test_rooms_that_run_without_the_engine(name: str) -> None:
    wrong = {
        str(path.relative_to(HOUSE)): heavy
        for path in MODULES if room(path) == name
        for each in imports(path) if (heavy := each.split(".")[0]) in KEEP_OUT[name]
    }  # fmt: skip
    assert wrong == {}


def test_samples_need_nothing_but_python() -> None:
    known = set(sys.stdlib_module_names) | {"crawler"}
    assert {name.split(".")[0] for p in MODULES if room(p) == "samples" for name in imports(p)} <= known


def test_no_circles_between_rooms() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        graph.setdefault(room(path), set()).update(rooms_of(path))
    for edge in EDGE:
        graph[edge] -= EDGE
    list(TopologicalSorter(graph).static_order())


def test_no_circles_between_modules() -> None:
    """Within a room too: importing one module never needs itself."""
    names = {".".join(p.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(".__init__"): p for p in MODULES}

    def module(name: str) -> str:
        return name if name in names else name.rpartition(".")[0]

    graph = {
        name: {
            m for each in imports(path) if (m := module(each)) in names and m != name and names[m].stem != "__init__"
        }
        for name, path in names.items()
        if path.stem != "__init__" and room(path) not in EDGE
    }
    list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))
