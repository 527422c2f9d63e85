"""Differences between two archives of the same pages, record by record and field by field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crawler.analysis.text_diff import paragraphs
from crawler.archive.read.reader import Reader, key_of
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import STREAMS, Stream

#: What differs between two archives of the same pages without meaning anything.
_INCIDENTAL = frozenset({"run", "warc", "captures"})


def differences(old: Path, new: Path) -> Iterator[Json]:
    """Records that only one of the archives in *old* and *new* holds, or that differ in more than where they lie.

    Each has ``stream``, ``kind`` (gone, changed, added), ``key``, ``url``, ``fields`` (name -> [old, new]) and ``body``
    (the paragraphs that differ).
    """
    before, after = Reader(old), Reader(new)
    for stream in STREAMS:
        yield from _of_stream(stream, before, after)


def _of_stream(stream: Stream, old: Reader, new: Reader) -> Iterator[Json]:
    places = new.places(stream)
    for before in old.records(stream):
        key = key_of(stream, before)
        if key not in places:
            yield _difference(stream, "gone", key, before, {})
            continue
        after = Reader.at(*places.pop(key))
        names = [n for n in before if n not in _INCIDENTAL and before[n] != after.get(n)]
        if names:
            yield _difference(stream, "changed", key, after, {n: [before[n], after.get(n)] for n in names})
    for key, place in places.items():
        yield _difference(stream, "added", key, Reader.at(*place), {})


def _difference(stream: Stream, kind: str, key: str, record: Json, fields: Json) -> Json:
    return {
        "stream": stream,
        "kind": kind,
        "key": key,
        "url": record["url"],
        "fields": fields,
        "body": paragraphs(fields["body"]) if "body" in fields else [],
    }
