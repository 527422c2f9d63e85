"""JSON Schema of every stream, and a check of records against it that needs no library.

One table says for each key what it may hold; the published schemas, ``verify``, the validating pipeline and the column
types for analysts are all made from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from crawler.archive.records import versions
from crawler.archive.records.jsonl import KEYS, SCHEMAS, Json
from crawler.archive.storage.layout import STREAMS, Stream
from crawler.article import FIELDS, Outcome

_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
_PATTERNS = {
    "id": r"[0-9a-f]{32}",
    "sha256": r"[0-9a-f]{64}",
    "utc": _MOMENT + r"\.\d{6}Z",
    "zoned": _MOMENT + r"(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)",
    "day": r"\d{4}-\d\d-\d\d",
    "url": r"https?://[^\s]+",
    "portal": r"[a-z0-9-]{1,64}",
    "record": r"<[^<>\s]+>",
    "digest": r"sha256:[0-9a-f]{64}",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
#: Those that an observation may have: a visit that failed writes none.
OUTCOMES = tuple(outcome for outcome in get_args(Outcome) if outcome != "failed")

#: key -> what it holds, as in article.FieldRule.kind.
TYPES: dict[str, Any] = {rule.name: rule.kind for rule in FIELDS} | {
    "previous_hash": "sha256?", "changed_fields": ["text"],
    "duplicate_of": {"id": "id", "portal": "portal", "url": "url"}, "match": ("exact", "near"), "similarity": "share?",
    "direction": ("copy", "origin", None),
    "observed_at": "utc", "status": "count?", "outcome": OUTCOMES, "reason": "text?",
}  # fmt: skip


_Check = Callable[[Any], bool]
Target = Literal["duckdb", "polars", "pandas"]
TARGETS: tuple[Target, ...] = ("duckdb", "polars", "pandas")
_COLUMN_TYPES: dict[str, dict[str, str]] = {
    "duckdb": {"text": "VARCHAR", "count": "BIGINT", "share": "DOUBLE"},
    "polars": {"text": "String", "count": "Int64", "share": "Float64"},
    "pandas": {"text": "string", "count": "Int64", "share": "Float64"},
}


@dataclass(frozen=True, slots=True)
class TypeMismatch:
    """A key whose value is not of its type."""

    field: str
    value: Any


def wrong_values(record: Json, keys: Iterable[str] | None = None, version: int | None = None) -> list[TypeMismatch]:
    """The keys of *record* whose values break the schema of *version*, by default the newest.

    All of *keys* are looked at, where given.
    """
    names = record.keys() if keys is None else keys
    checks = _checks(version)
    return [TypeMismatch(name, record.get(name)) for name in names if not checks[name](record.get(name))]


def broken_promises(stream: Stream, record: Json) -> list[str]:
    """What is wrong with the form of *record* as a line of *stream*, in words."""
    version = versions.version_of(stream, record)
    if version is None:
        return [f"schema: {record.get('schema')!r} is not {SCHEMAS[stream]!r}, and no older version of it"]
    keys = versions.keys_of(stream, version)
    if tuple(record) != keys:
        absent = [key for key in keys if key not in record]
        unknown = [key for key in record if key not in keys]
        if absent or unknown:
            return [f"keys: absent {absent}, unknown {unknown}"]
        return ["keys: not in their order"]
    wrong = wrong_values(record, version=version)
    return [f"{error.field}: {error.value!r} is not {_words(TYPES[error.field])}" for error in wrong]


@cache
def _checks(version: int | None) -> dict[str, _Check]:
    """Key -> whether a value is of its type, in *version* or the newest."""
    return {name: _check(kind) for name, kind in (TYPES if version is None else _types(version)).items()}


@cache
def _types(version: int) -> dict[str, Any]:
    """TYPES as *version* had them."""
    how = TYPES["extracted_by"]
    names = [rule.name for rule in FIELDS if rule.extracted and rule.since <= version]
    incomplete = [("counter", "pages")] if version == 1 else TYPES["incomplete"]
    return TYPES | {"extracted_by": {name: how[name] for name in names}, "incomplete": incomplete}


def json_schema(stream: Stream) -> Json:
    """JSON Schema (2020-12) of a line of *stream*."""
    oldest, newest = versions.keys_of(stream, 1), versions.NEWEST[stream]
    properties = {key: _schema(TYPES[key]) for key in KEYS[stream]}
    properties["schema"] = {"enum": list(versions.names(stream))}
    if "extracted_by" in properties:
        properties["extracted_by"]["required"] = list(_types(1)["extracted_by"])
    current = [name for name, version in versions.names(stream).items() if version == newest]
    whole = {"if": {"properties": {"schema": {"enum": current}}}, "then": {"required": list(KEYS[stream])}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://citynews.invalid/schema/{stream}.json",
        "title": f"A line of {stream}/",
        "type": "object",
        "properties": properties,
        "required": list(oldest),
        "additionalProperties": False,
        **({} if newest == 1 else whole),
    }


def json_schemas() -> dict[str, Json]:
    """Stream -> its JSON Schema."""
    return {stream: json_schema(stream) for stream in STREAMS}


def columns(stream: Stream, target: Target) -> dict[str, str]:
    """Column -> type, as *target* writes it, for the lines of *stream*."""
    return {key: _column(TYPES[key], target) for key in KEYS[stream]}


# -- inside ----------------------------------------------------------------------------------------------------------


def _check(kind: Any) -> _Check:
    """Whether a value is of *kind*, as a function: each record is checked, and a kind says much that is always so."""
    if isinstance(kind, tuple):
        options = tuple(option for option in kind if not isinstance(option, dict))
        objects = [_check(option) for option in kind if isinstance(option, dict)]
        return lambda value: value in options or any(check(value) for check in objects)
    if isinstance(kind, list):
        item = _check(kind[0])
        return lambda value: isinstance(value, list) and all(map(item, value))
    if isinstance(kind, dict):
        return _check_object({name: _check(inner) for name, inner in kind.items()})
    if kind.endswith("?"):
        present = _check(kind[:-1])
        return lambda value: value is None or present(value)
    if kind in _SCALARS:
        return _SCALARS[kind]
    matches = _COMPILED[kind].fullmatch
    return lambda value: isinstance(value, str) and matches(value) is not None


def _check_object(checks: dict[str, _Check]) -> _Check:
    names = checks.keys()
    return lambda value: (
        isinstance(value, dict) and value.keys() == names and all(check(value[name]) for name, check in checks.items())
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


_SCALARS: dict[str, _Check] = {
    "text": lambda value: isinstance(value, str) and value != "",
    "count": _is_count,
    "share": _is_share,
}


def _schema(kind: Any) -> Json:
    if isinstance(kind, tuple):
        if isinstance(kind[0], dict):
            return {"anyOf": [_schema(kind[0]), {"type": "null"}]}
        return {"enum": list(kind)}
    if isinstance(kind, list):
        return {"type": "array", "items": _schema(kind[0])}
    if isinstance(kind, dict):
        inner = {name: _schema(inner_kind) for name, inner_kind in kind.items()}
        return {"type": "object", "properties": inner, "required": list(kind), "additionalProperties": False}
    if kind.endswith("?"):
        inner = _schema(kind[:-1])
        return inner | {"type": [inner["type"], "null"]}
    simple: dict[str, Json] = {
        "text": {"type": "string", "minLength": 1},
        "count": {"type": "integer", "minimum": 0},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
    }
    return simple[kind] if kind in simple else {"type": "string", "pattern": f"^{_PATTERNS[kind]}$"}


def _words(kind: Any) -> str:
    return kind if isinstance(kind, str) else "of its type"


def _column(kind: Any, target: Target) -> str:
    words = _COLUMN_TYPES[target]
    if isinstance(kind, tuple):
        return _column(kind[0], target) if isinstance(kind[0], dict) else words["text"]
    if isinstance(kind, list | dict) and target == "pandas":
        return "object"
    if isinstance(kind, list):
        inner = _column(kind[0], target)
        return f"{inner}[]" if target == "duckdb" else f"List({inner})"
    if isinstance(kind, dict):
        parts = [(name, _column(inner_kind, target)) for name, inner_kind in kind.items()]
        if target == "duckdb":
            return "STRUCT(" + ", ".join(f'"{name}" {inner}' for name, inner in parts) + ")"
        return "Struct({" + ", ".join(f"'{name}': {inner}" for name, inner in parts) + "})"
    return words.get(kind.removesuffix("?"), words["text"])
