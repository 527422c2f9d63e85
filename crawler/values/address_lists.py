"""Lists of addresses as people and other programs keep them: one per line, CSV, JSON, JSON lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from crawler.values import urls

MOST = 100_000  #: addresses of a list
LARGEST = 16 << 20  #: bytes of a local file
_FEED = re.compile(r"<(?:rss|feed|rdf:RDF)\b")
_PAGE = re.compile(r"<(?:!doctype html|html|a\s)", re.IGNORECASE)
_IN_JSON = re.compile(r'"(https?:[^"]{1,2000})"')
_BARE = re.compile(r"[!#-~]+")  #: a line that may be one address: ASCII, without spaces and quotes
_SEPARATORS = ",\t;|"


def is_file(url: str) -> bool:
    """Whether *url* is a local list: file:path, relative to the folder where the command runs, or file:///path."""
    return url.startswith("file:")


def path_of(url: str) -> Path:
    """The file of the local list *url*."""
    place = url.removeprefix("file:")
    return Path(unquote(place.removeprefix("//") if place.startswith("///") else place))


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
    """What may be an address: values of JSON, else cells, else whole lines."""
    if text.lstrip()[:1] in {"{", "["}:
        yield from _IN_JSON.findall(text.replace("\\/", "/").replace("\\u0026", "&"))
        return
    lines = [line for line in text.splitlines() if line.strip()]
    first = lines[0].strip() if lines else ""
    separator = max(_SEPARATORS, key=first.count)
    if first.startswith("http") and separator in {";", "|"}:  # both may belong to an address
        separator = ","
    for row in csv.reader(lines, delimiter=separator):
        yield from (cell for cell in row if cell.strip().startswith("http"))
    # a comma may belong to an address too: then the whole line is one
    yield from (line for line in lines if line.strip().startswith("http") and _BARE.fullmatch(line.strip()))
