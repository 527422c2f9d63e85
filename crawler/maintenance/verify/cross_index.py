"""What has to be compared across files, in a temporary SQLite file: lines against records, decisions against lines."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from crawler.archive.read.reader import key_of
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import Stream

_TABLES = {
    "lines": "key TEXT, file TEXT, offset INTEGER, sha256 TEXT, run TEXT",
    "uses": "record_id TEXT, place TEXT, file TEXT, offset INTEGER",
    "records": "record_id TEXT, place TEXT, file TEXT, offset INTEGER",
    "revisits": "record_id TEXT, begin TEXT, digest TEXT, file TEXT, offset INTEGER",
    "promised": "sha256 TEXT, file TEXT, sequence INTEGER, revises INTEGER, run TEXT, url TEXT",
    "decisions": "sequence INTEGER, revises INTEGER, file TEXT, offset INTEGER",
    "voided": "sequence INTEGER PRIMARY KEY",
}


class CrossIndex:
    """The notes in the new file *path*. Memory is flat: whatever is compared is compared by SQLite, on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=OFF")
        self.db.execute("PRAGMA synchronous=OFF")
        for name, columns in _TABLES.items():
            self.db.execute(f"CREATE TABLE {name} ({columns})")
        self.db.execute("BEGIN")

    def close(self) -> None:
        """Writes everything down and closes the file."""
        self.db.execute("COMMIT")
        self.db.close()

    def merge(self, path: Path) -> None:
        """Takes over the notes in the file *path*, which goes."""
        self.db.execute("COMMIT")
        self.db.execute("ATTACH ? AS other", (str(path),))
        self.db.execute("BEGIN")
        for name in _TABLES:
            self.db.execute(f"INSERT OR IGNORE INTO {name} SELECT * FROM other.{name}")  # noqa: S608 - own names
        self.db.execute("COMMIT")
        self.db.execute("DETACH other")
        self.db.execute("BEGIN")
        path.unlink()

    def line(self, stream: Stream, record: Json, file: str, offset: int, sha256: str) -> None:
        """A line and the captures it names."""
        for capture in record.get("captures", [])[1:]:
            self.db.execute("INSERT INTO uses VALUES (?,NULL,?,?)", (capture["record_id"], file, offset))
        if record["warc"] is not None:
            use = (record["warc"]["record_id"], place_of(record["warc"]), file, offset)
            self.db.execute("INSERT INTO uses VALUES (?,?,?,?)", use)
        row = (f"{stream} {key_of(stream, record)}", file, offset, sha256, record["run"])
        self.db.execute("INSERT INTO lines VALUES (?,?,?,?,?)", row)

    def record(self, record_id: str, place: Json, file: str) -> None:
        """A WARC record: its *place* as a line says it, and the *file* as people know it."""
        row = (record_id, place_of(place), file, place["offset"])
        self.db.execute("INSERT INTO records VALUES (?,?,?,?)", row)

    def revisit(self, original: Json, payload_digest: str, file: str, offset: int) -> None:
        """A revisit record and the place of the record whose payload it stands for."""
        row = (original["record_id"], f"{original['file']} {original['offset']} ", payload_digest, file, offset)
        self.db.execute("INSERT INTO revisits VALUES (?,?,?,?,?)", row)

    def decision(self, decision: Json, file: str, offset: int) -> None:
        """A decision and the lines it promises."""
        sequence, revises = decision["sequence"], decision.get("revises", 0)
        self.db.execute("INSERT INTO decisions VALUES (?,?,?,?)", (sequence, revises, file, offset))
        self.db.executemany(
            "INSERT INTO promised VALUES (?,?,?,?,?,?)",
            [
                (line["sha256"], line["path"], sequence, revises, decision["run"], decision["url"])
                for line in decision["lines"]
            ],
        )

    def void(self, sequence: int) -> None:
        """A decision that was taken back."""
        self.db.execute("INSERT OR IGNORE INTO voided VALUES (?)", (sequence,))


def place_of(place: Json) -> str:
    """Where a record lies, as one text."""
    return f"{place['file']} {place['offset']} {place['length']} {place['payload_digest']}"
