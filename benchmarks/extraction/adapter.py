"""Ours behind the benchmark's interface: extract(html, url) -> fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from crawler.article import Refusal
from crawler.extraction import Page, extract

#: No page of the corpus is younger; dates without a year are completed from here.
_CAPTURED = datetime(2026, 11, 23, tzinfo=UTC)


def ours(html: bytes, url: str) -> dict[str, Any]:
    """The record of one page, or only the reason where it is refused."""
    found = extract([Page(html, url=url or "http://example.com/", fetched_at=_CAPTURED)])
    if isinstance(found, Refusal):
        return {"refused": found.reason}
    record = {name: getattr(found, name) for name in found.__slots__}
    record["related_links"] = [
        {"url": link.url, "title": link.title, "kind": link.kind} for link in found.related_links
    ]
    record["images"] = [image.url for image in found.images]
    return record
