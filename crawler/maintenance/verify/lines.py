"""Checks of each line by itself: its form, its hashes, its month file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from crawler import article as model
from crawler.archive.records import jsonl, schema, tombstone
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Stream, stream_path
from crawler.maintenance.verify.cross_index import CrossIndex
from crawler.maintenance.verify.findings import Findings
from crawler.values.urls import article_id

_RAW = (b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xc2\x85")


def check(path: Path, logical: str, notes: CrossIndex, findings: Findings) -> None:
    """Every line of the month file *logical*, which lies at *path*; what has to be compared across files is noted."""
    stream = cast(Stream, logical.partition("/")[0])
    try:
        for offset, line in jsonl.whole_lines(path):
            findings.checked[stream] += 1
            wrong = list(wrong_with(logical, line))
            for what in wrong:
                findings.add("line", logical, offset, what)
            if not wrong:
                notes.line(stream, jsonl.decode(line), logical, offset, jsonl.sha256(line))
    except DamagedError as error:
        findings.add("line", logical, "", str(error))


def wrong_with(logical: str, line: bytes) -> Iterator[str]:
    """What is wrong with *line* as one of the month file *logical*, in words."""
    stream = cast(Stream, logical.partition("/")[0])
    try:
        record = jsonl.decode(line)
    except DamagedError as error:
        yield str(error)
        return
    wrong = schema.broken_promises(stream, record)
    yield from wrong
    if not wrong:
        yield from _promises(stream, record, line, logical)


def _promises(stream: Stream, record: Json, line: bytes, relative: str) -> list[str]:
    moment = record["observed_at" if stream == "observations" else "fetched_at"]
    tests = [
        (record["id"] == article_id(record["url"]), "id: not that of the url"),
        (stream_path(stream, record["portal"], moment) == relative, "stands in the wrong file"),
        (not any(raw in line for raw in _RAW), "holds a raw line separator"),
    ]
    if tombstone.is_tombstone(record):
        tests.append((record == tombstone.bury(record), "a tombstone that says more than who the article was"))
    elif stream != "observations":
        body, title = record["body"], record["title"]
        tests += [
            (record["body_hash"] == model.body_hash(body), "body_hash: not that of the body"),
            (record["content_hash"] == model.content_hash(title, body), "content_hash: not that of title and body"),
            (bool(record["captures"]) and record["captures"][0]["record_id"] == record["warc"]["record_id"],
             "captures: does not begin with the record of warc"),
            (all(link["url"] != record["url"] for link in record["related_links"]), "related_links: holds the page"),
            (stream != "articles" or record["revision"] == 1, "revision: an article's is 1"),
        ]  # fmt: skip
    return [what for holds, what in tests if not holds]
