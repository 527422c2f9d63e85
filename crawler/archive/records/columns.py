"""Column types of every stream for DuckDB, polars and pandas.

So that a column that is all null first keeps its type.
"""

from __future__ import annotations

from typing import Any, Literal

from crawler.archive.records.jsonl import KEYS, SCHEMAS
from crawler.archive.records.schema import TYPES
from crawler.archive.storage.layout import Stream

Target = Literal["duckdb", "polars", "pandas"]
TARGETS: tuple[Target, ...] = ("duckdb", "polars", "pandas")
_WORDS: dict[str, dict[str, str]] = {
    "duckdb": {"text": "VARCHAR", "count": "BIGINT", "share": "DOUBLE"},
    "polars": {"text": "String", "count": "Int64", "share": "Float64"},
    "pandas": {"text": "string", "count": "Int64", "share": "Float64"},
}


def columns(stream: Stream, target: Target) -> dict[str, str]:
    """Column -> type, as *target* writes it, for the lines of *stream*."""
    assert stream in SCHEMAS
    return {key: _type(TYPES[key], target) for key in KEYS[stream]}


def _type(kind: Any, target: Target) -> str:
    words = _WORDS[target]
    if isinstance(kind, tuple):
        return _type(kind[0], target) if isinstance(kind[0], dict) else words["text"]
    if isinstance(kind, list | dict) and target == "pandas":
        return "object"
    if isinstance(kind, list):
        inner = _type(kind[0], target)
        return f"{inner}[]" if target == "duckdb" else f"List({inner})"
    if isinstance(kind, dict):
        parts = [(name, _type(each, target)) for name, each in kind.items()]
        if target == "duckdb":
            return "STRUCT(" + ", ".join(f'"{name}" {inner}' for name, inner in parts) + ")"
        return "Struct({" + ", ".join(f"'{name}': {inner}" for name, inner in parts) + "})"
    return words.get(kind.removesuffix("?"), words["text"])
