"""Decisions: how each visit ended, as metadata records in the run's WARC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.records.page_note import parse_note
from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc.record import Record, digest, new_record_id, pack, records
from crawler.article import Capture, Wanted, isoformat

DECISION = "citynews/decision/1"
VOID = "citynews/void/1"
CONTENT_TYPE = "application/vnd.citynews.decision+json"
DEFINITION_TYPE = "application/toml"


def capture_place(capture: Capture) -> Json:
    """A capture as a decision names it: by record id, with the place where that record was written."""
    assert capture.warc is not None
    return {
        "role": capture.role,
        "asked": capture.asked,
        "url": capture.url,
        "record_id": capture.record_id,
        "file": capture.warc.file,
        "offset": capture.warc.offset,
        "length": capture.warc.length,
        "payload_digest": capture.warc.payload_digest,
    }


def missing(wanted: Iterable[Wanted]) -> list[Json]:
    """What a visit wanted and did not get."""
    return [{"role": each.role, "url": each.url} for each in wanted]


def pack_definition(portal: str, text: str) -> tuple[bytes, str, str]:
    """The resource record of the definition *text* of *portal*, its id, and the digest of the text."""
    block = text.encode()
    record_id, payload_digest = new_record_id(), digest(block)
    member = pack(
        "resource", block, record_id=record_id, date=datetime.now(UTC), payload_digest=payload_digest,
        content_type=DEFINITION_TYPE, target=f"urn:citynews:portal:{portal}",
    )  # fmt: skip
    return member, record_id, payload_digest


def pack_decision(decision: Json) -> bytes:
    """The metadata record of *decision*."""
    captures: Sequence[Json] = decision["captures"]
    return pack(
        "metadata",
        orjson.dumps(decision),
        record_id=new_record_id(),
        date=datetime.now(UTC),
        content_type=CONTENT_TYPE,
        # under the page's address pywb would replay it in the place of the page
        target=f"urn:citynews:decision:{decision['sequence']}",
        extra=(("WARC-Refers-To", captures[0]["record_id"]),) if captures else (),
    )


def pack_void(sequence: int, run: str) -> bytes:
    """The metadata record that takes decision *sequence* back: its run died before any of its lines was written."""
    now = datetime.now(UTC)
    void = {"schema": VOID, "voids": sequence, "run": run, "at": isoformat(now)}
    return pack(
        "metadata",
        orjson.dumps(void),
        record_id=new_record_id(),
        date=now,
        content_type=CONTENT_TYPE,
        target=f"urn:citynews:void:{sequence}",
    )


def parse(record: Record) -> Json | None:
    """The decision or void in *record*; None for any other record. Raises DamagedError."""
    if record.kind != "metadata" or record.fields.get("content-type") != CONTENT_TYPE:
        return None
    try:
        found = orjson.loads(record.block)
    except orjson.JSONDecodeError as error:
        raise DamagedError(f"offset {record.offset}: a decision that is not JSON: {error}") from error
    if not isinstance(found, dict) or found.get("schema") not in {DECISION, VOID}:
        raise DamagedError(f"offset {record.offset}: a decision of an unknown schema")
    return found


def of_files(paths: Iterable[Path], notes: Callable[[Json], None] | None = None) -> Iterator[Json]:
    """Every decision and void in the WARC files *paths*, in the order of files and records.

    *notes* is told of each page note on the way.
    """
    for path in paths:
        for record in records(path):
            if (found := parse(record)) is not None:
                yield found
            elif notes is not None and (note := parse_note(record)) is not None:
                notes(note)


def standing(found: Iterable[Json]) -> dict[int, Json]:
    """Sequence -> decision, of those that no void takes back, in the order of their sequence.

    Of a visit that was decided again (`revises` counts how often) the newest decision holds.
    """
    decisions: dict[int, Json] = {}
    voided: set[int] = set()
    for each in found:
        if each["schema"] == VOID:
            voided.add(each["voids"])
        elif each.get("revises", 0) >= decisions.get(each["sequence"], {}).get("revises", 0):
            decisions[each["sequence"]] = each
    return {number: decisions[number] for number in sorted(decisions.keys() - voided)}
