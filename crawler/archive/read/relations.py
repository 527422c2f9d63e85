"""Relations between pages: links and copies. Memory is constant: ids are in a temporary database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

from crawler.archive.records.types import CopyRecord, DuplicateRecord, LinkRecord, PageRecord
from crawler.archive.storage.scratch import Scratch
from crawler.article import parse_moment
from crawler.values.urls import article_id

_EXACT = frozenset({"second", "minute"})


def links(ids: Iterable[str], pages: Iterable[PageRecord]) -> Iterator[LinkRecord]:
    """The related links of *pages*; *ids* are those of all archived pages."""
    with closing(Scratch("CREATE TABLE pages (id TEXT PRIMARY KEY) WITHOUT ROWID;")) as db:
        db.executemany("INSERT OR IGNORE INTO pages VALUES (?)", ((ident,) for ident in ids))
        for page in pages:
            for number, link in enumerate(page["related_links"], 1):
                target = _id(link["url"])
                known = target is not None and db.execute("SELECT 1 FROM pages WHERE id=?", (target,)).fetchone()
                yield {
                    "from_id": page["id"], "number": number, "to_id": target if known else None, "target_id": target,
                    "url": link["url"], "title": link["title"], "kind": link["kind"],
                }  # fmt: skip


def copies(duplicates: Iterable[DuplicateRecord], pages: Iterable[PageRecord]) -> Iterator[CopyRecord]:
    """A pair for each of *duplicates*, the direction applied; *pages* are all pages, for the times of publication."""
    tables = (
        "CREATE TABLE pairs (copy TEXT, origin TEXT, copy_portal TEXT, origin_portal TEXT, direction TEXT, match TEXT,"
        " similarity REAL); CREATE TABLE times (id TEXT PRIMARY KEY, at TEXT) WITHOUT ROWID;"
    )
    with closing(Scratch(tables)) as db:
        db.executemany("INSERT INTO pairs VALUES (?,?,?,?,?,?,?)", map(_pair, duplicates))
        db.execute("INSERT OR IGNORE INTO times SELECT copy, NULL FROM pairs UNION SELECT origin, NULL FROM pairs")
        db.executemany(
            "UPDATE times SET at = ? WHERE id = ?",
            ((page["published_at"], page["id"]) for page in pages if page["published_precision"] in _EXACT),
        )
        for row in db.execute(
            "SELECT p.*, c.at, o.at FROM pairs p JOIN times c ON c.id = p.copy JOIN times o ON o.id = p.origin"
        ):
            copy, origin, copy_portal, origin_portal, direction, match, similarity, copied, original = row
            lag = _hours(original, copied) if direction else None
            yield {
                "copy_id": copy, "origin_id": origin, "copy_portal": copy_portal, "origin_portal": origin_portal,
                "direction": direction, "match": match, "similarity": similarity, "lag_hours": lag,
            }  # fmt: skip


def _pair(record: DuplicateRecord) -> tuple[Any, ...]:
    original = record["duplicate_of"]
    pair = ((record["id"], record["portal"]), (original["id"], original["portal"]))
    (copy, copy_portal), (origin, origin_portal) = reversed(pair) if record["direction"] == "origin" else pair
    return copy, origin, copy_portal, origin_portal, record["direction"], record["match"], record["similarity"]


def _hours(begin: str | None, end: str | None) -> float | None:
    if begin is None or end is None:
        return None
    first, last = (parse_moment(day).replace(microsecond=0) for day in (begin, end))
    return (last - first).total_seconds() / 3600


def _id(url: str) -> str | None:
    try:
        return article_id(url)
    except ValueError:
        return None
