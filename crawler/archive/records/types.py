"""The records of the four streams as types, for a type checker. Keys are those of ``lines.KEYS``."""

from __future__ import annotations

from typing import Literal, TypedDict

from crawler.article import LinkKind, Precision, Role

How = Literal["rule", "json-ld", "meta", "label", "generic", "counter", "template"]


class WarcPlace(TypedDict):
    """Where a response lies in the archive's WARC files."""

    file: str  #: relative to warc/
    offset: int  #: bytes
    length: int  #: bytes
    record_id: str
    payload_digest: str


class CaptureNote(TypedDict):
    """One answer that a record was read from."""

    role: Role
    url: str
    record_id: str
    fetched_at: str


class ImageNote(TypedDict):
    url: str
    caption: str | None


class LinkNote(TypedDict):
    url: str
    title: str | None
    kind: LinkKind


class Similar(TypedDict):
    id: str
    similarity: float


class Original(TypedDict):
    """The article that a duplicate is a copy of."""

    id: str
    portal: str
    url: str


class ArticleRecord(TypedDict):
    """A line of articles/. Every key is there; the meaning of each stands in docs/formats.md."""

    schema: str
    id: str
    portal: str
    url: str
    canonical_url: str
    title: str | None
    source: str | None
    source_url: str | None
    author: str | None
    editor: str | None
    published_at: str | None
    published_date: str | None
    published_raw: str | None
    published_precision: Precision | None
    modified_at: str | None
    view_count: int | None
    view_count_raw: str | None
    body: str | None
    language: str | None
    section: list[str]
    tags: list[str]
    images: list[ImageNote]
    related_links: list[LinkNote]
    page_urls: list[str]
    incomplete: list[Literal["counter", "pages"]]
    similar_to: Similar | None
    fetched_at: str
    revision: int
    body_hash: str | None
    content_hash: str | None
    run: str
    warc: WarcPlace
    captures: list[CaptureNote]
    extracted_by: dict[str, How | None]


class RevisionRecord(ArticleRecord):
    """A line of revisions/."""

    previous_hash: str | None
    changed_fields: list[str]


class DuplicateRecord(ArticleRecord):
    """A line of duplicates/."""

    duplicate_of: Original
    match: Literal["exact", "near"]
    similarity: float | None
    direction: Literal["copy", "origin"] | None


class ObservationRecord(TypedDict):
    """A line of observations/."""

    schema: str
    id: str
    portal: str
    url: str
    observed_at: str
    status: int | None
    outcome: Literal["new", "unchanged", "changed", "not-modified", "gone", "back", "duplicate", "refused"]
    reason: str | None
    view_count: int | None
    view_count_raw: str | None
    revision: int | None
    run: str
    warc: WarcPlace | None
