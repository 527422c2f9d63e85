"""The one shape of pages: an article or a copy as it is now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from crawler.archive.records.jsonl import PAGE_KEYS, Json
from crawler.archive.records.types import PageRecord

Views = tuple[int, str | None, str]  #: a count, how it stood on the page, when it was seen
_OF_COPIES = ("duplicate_of", "match", "similarity", "direction")


def as_page(record: Json, views: Views | None, first: Json | None = None) -> PageRecord:
    """The line *record*, an article, revision or duplicate, in the one shape of pages; *views* of its last visit.

    *first*: of a revision the line of the first version. That alone says whether the page is a copy, and of what.
    """
    page = {key: record.get(key) for key in PAGE_KEYS}
    page |= {key: (first or record).get(key) for key in _OF_COPIES}
    page["changed_fields"] = record.get("changed_fields", [])
    page["kind"] = "copy" if page["duplicate_of"] else "article"
    if views is not None:
        page["view_count"], page["view_count_raw"], page["view_count_at"] = views
    elif page["view_count"] is not None:
        page["view_count_at"] = page["fetched_at"]
    return cast(PageRecord, page)


def last_views(observations: Iterable[Json]) -> Views | None:
    """The last view count among *observations*, of one address."""
    counted = [observation for observation in observations if observation["view_count"] is not None]
    last = max(counted, key=lambda visit: str(visit["observed_at"]), default=None)
    return (last["view_count"], last["view_count_raw"], last["observed_at"]) if last else None
