"""Candidates for copies: the part of the index with the hashes and band keys of archived articles."""

from __future__ import annotations

from collections import Counter

from crawler.archive.index import lsh, similarity
from crawler.archive.index.lsh import BandTable
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.sqlite import Database
from crawler.values.urls import article_id

#: Bodies shorter than this say too little to prove that one is a copy of the other.
MIN_COPY = 100
MOST_ALIKE = 40  #: candidates of one body whose texts are compared

TABLES = """
CREATE TABLE hashes (
  hash TEXT NOT NULL, fetched_at TEXT NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY (hash, fetched_at, id)) WITHOUT ROWID;
"""
TABLES += lsh.TABLES


class DuplicateTable:
    """The tables above in *database*."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.bands = BandTable(database)

    def archive(self, record: Json) -> None:
        """An article or a revision that others may be copies of."""
        self.bands.insert(similarity.bands(record["body"] or ""), _doc(record["id"]))
        rows = [(key, record["fetched_at"], record["id"]) for key in copy_keys(record)]
        self._db.do_many("INSERT OR IGNORE INTO hashes VALUES (?,?,?)", rows)

    def original(self, keys: list[str], besides: str) -> str | None:
        """The id that was archived first under any of *keys* (see copy_keys), other than *besides*."""
        marks = ",".join("?" * len(keys))
        row = self._db.one(
            f"SELECT id FROM hashes WHERE hash IN ({marks}) AND id<>? AND id NOT IN (SELECT id FROM copies)"  # noqa: S608 - question marks
            " ORDER BY fetched_at, id LIMIT 1",
            (*keys, besides),
        )
        return str(row[0]) if row else None

    def alike(self, body: str) -> list[tuple[str, str]]:
        """Spans of ids, one article each, that may be near copies of *body*: the likeliest first, at most 40."""
        shared: Counter[int] = Counter()
        for docs in self.bands.holders(similarity.bands(body)).values():
            shared.update(docs)
        likely = sorted((-count, doc) for doc, count in shared.items() if count >= similarity.SHARED_BANDS)
        return [_span(doc) for _, doc in likely[:MOST_ALIKE]]


def copy_keys(record: Json) -> list[str]:
    """What makes another record an exact copy of *record*: its addresses, and its body where that is long enough."""
    keys = [article_id(record["url"])]
    if record["canonical_url"] and (canonical := article_id(record["canonical_url"])) not in keys:
        keys.append(canonical)
    if record["body"] and len(record["body"]) >= MIN_COPY:
        keys.append(record["body_hash"])
    return keys


def _doc(ident: str) -> int:
    """The first 64 bits of an id, signed: a short name of an article in the table of near copies."""
    return int(ident[:16], 16) - (1 << 63)


def _span(doc: int) -> tuple[str, str]:
    """The ids that begin with the bits of *doc*."""
    prefix = f"{doc + (1 << 63):016x}"
    return prefix + "0" * 16, prefix + "f" * 16
