"""Metadata records in the WARC: the decision of each visit, and notes of list pages, feeds and sitemaps.

All of it are metadata records in the run's WARC. A capture alone does not say what it was asked for: with a page note
the next run knows where the validators of a list page lie, and its links where the server says that nothing changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

import orjson

from crawler.archive.records import jsonl, requisites
from crawler.archive.records.jsonl import Json
from crawler.archive.records.requisites import RequisiteRecord
from crawler.archive.records.types import (
    CapturePlace,
    DecisionRecord,
    DefinitionPlace,
    LineDigest,
    MissingNote,
    PageNote,
    VoidRecord,
    WarcPlace,
)
from crawler.archive.records.versions import refuse_newer
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Stream
from crawler.archive.warc.record import Record, digest, new_record_id, pack, records
from crawler.article import Capture, Outcome, Wanted, WarcRef, as_record, isoformat
from crawler.values import clock

DECISION: Final = "citynews/decision/1"
VOID: Final = "citynews/void/1"
PAGE: Final = "citynews/page/1"
CONTENT_TYPE = "application/vnd.citynews.decision+json"
PAGE_TYPE = "application/vnd.citynews.page+json"
DEFINITION_TYPE = "application/toml"
#: What an observation and a decision say alike.
_SAME = ("portal", "url", "status", "outcome", "reason", "view_count", "view_count_raw", "revision")


@dataclass(frozen=True, slots=True)
class VisitName:
    """The identity of a visit: its run and its number, which are globally unique; and its archive."""

    archive: str
    run: str
    sequence: int


@dataclass(slots=True)
class Decision:
    """The result of a visit, passed from the pipelines to the archive."""

    portal: str
    ident: str  #: id of the article address
    asked: str  #: the address first asked for
    url: str  #: that answered
    observed_at: datetime
    outcome: Outcome
    status: int | None = None
    reason: str | None = None
    captures: Sequence[Capture] = ()
    missing: Iterable[Wanted] = ()
    record: tuple[Stream, Json] | None = None  #: the line besides the observation
    view_count: int | None = None
    view_count_raw: str | None = None
    revision: int | None = None
    charset: str | None = None  #: that the first page was decoded from
    replayed: DecisionRecord | None = None  #: in replay: the decision that is replayed

    def observation(self, run: str) -> Json:
        """The observation of this visit; *run* is the one that writes it."""
        values: dict[str, Any] = {
            "id": self.ident,
            "observed_at": isoformat(self.observed_at),
            "run": self.replayed["run"] if self.replayed else run,
            "warc": jsonl.warc_place(self.captures[0].warc if self.captures else None),
        }
        return jsonl.observation_record(values | {name: getattr(self, name) for name in _SAME})

    def to_record(
        self, visit: VisitName, definition: DefinitionPlace | None, written: list[tuple[str, bytes]]
    ) -> DecisionRecord:
        """The decision of *visit*: *written* are its lines (path, line), *definition* where that lies."""
        return {
            "schema": DECISION,
            "sequence": visit.sequence,
            "run": visit.run,
            "archive": visit.archive,
            "id": self.ident,
            "observed_at": isoformat(self.observed_at),
            "portal": self.portal,
            "asked": self.asked,
            "url": self.url,
            "status": self.status,
            "outcome": self.outcome,
            "reason": self.reason,
            "view_count": self.view_count,
            "view_count_raw": self.view_count_raw,
            "revision": self.revision,
            "charset": self.charset,
            "captures": [_capture_place(capture) for capture in self.captures],
            "missing": [MissingNote(role=want.role, url=want.url) for want in self.missing],
            "definition": definition,
            "lines": [LineDigest(path=path, sha256=jsonl.sha256(line)) for path, line in written],
        }


def observation_of(decision: DecisionRecord) -> Json:
    """The observation of *decision*."""
    captures = decision["captures"]
    place = as_record(WarcRef.of(captures[0])) if captures else None
    return jsonl.observation_record(dict(decision) | {"warc": place})


# -- packing ---------------------------------------------------------------------------------------------------------


def pack_definition(portal: str, text: str) -> tuple[bytes, str, str]:
    """The resource record of the definition *text* of *portal*, its id, and the digest of the text."""
    block = text.encode()
    record_id, payload_digest = new_record_id(), digest(block)
    member = pack(
        "resource", block, record_id=record_id, date=clock.now(), payload_digest=payload_digest,
        content_type=DEFINITION_TYPE, target=f"urn:citynews:portal:{portal}",
    )  # fmt: skip
    return member, record_id, payload_digest


def pack_decision(decision: DecisionRecord) -> bytes:
    """The metadata record of *decision*."""
    refers = decision["captures"][0]["record_id"] if decision["captures"] else None
    # under the page's address pywb would replay it in the place of the page
    return _metadata(decision, CONTENT_TYPE, f"urn:citynews:decision:{decision['sequence']}", refers)


def pack_void(decision: DecisionRecord) -> bytes:
    """The metadata record that voids *decision*."""
    now = isoformat(clock.now())
    void: VoidRecord = {"schema": VOID, "voids": decision["sequence"], "run": decision["run"], "at": now}
    if "archive" in decision:
        void["archive"] = decision["archive"]
    return _metadata(void, CONTENT_TYPE, f"urn:citynews:void:{decision['sequence']}")


def note_of(portal: str, kind: str, capture: Capture) -> PageNote:
    """The note that *capture* is a page of *portal* of this *kind*: list, feed or sitemap."""
    assert capture.warc is not None
    place = cast(WarcPlace, as_record(capture.warc))
    moment = isoformat(capture.fetched_at)
    return PageNote(schema=PAGE, portal=portal, kind=kind, url=capture.url, at=moment, **place)


def pack_note(note: PageNote) -> bytes:
    """The metadata record of *note*."""
    target = "urn:citynews:page:" + note["record_id"].removeprefix("<urn:uuid:").removesuffix(">")
    return _metadata(note, PAGE_TYPE, target, note["record_id"])


# -- reading ---------------------------------------------------------------------------------------------------------


def parse(record: Record) -> DecisionRecord | VoidRecord | None:
    """The decision or void in *record*; None for any other record. Raises DamagedError."""
    values = _json_of(record, CONTENT_TYPE, "decision")
    if values is None:
        return None
    refuse_newer(values.get("schema"), f"offset {record.offset}")
    if values.get("schema") not in {DECISION, VOID}:
        raise DamagedError(f"offset {record.offset}: a decision of an unknown schema")
    return cast("DecisionRecord | VoidRecord", values)


def parse_note(record: Record) -> PageNote | None:
    """The page note in *record*; None for any other record. Raises DamagedError."""
    values = _json_of(record, PAGE_TYPE, "page note")
    if values is None:
        return None
    if not values.keys() >= PageNote.__required_keys__:
        raise DamagedError(f"offset {record.offset}: not a page note")
    return cast(PageNote, values)


def of_files(
    paths: Iterable[Path], notes: Callable[[PageNote | RequisiteRecord], None] | None = None
) -> Iterator[DecisionRecord | VoidRecord]:
    """Every decision and void in the WARC files *paths*, in the order of files and records.

    *notes* is called with each page note, and with what is said of requisites, on the way.
    """
    for path in paths:
        for record in records(path):
            if (decision := parse(record)) is not None:
                yield decision
            elif notes is not None and (note := parse_note(record) or requisites.parse(record)) is not None:
                notes(note)


# -- inside ----------------------------------------------------------------------------------------------------------


def _capture_place(capture: Capture) -> CapturePlace:
    """By record id, with the place where that record was written."""
    assert capture.warc is not None
    place = cast(WarcPlace, as_record(capture.warc))
    return {
        "role": capture.role,
        "asked": capture.asked,
        "url": capture.url,
        "record_id": capture.record_id,
        "file": place["file"],
        "offset": place["offset"],
        "length": place["length"],
        "payload_digest": place["payload_digest"],
    }


def _metadata(values: Mapping[str, Any], content_type: str, target: str, refers: str | None = None) -> bytes:
    return pack(
        "metadata",
        orjson.dumps(values),
        record_id=new_record_id(),
        date=clock.now(),
        content_type=content_type,
        target=target,
        extra=(("WARC-Refers-To", refers),) if refers else (),
    )


def _json_of(record: Record, content_type: str, kind: str) -> Json | None:
    """The JSON object in the metadata record *record* of *content_type*; None for any other record."""
    if record.kind != "metadata" or record.fields.get("content-type") != content_type:
        return None
    try:
        values = orjson.loads(record.block)
    except orjson.JSONDecodeError as error:
        raise DamagedError(f"offset {record.offset}: a {kind} that is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise DamagedError(f"offset {record.offset}: a {kind} that is not a JSON object")
    return values
