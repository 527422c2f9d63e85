"""The intact parts of a damaged WARC file, and the original position of each record.

Every record is a gzip member of its own, so that reading can begin again behind a damage. Lines, decisions and revisits
name records by their offset: an intact record must stand where it stood, whatever became of those before it.
"""

from __future__ import annotations

import bisect
import mmap
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import orjson

from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.archive.warc.record import GZIP_HEADER, MAX_RECORD, new_record_id, pack, unpack
from crawler.values import clock

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 1 << 16
_WINDOW = 1 << 22
GAP_TYPE = "application/vnd.citynews.gap+json"
SMALLEST = 260  #: bytes that a filler takes at least
LARGEST = 1 << 15  #: bytes of one filler; a larger gap takes several


@dataclass(slots=True)
class Segment:
    """An intact record: where it lies now, and, once that is known, where it stood."""

    begin: int
    length: int
    record_id: str
    companion_of: str | None  #: the answer that it is written right behind
    target: str
    first: bool  #: the warcinfo record, which begins a file
    head_rebuilt: bool = False  #: its first ten bytes were damaged
    place: int | None = None

    @property
    def end(self) -> int:
        return self.begin + self.length


def segments(path: Path) -> list[Segment]:
    """Every intact record of *path*, in the order of the file."""
    if not path.stat().st_size:
        return []
    found = []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        begin = let_go = 0
        while begin >= 0:
            if begin - let_go >= _WINDOW:  # pages of the file that were read would count as memory of ours
                let_go = begin
                data.madvise(mmap.MADV_DONTNEED)
            if (segment := _piece(data, begin)) is not None:
                found.append(segment)
                begin += segment.length
                if begin >= len(data):
                    break
                continue
            begin = data.find(GZIP_HEADER[:3], begin + 1)
    return found


def _piece(data: mmap.mmap, begin: int) -> Segment | None:
    """The record that begins at *begin*; also where only the ten bytes are damaged that begin every member."""
    for head in (b"", GZIP_HEADER):
        unpacker = zlib.decompressobj(_GZIP)
        try:
            parts = [unpacker.decompress(head, MAX_RECORD)] if head else []
            offset = begin + len(head)
            while not unpacker.eof and offset < len(data):
                parts.append(unpacker.decompress(data[offset : offset + _CHUNK], MAX_RECORD))
                offset += _CHUNK
            if unpacker.eof:
                length = min(offset, len(data)) - len(unpacker.unused_data) - begin
                record = unpack(b"".join(parts), begin, length)
                companion_of = record.fields.get("warc-concurrent-to")
                first = record.kind == "warcinfo"
                return Segment(
                    begin, length, record.record_id, companion_of, record.target, first, head_rebuilt=bool(head)
                )
        except (zlib.error, DamagedError):
            continue
    return None


class OffsetLayout:
    """The places of pieces in a file."""

    def __init__(self) -> None:
        self.placed: list[Segment] = []
        self._begins: list[int] = []

    def settle(self, found: list[Segment], anchors: Mapping[str, tuple[int, int]]) -> None:
        """Gives every one of *found* a place: *anchors* says of some records where they stood, and their length."""
        for segment in found:
            place, length = anchors.get(segment.record_id, (-1, 0))
            if place >= 0 and length == segment.length:
                self._put(segment, place)
            elif segment.first:
                self._put(segment, 0)
        by_id = {segment.record_id: segment for segment in found}
        for segment in found:
            answer = by_id.get(segment.companion_of or "")
            if segment.place is None and answer is not None and answer.place is not None:
                self._put(segment, answer.place + answer.length)
        self._beside_neighbours(found)
        self._beside_neighbours(found[::-1])
        for segment in found:
            if segment.place is None:
                self._put(segment, self._slot(segment.length))

    def gaps(self) -> Iterator[tuple[int, int]]:
        """(begin, end) of what is missing between two records."""
        end = 0
        for segment in self.placed:
            assert segment.place is not None
            if segment.place > end:
                yield end, segment.place
            end = segment.place + segment.length

    def target_before(self, place: int) -> str | None:
        """The address of the last record before *place* that has one."""
        found = [segment.target for segment in self.placed if segment.place is not None and segment.place < place]
        return next((target for target in reversed(found) if target.startswith("http")), None)  # no urn of a decision

    @property
    def end(self) -> int:
        last = self.placed[-1] if self.placed else None
        return 0 if last is None or last.place is None else last.place + last.length

    def _beside_neighbours(self, found: list[Segment]) -> None:
        """What lay directly next to a record that has its place again was next to it before."""
        for before, segment in pairwise(found):
            if segment.place is not None or before.place is None:
                continue
            if before.end == segment.begin:
                self._put(segment, before.place + before.length)
            elif segment.end == before.begin:
                self._put(segment, before.place - segment.length)

    def _put(self, segment: Segment, place: int) -> bool:
        """Puts *segment* at *place*, if nothing lies there and what is left on both sides can be filled."""
        if segment.place is not None or place < 0:
            return False
        at = bisect.bisect(self._begins, place)
        before = self.placed[at - 1] if at else None
        floor = before.place + before.length if before is not None and before.place is not None else 0
        ceiling = self._begins[at] if at < len(self._begins) else None
        left = place - floor
        right = None if ceiling is None else ceiling - place - segment.length
        if not self._fillable(left) or (right is not None and not self._fillable(right)):
            return False
        segment.place = place
        self.placed.insert(at, segment)
        self._begins.insert(at, place)
        return True

    @staticmethod
    def _fillable(gap: int) -> bool:
        return gap == 0 or gap >= SMALLEST

    def _slot(self, length: int) -> int:
        """A gap that *length* bytes fill, or leave space for a filler in; else the end of the file."""
        slots = list(self.gaps())
        for begin, end in slots:
            if end - begin == length:
                return begin
        for begin, end in slots:
            if end - begin >= length + SMALLEST:
                return begin
        return self.end


def resized(member: bytes, length: int) -> bytes:
    """*member*, a gzip member of ours, as one of *length* bytes: a comment in its header makes it longer.

    Raises ValueError where it is longer than that already.
    """
    more = length - len(member)
    if more < 0:
        raise ValueError(f"{len(member)} bytes do not fit into {length}")
    if more == 0:
        return member
    return member[:3] + b"\x10" + member[4:10] + b"." * (more - 1) + b"\0" + member[10:]


def filler(length: int, note: Json) -> bytes:
    """Metadata records of *length* bytes in all, at least SMALLEST, which say in *note* what became of the place.

    Where there is too little space for the note, the record is bare.
    """
    made: list[bytes] = []
    block = orjson.dumps(note)
    while length:
        size = length if length < 2 * LARGEST else LARGEST
        member = _metadata(block)
        made.append(resized(member if len(member) <= size else _metadata(b""), size))
        length -= size
    return b"".join(made)


def _metadata(block: bytes) -> bytes:
    return pack("metadata", block, record_id=new_record_id(), date=clock.now(), content_type=GAP_TYPE)
