"""HTTP/1 messages as transferred: where the head ends, which bytes are the body, and what surrounds them.

Framing as in RFC 9112, sections 6 and 7; lenient where servers are: lines may end in a bare line feed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.archive.storage.errors import DamagedError

Headers = tuple[tuple[str, str], ...]

_BLANK = re.compile(rb"\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[^\n]*\r\n")
#: Fields that speak of the transfer and would mislead a reader of a body without chunks, or of half a body.
_OF_TRANSFER = re.compile(rb"(?im)^(?=(?:transfer-encoding|content-length)[ \t]*:)")
_TRANSFER_ENCODING = re.compile(rb"(?im)^transfer-encoding[ \t]*:")
ORIGINAL = b"X-Archive-Orig-"  #: in front of the names of those fields; a player leaves such a field alone
WITHOUT_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response taken out of the bytes of a connection."""

    head: bytes  #: status line and fields, blank line included, as stored: see ORIGINAL
    status: int
    headers: Headers
    payload: bytes  #: content-encoded as sent, chunks removed
    complete: bool  #: whether the payload is as long as its framing says
    interim: bytes = b""  #: whole 1xx answers before it
    trailer: bytes = b""  #: the fields behind the last chunk
    surplus: bytes = b""  #: what the server sent behind the end of the answer


def parse(raw: bytes, *, bodyless: bool = False) -> HttpResponse:
    """The final answer in *raw*; *bodyless* if the request was a HEAD. Raises DamagedError where none begins there."""
    begin = end = 0
    while True:
        begin, found = end, _BLANK.search(raw, end)
        if found is None:
            return _torn(raw, begin)
        end = found.end()
        status, headers = parse_head(raw[begin:end])
        if not 100 <= status < 200:
            break
    head, interim = raw[begin:end], raw[:begin]
    if bodyless or status in WITHOUT_BODY:
        return HttpResponse(head, status, headers, b"", complete=True, interim=interim, surplus=raw[end:])
    if _TRANSFER_ENCODING.search(head) is not None:
        payload, trailer, surplus, complete = unchunk(raw, end)
        return HttpResponse(*_stored(head), payload, complete, interim, trailer, surplus)
    length = _length(headers)
    if length is None:  # to the end of the connection
        return HttpResponse(head, status, headers, raw[end:], complete=True, interim=interim)
    last = end + length
    if len(raw) < last:
        return HttpResponse(*_stored(head), raw[end:], complete=False, interim=interim)
    return HttpResponse(head, status, headers, raw[end:last], complete=True, interim=interim, surplus=raw[last:])


def parse_head(head: bytes) -> tuple[int, Headers]:
    """Status and fields (in order, repeated ones too, folded ones in one line). Raises DamagedError."""
    if b"\n " in head or b"\n\t" in head:
        head = _FOLD.sub(b" ", head)
    lines = head.decode("latin-1").split("\n")
    version, _, rest = lines[0].partition(" ")
    status = rest.lstrip(" ")[:3]
    if not version.startswith("HTTP/") or not status.isascii() or not status.isdigit():
        raise DamagedError(f"not an HTTP response: {lines[0][:60]!r}")
    fields = (line.partition(":") for line in lines[1:] if ":" in line)
    return int(status), tuple((name.strip(), value.strip()) for name, _, value in fields)


def split(block: bytes) -> tuple[bytes, bytes]:
    """The head of a stored message, blank line included, and what follows it."""
    found = _BLANK.search(block)
    end = found.end() if found else len(block)
    return block[:end], block[end:]


def unchunk(raw: bytes, begin: int) -> tuple[bytes, bytes, bytes, bool]:
    """Payload, trailer, surplus, and whether the last chunk came, of the chunked body at *begin* of *raw*."""
    parts: list[bytes] = []
    while (line := _CHUNK_SIZE.match(raw, begin)) is not None:
        size = int(line[1], 16)
        begin = line.end()
        if size == 0:
            return b"".join(parts), *_behind(raw, begin)
        parts.append(raw[begin : begin + size])
        begin += size
        if raw[begin : begin + 2] != b"\r\n":
            break
        begin += 2
    return b"".join(parts), b"", b"", False


def _behind(raw: bytes, begin: int) -> tuple[bytes, bytes, bool]:
    """Trailer and surplus behind the last chunk's line."""
    if raw.startswith(b"\r\n", begin):
        return b"", raw[begin + 2 :], True
    end = raw.find(b"\r\n\r\n", begin)
    if end < 0:
        return raw[begin:], b"", False
    return raw[begin : end + 2], raw[end + 4 :], True


def _torn(raw: bytes, begin: int) -> HttpResponse:
    """An answer whose head is cut off: what came of it, with the blank line that readers need."""
    head = raw[begin:]
    head = head[: head.rfind(b"\n") + 1]
    if not head:
        raise DamagedError("no HTTP response: the connection ended within the first line")
    rest = raw[begin + len(head) :]
    return HttpResponse(*_stored(head + b"\r\n"), b"", complete=False, interim=raw[:begin], surplus=rest)


def _stored(head: bytes) -> tuple[bytes, int, Headers]:
    """*head* with what it says of the transfer renamed: the stored payload is of another length."""
    stored = _OF_TRANSFER.sub(ORIGINAL, head)
    return stored, *parse_head(stored)


def _length(headers: Headers) -> int | None:
    """What Content-Length says; the first of several, which the downloader wants to be equal."""
    for name, value in headers:
        if name.lower() == "content-length":
            first = value.partition(",")[0].strip()
            return int(first) if first.isascii() and first.isdigit() else None
    return None
