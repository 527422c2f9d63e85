"""CDXJ: a sorted text index of each WARC file, as pywb, wabac and ReplayWeb.page read it.

Source: https://specs.webrecorder.net/cdxj/0.1.0/ ; keys are SURTs as pywb makes them (host reversed, "www." dropped).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import orjson

REVISIT = "warc/revisit"  #: what stands for the media type of a revisit
_WWW = re.compile(r"^www\d*\.")


def surt(url: str) -> str:
    """The sort-friendly form of *url*: ``com,example)/path?a=1&b=2``."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url.lower()
    labels = [host] if re.fullmatch(r"[\d.]+|.*:.*", host) else _WWW.sub("", host).split(".")[::-1]
    shown = f":{port}" if port and (parts.scheme, port) not in {("http", 80), ("https", 443)} else ""
    query = "&".join(sorted(parts.query.lower().split("&"))) if parts.query else ""
    return f"{','.join(labels)}{shown}){(parts.path or '/').lower()}" + (f"?{query}" if query else "")


def entry(
    url: str, moment: str, *, mime: str, status: int | None, digest: str, offset: int, length: int, filename: str
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
    """The index file of *entries*: sorted by byte value, one a line."""
    return b"".join(sorted(map(encoded, entries)))


def encoded(line: str) -> bytes:
    """An entry as it stands in the index file."""
    return line.encode("utf-8", "replace") + b"\n"
