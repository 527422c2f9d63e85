"""Data to be compared across files, in a temporary SQLite file: lines with records, decisions with lines."""

from __future__ import annotations

from pathlib import Path

from crawler.archive.read.reader import key_of
from crawler.archive.records import effective
from crawler.archive.records.decisions import VOID
from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import DecisionRecord, VoidRecord
from crawler.archive.storage.layout import Stream
from crawler.archive.storage.scratch import Scratch
from crawler.article import WarcRef

_TABLES = {
    "lines": "key TEXT, file TEXT, offset INTEGER, sha256 TEXT, run TEXT",
    "uses": "record_id TEXT, place TEXT, file TEXT, offset INTEGER",
    "records": "record_id TEXT, place TEXT, file TEXT, offset INTEGER",
    "revisits": "record_id TEXT, begin TEXT, digest TEXT, file TEXT, offset INTEGER",
    "promised": "sha256 TEXT, file TEXT, run TEXT, sequence INTEGER, revises INTEGER, url TEXT",
}


class CrossIndex:
    """The notes in the new file *path*. Memory is flat: whatever is compared is compared by SQLite, on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        tables = "".join(f"CREATE TABLE {name} ({columns});" for name, columns in _TABLES.items())
        self.db = Scratch(effective.TABLES + tables, path)

    def close(self) -> None:
        """Writes everything down and closes the file."""
        self.db.close()

    def merge(self, path: Path) -> None:
        """Takes over the notes in the file *path*, which goes."""
        self.db.execute("COMMIT")
        self.db.execute("ATTACH ? AS other", (str(path),))
        self.db.execute("BEGIN")
        for name in (*_TABLES, "decisions", "voided"):
            self.db.execute(f"INSERT OR IGNORE INTO {name} SELECT * FROM other.{name}")  # noqa: S608 - own names
        self.db.execute("COMMIT")
        self.db.execute("DETACH other")
        self.db.execute("BEGIN")
        path.unlink()

    def effective(self) -> None:
        """All decisions are noted: the table ``holds`` gets the lines promised by those that hold."""
        self.db.executescript(effective.VIEW)
        self.db.executescript(
            "CREATE TABLE holds AS SELECT p.* FROM promised p JOIN effective e USING (run, sequence, revises);"
            "CREATE INDEX holds_sha256 ON holds (sha256)"
        )

    def line(self, stream: Stream, record: Json, file: str, offset: int, sha256: str) -> None:
        """A line and the captures it names."""
        for capture in record.get("captures", [])[1:]:
            self.db.execute("INSERT INTO uses VALUES (?,NULL,?,?)", (capture["record_id"], file, offset))
        if record["warc"] is not None:
            self.use(WarcRef.of(record["warc"]), file, offset)
        row = (f"{stream} {key_of(stream, record)}", file, offset, sha256, record["run"])
        self.db.execute("INSERT INTO lines VALUES (?,?,?,?,?)", row)

    def use(self, ref: WarcRef, file: str, offset: int) -> None:
        """A place in a WARC file that stands in *file*, at *offset*."""
        self.db.execute("INSERT INTO uses VALUES (?,?,?,?)", (ref.record_id, place_of(ref), file, offset))

    def record(self, ref: WarcRef, file: str) -> None:
        """A WARC record, as a line says it, and its *file* as people know it."""
        self.db.execute("INSERT INTO records VALUES (?,?,?,?)", (ref.record_id, place_of(ref), file, ref.offset))

    def revisit(self, original: WarcRef, file: str, offset: int) -> None:
        """A revisit record and the record whose payload it stands for."""
        row = (original.record_id, f"{original.file} {original.offset} ", original.payload_digest, file, offset)
        self.db.execute("INSERT INTO revisits VALUES (?,?,?,?,?)", row)

    def decision(self, decision: DecisionRecord | VoidRecord, file: str, offset: int, length: int) -> None:
        """A decision and the lines it promises, or a void."""
        effective.insert(self.db, decision, (file, offset, length))
        if decision["schema"] == VOID:
            return
        visit = (decision["run"], decision["sequence"], decision.get("revises", 0), decision["url"])
        self.db.executemany(
            "INSERT INTO promised VALUES (?,?,?,?,?,?)",
            [(line["sha256"], line["path"], *visit) for line in decision["lines"]],
        )


def place_of(ref: WarcRef) -> str:
    """Where a record lies, as one text."""
    return f"{ref.file} {ref.offset} {ref.length} {ref.payload_digest}"
