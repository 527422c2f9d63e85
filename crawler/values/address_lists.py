"""Lists of addresses as people and other programs keep them: one per line, CSV, JSON, XML, or somewhere in a text."""

from __future__ import annotations

import csv
import errno
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from crawler.values import urls

MOST = 100_000  #: addresses of a list
LARGEST = 16 << 20  #: bytes of a local file
_FEED = re.compile(r"<(?:rss|feed|rdf:RDF)\b")
_PAGE = re.compile(r"<(?:!doctype html|html|a\s)", re.IGNORECASE)
_IN_JSON = re.compile(r'"(https?:[^"]{1,2000})"')
#: An address in a text ends before a space, a bracket, a quote, and before what is written in Chinese.
_IN_TEXT = re.compile(
    r"https?://[^\s\"'<>()\[\]{}\u2000-\u206f\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+", re.IGNORECASE
)
_HTTP = re.compile(r"https?:", re.IGNORECASE)
_BARE = re.compile(r"[!#-~]+")  #: a line that may be one address: ASCII, without spaces and quotes
_SEPARATORS = ",\t;|"


def is_file(url: str) -> bool:
    """Whether *url* is a local list: file:path, relative to the folder where the command runs, or file:///path."""
    return url.startswith("file:")


def path_of(url: str) -> Path:
    """The file of the local list *url*."""
    place = url.removeprefix("file:")
    return Path(unquote(place.removeprefix("//") if place.startswith("///") else place))


def read(url: str) -> bytes:
    """The local list *url*. Raises OSError, for a file that is too large too."""
    with path_of(url).open("rb") as file:
        body = file.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise OSError(errno.EFBIG, f"more than {LARGEST >> 20} MiB")
    return body


def is_feed(body: bytes) -> bool:
    """Whether the list *body* is RSS or Atom."""
    return bool(_FEED.search(_decoded(body[:4096])))


def is_page(body: bytes) -> bool:
    """Whether the list *body* is an HTML page of links."""
    return bool(_PAGE.search(_decoded(body[:4096])))


def addresses(body: bytes) -> Iterator[str]:
    """The http(s) addresses in *body*, no feed and no page; cleaned, each once. Raises ValueError above MOST."""
    seen: set[str] = set()
    for text in _texts(_decoded(body)):
        url = urls.clean(text.strip())
        if url and url not in seen:
            seen.add(url)
            if len(seen) > MOST:
                raise ValueError(f"not a list to read: more than {MOST} addresses")
            yield url


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "gb18030", "replace")


def _texts(text: str) -> Iterator[str]:
    """What may be an address: values of JSON, else cells and whole lines, else what looks like one in a text."""
    if text.lstrip()[:1] in {"{", "["}:
        yield from _IN_JSON.findall(text.replace("\\/", "/").replace("\\u0026", "&"))
        return
    if text.lstrip()[:1] == "<":
        yield from _IN_TEXT.findall(unescape(text))
        return
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else ""
    separator = max(_SEPARATORS, key=first.count)
    if _HTTP.match(first) and separator in {";", "|"} and _BARE.fullmatch(first):  # both may belong to an address
        separator = ","
    for row in csv.reader(lines, delimiter=separator):
        if cells := [cell for cell in row if _HTTP.match(cell.strip())]:
            yield from cells
        else:
            for part in dict.fromkeys([*row, separator.join(row)]):
                yield from (match.rstrip(".,;:!?*_") for match in _IN_TEXT.findall(part))
    # a comma may belong to an address too: then the whole line is one
    yield from (line for line in lines if _HTTP.match(line) and _BARE.fullmatch(line))
