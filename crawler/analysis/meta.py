"""The row of ``meta``: the run whose state the tables show, the number of lines, and whether they add up."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime

from crawler import __version__
from crawler.analysis.snapshot import Snapshot
from crawler.analysis.tables import META, SCHEMA
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.article import isoformat

#: What the tables hold of each stream.
COUNTED = """
SELECT 'articles', count(*) FROM pages WHERE kind = 'article' UNION ALL
SELECT 'duplicates', count(*) FROM pages WHERE kind = 'copy' UNION ALL
SELECT 'revisions', coalesce(sum(revisions), 0) FROM pages UNION ALL
SELECT 'observations', count(*) FROM visits
"""


def read_meta(db: sqlite3.Connection) -> Json | None:
    """The row of meta in *db*; None in a file that is not whole, or that is none of ours."""
    try:
        row = db.execute(f"SELECT {', '.join(META.names)} FROM meta").fetchone()
    except sqlite3.DatabaseError:
        return None
    return dict(zip(META.names, row, strict=True)) if row else None


def describe(snapshot: Snapshot, lines: Mapping[str, tuple[int, int]]) -> Json:
    """The row of meta of unfiltered tables; *lines*: stream -> lines, and tombstones among them."""
    values: Json = {
        "schema": SCHEMA,
        "citynews": __version__,
        "archive": snapshot.archive,
        "run": snapshot.run,
        "run_number": snapshot.number,
        "run_sha256": snapshot.sha256,
        "run_finished_at": snapshot.finished_at,
        "made_at": isoformat(datetime.now(UTC)),
        "filters": "{}",
        "body": "text",
    }
    for stream in ("articles", "duplicates", "revisions", "observations"):
        count, removed = lines.get(stream, (0, 0))
        values[stream] = count - removed
        values[f"removed_{stream}"] = removed
    return values


def check(counted: Mapping[str, int], meta: Json) -> None:
    """Raises DamagedError where rows are not as many as the lines they were made from."""
    for stream, count in counted.items():
        if count != meta[stream]:
            raise DamagedError(f"{stream}: {meta[stream]} lines, but {count} rows; run `citynews verify`")
