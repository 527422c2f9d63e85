"""One page of the archive with all that is known of it: its line, versions, visits, copies and links."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from crawler.analysis.browse.view import IndexView
from crawler.archive.records import jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import Paths, Stream, stream_path

LINKS_SHOWN = 200
_PAGE = "SELECT * FROM pages p WHERE p.id = ?"


def page(view: IndexView, ident: str) -> Json | None:
    """The row of pages of *ident*, lists as lists; None where it is not archived."""
    found = view.records(_PAGE, [ident])
    return _listed(found[0]) if found else None


def versions(view: IndexView, ident: str) -> list[Json]:
    """The rows of versions, oldest first."""
    return [_listed(row) for row in view.records("SELECT * FROM versions WHERE id = ? ORDER BY revision", [ident])]


def visits(view: IndexView, ident: str) -> list[Json]:
    """The rows of visits, oldest first."""
    return view.records("SELECT * FROM visits WHERE id = ? ORDER BY at", [ident])


def copies(view: IndexView, row: Mapping[str, Any]) -> list[Json]:
    """The other pages with the text of *row*, with what the archive knows of each pair it is in."""
    return view.records(
        "SELECT p.id, p.title, p.portal, p.portal_title, p.url, p.published_date, p.published_local,"
        " p.published_precision, p.kind, p.id = p.group_origin AS is_origin,"
        ' c.copy_id, c.origin_id, c.direction, c."match", c.similarity, c.lag_hours'
        " FROM pages p LEFT JOIN copies c ON c.copy_id = p.id AND c.origin_id = :id"
        "  OR c.origin_id = p.id AND c.copy_id = :id"
        " WHERE p.group_id = :group AND p.id <> :id ORDER BY p.published_local IS NULL, p.published_local, p.n",
        {"id": row["id"], "group": row["group_id"]},  # type: ignore[arg-type] # named parameters
    )


def links(view: IndexView, ident: str) -> tuple[list[Json], list[Json], int]:
    """(links of the page, the first pages that link to it, how many do)."""
    outward = view.records(
        "SELECT l.*, p.title AS to_title, p.published_date AS to_date FROM links l LEFT JOIN pages p ON p.id = l.to_id"
        " WHERE l.from_id = ? ORDER BY l.number",
        [ident],
    )
    sql = "FROM links l JOIN pages p ON p.id = l.from_id WHERE l.target_id = ?"
    count = view.rows(f"SELECT count(DISTINCT p.id) {sql}", [ident])[0][0]
    inward = view.records(
        f"SELECT DISTINCT p.id, p.title, p.portal_title, p.published_date {sql}"
        " ORDER BY p.published_date DESC, p.n LIMIT ?",
        [ident, LINKS_SHOWN],
    )
    return outward, inward, int(count)


def line(root: Path, row: Mapping[str, Any], version: Mapping[str, Any]) -> Json | None:
    """The line of *version* of the page *row* as the archive holds it; None where it is not there any more.

    Raises DamagedError.
    """
    stream: Stream = "revisions" if version["revision"] > 1 else "duplicates" if row["kind"] == "copy" else "articles"
    path = Paths(root).actual(stream_path(stream, row["portal"], version["fetched_at"]))
    if not path.exists():
        return None
    letters = f'"{row["id"]}"'.encode()
    for _, text in jsonl.whole_lines(path):
        if letters in text:
            record = jsonl.decode(text)
            if record["id"] == row["id"] and record.get("revision") == version["revision"]:
                return record
    return None


def _listed(row: Json) -> Json:
    """*row* with its JSON texts as lists."""
    lists = ("incomplete", "section", "tags", "changed_fields")
    return row | {name: orjson.loads(row[name]) for name in lists if row.get(name) is not None}
