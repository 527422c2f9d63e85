"""Tombstones: lines that replace those of a removed article (`citynews remove`).

All keys of the line are there; what the page said is not. Addresses stay, since they must not be asked for again.
"""

from __future__ import annotations

from typing import Any

from crawler.archive.records.jsonl import Json

#: What ``schema`` of a tombstone begins with; its version is that of the line it stands for.
SCHEMA = "citynews/tombstone/"
#: What a tombstone keeps of the line it stands for: who it was and where it came from, nothing of what it said.
_KEPT = frozenset({
    "id", "portal", "url", "page_urls", "fetched_at", "revision", "run", "warc", "captures", "duplicate_of", "match",
    "similarity", "direction",
})  # fmt: skip


def is_tombstone(record: Json) -> bool:
    """Whether *record* stands for one that was removed."""
    return str(record.get("schema")).startswith(SCHEMA)


def bury(record: Json) -> Json:
    """The tombstone of *record*, an article, a revision or a duplicate: the same keys in the same order."""
    return {key: _blank(key, value, record) for key, value in record.items()}


def _blank(key: str, value: Any, record: Json) -> Any:
    if key in _KEPT:
        return value
    if key in {"schema", "canonical_url", "extracted_by"}:
        version = record["schema"].rpartition("/")[2]
        made = {"schema": f"{SCHEMA}{version}", "canonical_url": record["url"], "extracted_by": dict.fromkeys(value)}
        return made[key]
    return [] if isinstance(value, list) else None
