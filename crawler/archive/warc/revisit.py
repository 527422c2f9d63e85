"""Revisit records: a response whose payload is archived already, or a 304 that says that it has not changed.

WARC 1.1, 6.7, in the forms that pywb replays. What is referred to is always a ``response`` record, never a revisit, and
lies durably in this archive. Besides the standard's WARC-Refers-To, -Target-URI and -Date each revisit says the file
and the offset, so that it can be followed without an index.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc import conversion
from crawler.archive.warc.exchange import Exchange, PackedExchange, circumstances, companions
from crawler.archive.warc.http import Headers
from crawler.archive.warc.record import Record, digest, http_parts, new_record_id, pack
from crawler.article import WarcRef

IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

#: Reads the record at a place; raises DamagedError where it does not lie there.
Fetch = Callable[[WarcRef], Record]


@dataclass(frozen=True, slots=True)
class RevisitedRecord:
    """The response record that a revisit refers to."""

    ref: WarcRef
    target: str
    date: str


def original_of(record: Record, file: str, fetch: Fetch) -> RevisitedRecord:
    """*record* of *file* as something to refer to, or what it refers to itself. Raises DamagedError."""
    if record.kind == "revisit":
        ref = referred(record)
        record, file = fetch(ref), ref.file
    promised = record.fields.get("warc-payload-digest", "")
    if record.kind != "response" or "warc-truncated" in record.fields:
        raise DamagedError(f"{file}: offset {record.offset}: no whole response to refer to")
    if digest(http_parts(record.block)[2]) != promised:
        raise DamagedError(f"{file}: offset {record.offset}: the payload does not have its digest")
    ref = WarcRef(file, record.offset, record.length, record.record_id, promised)
    return RevisitedRecord(ref, record.target, record.fields["warc-date"])


def pack_revisit(exchange: Exchange, original: RevisitedRecord) -> PackedExchange:
    """The records of *exchange*: the same payload as *original*, or a 304 that speaks of it.

    A 304 has an empty block: with its head in it pywb would show a blank page. The head goes into the metadata record.
    """
    not_modified = exchange.status == 304
    record_id = new_record_id()
    member = pack(
        "revisit",
        *(() if not_modified else (exchange.head,)),
        record_id=record_id,
        date=exchange.started_at,
        content_type="application/http; msgtype=response",
        target=exchange.url,
        payload_digest=original.ref.payload_digest,
        extra=(
            *circumstances(exchange),
            ("WARC-Profile", NOT_MODIFIED if not_modified else IDENTICAL),
            ("WARC-Refers-To", original.ref.record_id),
            ("WARC-Refers-To-Target-URI", original.target),
            ("WARC-Refers-To-Date", original.date),
            ("WARC-Refers-To-Filename", original.ref.file),
            ("WARC-Refers-To-File-Offset", str(original.ref.offset)),
        ),
    )
    head = (("http-head", exchange.head),) if not_modified else ()
    others = companions(exchange, record_id, head)
    return PackedExchange(member, others, record_id, original.ref.payload_digest)


def referred(record: Record) -> WarcRef:
    """Where the record lies that the revisit *record* refers to; of unknown length. Raises DamagedError."""
    offset = record.fields.get("warc-refers-to-file-offset", "")
    file, record_id = record.fields.get("warc-refers-to-filename"), record.fields.get("warc-refers-to")
    if not offset.isascii() or not offset.isdigit() or not file or not record_id:
        raise DamagedError(f"offset {record.offset}: a revisit without the position of its original")
    return WarcRef(file, int(offset), 0, record_id, record.fields.get("warc-payload-digest", ""))


def answer_of(record: Record, fetch: Fetch) -> tuple[int, Headers, bytes]:
    """Status, headers and payload of a response, rendition or revisit; (304, (), b"") where it says not modified.

    *fetch* reads what it refers to. Raises DamagedError.
    """
    if record.kind == conversion.KIND:
        return conversion.answer_of(record)
    if record.kind != "revisit":
        return http_parts(record.block)
    if record.fields.get("warc-profile") == NOT_MODIFIED:
        return 304, (), b""
    status, headers, _ = http_parts(record.block)
    payload = http_parts(fetch(referred(record)).block)[2]
    if digest(payload) != record.fields.get("warc-payload-digest"):
        raise DamagedError(f"offset {record.offset}: the record to which the revisit refers has a different payload")
    return status, headers, payload
