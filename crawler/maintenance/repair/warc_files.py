"""Rebuilds a damaged WARC file: every intact record at its offset, fillers for lost ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.files import range_sha256
from crawler.archive.storage.layout import cdxj_name
from crawler.archive.storage.spool import SortedLines
from crawler.archive.warc import cdxj
from crawler.archive.warc.record import GZIP_HEADER, records
from crawler.archive.write.transaction import FileTransaction
from crawler.archive.write.warc_writer import INDEXED_TYPES, entry_of, key_of
from crawler.maintenance.repair.record_lookup import RecordLookup
from crawler.maintenance.repair.segments import OffsetLayout, Segment, filler, segments


@dataclass(slots=True)
class RepairedWarc:
    """A WARC file made whole."""

    name: str  #: relative to warc/
    kept: int = 0
    exact: bool = False  #: to the byte what a run wrote
    lost: list[Json] = field(default_factory=list)  #: what stood where nothing readable stands: offset, length, url
    broken: int = 0  #: bytes put into quarantine


def rebuild(
    change: FileTransaction, lookup: RecordLookup, name: str, source: Path, claim: Json | None
) -> RepairedWarc | None:
    """Prepares the WARC file *name* from what is intact in *source*; None where nothing is.

    *claim*: what a run says of the whole file. The bytes that are no record go to the quarantine.
    """
    found = _once(segments(source))
    if not found:
        return None
    anchors, unnamed = lookup.anchors(name), lookup.unnamed(name)
    for segment in found:
        if segment.record_id not in anchors and (offset := unnamed.get((segment.target, segment.length))) is not None:
            anchors[segment.record_id] = (offset, segment.length)
    layout = OffsetLayout()
    layout.settle(found, anchors)
    warc = RepairedWarc(name, kept=len(found))
    warc.broken = _quarantine(change, name, source, found)
    for canonical in (False, True):  # a bit in a member's head may be wrong without any reader noticing
        sha256 = _write(change, f"warc/{name}", source, layout, canonical=canonical)
        if claim is not None and sha256 == claim["sha256"]:
            warc.exact = True
            return warc
    _write(change, f"warc/{name}", source, layout, canonical=False)
    warc.lost = _lost(lookup, name, layout, claim["end"] if claim is not None else 0)
    return warc


def index(change: FileTransaction, name: str, path: Path) -> None:
    """Prepares the CDXJ of the WARC file *name*, which lies at *path*. Raises DamagedError."""
    short = name.rpartition("/")[2]
    entries = SortedLines()
    key: cdxj.Key = cdxj.surt
    for record in records(path):
        if record.offset == 0:
            key = key_of(record)
        if record.kind in INDEXED_TYPES:
            entries.extend([cdxj.encoded(entry_of(record, short, key))])
    with change.open(f"warc/{cdxj_name(name)}") as file:
        file.writelines(entries)


def is_whole(path: Path) -> bool:
    """Whether every record of *path* can be read."""
    try:
        for _ in records(path):
            pass
    except DamagedError:
        return False
    return True


def same(path: Path, claim: Json) -> bool:
    """Whether *path* is to the byte what *claim* says of a whole file."""
    size = path.stat().st_size
    return bool(claim["start"] == 0 and claim["end"] == size and claim["sha256"] == range_sha256(path, 0, size))


def _lost(lookup: RecordLookup, name: str, layout: OffsetLayout, size: int) -> list[Json]:
    """What stood where nothing readable stands. Of what nothing names, the address that stands before it."""
    holes = [*layout.gaps(), *([(layout.end, size)] if size > layout.end else [])]
    named = lookup.stood(name)
    found: list[Json] = []
    for begin, end in holes:
        inside = [place for place in named if begin <= place[0] < end]
        found += [{"file": name, "offset": offset, "length": length, "url": url} for offset, length, url in inside]
        if not inside:
            before = layout.target_before(begin)
            found.append({"file": name, "offset": begin, "length": end - begin, "url": None, "beside": before})
    return found


def _once(found: list[Segment]) -> list[Segment]:
    """*found* without records that stand twice."""
    seen: set[str] = set()
    kept = []
    for segment in found:
        if segment.record_id not in seen:
            kept.append(segment)
        seen.add(segment.record_id)
    return kept


def _quarantine(change: FileTransaction, name: str, source: Path, found: list[Segment]) -> int:
    """Copies every byte of *source* that is in none of *found*; returns how many."""
    size, end, count = source.stat().st_size, 0, 0
    with source.open("rb") as file:
        for begin, after in [*((segment.begin, segment.end) for segment in found), (size, size)]:
            if begin > end:
                file.seek(end)
                change.write(f"quarantine/{change.run}/warc/{name}.{end}-{begin}", file.read(begin - end))
                count += begin - end
            end = max(end, after)
    return count


def _write(change: FileTransaction, path: str, source: Path, layout: OffsetLayout, *, canonical: bool) -> str:
    """Writes the file; returns its sha256."""
    note = {"schema": "citynews/gap/1", "run": change.run, "quarantine": f"quarantine/{change.run}/"}
    digest = hashlib.sha256()
    gaps = dict(layout.gaps())
    with source.open("rb") as file, change.open(path) as target:
        end = 0
        for segment in layout.placed:
            if end in gaps:
                data = filler(gaps[end] - end, note)
                digest.update(data)
                target.write(data)
            file.seek(segment.begin)
            data = file.read(segment.length)
            if segment.head_rebuilt or canonical:
                data = GZIP_HEADER + data[len(GZIP_HEADER) :]
            digest.update(data)
            target.write(data)
            assert segment.place is not None
            end = segment.place + segment.length
    return digest.hexdigest()
