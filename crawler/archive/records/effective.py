"""Which decisions are effective: the one rule, as an SQL view, for every reader of WARC files.

A visit is known by the run that made it and its sequence number. Of a visit that was decided again (``revises`` counts
how often) the newest decision holds, unless a void takes the visit back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import orjson

from crawler.archive.records.decisions import VOID
from crawler.archive.records.types import DecisionRecord, VoidRecord
from crawler.archive.storage.scratch import Scratch

#: ``file``, ``offset`` and ``length`` say where a decision stands, ``json`` what it says, where that is wanted.
TABLES = """
CREATE TABLE decisions (
  run TEXT, sequence INTEGER, revises INTEGER, file TEXT, offset INTEGER, length INTEGER, at TEXT, json BLOB);
CREATE TABLE voided (run TEXT, sequence INTEGER, PRIMARY KEY (run, sequence)) WITHOUT ROWID;
"""
#: To be run once all decisions are in the tables.
VIEW = """
CREATE INDEX decisions_visit ON decisions (run, sequence, revises);
CREATE VIEW effective AS SELECT * FROM decisions d
  WHERE NOT EXISTS (SELECT 1 FROM voided v WHERE v.run = d.run AND v.sequence = d.sequence)
  AND rowid = (SELECT n.rowid FROM decisions n WHERE n.run = d.run AND n.sequence = d.sequence
               ORDER BY n.revises DESC, n.rowid DESC LIMIT 1);
"""


def insert(
    db: Scratch, decision: DecisionRecord | VoidRecord, place: tuple[str, int, int], text: bytes | None = None
) -> None:
    """Notes a decision or void in *db*, which has the TABLES. *place*: file, offset, length; *text*: its JSON."""
    if decision["schema"] == VOID:
        db.execute("INSERT OR IGNORE INTO voided VALUES (?,?)", (decision["run"], decision["voids"]))
        return
    row = (decision["run"], decision["sequence"], decision.get("revises", 0), *place, decision["observed_at"], text)
    db.execute("INSERT INTO decisions VALUES (?,?,?,?,?,?,?,?)", row)


def effective(decisions: Iterable[DecisionRecord | VoidRecord]) -> Iterator[DecisionRecord]:
    """Those of *decisions* that hold, in the order of their sequence; kept on disk, since they may be many."""
    db = Scratch(TABLES)
    try:
        for decision in decisions:
            insert(db, decision, ("", 0, 0), orjson.dumps(decision))
        db.executescript(VIEW)
        for (data,) in db.execute("SELECT json FROM effective ORDER BY sequence, run"):
            yield cast(DecisionRecord, orjson.loads(data))
    finally:
        db.close()
