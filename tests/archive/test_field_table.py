"""The keys of an article stand once, in article.FIELDS; the types that a checker reads say the same."""

from __future__ import annotations

from dataclasses import fields

from crawler.archive.records import jsonl, schema, types
from crawler.article import EXTRACTED, FIELDS, Article, WarcRef
from crawler.extraction import Fields

ADDED = {"schema", "similar_to", "fetched_at", "revision", "body_hash", "content_hash", "run", "warc", "captures"}


def test_dataclasses_hold_the_fields_of_the_table_in_its_order() -> None:
    named = [rule.name for rule in FIELDS]
    assert [field.name for field in fields(Article)] == [name for name in named if name not in ADDED]
    assert [field.name for field in fields(Fields)] == [*EXTRACTED, "extracted_by"]


def test_typed_records_have_the_keys_of_their_stream() -> None:
    records = {
        "articles": types.ArticleRecord, "revisions": types.RevisionRecord, "duplicates": types.DuplicateRecord,
        "observations": types.ObservationRecord,
    }  # fmt: skip
    assert {stream: set(record.__annotations__) for stream, record in records.items()} == {
        stream: set(keys) for stream, keys in jsonl.KEYS.items()
    }
    assert set(types.WarcPlace.__annotations__) == {field.name for field in fields(WarcRef)}
    assert set(schema.TYPES) == {key for keys in jsonl.KEYS.values() for key in keys}
