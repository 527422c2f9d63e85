"""Content codings: what a server did to a body on its way, undone. Bounded, since what it unpacks to is its choice."""

from __future__ import annotations

import re
import zlib

import brotli
from backports import zstd

#: A page of more bytes than this is no article.
MAX_BODY = 32 << 20
_ZSTD_STEP = 1 << 20  # bytes that are unpacked at once
_CODINGS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})
_HTML_END = re.compile(rb"</html\s*>(?:\s|<!--.{0,500}?-->)*$", re.IGNORECASE | re.DOTALL)


class CodingError(ValueError):
    """A body that is not what its Content-Encoding says, or unpacks to more than allowed."""


def decode(payload: bytes, content_encoding: str | None, limit: int = MAX_BODY) -> bytes:
    """*payload* with the codings of the header *content_encoding* undone, last one first.

    Unknown codings are left alone, as browsers do. A stream that ends early gives what was there: see :func:`is_cut`.
    Raises CodingError for broken data and for more than *limit* bytes.
    """
    return _undone(payload, content_encoding, limit)[0]


def is_cut(payload: bytes, content_encoding: str | None, *, short: bool) -> bool:
    """Whether a body is not all of what the server meant to send. *short*: fewer bytes came than its head promised.

    The end of its content coding is the best witness: a wrong Content-Length beside it is the server's mistake. So is
    the end of an HTML document where there is no coding.
    """
    coding = (content_encoding or "").rpartition(",")[2].strip().lower()
    if coding in _CODINGS:
        try:
            return not _ends(payload, coding)
        except (zlib.error, brotli.error, CodingError):
            return False  # broken, or too large: not for want of bytes
    return short and not has_html_end(payload)


def has_html_end(body: bytes) -> bool:
    """Whether the HTML document *body* (decoded) ends with its end tag."""
    return _HTML_END.search(body[-1000:]) is not None


def _ends(payload: bytes, coding: str) -> bool:
    """Whether the stream in *payload* comes to its end; what it unpacks to is thrown away piece by piece.

    Raises CodingError for more than MAX_BODY bytes, and the errors of the codings.
    """
    left, piece = MAX_BODY, 1 << 16
    if coding == "zstd":
        return _unzstd(payload, MAX_BODY)[1]
    if coding == "br":
        unpacker = brotli.Decompressor()
        data = unpacker.process(payload, output_buffer_limit=piece)
        while data and not unpacker.is_finished():
            left -= len(data)
            if left < 0:
                raise CodingError(f"unpacks to more than {MAX_BODY} bytes")
            data = unpacker.process(b"", output_buffer_limit=piece)
        return not payload or bool(unpacker.is_finished())
    inflater, rest = zlib.decompressobj(_window(payload, coding)), payload
    while rest and not inflater.eof:
        left -= len(inflater.decompress(rest, piece))
        rest = inflater.unconsumed_tail
        if left < 0:
            raise CodingError(f"unpacks to more than {MAX_BODY} bytes")
    return inflater.eof or not payload


def _window(payload: bytes, coding: str) -> int:
    """The window bits by which zlib reads *coding*."""
    if coding != "deflate":
        return 16 + zlib.MAX_WBITS
    # RFC 9110 says zlib; many servers send the bare stream, which has no such first byte
    wrapped = len(payload) > 1 and payload[0] & 0x0F == 8 and (payload[0] << 8 | payload[1]) % 31 == 0
    return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS


def _undone(payload: bytes, content_encoding: str | None, limit: int) -> tuple[bytes, bool]:
    """*payload* without its codings, and whether each of them came to its end."""
    whole = True
    for coding in reversed([name.strip().lower() for name in (content_encoding or "").split(",")]):
        if coding in {"gzip", "x-gzip", "deflate"}:
            payload, ended = _inflate(payload, _window(payload, coding), limit)
        elif coding == "br":
            payload, ended = _unbrotli(payload, limit)
        elif coding == "zstd":
            payload, ended = _unzstd(payload, limit)
        else:
            continue
        whole = whole and ended
    if len(payload) > limit:
        raise CodingError(f"more than {limit} bytes")
    return payload, whole


def _inflate(payload: bytes, wbits: int, limit: int) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    left, ended = limit, not payload
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
        ended = unpacker.eof
        payload = unpacker.unused_data if unpacker.eof else b""
    return b"".join(parts), ended


def _unbrotli(payload: bytes, limit: int) -> tuple[bytes, bool]:
    unpacker = brotli.Decompressor()
    try:
        data = bytes(unpacker.process(payload, output_buffer_limit=limit + 1))
    except brotli.error as error:
        raise CodingError(str(error)) from error
    if len(data) > limit:
        raise CodingError(f"unpacks to more than {limit} bytes")
    return data, not payload or unpacker.is_finished()


def _unzstd(payload: bytes, limit: int) -> tuple[bytes, bool]:
    parts: list[bytes] = []
    left, ended = limit, not payload
    while payload:
        unpacker = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: limit.bit_length() - 1})
        try:
            while (unpacker.needs_input and payload) or not (unpacker.needs_input or unpacker.eof):
                parts.append(unpacker.decompress(payload, _ZSTD_STEP))
                payload = b""
                left -= len(parts[-1])
                if left < 0:
                    raise CodingError(f"unpacks to more than {limit} bytes")
        except zstd.ZstdError as error:
            if parts:  # bytes after the end of the stream are no part of it
                break
            raise CodingError(str(error)) from error
        ended = unpacker.eof
        payload = unpacker.unused_data if ended else b""
    return b"".join(parts), ended
