"""WARC files of other tools (wget, warcio, Browsertrix, Common Crawl): which records answer a request, and how.

Bodies come with transfer and content coding undone. Tools differ in what they keep of a coding: some store the bytes of
the wire, some the plain body under a head that still names a coding. A body that is not what its head says is taken as
it is. What is no answer is left out by a reason that has a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc import http as messages
from crawler.archive.warc.http import Headers
from crawler.archive.warc.lenient import LenientRecord, lenient_record_at, lenient_records
from crawler.archive.warc.named_fields import digest_key, moment_of, record_id_of
from crawler.archive.warc.record import digest
from crawler.values.coding import CodingError, decode, is_cut

_SOFTWARE = b"software: citynews/"
#: Undone already, so they would be undone twice.
_CODINGS = frozenset({"content-encoding", "transfer-encoding", "content-length"})
Damaged = Callable[[str], None]
#: OnDone of each record: its type, and why it answers no request, or None where it does.
Noted = Callable[[str, str | None], None]
_ANSWERS = frozenset({"response", "revisit", "resource"})


@dataclass(frozen=True, slots=True)
class ContinuationSegment:
    """A record that continues another one."""

    number: int
    origin: str  #: id of the record that it continues
    offset: int
    last: bool


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """An answer without its body: where it lies, what was asked for, what was answered."""

    offset: int
    length: int  #: bytes up to the next record of the file
    record_id: str
    url: str
    date: datetime
    status: int  #: 304 for a revisit that says "not modified"; 0 for one without a head, as wget writes them
    headers: Headers
    digest: str  #: of the payload: "sha1:<hex>"; computed where the tool wrote none; may be empty
    revisit: bool = False
    refers: tuple[str, str, str] = ("", "", "")  #: of a revisit: record id, address and date of the original
    segmented: bool = False  #: it is the first of several records

    def header(self, name: str) -> str:
        """The first field *name* (lower case), or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with its body: where it lies, what was asked for, what was answered."""

    offset: int
    length: int  #: bytes up to the next record of the file
    record_id: str
    url: str
    date: datetime
    status: int
    headers: Headers
    payload: bytes
    payload_digest: str
    cut: bool = False  #: less than the server meant to send


@dataclass(slots=True)
class FileHeads:
    """What a file holds for replay."""

    heads: list[ResponseHead] = field(default_factory=list)
    segments: list[ContinuationSegment] = field(default_factory=list)


def is_native(path: Path) -> bool:
    """Whether citynews wrote the WARC file *path*."""
    return native_info(path) is not None


def native_info(path: Path) -> dict[str, str] | None:
    """What the warcinfo record says, by field, of a WARC file that citynews wrote; None for any other."""
    try:
        for record in ArchiveIterator(str(path), parse_http=False):
            block = record.reader.read(1 << 14) if record.record_type == WarcRecordType.warcinfo else b""
            if _SOFTWARE not in block:
                return None
            fields = (line.partition(":") for line in block.decode("utf-8", "replace").splitlines())
            return {name.strip(): value.strip() for name, colon, value in fields if colon}
    except OSError:
        return None
    return None


def heads(path: Path, damaged: Damaged, noted: Noted = lambda kind, reason: None) -> FileHeads:
    """The answers in *path*, in order, on both sides of what is torn: *damaged* is called with each gap."""
    found = FileHeads()
    for record in lenient_records(path, damaged):
        if not record.fields:
            continue
        if record.kind == "continuation":
            segment = _segment(record)
            noted(record.kind, "continues-nothing" if segment is None else None)
            found.segments += [segment] if segment else []
            continue
        head = _head(record)
        noted(record.kind or "unknown", head if isinstance(head, str) else None)
        if not isinstance(head, str):
            found.heads.append(head)
    return found


def responses(path: Path, damaged: Damaged) -> Iterator[Response]:
    """The answers with a body in *path*, in order, on both sides of what is torn: *damaged* as in :func:`heads`."""
    for record in lenient_records(path, damaged):
        if record.fields and record.kind != "revisit" and (found := _response(record)) is not None:
            yield found


def response_at(path: Path, offset: int, segments: Sequence[tuple[Path, int]] = (), *, whole: bool = True) -> Response:
    """The answer at *offset* of *path*, with the records that continue it. Raises DamagedError.

    Its digest is that of the first record. Not *whole*: not all records that continue it are there.
    """
    record = lenient_record_at(path, offset)
    more = b"".join(lenient_record_at(other, begin).block for other, begin in segments)
    found = _response(record, more, whole=whole)
    if found is None:
        raise DamagedError(f"{path}: offset {offset}: no HTTP response here")
    return found


# -- inside ----------------------------------------------------------------------------------------------------------


def _segment(record: LenientRecord) -> ContinuationSegment | None:
    number = record.fields.get("warc-segment-number", "")
    origin = record_id_of(record.fields.get("warc-segment-origin-id", ""))
    if not number.isascii() or not number.isdigit() or origin is None:
        return None
    return ContinuationSegment(int(number), origin, record.offset, "warc-segment-total-length" in record.fields)


def _common(record: LenientRecord) -> tuple[str, str, datetime] | str:
    """(record id, address, date) of an answer, or why it is none that can be used."""
    fields = record.fields
    if record.kind not in _ANSWERS:
        return f"type-{record.kind or 'missing'}"
    url = fields.get("warc-target-uri", "").strip("<> ")
    scheme, colon, rest = url.partition("://")
    if not colon or scheme.lower() not in {"http", "https"}:
        return "no-web-address"
    record_id = record_id_of(fields.get("warc-record-id", ""))
    if record_id is None:
        return "no-record-id"
    moment = moment_of(fields.get("warc-date", ""))
    if moment is None:
        return "date-missing" if not fields.get("warc-date") else "date-unreadable"
    if record.size > len(record.block):
        return "too-large"
    return record_id, f"{scheme.lower()}://{rest}", moment


def _head(record: LenientRecord) -> ResponseHead | str:
    common = _common(record)
    if isinstance(common, str):
        return common
    record_id, url, moment = common
    fields = record.fields
    answered = _answered(record)
    revisit = record.kind == "revisit"
    if isinstance(answered, str) and not revisit:
        return answered
    status, headers, body = (0, (), b"") if isinstance(answered, str) else answered
    if revisit and "not-modified" in fields.get("warc-profile", ""):
        status = 304
    refers = (
        record_id_of(fields.get("warc-refers-to", "")) or "",
        fields.get("warc-refers-to-target-uri", "").strip("<> "),
        fields.get("warc-refers-to-date", ""),
    )
    said = digest_key(fields.get("warc-payload-digest", ""))
    if not said and not revisit:
        said = "sha1:" + hashlib.sha1(body, usedforsecurity=False).hexdigest()
    return ResponseHead(
        record.offset, record.end - record.offset, record_id, url, moment, status, headers, said, revisit, refers,
        segmented="warc-segment-number" in fields,
    )  # fmt: skip


def _answered(record: LenientRecord, more: bytes = b"") -> tuple[int, Headers, bytes] | str:
    """(status, headers, body) of the answer in *record*, continued by *more*; or why it holds none."""
    kind = record.fields.get("content-type", "").lower().replace(" ", "")
    block = record.block + more
    if record.kind == "resource":
        return 200, (("Content-Type", record.fields.get("content-type", "")),), block
    if kind and not kind.startswith("application/http"):
        return "not-http"
    head, body = messages.split(block)
    try:
        return *messages.parse_head(_as_http(head)), body
    except DamagedError:
        return "no-status-line"


def _as_http(head: bytes) -> bytes:
    """*head* with a first line as HTTP/1 has it: ICY is what streaming servers say."""
    return b"HTTP/1.0" + head[3:] if head.startswith(b"ICY ") else head


def _response(record: LenientRecord, more: bytes = b"", *, whole: bool = True) -> Response | None:
    """The answer with a body in *record*, continued by *more*."""
    common = _common(record)
    answered = _answered(record, more)
    if isinstance(common, str) or isinstance(answered, str) or record.kind == "revisit":
        return None
    record_id, url, moment = common
    status, fields, body = answered
    payload, cut = _body(fields, body)
    cut = cut or not whole or "warc-truncated" in record.fields
    own = payload
    if more:
        first = _answered(record)
        own = b"" if isinstance(first, str) else _body(first[1], first[2])[0]
    headers = tuple((name, value) for name, value in fields if name.lower() not in _CODINGS)
    length = record.end - record.offset
    return Response(record.offset, length, record_id, url, moment, status, headers, payload, digest(own), cut)


def _body(fields: Headers, body: bytes) -> tuple[bytes, bool]:
    """*body* with its codings undone, as far as it has them, and whether it ends before they do."""
    named = {name.lower(): value for name, value in reversed(fields)}
    cut = False
    if "chunked" in named.get("transfer-encoding", "").lower():
        payload, _, _, whole = messages.unchunk(body, 0)
        cut = not whole and bool(payload)
        body = payload if whole or payload else body
    coding = named.get("content-encoding")
    try:
        return decode(body, coding), cut or is_cut(body, coding, short=False)
    except CodingError:
        return body, cut
