"""Content codings: what a server did to a body on its way, undone. Bounded, since what it unpacks to is its choice."""

from __future__ import annotations

import zlib

import brotli

#: A page of more bytes than this is no article.
MAX_BODY = 32 << 20


class CodingError(ValueError):
    """A body that is not what its Content-Encoding says, or unpacks to more than allowed."""


def decode(payload: bytes, content_encoding: str | None, limit: int = MAX_BODY) -> bytes:
    """*payload* with the codings of the header *content_encoding* undone, last one first.

    Unknown codings are left alone, as browsers do. A stream that ends early gives what was there. Raises CodingError
    for broken data and for more than *limit* bytes.
    """
    for coding in reversed([each.strip().lower() for each in (content_encoding or "").split(",")]):
        if coding in {"gzip", "x-gzip"}:
            payload = _inflate(payload, 16 + zlib.MAX_WBITS, limit)
        elif coding == "deflate":
            # RFC 9110 says zlib; many servers send the bare stream, which has no such first byte
            wrapped = len(payload) > 1 and payload[0] & 0x0F == 8 and (payload[0] << 8 | payload[1]) % 31 == 0
            payload = _inflate(payload, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS, limit)
        elif coding == "br":
            payload = _unbrotli(payload, limit)
    if len(payload) > limit:
        raise CodingError(f"more than {limit} bytes")
    return payload


def _inflate(payload: bytes, wbits: int, limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit
    while payload:
        unpacker = zlib.decompressobj(wbits)
        try:
            parts.append(unpacker.decompress(payload, left + 1))
        except zlib.error as error:
            if parts:  # bytes after the end of the stream are no part of it
                break
            raise CodingError(str(error)) from error
        left -= len(parts[-1])
        if left < 0:
            raise CodingError(f"unpacks to more than {limit} bytes")
        payload = unpacker.unused_data if unpacker.eof else b""
    return b"".join(parts)


def _unbrotli(payload: bytes, limit: int) -> bytes:
    unpacker = brotli.Decompressor()
    try:
        data = bytes(unpacker.process(payload, output_buffer_limit=limit + 1))
    except brotli.error as error:
        raise CodingError(str(error)) from error
    if len(data) > limit:
        raise CodingError(f"unpacks to more than {limit} bytes")
    return data
