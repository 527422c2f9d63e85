"""Answers as real servers give them and no framework would, byte by byte.

Nothing here is parsed: each oddity says by itself which of its bytes are head, payload and the rest.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass

import brotli
from backports import zstd

from harness.scripted import page, story

MAXSIZE = 2_000_000  #: the DOWNLOAD_MAXSIZE that the oddities are made for
TIMEOUT = 2.0  #: seconds; the DOWNLOAD_TIMEOUT
_TYPE = b"Content-Type: text/html; charset=utf-8\r\n"


@dataclass(frozen=True, slots=True)
class Oddity:
    """One answer: what is sent, and which of it is what."""

    head: bytes
    body: bytes = b""  #: as sent, chunks included
    payload: bytes | None = None  #: without chunks, where it is not *body*
    interim: bytes = b""
    trailer: bytes = b""
    surplus: bytes = b""
    truncated: str | None = None  #: what WARC-Truncated must say
    close: bool = False
    reset: bool = False
    wait: float = 0.0  #: seconds between the last byte and the end of the connection
    pace: int = 0  #: bytes a write; 0: all at once
    closed_head: bytes = b""  #: what a reader needs behind a head that broke off

    @property
    def wire(self) -> bytes:
        """All bytes that the server sends."""
        return self.interim + self.head + self.body + self.surplus

    @property
    def kept(self) -> bytes:
        """The payload that an archive must hold."""
        return self.body if self.payload is None else self.payload


def chunked(payload: bytes, size: int = 1000, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    parts = [payload[begin : begin + size] for begin in range(0, len(payload), size)]
    sent = (b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    return b"".join(sent) + b"0\r\n" + trailer + b"\r\n"


def sized(body: bytes, *lines: bytes, status: bytes = b"HTTP/1.1 200 OK", end: bytes = b"\r\n") -> bytes:
    return end.join((status, _TYPE[:-2], b"Content-Length: %d" % len(body), *lines, b"", b""))


def _coded(head: bytes, coding: bytes, body: bytes) -> Oddity:
    return Oddity(head % (b"Content-Encoding: " + coding + b"\r\nContent-Length: %d" % len(body)), body)


def oddities(about: str) -> dict[str, list[Oddity]]:
    """Path -> what is answered the first time, the second time, and from then on. No two payloads are the same."""
    pages = {name: page(f"The oddity {name} of {about}", story(f"{name} {about}")) for name in _NAMES}
    found: dict[str, list[Oddity]] = {}
    for name, text in pages.items():
        path = _PATHS.get(name, f"/a/{name}")
        found[path] = _heads(name, text) or _bodies(name, text) or _failures(name, text)
        assert found[path], name
    found |= _chain(about)
    return found


def _heads(name: str, text: bytes) -> list[Oddity]:
    """Oddities of the head."""
    heads = {
        "repeated-fields": sized(text, b"Set-Cookie: a=1", b"Link: </x>", b"Set-Cookie: b=2; Path=/", b"Link: </y>"),
        "odd-case": sized(text, b"sErVeR: x", b"X_UNDER: 1", b'etag: "Q"'),
        "no-reason": sized(text, status=b"HTTP/1.1 200"),
        "empty-reason": sized(text, status=b"HTTP/1.1 200 "),
        "odd-reason": sized(text, status="HTTP/1.1 200 Très bien, 好".encode()),
        "line-feeds": sized(text, b"X-End: lf", end=b"\n"),
        "mixed-ends": b"HTTP/1.1 200 OK\n" + _TYPE + b"X-Mixed: 1\nContent-Length: %d\r\n\r\n" % len(text),
        "folded": sized(text, b"X-Folded: one\r\n two\r\n\tthree"),
        "not-ascii": sized(text, "X-Title: 智慧城市".encode("gbk"), "X-Utf: 智慧".encode()),
        "empty-values": sized(text, b"X-Empty:", b"X-Blank:   ", b"X-Tight:x"),
        "spaces": sized(text, b"X-Spaces: \t  a \t b  \t"),
        "no-colon": sized(text, b"this line has none"),
        "long-field": sized(text, b"X-Long: " + b"x" * 12_000),
        "many-fields": sized(text, *(b"X-Field-%d: %d" % (number, number) for number in range(300))),
        "two-lengths": sized(text, b"Content-Length: %d" % len(text)),
        "cookies": sized(text, b"Set-Cookie: seen=1; HttpOnly", b"Set-Cookie: seen=2; Secure; SameSite=None"),
        "query": sized(text),
    }
    return [Oddity(heads[name], text)] if name in heads else []


def _bodies(name: str, text: bytes) -> list[Oddity]:
    """Oddities of the body and of what stands around it."""
    plain, coded = b"HTTP/1.1 200 OK\r\n" + _TYPE + b"\r\n", b"HTTP/1.1 200 OK\r\n" + _TYPE + b"%s\r\n\r\n"
    pieces = coded % b"Transfer-Encoding: chunked"
    squeezed, trailer = gzip.compress(text, mtime=0), b"X-Checked: yes\r\nExpires: 0\r\n"
    both = coded % (b"Content-Length: 7\r\ntransfer-encoding: Chunked")
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    large = text.replace(b"</article>", b"<!-- " + b"0123456789abcdef" * 90_000 + b" --></article>")
    found = {
        "chunked": Oddity(pieces, chunked(text), text),
        "chunk-extensions": Oddity(
            pieces, chunked(text, 333, b";name=value", trailer), text, trailer=trailer
        ),
        "single-bytes": Oddity(pieces, chunked(text, 1), text, pace=700),
        "length-and-chunked": Oddity(both, chunked(text), text),
        "gzip": _coded(coded, b"gzip", squeezed),
        "gzip-chunked": Oddity(
            coded % b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked", chunked(squeezed, 100), squeezed
        ),
        "deflate": _coded(coded, b"deflate", zlib.compress(text)),
        "brotli": _coded(coded, b"br", brotli.compress(text)),
        "zstandard": _coded(coded, b"zstd", zstd.compress(text)),
        "no-length": Oddity(plain, text, close=True),
        "http10": Oddity(b"HTTP/1.0 200 OK\r\n" + _TYPE + b"\r\n", text, close=True),
        "early-hints": Oddity(sized(text), text, interim=hints),
        "continued": Oddity(sized(text), text, interim=b"HTTP/1.1 100 Continue\r\n\r\n" + hints),
        "surplus": Oddity(sized(text), text, surplus=b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"),
        "large": Oddity(sized(large), large),
        "empty": Oddity(sized(b"", b"X-Empty: yes")),
        "no-content": Oddity(b"HTTP/1.1 204 No Content\r\nX-None: 1\r\n\r\n"),
        "not-modified": Oddity(b"HTTP/1.1 304 Not Modified\r\nETag: \"u\"\r\nContent-Length: 99\r\n\r\n"),
        "unauthorised": Oddity(
            sized(text, b"WWW-Authenticate: Basic realm=\"x\", Digest nonce=1", status=b"HTTP/1.1 401 Nope"), text
        ),
        "slow": Oddity(sized(text), text, pace=900),
    }  # fmt: skip
    return [found[name]] if name in found else []


def _failures(name: str, text: bytes) -> list[Oddity]:
    """What breaks off: asked for twice, since the crawl tries once more."""
    head, half = sized(text), text[: len(text) // 2]
    pieces = b"HTTP/1.1 200 OK\r\n" + _TYPE + b"Transfer-Encoding: chunked\r\n\r\n"
    found = {
        "short": [Oddity(head, half, truncated="disconnect", close=True)],
        "reset": [Oddity(head, half, truncated="disconnect", reset=True)],
        "torn-chunks": [Oddity(pieces, chunked(half, 500)[:-5], half, truncated="disconnect", close=True)],
        "torn-head": [
            Oddity(head[:17], truncated="disconnect", surplus=head[17:30], close=True, closed_head=b"\r\n")
        ],
        "stalled": [Oddity(head, half, truncated="time", wait=TIMEOUT + 1.5)],
        "too-long": [
            Oddity(b"HTTP/1.1 200 OK\r\n" + _TYPE + b"Content-Length: %d\r\n\r\n" % (MAXSIZE + 1), truncated="length",
                   wait=0.3)
        ],
        "server-error": [
            Oddity(sized(b"<p>down</p>", status=b"HTTP/1.1 500 Oh No"), b"<p>down</p>"), Oddity(head, text)
        ],
    }  # fmt: skip
    return found.get(name, [])


def _chain(about: str) -> dict[str, list[Oddity]]:
    """Four hops, each of another kind."""
    last = page(f"The end of the chain of {about}", story(f"the chain of {about}"))
    hops = [b"301 Moved Permanently", b"302 Found", b"303 See Other", b"307 Temporary Redirect"]
    found = {
        f"/a/chain{number or ''}": [
            Oddity(sized(body, b"lOcAtIoN: /a/chain%d#part" % (number + 1), status=b"HTTP/1.1 " + hop), body)
        ]
        for number, hop in enumerate(hops)
        for body in [b"<p>go on: " + hop + b"</p>"]
    }
    return found | {"/a/chain4": [Oddity(sized(last), last)]}


#: The first of them fail; between them stand good ones, since a site that fails many times in a row is left alone.
_NAMES = (
    "short", "repeated-fields", "odd-case", "reset", "no-reason", "empty-reason", "torn-chunks", "odd-reason",
    "line-feeds", "torn-head", "mixed-ends", "folded", "too-long", "not-ascii", "empty-values", "stalled", "spaces",
    "no-colon", "long-field", "many-fields", "two-lengths", "cookies", "query", "chunked", "chunk-extensions",
    "single-bytes", "length-and-chunked", "gzip", "gzip-chunked", "deflate", "brotli", "zstandard", "no-length",
    "http10", "early-hints", "continued", "surplus", "large", "empty", "no-content", "not-modified", "unauthorised",
    "slow", "server-error",
)  # fmt: skip
_PATHS = {"query": "/a/query;p=1/%e4%bd%a0%2F~'()*!?x=%E5%A5%BD&y=a+b&empty=&y=2&z=%20%7C"}
