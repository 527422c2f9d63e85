"""The lines of the inputs, found by their decisions; and visits rebuilt from lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from crawler.archive.records import jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import CapturePlace, DecisionRecord
from crawler.archive.runs import ranges
from crawler.archive.storage import month_file
from crawler.archive.storage.layout import STREAMS
from crawler.archive.storage.scratch import Scratch
from crawler.article import Article, Capture, Wanted, WarcRef, parse_moment
from crawler.assembly import Visit
from crawler.maintenance.merge.inputs import InputArchive
from crawler.portals import Portal

_TABLES = """
CREATE TABLE lines (sha256 TEXT, path TEXT, offset INTEGER, length INTEGER);
CREATE TABLE versions (input TEXT, id TEXT, revision INTEGER, content_hash TEXT);
"""
_INDEXES = "CREATE INDEX lines_sha256 ON lines (sha256); CREATE INDEX versions_id ON versions (input, id, revision)"
_NAMES = tuple(field.name for field in fields(Article))


class InputLines:
    """The lines that the new runs of *inputs* wrote: where each lies, and which version of an article it is."""

    def __init__(self, inputs: list[InputArchive]) -> None:
        self._db = Scratch(_TABLES)
        for source in inputs:
            self._read(source)
        self._db.executescript(_INDEXES)

    def record(self, sha256: str) -> Json | None:
        """The record in the line with this sha256; None where no line has it."""
        row = self._db.execute("SELECT path, offset, length FROM lines WHERE sha256=? LIMIT 1", (sha256,)).fetchone()
        if row is None:
            return None
        line = month_file.read(Path(row[0]), row[1], row[2])
        return jsonl.decode(line) if jsonl.sha256(line) == sha256 else None

    def content_hash(self, archive: str, decision: DecisionRecord) -> str | None:
        """The content hash of the version that a visit without a line found unchanged; None where it is not known."""
        query = "SELECT DISTINCT content_hash FROM versions WHERE input=? AND id=? AND revision=?"
        rows = self._db.execute(query, (archive, decision["id"], decision["revision"])).fetchall()
        return rows[0][0] if len(rows) == 1 else None  # of copies that grew apart each may have one of its own

    def close(self) -> None:
        self._db.close()

    def _read(self, archive: InputArchive) -> None:
        owned = ranges.of(run for run, _ in archive.runs)
        for name, begin in _begins(archive).items():
            path = archive.paths.actual(name)
            for offset, line in jsonl.whole_lines(path, begin) if path.exists() else ():
                if offset >= owned.end(name):
                    break
                row = (jsonl.sha256(line), str(path), offset, len(line))
                self._db.execute("INSERT INTO lines VALUES (?,?,?,?)", row)
                record = jsonl.decode(line)
                if "content_hash" in record:
                    version = (archive.archive, record["id"], record["revision"], record["content_hash"])
                    self._db.execute("INSERT INTO versions VALUES (?,?,?,?)", version)


def _begins(archive: InputArchive) -> dict[str, int]:
    """Month file -> where the lines of its new runs begin; at its first byte, where one of them restated it."""
    found: dict[str, int] = {}
    for run in archive.new:
        for entry in run["files"]:
            path = entry["path"]
            if path.partition("/")[0] in STREAMS and not entry.get("gone"):
                found[path] = min(found.get(path, entry["start"]), entry["start"])
    return found


def visit_of_line(portal: Portal, decision: DecisionRecord, record: Json) -> Visit:
    """The visit of *decision* whose line is *record*: what the pages said, not what it was found to be."""
    visit = visit_without_line(portal, decision, record)
    base = {key: value for key, value in record.items() if key in jsonl.ARTICLE_KEYS}
    schema = jsonl.schema_as(record["schema"], "article")
    visit.record = base | {"schema": schema, "similar_to": None, "revision": 1}
    visit.result = article_of(record)
    return visit


def visit_without_line(portal: Portal, decision: DecisionRecord, record: Mapping[str, Any] | None = None) -> Visit:
    """The visit of *decision*, without what it read; the times of its captures as *record* has them."""
    times = {note["record_id"]: note["fetched_at"] for note in record["captures"]} if record else {}
    return Visit(
        portal=portal,
        asked=decision["asked"],
        captures=[_capture(place, decision, times) for place in decision["captures"]],
        missing=[Wanted(line_ref["role"], line_ref["url"]) for line_ref in decision["missing"]],
        failure=decision["reason"],
        decision=decision,
    )


def article_of(record: Json) -> Article:
    """The article in *record*; links and images stay as the line has them."""
    return Article(**{name: record[name] for name in _NAMES if name in record})


def _capture(place: CapturePlace, decision: DecisionRecord, times: Mapping[str, str]) -> Capture:
    return Capture(
        role=place["role"],
        url=place["url"],
        status=decision["status"] or 0,
        headers=(),
        payload=b"",
        fetched_at=parse_moment(times.get(place["record_id"], decision["observed_at"])),
        record_id=place["record_id"],
        warc=WarcRef.of(place),
        asked=place["asked"],
    )
