"""Content codings: what a server did to a body on its way, undone. Bounded, since what it unpacks to is its choice."""

from __future__ import annotations

import re
import zlib

import brotli

#: A page of more bytes than this is no article.
MAX_BODY = 32 << 20
_CODINGS = frozenset({"gzip", "x-gzip", "deflate", "br"})
_HTML_END = re.compile(rb"</html\s*>(?:\s|<!--.{0,500}?-->)*$", re.IGNORECASE | re.DOTALL)


class CodingError(ValueError):
    """A body that is not what its Content-Encoding says, or unpacks to more than allowed."""


def decode(payload: bytes, content_encoding: str | None, limit: int = MAX_BODY) -> bytes:
    """*payload* with the codings of the header *content_encoding* undone, last one first.

    Unknown codings are left alone, as browsers do. A stream that ends early gives what was there: see :func:`is_cut`.
    Raises CodingError for broken data and for more than *limit* bytes.
    """
    for coding in reversed([each.strip().lower() for each in (content_encoding or "").split(",")]):
        if coding == "br":
            payload = _unbrotli(payload, limit)
        elif coding in _CODINGS:
            payload = _inflate(payload, _window(payload, coding), limit)
    if len(payload) > limit:
        raise CodingError(f"more than {limit} bytes")
    return payload


def is_cut(payload: bytes, content_encoding: str | None, *, short: bool) -> bool:
    """Whether a body is not all of what the server meant to send. *short*: fewer bytes came than its head promised.

    The end of its content coding is the best witness: a wrong Content-Length beside it is the server's mistake. So is
    the end of an HTML document where there is no coding.
    """
    coding = (content_encoding or "").rpartition(",")[2].strip().lower()
    if coding in _CODINGS:
        try:
            return not _ends(payload, coding)
        except (zlib.error, brotli.error, _TooLarge):
            return False  # broken, or too large: not for want of bytes
    return short and _HTML_END.search(payload[-1000:]) is None


class _TooLarge(Exception):  # noqa: N818 - never leaves this module
    """More than any page has."""


def _ends(payload: bytes, coding: str) -> bool:
    """Whether the stream in *payload* comes to its end; what it unpacks to is thrown away piece by piece."""
    left, piece = MAX_BODY, 1 << 16
    if coding == "br":
        unpacker = brotli.Decompressor()
        data = unpacker.process(payload, output_buffer_limit=piece)
        while data and not unpacker.is_finished():
            if (left := left - len(data)) < 0:
                raise _TooLarge
            data = unpacker.process(b"", output_buffer_limit=piece)
        return not payload or bool(unpacker.is_finished())
    inflater, rest = zlib.decompressobj(_window(payload, coding)), payload
    while rest and not inflater.eof:
        data = inflater.decompress(rest, piece)
        rest = inflater.unconsumed_tail
        if (left := left - len(data)) < 0:
            raise _TooLarge
    return inflater.eof or (not payload and left == MAX_BODY)


def _window(payload: bytes, coding: str) -> int:
    """The window bits by which zlib reads *coding*."""
    if coding != "deflate":
        return 16 + zlib.MAX_WBITS
    # RFC 9110 says zlib; many servers send the bare stream, which has no such first byte
    wrapped = len(payload) > 1 and payload[0] & 0x0F == 8 and (payload[0] << 8 | payload[1]) % 31 == 0
    return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS


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
