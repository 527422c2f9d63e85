"""CDXJ: a sorted text index of each WARC file, as pywb, wabac and ReplayWeb.page read it.

Source: https://specs.webrecorder.net/cdxj/0.1.0/ ; keys are SURTs as pywb makes them, by which it looks pages up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes, urlsplit

import orjson

REVISIT = "warc/revisit"  #: what stands for the media type of a revisit
_WWW = re.compile(r"^www\d*\.")
#: What a session adds to an address, taken out of the key.
_SESSIONS = tuple(
    re.compile(rf"(?is)^(.*)(?:{pattern})(?:&(.*))?$")
    for pattern in (
        r"jsessionid=[0-9a-z]{32}", r"phpsessid=[0-9a-z]{32}", r"sid=[0-9a-z]{32}",
        r"ASPSESSIONID[a-z]{8}=[a-z]{24}", r"cfid=[^&]+&cftoken=[^&]+",
    )
)  # fmt: skip
_PATH_SESSIONS = (
    re.compile(r"(?is)^(.*/)(?:\((?:[a-z]\([0-9a-z]{24}\))+\)/)([^?]+\.aspx.*)$"),
    re.compile(r"(?is)^(.*/)(?:\([0-9a-z]{24}\)/)([^?]+\.aspx.*)$"),
)
#: A path in which nothing is escaped, empty, a dot, or looks like a session; by far the most.
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+")
Key = Callable[[str], str]


def surt(url: str) -> str:
    """The sort-friendly form of *url*: ``com,example)/path?a=1&b=2``; of what is no web address *url* itself."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").strip("."), parts.port
        host = host.encode("idna").decode() if not host.isascii() else host
    except (ValueError, UnicodeError):
        return url.lower()
    if not host:
        return url
    labels = [host.lower()] if ":" in host else _WWW.sub("", host.lower()).split(".")[::-1]
    shown = f":{port}" if port and (parts.scheme, port) not in {("http", 80), ("https", 443)} else ""
    query = _query(parts.query) if parts.query else ""
    return f"{','.join(labels)}{shown}){_path(parts.path)}" + (f"?{query}" if query else "")


def surt_0_1_0(url: str) -> str:
    """The key of *url* in an index that version 0.1.0 wrote."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url.lower()
    labels = [host] if re.fullmatch(r"[\d.]+|.*:.*", host) else _WWW.sub("", host).split(".")[::-1]
    shown = f":{port}" if port and (parts.scheme, port) not in {("http", 80), ("https", 443)} else ""
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    return f"{','.join(labels)}{shown}){(parts.path or '/').lower()}" + (f"?{query}" if query else "")


def rekeyed(line: bytes, key: Key = surt) -> bytes:
    """The entry *line* under another *key*."""
    _, stamp, fields = line.split(b" ", 2)
    url = str(orjson.loads(fields)["url"])
    return b" ".join((key(url).replace(" ", "%20").encode("utf-8", "replace"), stamp, fields))


def entry(
    url: str,
    moment: str,
    *,
    mime: str,
    status: int | None,
    digest: str,
    offset: int,
    length: int,
    filename: str,
) -> str:
    """One line, without its line feed. *moment* is ISO 8601 in UTC; *status* None: the record has no HTTP head."""
    fields = {
        "url": url,
        "mime": mime,
        "status": "-" if status is None else str(status),
        "digest": digest,
        "length": str(length),
        "offset": str(offset),
        "filename": filename,
    }
    stamp = re.sub(r"\D", "", moment)[:14]
    return f"{surt(url).replace(' ', '%20')} {stamp} {orjson.dumps(fields).decode()}"


def document(entries: list[str]) -> bytes:
    """The index file of *entries*: sorted by byte value, one per line."""
    return b"".join(sorted(map(encoded, entries)))


def encoded(line: str) -> bytes:
    """An entry as it stands in the index file."""
    return line.encode("utf-8", "replace") + b"\n"


def _path(path: str) -> str:
    if _PLAIN_PATH.fullmatch(path):
        return path.lower()
    kept: list[bytes] = []
    pieces = _unescaped(path).split(b"/")[1:]
    for piece in pieces:
        if piece == b"..":
            kept = kept[:-1] if kept else [piece]
        elif piece != b".":
            kept.append(piece)
    last = kept[-1:] if kept else [b""]
    text = "/" + _escaped(b"/".join([*(piece for piece in kept[:-1] if piece), *last]))
    for pattern in _PATH_SESSIONS:
        text = pattern.sub(r"\1\2", text)
    text = text.lower()
    return text[:-1] if len(text) > 1 and text.endswith("/") else text


def _query(query: str) -> str:
    text = _escaped(_unescaped(query))
    for pattern in _SESSIONS:
        if found := pattern.match(text):
            text = found[1] + found[2] if found[2] else found[1]
    return "&".join(sorted(text.lower().split("&"), key=lambda part: tuple(part.split("=", 1))))


def _unescaped(text: str) -> bytes:
    """*text* with its percent escapes undone, as often as there are any."""
    data = text.encode("utf-8", "surrogatepass")
    while (again := unquote_to_bytes(data)) != data:
        data = again
    return data


def _escaped(data: bytes) -> str:
    """*data* with everything escaped that is no visible ASCII, the escape sign and the number sign."""
    return "".join(chr(byte) if 32 < byte < 127 and byte not in b"%#" else f"%{byte:02X}" for byte in data)
