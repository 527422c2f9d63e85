"""Which decisions are in effect, where many are too many for memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from crawler.archive.records.decisions import VOID
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.spool import temporary


class EffectiveDecisions:
    """The decisions that no void takes back, in the order of their sequence.

    Of a visit that was decided again (`revises` counts how often) the newest decision holds.
    """

    def __init__(self, found: Iterable[Json]) -> None:
        self._db = temporary(
            "CREATE TABLE decisions (sequence INTEGER PRIMARY KEY, revises INTEGER, json BLOB);"
            "CREATE TABLE voided (sequence INTEGER PRIMARY KEY);"
        )
        for each in found:
            if each["schema"] == VOID:
                self._db.execute("INSERT OR IGNORE INTO voided VALUES (?)", (each["voids"],))
                continue
            self._db.execute(
                "INSERT INTO decisions VALUES (?,?,?) ON CONFLICT DO UPDATE SET revises=excluded.revises,"
                " json=excluded.json WHERE excluded.revises >= revises",
                (each["sequence"], each.get("revises", 0), orjson.dumps(each)),
            )

    def __iter__(self) -> Iterator[Json]:
        query = "SELECT json FROM decisions WHERE sequence NOT IN (SELECT sequence FROM voided) ORDER BY sequence"
        for (data,) in self._db.execute(query):
            yield orjson.loads(data)
