"""JSON Schema of every stream, and a check of records against it that needs no library.

One table says for each key what it may hold; the published schemas, ``verify``, the validating pipeline and the column
types for analysts are all made from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

from crawler.archive.records import tombstone
from crawler.archive.records.jsonl import KEYS, SCHEMAS, Json
from crawler.archive.storage.layout import STREAMS, Stream
from crawler.article import Article

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
HOW = ("rule", "json-ld", "meta", "label", "generic", "counter", "template")
_NAMES = [each.name for each in fields(Article)]
#: The fields that extraction fills: each has an entry in extracted_by.
EXTRACTED = tuple(_NAMES[_NAMES.index("canonical_url") : _NAMES.index("related_links") + 1])
OUTCOMES = ("new", "unchanged", "changed", "not-modified", "gone", "back", "duplicate", "refused")

Type = str | tuple[Any, ...]
_LINK = {"url": "url", "title": "text?", "kind": ("related", "previous", "next")}
_WARC = {"file": "text", "offset": "count", "length": "count", "record_id": "record", "payload_digest": "digest"}
_CAPTURE = {"role": ("page", "next", "counter"), "url": "url", "record_id": "record", "fetched_at": "utc"}

#: key -> what it holds. "x?" may be null; a tuple is a choice of texts; a dict is an object; [t] is a list of t.
TYPES: dict[str, Any] = {
    "schema": "text", "id": "id", "portal": "portal", "url": "url", "canonical_url": "url", "title": "text?",
    "source": "text?", "source_url": "url?", "author": "text?", "editor": "text?", "published_at": "zoned?",
    "published_date": "day?", "published_raw": "text?", "published_precision": ("second", "minute", "day", None),
    "modified_at": "zoned?", "view_count": "count?", "view_count_raw": "text?", "body": "text?", "language": "text?",
    "section": ["text"], "tags": ["text"], "images": [{"url": "url", "caption": "text?"}], "related_links": [_LINK],
    "page_urls": ["url"], "incomplete": [("counter", "pages")],
    "similar_to": ({"id": "id", "similarity": "share"}, None),
    "fetched_at": "utc", "revision": "count?", "body_hash": "sha256?", "content_hash": "sha256?", "run": "text?",
    "warc": (_WARC, None), "captures": [_CAPTURE], "extracted_by": dict.fromkeys(EXTRACTED, (*HOW, None)),
    "previous_hash": "sha256?", "changed_fields": ["text"],
    "duplicate_of": {"id": "id", "portal": "portal", "url": "url"}, "match": ("exact", "near"), "similarity": "share?",
    "direction": ("copy", "origin", None),
    "observed_at": "utc", "status": "count?", "outcome": OUTCOMES, "reason": "text?",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrong:
    """A key whose value is not of its type."""

    field: str
    value: Any


def wrong_values(record: Json, keys: Iterable[str] | None = None) -> list[Wrong]:
    """The keys of *record* (all of *keys*, where given) whose values break the schema."""
    names = record.keys() if keys is None else keys
    return [Wrong(name, record.get(name)) for name in names if not _fits(record.get(name), TYPES[name])]


def broken_promises(stream: Stream, record: Json) -> list[str]:
    """What is wrong with the form of *record* as a line of *stream*, in words."""
    if tuple(record) != KEYS[stream]:
        absent = [key for key in KEYS[stream] if key not in record]
        unknown = [key for key in record if key not in KEYS[stream]]
        if absent or unknown:
            return [f"keys: absent {absent}, unknown {unknown}"]
        return ["keys: not in their order"]
    found = [f"{wrong.field}: {wrong.value!r} is not {_words(TYPES[wrong.field])}" for wrong in wrong_values(record)]
    if record["schema"] not in _names(stream):
        found.append(f"schema: {record['schema']!r} is not {SCHEMAS[stream]!r}")
    return found


def json_schema(stream: Stream) -> Json:
    """JSON Schema (2020-12) of a line of *stream*."""
    properties = {key: _schema(TYPES[key]) for key in KEYS[stream]}
    properties["schema"] = {"enum": _names(stream)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://citynews.invalid/schema/{stream}.json",
        "title": f"A line of {stream}/",
        "type": "object",
        "properties": properties,
        "required": list(KEYS[stream]),
        "additionalProperties": False,
    }


def json_schemas() -> dict[str, Json]:
    """Stream -> its JSON Schema."""
    return {stream: json_schema(stream) for stream in STREAMS}


# -- inside ----------------------------------------------------------------------------------------------------------


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(kind, tuple):
        return any(value == each if not isinstance(each, dict) else _fits(value, each) for each in kind)
    if isinstance(kind, list):
        return isinstance(value, list) and all(_fits(each, kind[0]) for each in value)
    if isinstance(kind, dict):
        return (
            isinstance(value, dict) and value.keys() == kind.keys() and all(_fits(value[k], t) for k, t in kind.items())
        )
    if kind.endswith("?"):
        return value is None or _fits(value, kind[:-1])
    return (
        _SCALARS[kind](value) if kind in _SCALARS else isinstance(value, str) and bool(_COMPILED[kind].fullmatch(value))
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


_SCALARS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str) and value != "",
    "count": _is_count,
    "share": _is_share,
}


def _names(stream: Stream) -> list[str]:
    """What `schema` may say in a line of *stream*; a visit has no tombstone, since it holds nothing of the page."""
    return [SCHEMAS[stream]] if stream == "observations" else [SCHEMAS[stream], tombstone.SCHEMA]


def _schema(kind: Any) -> Json:
    if isinstance(kind, tuple):
        if isinstance(kind[0], dict):
            return {"anyOf": [_schema(kind[0]), {"type": "null"}]}
        return {"enum": list(kind)}
    if isinstance(kind, list):
        return {"type": "array", "items": _schema(kind[0])}
    if isinstance(kind, dict):
        inner = {name: _schema(each) for name, each in kind.items()}
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
