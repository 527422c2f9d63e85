"""What hostile and broken servers do, each as pages of a scripted server: for tests, and for the table of guards."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import brotli
from backports import zstd

from harness.scripted import Answer, Scripted, page, story
from harness.waiting import elapse

MANY = 200 << 20  #: bytes that a bomb unpacks to
XML = {"Content-Type": "application/xml"}
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that a server does besides a list page and a good article; *where* adds to [discover]."""

    name: str
    serve: Callable[[Scripted], list[str]]  #: sets pages, returns links for the list page
    where: str = ""
    stops: bool = False  #: the host is not crawled at all, and that is right
    names: dict[str, list[str]] = field(default_factory=dict)  #: allowed on port 1 only; answers of harness.rebinding


def bomb(encoding: str, body: Callable[[], bytes]) -> Attack:
    def serve(server: Scripted) -> list[str]:
        server.pages["/a/bomb"] = Answer(body(), headers={"Content-Encoding": encoding.partition(" (")[0]})
        return ["/a/bomb"]

    return Attack(f"{encoding} bomb, 200 MiB", serve)


def _packed(packer: Any, feed: str = "compress", times: int = 1) -> bytes:
    """200 MiB of zeros through *packer*, one part at a time: the server of a bomb need not hold it."""
    parts = [getattr(packer, feed)(bytes(1 << 20)) for _ in range(MANY >> 20)]
    end = packer.finish() if hasattr(packer, "finish") else packer.flush()
    return b"".join([*parts, end]) * times


def _gzip() -> Any:
    return zlib.compressobj(wbits=31)


def _members() -> bytes:
    return gzip.compress(bytes(1 << 20)) * (MANY >> 20)


def raw(name: str, write: Callable[[Any], None]) -> Attack:
    def serve(server: Scripted) -> list[str]:
        server.pages["/a/raw"] = Answer(write)
        return ["/a/raw"]

    return Attack(name, serve)


def _endless(out: Any) -> None:
    out.write(_OK + b"\r\n<html>")
    for _ in range(20_000):
        out.write(b"<p>and so on" * 2000)


def _trickle(out: Any) -> None:
    out.write(_OK + b"Content-Length: 100000\r\n\r\n")
    for _ in range(100):
        out.write(b"x")
        out.flush()
        elapse(0.2)


def _trickled_head(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        out.write(b"X-%d: y\r\n" % number)
        out.flush()
        elapse(0.2)


def _flood(out: Any) -> None:
    out.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(2_000_000):
        out.write(b"X-Flood-%d: %s\r\n" % (number, b"y" * 50))


def _round(server: Scripted) -> list[str]:
    server.pages["/a/round"] = Answer(b"", 302, {"Location": "/a/round?more"})
    server.pages["/a/round?more"] = Answer(b"", 302, {"Location": "/a/round"})
    return ["/a/round"]


def _calendar(server: Scripted) -> list[str]:
    for year in range(2026, 2080):
        server.listing(f"/list/{year + 1}-01.html", path=f"/list/{year}-01.html")
    return ["/list/2026-01.html"]


def _growing(server: Scripted) -> list[str]:
    for depth in range(1, 60):
        server.listing("/list/" + "more/" * (depth + 1), path="/list/" + "more/" * depth)
    return ["/list/more/"]


def _facets(server: Scripted) -> list[str]:
    queries = ["&".join(f"f{n}={value}" for n in range(12)) for value in range(50)]
    return [f"/list/x?{query}" for query in queries]


def _sessions(server: Scripted) -> list[str]:
    server.article("/a/session")
    return [f"/a/session;jsessionid={number:032x}" for number in range(200)]


def _entities(server: Scripted) -> list[str]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    text = f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]><urlset><url><loc>{server.base}/a/&l9;</loc></url></urlset>'
    server.pages["/evil.xml"] = Answer(text.encode(), headers=XML)
    feed = f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]><rss><channel><item><link>&l9;</link></item></channel></rss>'
    server.pages["/feed.xml"] = Answer(feed.encode(), headers=XML)
    return []


def _external(server: Scripted) -> list[str]:
    text = (
        f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY h SYSTEM "{server.base}/stolen">]>'
        f"<urlset><url><loc>{server.base}/a/&f;&h;</loc></url></urlset>"
    )
    server.pages["/evil.xml"] = server.pages["/feed.xml"] = Answer(text.encode(), headers=XML)
    return []


def _robots(server: Scripted) -> list[str]:
    lines = "".join(f"Disallow: /n/{number}$\n" for number in range(600_000))
    server.pages["/robots.txt"] = Answer(f"User-agent: *\n{lines}".encode(), headers={"Content-Type": "text/plain"})
    return []


