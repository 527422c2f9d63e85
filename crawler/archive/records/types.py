"""The records of an archive as types, for a type checker: lines of the four streams, metadata records of WARC files.

A test holds the keys of the first four to ``jsonl.KEYS``.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from crawler.article import How, LinkKind, Outcome, Precision, Role


class WarcPlace(TypedDict):
    """``article.WarcRef`` as it stands in a record: where a response lies in the archive's WARC files."""

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
    """A picture of the body."""

    url: str
    caption: str | None


class LinkNote(TypedDict):
    """A related link."""

    url: str
    title: str | None
    kind: LinkKind


class AttachmentNote(TypedDict):
    """A file that the text links."""

    url: str
    title: str | None
    type: str | None


class SimilarRef(TypedDict):
    """The article of the same portal that a near copy resembles."""

    id: str
    similarity: float


class OriginalRef(TypedDict):
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
    attachments: list[AttachmentNote]
    related_links: list[LinkNote]
    page_urls: list[str]
    incomplete: list[Literal["counter", "pages", "truncated"]]
    similar_to: SimilarRef | None
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

    duplicate_of: OriginalRef
    match: Literal["exact", "near"]
    similarity: float | None
    direction: Literal["copy", "origin"] | None


class PageRecord(ArticleRecord):
    """An article or a copy as readers give it: one shape, whatever line it comes from. See ``Reader.pages``."""

    previous_hash: str | None  #: null in a first version
    changed_fields: list[str]  #: [] in a first version
    duplicate_of: OriginalRef | None  #: of a copy
    match: Literal["exact", "near"] | None
    similarity: float | None
    direction: Literal["copy", "origin"] | None
    kind: Literal["article", "copy"]
    view_count_at: str | None  #: when view_count was seen


class LinkRecord(TypedDict):
    """A related link of a page in its latest version."""

    from_id: str
    number: int  #: its place on the page, from 1
    to_id: str | None  #: the page it leads to, where that is archived
    target_id: str | None  #: the id of the address, archived or not
    url: str
    title: str | None
    kind: LinkKind


class CopyRecord(TypedDict):
    """Two pages with the same text, after ``direction`` was looked at."""

    copy_id: str  #: where direction is null: the page archived later
    origin_id: str
    copy_portal: str
    origin_portal: str
    direction: Literal["copy", "origin"] | None  #: of the page archived later; null: nothing tells
    match: Literal["exact", "near"]
    similarity: float | None
    lag_hours: float | None  #: from the origin's publication to the copy's, where both are known to the minute


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


class CapturePlace(WarcPlace):
    """A capture as a decision names it."""

    role: Role
    asked: str
    url: str


class DefinitionPlace(TypedDict):
    """Where the definition of a portal lies that a visit was read with."""

    record_id: str
    file: str
    offset: int
    length: int
    digest: str


class MissingNote(TypedDict):
    """What a visit wanted and did not get."""

    role: Role
    url: str


class LineDigest(TypedDict):
    """A line that a decision led to."""

    path: str
    sha256: str


class DecisionRecord(TypedDict):
    """How a visit ended, as a metadata record of the run's WARC says it."""

    schema: Literal["citynews/decision/1"]
    sequence: int
    run: str
    archive: NotRequired[str]  #: id of the archive; version 0.1.0 wrote none
    id: str
    observed_at: str
    portal: str
    asked: str
    url: str
    status: int | None
    outcome: Outcome
    reason: str | None
    view_count: int | None
    view_count_raw: str | None
    revision: int | None
    charset: NotRequired[str | None]  #: that the first page was decoded from; version 0.1.0 did not say
    captures: list[CapturePlace]
    missing: list[MissingNote]
    definition: DefinitionPlace | None
    lines: list[LineDigest]
    revises: NotRequired[int]  #: how often the visit was decided again: adopt, remove
    removed: NotRequired[str]  #: the run that removed the article
    tombstone: NotRequired[dict[str, Any] | None]  #: the line in the place of the removed one
    judged: NotRequired[
        dict[str, Any]
    ]  #: what the record was found to be with respect to an article that was removed since


class VoidRecord(TypedDict):
    """Takes a decision back: its run died before any of its lines was written."""

    schema: Literal["citynews/void/1"]
    voids: int
    run: str
    archive: NotRequired[str]
    at: str


class PageNote(WarcPlace):
    """Says that a capture is a list page, a feed or a sitemap."""

    schema: str
    portal: str
    kind: str
    url: str
    at: str
