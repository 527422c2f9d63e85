"""The result of extraction: the fields of an article, or the reason why a page is not one."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.article import Attachment, How, Image, Link, Precision

#: How a value was found.
Origin = How


@dataclass(slots=True)
class Fields:
    """The values of one article, as in :class:`crawler.article.Article`.

    *extracted_by* names every field that has one.
    """

    canonical_url: str | None = None
    title: str | None = None
    source: str | None = None
    source_url: str | None = None
    author: str | None = None
    editor: str | None = None
    published_at: str | None = None
    published_date: str | None = None
    published_raw: str | None = None
    published_precision: Precision | None = None
    modified_at: str | None = None
    view_count: int | None = None
    view_count_raw: str | None = None
    body: str | None = None
    language: str | None = None
    section: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    related_links: list[Link] = field(default_factory=list)
    extracted_by: dict[str, str] = field(default_factory=dict)
