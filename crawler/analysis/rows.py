"""Lines of an archive as the rows that the tables are derived from, for the store that reads them one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import orjson

from crawler.archive.records.jsonl import Json
from crawler.article import parse_moment
from crawler.values.urls import article_id

#: What a page takes over from the line of its latest version, in order: columns of pages.
HEAD = (
    "id", "kind", "portal", "url", "title", "source", "author", "editor", "language", "published_at",
    "published_local", "published_date", "published_precision", "first_fetched_at", "version_fetched_at", "revision",
    "revisions", "views", "text_length", "group_id", "incomplete", "content_hash", "section", "tags", "warc_file",
    "warc_offset", "warc_length", "warc_record_id", "payload_digest",
)  # fmt: skip
#: A copy as it was archived, before its direction is applied.
PAIR = ("duplicate_id", "article_id", "duplicate_portal", "article_portal", "direction", "match", "similarity")
_NO_PLACE: Mapping[str, None] = dict.fromkeys(("file", "offset", "length", "record_id", "payload_digest"))


def head(record: Json) -> tuple[object, ...]:
    """The values of ``HEAD`` of an article, revision or duplicate *record*; lists as JSON."""
    original = record.get("duplicate_of")
    later = 1 if "previous_hash" in record else 0
    return (
        record["id"], "copy" if original else "article", record["portal"], record["url"], record["title"],
        record["source"], record["author"], record["editor"], record["language"], utc(record["published_at"]),
        local(record["published_at"]), record["published_date"], record["published_precision"], record["fetched_at"],
        record["fetched_at"], record["revision"], later, record["view_count"], len(record["body"] or ""),
        original["id"] if original else record["id"], as_json(record["incomplete"]), record["content_hash"],
        as_json(record["section"]), as_json(record["tags"]), *place(record["warc"]),
    )  # fmt: skip


def pair(record: Json) -> tuple[object, ...]:
    """The values of ``PAIR`` of a duplicate."""
    original = record["duplicate_of"]
    return (record["id"], original["id"], record["portal"], original["portal"],
            record["direction"], record["match"], record["similarity"])  # fmt: skip


def version(record: Json) -> tuple[object, ...]:
    """The row of versions for *record*, its numbers of changed characters open."""
    changed = record.get("changed_fields")
    return (record["id"], record["revision"], record["fetched_at"], record["title"], record["body"],
            None if changed is None else as_json(changed), None, None, *place(record["warc"]))  # fmt: skip


def visit(record: Json) -> tuple[object, ...]:
    """The row of visits for an observation."""
    return (record["id"], record["portal"], record["url"], record["observed_at"], record["status"], record["outcome"],
            record["reason"], record["view_count"], record["view_count_raw"], record["revision"], record["run"],
            *place(record["warc"]))  # fmt: skip


def links(record: Json) -> list[tuple[object, ...]]:
    """(from_id, revision, number, target_id, url, title, kind) of every related link of *record*."""
    return [
        (record["id"], record["revision"], number, target(link["url"]), link["url"], link["title"], link["kind"])
        for number, link in enumerate(record["related_links"], 1)
    ]


def target(url: str) -> str | None:
    """The id of the address *url*; None where it is none that could be archived."""
    try:
        return article_id(url)
    except ValueError:
        return None


def count_fields(record: Json, counts: Counter[tuple[str, str, str, str]]) -> None:
    """Adds the first version *record* to *counts*: (portal, month, field, how), how "" where a field is absent."""
    portal, month = record["portal"], record["fetched_at"][:7]
    for name, how in record["extracted_by"].items():
        counts[portal, month, name, how or ""] += 1


def place(warc: Mapping[str, object] | None) -> tuple[object, ...]:
    """The five columns that say where a response lies."""
    warc = warc or _NO_PLACE
    return (warc["file"], warc["offset"], warc["length"], warc["record_id"], warc["payload_digest"])


def utc(moment: str | None) -> str | None:
    """*moment*, ISO 8601 with offset, in UTC with seconds."""
    if moment is None:
        return None
    return parse_moment(moment).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def local(moment: str | None) -> str | None:
    """*moment* on its own clock, without the zone."""
    return None if moment is None else moment[:19]


def as_json(values: object) -> str:
    """A list as JSON text."""
    return orjson.dumps(values).decode()
