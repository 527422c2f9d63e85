"""The exchanges of a record, read back from WARC files: the bytes from which it was extracted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.read.sources import SourceError, expand, name_of
from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths, run_of
from crawler.archive.warc import third_party
from crawler.archive.warc.http import Headers
from crawler.archive.warc.record import Record, digest, record_at, records
from crawler.archive.warc.revisit import answer_of
from crawler.article import Role, WarcRef
from crawler.values.coding import CodingError, decode


@dataclass(frozen=True, slots=True)
class Captured:
    """One exchange that a record was read from."""

    role: Role  #: page, next (a further page of the article) or counter
    url: str  #: that answered
    fetched_at: str  #: UTC, ISO 8601
    record_id: str
    file: str  #: relative to warc/
    offset: int  #: bytes
    status: int
    headers: tuple[tuple[str, str], ...]  #: in order, repeated ones too
    payload: bytes  #: as sent: still content-encoded
    request: bytes | None  #: head and body of the request, where it is archived

    @property
    def body(self) -> bytes:
        """The payload with its content coding undone. Raises DamagedError where it is not what its coding says."""
        return uncoded(self.payload, self.headers, self.url)


@dataclass(frozen=True, slots=True)
class ArchivedResponse:
    """What a server answered: the body is still content-encoded."""

    url: str
    status: int
    headers: Headers
    payload: bytes


def uncoded(payload: bytes, headers: Headers, url: str) -> bytes:
    """*payload* with the content coding undone that *headers* say. Raises DamagedError where it does not hold."""
    coding = next((value for name, value in headers if name.lower() == "content-encoding"), None)
    try:
        return decode(payload, coding)
    except CodingError as error:
        raise DamagedError(f"{url}: {error}") from error


def locate(paths: Paths, sources: Sequence[Path], folder: Path) -> dict[str, Path]:
    """Name relative to warc/ -> path, of the archive's own WARC files and of those it was replayed from.

    *sources*: where those lie now that are not where the run files say. Those of WACZ packages are unpacked below
    *folder*. Raises DamagedError for a package that cannot be read.
    """
    named = [Path(source) for run, _ in run_file.finished(paths) for source in run.get("sources", [])]
    found: list[Path] = []
    for place in dict.fromkeys([*named, *sources]):
        try:
            found += expand(place, folder) if place.exists() else []
        except SourceError as error:
            if sources and place not in sources:
                continue
            raise DamagedError(str(error)) from error
    return {name_of(path): path for path in found} | paths.warc_files()


def captured(files: Mapping[str, Path], record: Json) -> Iterator[Captured]:
    """The exchanges of *record* in the WARC *files*, its first page first. Raises DamagedError for one not there."""
    place = record["warc"]
    if place["file"] not in files:
        raise DamagedError(f"{place['file']}: not among the WARC files of this archive or its sources")
    notes = {note["record_id"]: note for note in record["captures"]}
    native = third_party.is_native(files[place["file"]])
    found: dict[str, Captured] = {}
    for capture in _own(files, place, notes) if native else _others(files, place, notes):
        found.setdefault(capture.record_id, capture)
        if len(found) == len(notes):
            break
    for ident, note in notes.items():
        if ident not in found:
            raise DamagedError(f"{place['file']}: no record {ident} from offset {place['offset']} on ({note['url']})")
        yield found[ident]


def read_answer(paths: Paths, ref: WarcRef) -> ArchivedResponse | None:
    """The answer at *ref*; None where it cannot be had, since a crawl can ask for the page again."""

    def fetch(place: WarcRef) -> Record:
        return record_at(paths.warc_file(place.file), place)

    try:
        record = fetch(ref)
        status, headers, payload = answer_of(record, fetch)
    except (OSError, DamagedError):
        return None
    return ArchivedResponse(record.target, status, headers, payload) if digest(payload) == ref.payload_digest else None


def _own(files: Mapping[str, Path], place: Json, notes: Mapping[str, Json]) -> Iterator[Captured]:
    """Those of *notes* from *place* on: what a visit captured lies behind its first page, maybe a file later."""
    run = run_of(place["file"])
    later = sorted(file for file in files if run_of(file) == run and file > place["file"])
    begin = place["offset"]
    for file in (place["file"], *later):
        held: Record | None = None
        for record in records(files[file], begin):
            if held is not None:
                answers = record.kind == "request" and record.fields.get("warc-concurrent-to") == held.record_id
                yield _of(files, notes[held.record_id], file, held, record.block if answers else None)
            held = record if record.record_id in notes else None
        if held is not None:
            yield _of(files, notes[held.record_id], file, held, None)
        begin = 0


def _of(files: Mapping[str, Path], note: Json, file: str, record: Record, request: bytes | None) -> Captured:
    status, headers, payload = answer_of(record, lambda ref: _at(files, ref))
    return Captured(**note, file=file, offset=record.offset, status=status, headers=headers, payload=payload,
                    request=request)  # fmt: skip


def _at(files: Mapping[str, Path], ref: WarcRef) -> Record:
    if ref.file not in files:
        raise DamagedError(f"{ref.file}: a revisit refers to it, and it is not there")
    return record_at(files[ref.file], ref)


def _others(files: Mapping[str, Path], place: Json, notes: Mapping[str, Json]) -> Iterator[Captured]:
    """Those of *notes* in files of other tools, where a visit's captures may lie anywhere."""
    first = third_party.response_at(files[place["file"]], place["offset"])
    yield _foreign(notes, place["file"], first)
    for file, path in files.items():
        for response in third_party.responses(path, lambda _: None):  # what is lost is said below
            if response.record_id in notes:
                yield _foreign(notes, file, response)


def _foreign(notes: Mapping[str, Json], file: str, response: third_party.Response) -> Captured:
    return Captured(
        **notes[response.record_id], file=file, offset=response.offset, status=response.status,
        headers=response.headers, payload=response.payload, request=None,
    )  # fmt: skip
