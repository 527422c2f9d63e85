"""Where an address was captured: looked up in the CDXJ files of the WARC files."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import cdxj_name
from crawler.archive.warc import cdxj
from crawler.archive.warc.record import Record, record_at
from crawler.archive.warc.revisit import answer_of
from crawler.article import WarcRef


@dataclass(frozen=True, slots=True)
class Resource:
    """An answer of status 200 to the address *url*."""

    url: str
    fetched_at: str  #: YYYYMMDDhhmmss, UTC
    headers: tuple[tuple[str, str], ...]
    payload: bytes  #: still content-encoded


def nearest(files: Mapping[str, Path], url: str, stamp: str) -> Resource | None:
    """The capture of *url* that is nearest to *stamp* (YYYYMMDDhhmmss, UTC) in the WARC *files*; None without one.

    *files*: name relative to warc/ -> path. Raises DamagedError where the capture is not where its index says.
    """
    known = [
        (abs(int(when) - int(stamp)), when, path, ref)
        for name, path in files.items() for when, ref in _lines(name, path, url)
    ]  # fmt: skip
    if not known:
        return None
    _, when, path, ref = min(known, key=lambda each: (each[0], each[1]))

    def fetch(original: WarcRef) -> Record:
        if original.file not in files:
            raise DamagedError(f"{original.file}: a revisit refers to it, and it is not there")
        return record_at(files[original.file], original)

    _, headers, payload = answer_of(record_at(path, ref), fetch)
    return Resource(url, when, headers, payload)


def _lines(name: str, warc: Path, url: str) -> Iterator[tuple[str, WarcRef]]:
    """(moment, place) of each answer of status 200 to *url* in the index of *warc*, which is called *name*."""
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
            if values["url"] == url and values["status"] == "200":
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
