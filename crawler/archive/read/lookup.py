"""Where an address was captured: looked up in the CDXJ files of the WARC files."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from crawler.archive.read.captures import uncoded
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import cdxj_name
from crawler.archive.warc import cdxj
from crawler.archive.warc.http import Headers
from crawler.archive.warc.record import Record, record_at
from crawler.archive.warc.revisit import NOT_MODIFIED, answer_of, referred
from crawler.article import WarcRef
from crawler.values.urls import clean

_HOPS = 5  #: redirects that are followed
_SHOWS = frozenset({"200", "-", "301", "302", "303", "307", "308"})  #: statuses in an index; "-": not modified


@dataclass(frozen=True, slots=True)
class Resource:
    """A whole answer of status 200 to the address *url*, or to where that redirected."""

    url: str
    fetched_at: str  #: YYYYMMDDhhmmss, UTC
    headers: tuple[tuple[str, str], ...]
    payload: bytes  #: still content-encoded

    @property
    def body(self) -> bytes:
        """The payload with its content coding undone. Raises DamagedError where it is not what its coding says."""
        return uncoded(self.payload, self.headers, self.url)


def nearest(files: Mapping[str, Path], url: str, stamp: str) -> Resource | None:
    """The capture of *url* that is nearest to *stamp* (YYYYMMDDhhmmss, UTC) in the WARC *files*; None without one.

    *files*: name relative to warc/ -> path. A server's word that nothing has changed counts as a capture of what it
    speaks of; redirects are followed as they were then. Raises DamagedError where the capture is not where its index
    says.
    """
    asked = url
    for _ in range(_HOPS):
        answer = _nearest(files, asked, stamp)
        if answer is None or answer[0] == 200:
            return None if answer is None else Resource(asked, *answer[1:])
        location = next((value for name, value in answer[2] if name.lower() == "location"), None)
        target = None if location is None else clean(location, asked)
        if target is None:
            return None
        asked = target
    return None


def _nearest(files: Mapping[str, Path], url: str, stamp: str) -> tuple[int, str, Headers, bytes] | None:
    """(status, moment, headers, payload) of the nearest capture of *url* that is an answer or a redirect."""
    known = [(when, ref) for name, path in files.items() for when, ref in _lines(name, path, url)]

    def fetch(place: WarcRef) -> Record:
        if place.file not in files:
            raise DamagedError(f"{place.file}: a revisit refers to it, and it is not there")
        return record_at(files[place.file], place)

    for when, ref in sorted(known, key=lambda capture: (abs(int(capture[0]) - int(stamp)), capture[0])):
        record = fetch(ref)
        if record.kind == "revisit" and record.fields.get("warc-profile") == NOT_MODIFIED:
            record = fetch(referred(record))
        if "warc-truncated" not in record.fields and record.kind in {"response", "revisit"}:
            status, headers, payload = answer_of(record, fetch)
            return status, when, headers, payload
    return None


def _lines(name: str, warc: Path, url: str) -> Iterator[tuple[str, WarcRef]]:
    """(moment, place) of each answer to *url* in the index of *warc*, which is called *name*, that may show it."""
    index = warc.with_name(cdxj_name(warc.name))
    if not index.is_file() or index.stat().st_size == 0:
        return
    key = cdxj.surt(url).replace(" ", "%20").encode("utf-8", "replace") + b" "
    with index.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = _first(data, key)
        while at < len(data) and data[at : at + len(key)] == key:
            end = data.find(b"\n", at)
            end = len(data) if end < 0 else end
            _, stamp, fields = data[at:end].split(b" ", 2)
            values = orjson.loads(fields)
            if values["url"] == url and values["status"] in _SHOWS:
                yield stamp.decode(), WarcRef(name, int(values["offset"]), int(values["length"]), "", "")
            at = end + 1


def _first(data: mmap.mmap, key: bytes) -> int:
    """Where the first line of the sorted *data* begins that is not below *key*."""
    low, high = 0, len(data)
    while low < high:
        middle = (low + high) // 2
        begin = data.rfind(b"\n", 0, middle) + 1
        end = data.find(b"\n", middle)
        end = len(data) if end < 0 else end + 1
        if data[begin : begin + len(key)] < key:
            low = end
        else:
            high = begin
    return low