def _deep(server: Scripted) -> list[str]:
    body = b"<div>" * 200_000 + page("Deep", story("deep")) + b"</div>" * 200_000
    server.pages["/a/deep"] = Answer(body)
    server.pages["/evil.xml"] = Answer(b"<urlset>" + b"<url>" * 200_000, headers=XML)
    server.pages["/feed.xml"] = Answer(b"<rss><channel>" + b"<item>" * 200_000, headers=XML)
    return ["/a/deep"]


def _text(server: Scripted) -> list[str]:
    title = "NUL\x00 \x1b]0;owned\x07\x1b[2J line\u2028end &#xD800; \u202egnp\n2026-01-01T00:00:00+0000 ERROR forged"
    server.pages["/a/text"] = Answer(page(title, story("text \x1b[31m \x00 \u2029")), headers={"X-Log": "\x1b[2J"})
    return ["/a/text", "/a/\x1b[2J%0d%0aforged", "/a/..%2f..%2fetc%2fpasswd", "/a/\u202ename"]


def _schemes(server: Scripted) -> list[str]:
    bad = ["file:///etc/passwd", "ftp://127.0.0.1/a/x", "data:text/html,<h1>x</h1>", "gopher://127.0.0.1/a/"]
    for number, target in enumerate(bad):
        server.pages[f"/a/hop-{number}"] = Answer(b"", 302, {"Location": target})
    return [*bad, *(f"/a/hop-{number}" for number in range(len(bad)))]


def spellings(port: int) -> list[str]:
    """Loopback, as people have tried to smuggle it past guards."""
    hosts = ("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "localhost", "LOCALHOST.",
             "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "0.0.0.0", "127.0.0.1.",
             "user@127.0.0.1", "\uff11\uff12\uff17.0.0.1", "127\u30020.0.1", "\u2460\u2461\u2466.0.0.1")  # fmt: skip
    return [f"http://{host}:{port}" for host in hosts]


def _private(server: Scripted) -> list[str]:
    targets = spellings(server.server_port + 1 if server.server_port < 65_000 else 1)
    for number, target in enumerate(targets):
        server.pages[f"/a/hop-{number}"] = Answer(b"", 302, {"Location": f"{target}/a/secret"})
    return [*(f"{target}/a/secret" for target in targets), *(f"/a/hop-{n}" for n in range(len(targets)))]


#: The guard's own two questions, before the page and before robots.txt, are answered with nothing or a public address.
REBINDING = {"late.example": ["", "", "127.0.0.1"], "turning.example": ["8.8.8.8", "8.8.8.8", "127.0.0.1"]}


def _rebinding(server: Scripted) -> list[str]:
    server.article("/a/secret")
    for name in REBINDING:
        server.pages[f"/a/{name}"] = Answer(b"", 302, {"Location": f"http://{name}:{server.server_port}/a/secret"})
    return [f"/a/{name}" for name in REBINDING]


_BOTH = 'sitemaps = ["{base}/evil.xml"]\nfeeds = ["{base}/feed.xml"]'
ATTACKS = (
    Attack("private addresses, 18 spellings, by link and redirect", _private),
    Attack("names that lead inside once they were checked", _rebinding, names=REBINDING),
    Attack("file:, ftp:, data:, gopher:", _schemes),
    bomb("gzip", lambda: _packed(_gzip())),
    bomb("deflate", lambda: _packed(zlib.compressobj())),
    bomb("br", lambda: _packed(brotli.Compressor(quality=1), "process")),
    bomb("zstd", lambda: _packed(zstd.ZstdCompressor())),
    bomb("gzip, gzip", lambda: gzip.compress(_packed(_gzip()))),
    bomb("gzip (200 members)", _members),
    raw("endless body", _endless),
    raw("trickling body", _trickle),
    raw("trickling headers", _trickled_head),
    raw("header flood", _flood),
    Attack("redirect loop", _round),
    Attack("calendar without end", _calendar),
    Attack("growing path", _growing),
    Attack("faceted queries", _facets),
    Attack("session ids, 200 of one article", _sessions),
    Attack("entity bomb in sitemap and feed", _entities, _BOTH),
    Attack("external entities in sitemap and feed", _external, _BOTH),
    Attack("robots.txt of 600,000 lines", _robots),
    Attack("200,000 levels of nesting in page, sitemap, feed", _deep, _BOTH),
    Attack("control characters, terminal escapes, log lines, names of files", _text),
    Attack("robots.txt answers 500", lambda server: server.pages.update(
        {"/robots.txt": Answer(b"", 500)}) or [], stops=True),
)  # fmt: skip
