"""One HTTP exchange, and its response and request records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Literal, Self
from urllib.parse import quote_from_bytes

from crawler.archive.warc import http
from crawler.archive.warc.http import Headers
from crawler.archive.warc.record import digest, new_record_id, pack

#: Why an answer is not whole, in the words of WARC-Truncated.
Truncated = Literal["length", "time", "disconnect", "unspecified"]
#: A field of our own on records whose head was put together again from what the downloader kept of it.
RECONSTRUCTED = ("X-Citynews-Reconstructed", "head")
MOST_EXTRA = 1 << 16  #: bytes kept of what a server sends behind its answer
_Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. Headers in order, repeated ones too."""

    url: str
    started_at: datetime  #: when the request was sent; WARC-Date of both records
    request: bytes  #: head and body as sent
    head: bytes  #: of the answer, as stored: see messages.Answer
    payload: bytes  #: content-encoded as sent, chunks removed
    status: int
    headers: Headers
    address: str | None = None  #: IP address of the server
    protocol: str = "http/1.1"  #: with "tls/1.3" behind a comma
    truncated: Truncated | None = None
    reconstructed: bool = False
    extra: tuple[tuple[str, bytes], ...] = ()  #: what crossed the wire besides the two messages, by name

    @classmethod
    def of_wire(
        cls,
        url: str,
        started_at: datetime,
        sent: bytes,
        received: bytes,
        *,
        address: str | None = None,
        tls: str | None = None,
        truncated: Truncated | None = None,
    ) -> Self:
        """The exchange in the bytes of a connection. Raises DamagedError where no HTTP answer begins in *received*."""
        answer = http.parse(received, bodyless=sent.startswith(b"HEAD "))
        version = answer.head.partition(b" ")[0].decode("latin-1").lower()
        extra = (
            ("http-interim", answer.interim), ("http-trailer", answer.trailer), ("http-surplus", answer.surplus),
        )  # fmt: skip
        return cls(
            url=url,
            started_at=started_at,
            request=sent,
            head=answer.head,
            payload=answer.payload,
            status=answer.status,
            headers=answer.headers,
            address=address,
            protocol=f"{version}, {tls}" if tls else version,
            truncated=None if answer.complete else truncated or "disconnect",
            extra=tuple((name, data[:MOST_EXTRA]) for name, data in extra if data),
        )

    @classmethod
    def rebuilt(
        cls,
        url: str,
        started_at: datetime,
        request: bytes,
        status: int,
        headers: Headers,
        payload: bytes,
        protocol: str = "HTTP/1.1",
        address: str | None = None,
    ) -> Self:
        """The exchange as far as a downloader knows it that keeps no bytes; *request* as request_of makes it."""
        stored = tuple(
            (http.ORIGINAL.decode() + name if name.lower() == "transfer-encoding" else name, value)
            for name, value in headers
        )
        head = _head(f"{protocol} {status} {_reason(status)}", stored)
        return cls(
            url=url,
            started_at=started_at,
            request=request,
            head=head,
            payload=payload,
            status=status,
            headers=http.parse_head(head)[1],
            address=address,
            protocol=protocol.lower(),
            reconstructed=True,
        )


def request_of(url: str, method: str, headers: Headers, body: bytes = b"") -> bytes:
    """A request as it would be sent."""
    return _head(f"{method} {_path(url)} HTTP/1.1", headers) + body


@dataclass(frozen=True, slots=True)
class PackedExchange:
    """An exchange as bytes: the response (or revisit) member, then the members that go with it."""

    answer: bytes
    others: tuple[bytes, ...]
    record_id: str
    payload_digest: str


def pack_exchange(exchange: Exchange, payload_digest: str | None = None) -> PackedExchange:
    """The records of *exchange*: response, request, and metadata where something crossed the wire besides them."""
    record_id, payload_digest = new_record_id(), payload_digest or digest(exchange.payload)
    truncated = (("WARC-Truncated", exchange.truncated),) if exchange.truncated else ()
    response = pack(
        "response",
        exchange.head,
        exchange.payload,
        record_id=record_id,
        date=exchange.started_at,
        content_type="application/http; msgtype=response",
        target=exchange.url,
        payload_digest=payload_digest,
        extra=(*circumstances(exchange), *truncated),
    )
    return PackedExchange(response, companions(exchange, record_id), record_id, payload_digest)


def circumstances(exchange: Exchange, version: bytes = b"") -> _Fields:
    """Named fields that every record of *exchange* has; *version*: of HTTP, where it is not that of the answer."""
    fields: list[tuple[str, str]] = [("WARC-IP-Address", exchange.address)] if exchange.address else []
    spoken, comma, tls = exchange.protocol.partition(",")
    fields.append(("WARC-Protocol", (version.decode("latin-1").lower() or spoken) + comma + tls))
    if exchange.reconstructed:
        fields.append(RECONSTRUCTED)
    return tuple(fields)


def companions(exchange: Exchange, record_id: str, extra: tuple[tuple[str, bytes], ...] = ()) -> tuple[bytes, ...]:
    """The request record of *exchange*, whose answer is *record_id*, and its metadata record if it has one.

    *extra* goes into the metadata record as well.
    """
    extra += exchange.extra
    concurrent = ("WARC-Concurrent-To", record_id)
    request = pack(
        "request",
        exchange.request,
        record_id=new_record_id(),
        date=exchange.started_at,
        content_type="application/http; msgtype=request",
        target=exchange.url,
        extra=(concurrent, *circumstances(exchange, exchange.request.partition(b"\r\n")[0].rpartition(b" ")[2])),
    )
    if not extra:
        return (request,)
    lines = (f"{name}: {quote_from_bytes(data, safe=' ')}\r\n" for name, data in extra)
    metadata = pack(
        "metadata",
        "".join(lines).encode(),
        record_id=new_record_id(),
        date=exchange.started_at,
        content_type="application/warc-fields",
        target=exchange.url,
        extra=(concurrent,),
    )
    return request, metadata


def _head(first: str, headers: Headers) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


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
