"""WARC files of other tools (wget, warcio, Browsertrix, Common Crawl), read with fastwarc.

Bodies come with transfer and content coding undone. Tools differ in what they keep of a coding: some store the bytes of
the wire, some the plain body under a head that still names a coding. A body that is not what its head says is taken as
it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc import http as messages
from crawler.archive.warc import salvage
from crawler.archive.warc.record import digest
from crawler.values.coding import CodingError, decode

_SOFTWARE = b"software: citynews/"
#: Undone already, so they would be undone twice.
_CODINGS = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_TORN: Any = object()  #: a record that is not as long as it says
Damaged = Callable[[str], None]


class _TornError(DamagedError):
    """A record cannot be read; it begins at *begin*."""

    def __init__(self, path: Path, begin: int, why: object) -> None:
        super().__init__(f"{path}: offset {begin}: {why}")
        self.begin = begin


@dataclass(frozen=True, slots=True)
class Head:
    """A response or revisit record without its body: where it lies, what was asked for, what was answered."""

    offset: int
    length: int  #: bytes up to the next record of the file
    record_id: str
    url: str
    date: datetime
    status: int  #: 304 for a revisit that says "not modified"; 0 for one without a head, as wget writes them
    headers: tuple[tuple[str, str], ...]
    digest: str  #: of the payload, as the tool wrote it; may be empty
    revisit: bool = False
    refers: tuple[str, str, str] = ("", "", "")  #: of a revisit: record id, address and date of the original

    def header(self, name: str) -> str:
        """The first field *name* (lower case), or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Response:
    """A response record: where it lies, what was asked for, what was answered."""

    offset: int
    length: int  #: bytes up to the next record of the file
    record_id: str
    url: str
    date: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    payload: bytes
    payload_digest: str


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


def heads(path: Path, damaged: Damaged) -> Iterator[Head]:
    """The HTTP responses and revisits in *path*, in order, on both sides of what is torn: *damaged* is told of each."""
    for record, end in _intact(path, _head, damaged):
        yield Head(record[0], end - record[0], *record[1:])


def responses(path: Path, damaged: Damaged) -> Iterator[Response]:
    """The HTTP responses in *path*, in order, on both sides of what is torn: *damaged* is told of each."""
    for record, end in _intact(path, _response, damaged):
        yield Response(record[0], end - record[0], *record[1:])


def response_at(path: Path, offset: int, length: int) -> Response:
    """The response at *offset* of *path*. Raises DamagedError."""
    with path.open("rb") as file:
        file.seek(offset)
        try:
            for record in ArchiveIterator(file, parse_http=False):
                if (found := _response(record)) is not None and found is not _TORN:
                    return Response(offset, length, *found[1:])
                break
        except OSError as error:
            raise DamagedError(f"{path}: offset {offset}: {error}") from error
    raise DamagedError(f"{path}: offset {offset}: no HTTP response here")


def _intact(path: Path, read: Any, damaged: Damaged) -> Iterator[tuple[Any, int]]:
    """What *read* makes of each record of *path* that can be read, and where it ends."""
    begin: int | None = 0
    while begin is not None:
        try:
            yield from _records(path, begin, read)
        except _TornError as tear:
            begin = salvage.next_record(path, tear.begin + 1)
            url = salvage.address_at(path, tear.begin)
            lost = f"{(begin or path.stat().st_size) - tear.begin} bytes are lost" + (f", with {url}" if url else "")
            damaged(f"{tear}; {lost}")
        except DamagedError as error:
            damaged(str(error))
            return
        else:
            return


def _records(path: Path, begin: int, read: Any) -> Iterator[tuple[Any, int]]:
    """What *read* makes of each record of *path* from *begin* on, and where the record behind it begins."""
    held: Any = None
    before = -1
    try:
        with path.open("rb") as file:
            file.seek(begin)
            for record in ArchiveIterator(file, parse_http=False):
                if record.stream_pos == before:
                    raise DamagedError(
                        f"{path}: not compressed record by record, so that no record can be found again;"
                        " `warcio recompress` makes such a file"
                    )
                done, held, before = held, None, record.stream_pos
                if done is not None:
                    yield done, before
                held = read(record) if "Content-Length" in record.headers else _TORN
                if held is _TORN or salvage.runs_over(path, before):
                    raise _TornError(path, before, "the record is torn")
    except OSError as error:
        end = begin if before < 0 else salvage.member_end(path, before)
        if held is not None and end is not None:
            yield held, end
        raise _TornError(path, before if end is None else end, error) from error
    if held is not None:
        yield held, path.stat().st_size


def _asked(record: Any) -> str | None:
    """The address of *record*, parsed as HTTP; None where it is no answer to one."""
    if record.record_date is None:
        return None
    url = str(record.headers.get("WARC-Target-URI") or "").strip("<>")
    if not url.startswith(("http://", "https://")):
        return None
    record.parse_http(auto_decode="none")
    return url


def _head(record: Any) -> Any:
    revisit = record.record_type == WarcRecordType.revisit
    if not (revisit or record.record_type == WarcRecordType.response) or (url := _asked(record)) is None:
        return None
    named = record.headers
    http = record.http_headers
    status: int | None
    if revisit and "not-modified" in (named.get("WARC-Profile") or ""):
        status = 304
    elif revisit:
        status = (http.status_code if http is not None else None) or 0
    else:
        status = http.status_code if http is not None else None
    if status is None:
        return None
    refers = tuple(
        str(named.get(f"WARC-Refers-To{part}") or "").strip("<>") if part == "-Target-URI" else
        str(named.get(f"WARC-Refers-To{part}") or "") for part in ("", "-Target-URI", "-Date")
    )  # fmt: skip
    if record.reader.consume() < record.content_length:
        return _TORN
    fields = tuple(http) if http is not None else ()
    said = str(named.get("WARC-Payload-Digest") or "")
    moment = record.record_date.astimezone(UTC)
    return record.stream_pos, record.record_id, url, moment, status, fields, said, revisit, refers


def _response(record: Any) -> Any:
    """The parts of *record*, where it is a readable HTTP response."""
    if record.record_type != WarcRecordType.response or (url := _asked(record)) is None:
        return None
    if record.http_headers is None or record.http_headers.status_code is None:
        return None
    fields = tuple(record.http_headers)
    body = record.reader.read()
    if len(body) < record.content_length:
        return _TORN
    payload = _body(fields, body)
    headers = tuple((name, value) for name, value in fields if name.lower() not in _CODINGS)
    moment = record.record_date.astimezone(UTC)
    status = record.http_headers.status_code
    return record.stream_pos, record.record_id, url, moment, status, headers, payload, digest(payload)


def _body(fields: tuple[tuple[str, str], ...], body: bytes) -> bytes:
    """*body* with its codings undone, as far as it has them."""
    named = {name.lower(): value for name, value in reversed(fields)}
    if "chunked" in named.get("transfer-encoding", "").lower():
        payload, _, _, whole = messages.unchunk(body, 0)
        body = payload if whole or payload else body
    try:
        return decode(body, named.get("content-encoding"))
    except CodingError:
        return body
