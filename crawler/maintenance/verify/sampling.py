"""Checks a random sample of the records that lines refer to, for archives too large for a full check."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc import third_party
from crawler.archive.warc.record import Record, digest, record_at
from crawler.archive.warc.revisit import answer_of
from crawler.article import WarcRef
from crawler.maintenance.verify.cross_index import CrossIndex
from crawler.maintenance.verify.findings import Findings


def check(files: Mapping[str, Path], notes: CrossIndex, findings: Findings, count: int) -> None:
    """*count* records at random of those that lines name, in the WARC *files* (name -> path)."""
    query = (
        "SELECT place, record_id, min(file), min(offset) FROM uses WHERE place IS NOT NULL"
        " GROUP BY place ORDER BY random() LIMIT ?"
    )
    for place, record_id, line_file, line_offset in list(notes.db.execute(query, (count,))):
        file, offset, length, payload_digest = place.rsplit(" ", 3)
        ref = WarcRef(file, int(offset), int(length), record_id, payload_digest)
        try:
            if wrong := _wrong(files, ref):
                findings.add("missing", line_file, line_offset, f"its WARC record {record_id} {wrong}", record_id)
        except (DamagedError, OSError) as error:
            findings.add("missing", line_file, line_offset, f"its WARC record {record_id}: {error}", record_id)
        findings.checked["sampled"] += 1


def _wrong(files: Mapping[str, Path], ref: WarcRef) -> str | None:
    """What is wrong with the record at *ref*, in words."""
    if ref.file not in files:
        return f"is in {ref.file}, which does not exist"
    if not third_party.is_native(files[ref.file]):
        payload = third_party.response_at(files[ref.file], ref.offset).payload
        return None if digest(payload) == ref.payload_digest else "has another payload"

    def fetch(place: WarcRef) -> Record:
        if place.file not in files:
            raise DamagedError(f"{place.file}: a revisit refers to it, and it is not there")
        return record_at(files[place.file], place)

    record = fetch(ref)
    if removed := record.fields.get("warc-x-removed-payload-digest"):
        return None if removed == ref.payload_digest else "was removed, and had another payload"
    status, _, payload = answer_of(record, fetch)
    return None if status == 304 or digest(payload) == ref.payload_digest else "has another payload"
