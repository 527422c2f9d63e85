"""Faults in the logic of extraction, and doubled thresholds: each as what puts it into the running process."""

from __future__ import annotations

import ast
import copy
import functools
import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

PROJECT = Path(__file__).parents[2]
PLACES = ("crawler/extraction", "crawler/values")
#: How the names of limits begin: they bound what hostile pages cost, and no value depends on them.
LIMITS = ("_MOST_", "_LARGEST", "_DEEPEST", "_LONGEST_TEXT", "_LOOKED_AT")
#: What a caller takes for None.
_NOTHING = ("None", "False")
_NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: where it is, what it is in words, and what puts it into this process."""

    where: str
    change: str
    apply: Callable[[], None]
    #: (file, first line) of the function that it is in; None where any test may notice it.
    function: tuple[str, int] | None = None
    limit: bool = False


def sources() -> Iterator[tuple[Path, ModuleType]]:
    """Every source file of PLACES with its module."""
    for place in PLACES:
        for path in sorted((PROJECT / place).rglob("*.py")):
            name = ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
            yield path, importlib.import_module(name)


def faults(path: Path, module: ModuleType) -> Iterator[Mutant]:
    """The faults that can be put into the functions of one source file."""
    source = path.read_text("utf-8")
    for number, (owner, node, change) in enumerate(_places(ast.parse(source))):

        def put(number: int = number, owner: str = owner, line: int = node.lineno) -> None:
            tree = ast.parse(source)  # of its own: a tree for each of thousands of faults would fill the memory
            _, wrong, make_wrong = list(_places(tree))[number]
            make_wrong(wrong)
            _replace(module, compile(ast.fix_missing_locations(tree), str(path), "exec"), owner, line)

        where = f"{path.relative_to(PROJECT)}:{node.lineno}"
        yield Mutant(where, change(copy.deepcopy(node)), put, _key(module, owner))


def _places(tree: ast.Module) -> Iterator[tuple[str, Any, Callable[[Any], str]]]:
    """(function, node, what makes the fault of it) of all nodes that can be wrong, in functions and methods."""
    holders: list[ast.Module | ast.ClassDef] = [tree, *(n for n in tree.body if isinstance(n, ast.ClassDef))]
    for holder in holders:
        for function in holder.body:
            if not isinstance(function, ast.FunctionDef):
                continue
            name = f"{holder.name}.{function.name}" if isinstance(holder, ast.ClassDef) else function.name
            for statement in function.body:
                for node in ast.walk(statement):
                    if (change := _change_of(node)) is not None:
                        yield name, node, change


def _change_of(node: ast.AST) -> Callable[[Any], str] | None:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _negate
    if isinstance(node, ast.BoolOp):
        return _swap
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _affirm
    if isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) not in _NOTHING:
        return _return_nothing
    return None


def _negate(node: ast.Compare) -> str:
    before = ast.unparse(node)
    node.ops = [_NEGATED[type(node.ops[0])]()]
    return f"{before} -> {ast.unparse(node)}"


def _swap(node: ast.BoolOp) -> str:
    before = ast.unparse(node)
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return f"{before} -> {ast.unparse(node)}"


def _affirm(node: ast.UnaryOp) -> str:
    before = ast.unparse(node)
    node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
    return f"{before} -> its opposite"


def _return_nothing(node: ast.Return) -> str:
    before = ast.unparse(node)
    node.value = ast.Constant(None)
    return f"{before} -> None"


def _replace(module: ModuleType, compiled: CodeType, owner: str, line: int) -> None:
    """Gives the function *owner* of *module* its code out of *compiled*; nothing else refers to the code."""
    for name in owner.split(".")[:-1]:
        compiled = _code_in(compiled, name, line)
    function, _ = _function(module, owner)
    function.__code__ = _code_in(compiled, function.__name__, line)


def _function(module: ModuleType, owner: str) -> tuple[FunctionType, bool]:
    """The function *owner* of *module*, out of what wraps it; whether a cache does."""
    holder: Any = module
    for name in owner.split(".")[:-1]:
        holder = getattr(holder, name)
    held = vars(holder)[owner.rpartition(".")[2]]
    cached = isinstance(held, functools._lru_cache_wrapper)
    for wrapper in ("fget", "func", "__func__", "__wrapped__"):
        held = getattr(held, wrapper, None) or held
    assert isinstance(held, FunctionType), owner
    return held, cached


def _key(module: ModuleType, owner: str) -> tuple[str, int] | None:
    """What the calls of a function are known by; None where a cache hides which test needs it."""
    function, cached = _function(module, owner)
    return None if cached else (function.__code__.co_filename, function.__code__.co_firstlineno)


def _code_in(compiled: CodeType, name: str, line: int) -> CodeType:
    codes = [c for c in compiled.co_consts if isinstance(c, CodeType) and c.co_name == name]
    return max((c for c in codes if c.co_firstlineno <= line), key=lambda c: c.co_firstlineno)


def thresholds(path: Path, module: ModuleType) -> Iterator[Mutant]:
    """Every number that *module* keeps under a name of its own, doubled; flags (powers of two in a row) are none."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        names = [n.id for n in (target.elts if isinstance(target, ast.Tuple) else [target]) if isinstance(n, ast.Name)]
        if names[:1] == ["_INLINE"] or not _numbers(value):
            continue
        for name in names:
            held = vars(module)[name]
            for place in range(len(held)) if isinstance(held, tuple) else [None]:
                doubled = _doubled(held, place)
                where = f"{path.relative_to(PROJECT)}:{node.lineno}"
                limit = name.startswith(LIMITS) or name == "_MOST"

                def put(name: str = name, doubled: object = doubled, held: object = held) -> None:
                    _set(module, name, held, doubled)

                yield Mutant(where, f"{name} = {held} -> {doubled}", put, limit=limit)


def _numbers(value: ast.expr) -> bool:
    """Whether *value* is a number or a tuple of numbers."""
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    return bool(parts) and all(isinstance(p, ast.Constant) and type(p.value) in (int, float) for p in parts)


def _doubled(held: Any, place: int | None) -> Any:
    if place is None:
        return held * 2
    return tuple(number * 2 if i == place else number for i, number in enumerate(held))


def _set(module: ModuleType, name: str, held: object, doubled: object) -> None:
    """Sets *name* in *module* and, where it is public, in the modules that have imported it."""
    for other in list(sys.modules.values()) if not name.startswith("_") else [module]:
        if other is module or (other.__name__.startswith("crawler.") and vars(other).get(name) == held):
            setattr(other, name, doubled)
