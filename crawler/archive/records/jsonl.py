"""Records as JSON lines: their keys in order, and the bytes they become.

UTF-8, one object a line; U+2028, U+2029 and U+0085 are escaped, since many readers take them for line ends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from crawler import article as model
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.article import Article, Capture, WarcRef

Json = dict[str, Any]

_LINE_ENDS = (("\u2028".encode(), rb"\u2028"), ("\u2029".encode(), rb"\u2029"), ("\x85".encode(), rb"\u0085"))

#: Keys of an article record, in order.
ARTICLE_KEYS = tuple(rule.name for rule in model.FIELDS)
REVISION_KEYS = (*ARTICLE_KEYS, "previous_hash", "changed_fields")
DUPLICATE_KEYS = (*ARTICLE_KEYS, "duplicate_of", "match", "similarity", "direction")
#: Keys of a page as readers give it: an article, or a copy, in its latest version. No line has this shape.
PAGE_KEYS = (
    *ARTICLE_KEYS, "previous_hash", "changed_fields", "duplicate_of", "match", "similarity", "direction", "kind",
    "view_count_at",
)  # fmt: skip
OBSERVATION_KEYS = (
    "schema", "id", "portal", "url", "observed_at", "status", "outcome", "reason", "view_count", "view_count_raw",
    "revision", "run", "warc",
)  # fmt: skip
KEYS = {
    "articles": ARTICLE_KEYS,
    "revisions": REVISION_KEYS,
    "duplicates": DUPLICATE_KEYS,
    "observations": OBSERVATION_KEYS,
}
SCHEMAS = {
    "articles": model.ARTICLE_SCHEMA,
    "revisions": model.REVISION_SCHEMA,
    "duplicates": model.DUPLICATE_SCHEMA,
    "observations": model.OBSERVATION_SCHEMA,
}


def schema_as(schema: str, kind: str) -> str:
    """The schema of a record of another *kind* (article, revision, duplicate) in the version of *schema*."""
    return f"citynews/{kind}/{schema.rpartition('/')[2]}"


def article_record(article: Article, captures: Sequence[Capture], run: str | None) -> Json:
    """The record of *article* as revision 1. *captures* are those it was read from, its first page first."""
    values = model.as_record(article)
    values |= {
        "schema": model.ARTICLE_SCHEMA,
        "similar_to": None,
        "fetched_at": model.isoformat(captures[0].fetched_at),
        "revision": 1,
        "body_hash": model.body_hash(article.body),
        "content_hash": model.content_hash(article.title, article.body),
        "run": run,
        "warc": warc_place(captures[0].warc),
        "captures": [_capture(capture) for capture in captures if capture.record_id],
    }
    return {key: values[key] for key in ARTICLE_KEYS}


def observation_record(values: Json) -> Json:
    """The observation with *values*, keys in order; a key that is absent becomes null."""
    return {"schema": model.OBSERVATION_SCHEMA} | {key: values.get(key) for key in OBSERVATION_KEYS[1:]}


def warc_place(ref: WarcRef | None) -> Json | None:
    """The value of a record's ``warc`` key."""
    return None if ref is None else model.as_record(ref)


def encode(record: Json) -> bytes:
    """*record* as one line with its line feed. Raises ValueError for what JSON cannot hold (a lone surrogate)."""
    try:
        line = orjson.dumps(record)
    except TypeError as error:
        raise ValueError(f"record {record.get('id')} cannot be written as JSON: {error}") from error
    if b"\xe2\x80" in line or b"\xc2\x85" in line:
        for raw, escaped in _LINE_ENDS:
            line = line.replace(raw, escaped)
    return line + b"\n"


def decode(line: bytes) -> Json:
    """The record in *line*. Raises DamagedError."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise DamagedError(f"not JSON: {error}") from error
    if not isinstance(record, dict):
        raise DamagedError("not a JSON object")
    return record


def sha256(line: bytes) -> str:
    """Hex sha256 of a line, its line feed included: what a decision says of it."""
    return hashlib.sha256(line).hexdigest()


def whole_lines(path: Path, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """(offset, line with its line feed) from byte *start* up to the last line feed: all that a reader may see.

    *path* may be a sealed file. Raises DamagedError where that cannot be unpacked.
    """
    if month_file.is_sealed(path):
        yield from _sealed_lines(path, start)
        return
    with path.open("rb") as file:
        file.seek(start)
        offset = start
        for line in file:
            if line.endswith(b"\n"):
                yield offset, line
                offset += len(line)


def _sealed_lines(path: Path, start: int) -> Iterator[tuple[int, bytes]]:
    offset, rest = start, b""
    for chunk in month_file.chunks(path, start):
        *found, rest = (rest + chunk).split(b"\n")
        for line in found:
            yield offset, line + b"\n"
            offset += len(line) + 1


def _capture(capture: Capture) -> Json:
    return {
        "role": capture.role,
        "url": capture.url,
        "record_id": capture.record_id,
        "fetched_at": model.isoformat(capture.fetched_at),
    }
