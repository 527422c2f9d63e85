"""What has to be compared across files, in a temporary SQLite file: lines against records, decisions against lines."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.archive.lines import Json
from crawler.archive.paths import Stream
from crawler.archive.reader import key_of
from crawler.archive.verify.findings import Findings

_TABLES = """
CREATE TABLE lines (key TEXT PRIMARY KEY, file TEXT, offset INTEGER, sha256 TEXT, run TEXT) WITHOUT ROWID;
CREATE TABLE uses (record_id TEXT, place TEXT, file TEXT, offset INTEGER);
CREATE TABLE records (record_id TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID;
CREATE TABLE revisits (record_id TEXT, begin TEXT, digest TEXT, file TEXT, offset INTEGER);
CREATE TABLE promised (sha256 TEXT, file TEXT, sequence INTEGER, run TEXT);
CREATE TABLE decisions (sequence INTEGER PRIMARY KEY, warc TEXT);
CREATE TABLE voided (sequence INTEGER PRIMARY KEY);
"""


class Notes:
    """A context manager around the temporary file."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="citynews-verify-")
        self._db = sqlite3.connect(Path(self._folder.name) / "notes.sqlite3", isolation_level=None)
        self._db.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {_TABLES} BEGIN;")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._folder.cleanup()

    # -- taking notes ------------------------------------------------------------------------------------------------

    def line(self, stream: Stream, record: Json, file: str, offset: int, sha256: str) -> bool:
        """A line and the captures it names; False where a line with its key has been seen."""
        for capture in record.get("captures", [])[1:]:
            self._db.execute("INSERT INTO uses VALUES (?,NULL,?,?)", (capture["record_id"], file, offset))
        if record["warc"] is not None:
            use = (record["warc"]["record_id"], _place(record["warc"]), file, offset)
            self._db.execute("INSERT INTO uses VALUES (?,?,?,?)", use)
        return self._once("lines", (f"{stream} {key_of(stream, record)}", file, offset, sha256, record["run"]))

    def record(self, record_id: str, place: Json) -> bool:
        """A WARC record; False where one with its id has been seen."""
        return self._once("records", (record_id, _place(place)))

    def revisit(self, original: Json, payload_digest: str, file: str, offset: int) -> None:
        """A revisit record and the place of the record whose payload it stands for."""
        row = (original["record_id"], f"{original['file']} {original['offset']} ", payload_digest, file, offset)
        self._db.execute("INSERT INTO revisits VALUES (?,?,?,?,?)", row)

    def decision(self, decision: Json, warc: str) -> bool:
        """A decision and the lines it promises; False where one with its sequence number has been seen."""
        self._db.executemany(
            "INSERT INTO promised VALUES (?,?,?,?)",
            [(line["sha256"], line["path"], decision["sequence"], decision["run"]) for line in decision["lines"]],
        )
        return self._once("decisions", (decision["sequence"], warc))

    def void(self, sequence: int) -> None:
        """A decision that was taken back."""
        self._db.execute("INSERT OR IGNORE INTO voided VALUES (?)", (sequence,))

    def _once(self, table: str, row: tuple[object, ...]) -> bool:
        marks = ",".join("?" * len(row))
        return self._db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row).rowcount == 1  # noqa: S608 - own names

    # -- comparing them ----------------------------------------------------------------------------------------------

    def compare(self, findings: Findings, *, decided: bool, unfinished: set[str]) -> None:
        """Lines against the records they name; if *decided* here, decisions and lines as well."""
        query = (
            "SELECT u.file, u.offset, u.record_id, r.record_id IS NULL"
            " FROM uses u LEFT JOIN records r USING (record_id)"
            " WHERE r.record_id IS NULL OR (u.place IS NOT NULL AND u.place <> r.place) ORDER BY 1, 2"
        )
        for file, offset, record_id, absent in self._db.execute(query):
            what = "is in no WARC file" if absent else "does not lie where the line says, or with another digest"
            findings.add("missing", file, offset, f"its WARC record {record_id} {what}")
        query = (
            "SELECT v.file, v.offset, v.record_id FROM revisits v LEFT JOIN records r USING (record_id)"
            " WHERE r.record_id IS NULL OR instr(r.place, v.begin) <> 1"
            " OR substr(r.place, -length(v.digest)) <> v.digest"
            " ORDER BY 1, 2"
        )
        for file, offset, record_id in self._db.execute(query):
            findings.add("missing", file, offset, f"the record {record_id} with its payload is not where it says")
        if decided:
            self._decided(findings, unfinished)

    def _decided(self, findings: Findings, unfinished: set[str]) -> None:
        self._db.execute("CREATE INDEX promised_sha256 ON promised (sha256)")
        self._db.execute("CREATE INDEX lines_sha256 ON lines (sha256)")
        query = "SELECT file, offset FROM lines WHERE sha256 NOT IN (SELECT sha256 FROM promised) ORDER BY 1, 2"
        for file, offset in self._db.execute(query):
            findings.add("line", file, offset, "no decision in the WARC files says this line")
        query = (
            "SELECT sequence, file, run FROM promised WHERE sequence NOT IN (SELECT sequence FROM voided)"
            " AND sha256 NOT IN (SELECT sha256 FROM lines) ORDER BY 1"
        )
        for sequence, file, run in self._db.execute(query):
            if run in unfinished:
                findings.excuse(file, "", f"decision {sequence} has no line yet")
            else:
                findings.add("missing", file, "", f"the line that decision {sequence} says is not here")


def _place(place: Json) -> str:
    return f"{place['file']} {place['offset']} {place['length']} {place['payload_digest']}"
