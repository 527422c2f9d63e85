"""The versions of one article, and what changed between them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from crawler.analysis.text_diff import paragraphs
from crawler.archive.read.life import Life
from crawler.archive.records.jsonl import Json


def changes(life: Life) -> Iterator[Json]:
    """Of each later version: its number, field -> [before, after], and the places of the body that differ."""
    versions = [record for record in (life.article, *life.revisions) if record]
    for before, after in pairwise(versions):
        fields = {name: [before[name], after[name]] for name in after["changed_fields"]}
        yield {
            "revision": after["revision"],
            "fields": fields,
            "body": paragraphs(fields["body"]) if "body" in fields else [],
        }
