"""Verifying one record: its line, its WARC record and the bytes in it, each against what was written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import ranges, run_file
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import ArchiveError
from crawler.archive.storage.layout import Paths, Stream, stream_path
from crawler.archive.warc.record import Record, digest, record_at
from crawler.archive.warc.revisit import answer_of
from crawler.article import WarcRef, content_hash


@dataclass(frozen=True, slots=True)
class ProofCheck:
    """One comparison: *name* is a label's key; what was promised and what is there now."""

    name: str
    promised: str
    found: str

    @property
    def holds(self) -> bool:
        return self.promised == self.found


def verify(root: Path, files: Mapping[str, Path], record: Json) -> list[ProofCheck]:
    """What can be checked of the line *record*, every check even where an earlier one fails."""
    place = record["warc"]
    checks = [
        _lines(root, record),
        ProofCheck("check_content", record["content_hash"] or "", content_hash(record["title"], record["body"]) or ""),
    ]
    try:
        found = record_at(files[place["file"]], WarcRef(place["file"], place["offset"], place["length"], "", ""))
    except KeyError:
        return [*checks, ProofCheck("check_record", place["record_id"], "the file is not here")]
    except (ArchiveError, OSError) as error:
        return [*checks, ProofCheck("check_record", place["record_id"], str(error))]
    checks.append(ProofCheck("check_record", place["record_id"], found.record_id))
    checks.append(ProofCheck("check_block", found.fields.get("warc-block-digest", ""), digest(found.block)))
    checks.append(ProofCheck("check_payload", place["payload_digest"], _payload(files, found)))
    return checks


def _payload(files: Mapping[str, Path], found: Record) -> str:
    try:
        status, _, payload = answer_of(found, lambda ref: record_at(files[ref.file], ref))
    except (ArchiveError, OSError, KeyError) as error:
        return str(error)
    return found.fields.get("warc-payload-digest", "") if status == 304 else digest(payload)


def _lines(root: Path, record: Json) -> ProofCheck:
    """The file that the line lies in: every range of bytes that a run wrote must have its sha256."""
    paths = Paths(root)
    stream: Stream = "revisions" if record["revision"] > 1 else "duplicates" if "duplicate_of" in record else "articles"
    path = stream_path(stream, record["portal"], record["fetched_at"])
    claims = ranges.of(run for run, _ in run_file.finished(paths)).ranges.get(path, [])
    promised = f"{len(claims)} ranges of {path}"
    for claim in claims:
        try:
            now = month_file.range_sha256(paths.actual(path), claim["start"], claim["end"])
        except (ArchiveError, OSError) as error:
            return ProofCheck("check_lines", promised, str(error))
        if now != claim["sha256"]:
            return ProofCheck("check_lines", promised, f"bytes {claim['start']} to {claim['end']}: sha256 {now}")
    return ProofCheck("check_lines", promised, f"{len(claims)} ranges of {path}")
