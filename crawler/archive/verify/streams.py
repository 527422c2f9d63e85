"""Every line by itself: its form, its hashes, its place."""

from __future__ import annotations

from pathlib import Path

from crawler import article as model
from crawler.archive import lines, schema
from crawler.archive.errors import DamagedError
from crawler.archive.lines import Json
from crawler.archive.paths import STREAMS, Paths, Stream, stream_path
from crawler.archive.verify.findings import Findings
from crawler.archive.verify.notes import Notes
from crawler.archive.verify.owners import is_month
from crawler.values.urls import article_id

_RAW = (b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xc2\x85")


def check(paths: Paths, notes: Notes, findings: Findings) -> None:
    """Every line of every stream; what has to be compared across files is noted."""
    for stream in STREAMS:
        for file in sorted((paths.root / stream).rglob("*")):
            if file.is_file():
                _file(paths, stream, file, notes, findings)


def _file(paths: Paths, stream: Stream, file: Path, notes: Notes, findings: Findings) -> None:
    relative = paths.relative(file)
    if not is_month(file) or len(file.relative_to(paths.root).parts) != 3:
        findings.add("line", relative, "", "a stream's folder holds only <portal>/<YYYY-MM>.jsonl")
        return
    for offset, line in lines.whole_lines(file):
        findings.checked[stream] += 1
        try:
            record = lines.decode(line)
        except DamagedError as error:
            findings.add("line", relative, offset, str(error))
            continue
        wrong = schema.broken_promises(stream, record)
        if not wrong:
            wrong = _promises(stream, record, line, relative)
        for what in wrong:
            findings.add("line", relative, offset, what)
        if not wrong and not notes.line(stream, record, relative, offset, lines.sha256(line)):
            findings.add("line", relative, offset, f"{record['id']}: stands twice in {stream}/")


def _promises(stream: Stream, record: Json, line: bytes, relative: str) -> list[str]:
    moment = record["observed_at" if stream == "observations" else "fetched_at"]
    tests = [
        (record["id"] == article_id(record["url"]), "id: not that of the url"),
        (stream_path(stream, record["portal"], moment) == relative, "stands in the wrong file"),
        (not any(raw in line for raw in _RAW), "holds a raw line separator"),
    ]
    if stream != "observations":
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
