"""One HTTP exchange as a response and a request record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from crawler.archive.warcfile import digest, new_record_id, pack

Headers = tuple[tuple[str, str], ...]
#: Dropped from the stored head because the body is stored without chunks: both checkers and every player agree then.
_TRANSFER_ENCODING = "transfer-encoding"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, as far as the downloader knows them. Headers in order, repeated ones too."""

    url: str
    method: str
    request_headers: Headers
    request_body: bytes
    status: int
    headers: Headers
    payload: bytes  #: content-encoded as sent, chunks removed
    started_at: datetime  #: when the request was sent; WARC-Date of both records
    protocol: str = "HTTP/1.1"
    address: str | None = None  #: IP address of the server


@dataclass(frozen=True, slots=True)
class Packed:
    """An exchange as bytes: the response member, then the request member."""

    response: bytes
    request: bytes
    record_id: str
    payload_digest: str


def pack_exchange(exchange: Exchange) -> Packed:
    """Both records of *exchange*. The heads are put together again from what the downloader kept of them."""
    record_id = new_record_id()
    place = (("WARC-IP-Address", exchange.address),) if exchange.address else ()
    head = _head(f"{exchange.protocol} {exchange.status} {_reason(exchange.status)}", _stored(exchange.headers))
    response = pack(
        "response",
        head + exchange.payload,
        record_id=record_id,
        date=exchange.started_at,
        content_type="application/http; msgtype=response",
        target=exchange.url,
        payload=exchange.payload,
        extra=place,
    )
    request = pack(
        "request",
        _head(f"{exchange.method} {_path(exchange.url)} HTTP/1.1", exchange.request_headers) + exchange.request_body,
        record_id=new_record_id(),
        date=exchange.started_at,
        content_type="application/http; msgtype=request",
        target=exchange.url,
        extra=(("WARC-Concurrent-To", record_id), *place),
    )
    return Packed(response, request, record_id, digest(exchange.payload))


def _head(first: str, headers: Headers) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def _stored(headers: Headers) -> Headers:
    return tuple(
        (f"X-Archive-Orig-{name}" if name.lower() == _TRANSFER_ENCODING else name, value) for name, value in headers
    )


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _path(url: str) -> str:
    """The request target: path and query of *url*."""
    _, _, rest = url.partition("://")
    slash = rest.find("/")
    return rest[slash:] if slash >= 0 else "/"
