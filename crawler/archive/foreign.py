"""WARC files of other tools (wget, warcio, Browsertrix, Common Crawl), read with fastwarc.

Their bodies come with transfer and content coding undone; what cannot be read is skipped and said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.archive.errors import DamagedError
from crawler.archive.warcfile import digest

_SOFTWARE = b"software: citynews/"
#: Undone already, so they would be undone twice.
_CODINGS = frozenset({"content-encoding", "transfer-encoding", "content-length"})


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
    try:
        for record in ArchiveIterator(str(path), parse_http=False):
            return record.record_type == WarcRecordType.warcinfo and _SOFTWARE in record.reader.read(4096)
    except OSError:
        return False
    return False


def responses(path: Path) -> Iterator[Response]:
    """The HTTP responses in *path*, in order. Raises DamagedError where the file cannot be read on."""
    held: Any = None
    try:
        for record in ArchiveIterator(str(path), parse_http=False):
            if held is not None:
                yield _placed(held, record.stream_pos)
            held = _response(record)
    except OSError as error:
        raise DamagedError(f"{path}: {error}") from error
    if held is not None:
        yield _placed(held, path.stat().st_size)


def response_at(path: Path, offset: int, length: int) -> Response:
    """The response at *offset* of *path*. Raises DamagedError."""
    with path.open("rb") as file:
        file.seek(offset)
        for record in ArchiveIterator(file, parse_http=False):
            found = _response(record)
            if found is not None:
                return _placed((offset, *found[1:]), offset + length)
            break
    raise DamagedError(f"{path}: offset {offset}: no HTTP response here")


def _response(record: Any) -> Any:
    """The parts of *record*, where it is a readable HTTP response."""
    if record.record_type != WarcRecordType.response or record.record_date is None:
        return None
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    try:
        record.parse_http(auto_decode="all")
        status = record.http_headers.status_code if record.http_headers is not None else None
        payload = record.reader.read()
    except (OSError, ValueError):  # a body that is not what its coding says
        return None
    if not url.startswith(("http://", "https://")) or status is None:
        return None
    headers = tuple((name, value) for name, value in record.http_headers if name.lower() not in _CODINGS)
    moment = record.record_date.astimezone(UTC)
    return record.stream_pos, record.record_id, url, moment, status, headers, payload


def _placed(parts: Any, end: int) -> Response:
    offset, record_id, url, moment, status, headers, payload = parts
    return Response(offset, end - offset, record_id, url, moment, status, headers, payload, digest(payload))
