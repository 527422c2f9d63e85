"""Checks every WARC record by itself, and the CDXJ of each file against its records."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import zip_longest
from pathlib import Path

from crawler.archive.read.sources import SourceError, expand, name_of
from crawler.archive.records import decisions, requisites
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths, cdxj_name, final_name, is_open
from crawler.archive.storage.spool import SortedLines
from crawler.archive.warc import cdxj, conversion, third_party
from crawler.archive.warc.cdxj import Key
from crawler.archive.warc.record import Record, digest, http_parts, intact_records
from crawler.archive.warc.revisit import referred
from crawler.archive.write.warc_writer import INDEXED_TYPES, entry_of, key_of
from crawler.article import WarcRef
from crawler.maintenance.verify import manifest
from crawler.maintenance.verify.cross_index import CrossIndex
from crawler.maintenance.verify.findings import Findings


def locate(
    paths: Paths, named: Sequence[str], sources: Sequence[Path], findings: Findings, folder: Path
) -> dict[str, Path]:
    """Name relative to warc/ -> path, of the archive's own WARC files and of those it was replayed from.

    *named* are the sources that its runs name; *sources*, where given, stand for those that are not there any more.
    Packages are unpacked below *folder*. A source that is not there is one finding.
    """
    found = {}
    for source in dict.fromkeys([*map(Path, named), *sources]):
        try:
            found.update({name_of(path): path for path in expand(source, folder)})
        except SourceError as error:
            if sources and source not in sources:
                continue
            what = f"the source of this replayed archive was not found (give it with --source): {error}"
            findings.add("missing", str(source), "", what)
    return dict(sorted((found | paths.warc_files()).items()))


def check(
    listed: Path, name: str, notes: CrossIndex, findings: Findings, *, root: Path, torn: Collection[str] = ()
) -> None:
    """Every record of the WARC file *name*; one of the archive *root* itself must have its CDXJ."""
    path = listed
    if is_open(path) and not path.exists():  # it has got its final name meanwhile
        path = path.with_name(final_name(path))
    own = path.is_relative_to(root)
    shown = path.relative_to(root).as_posix() if own else str(path)
    if not own and not third_party.is_native(path):
        _foreign(path, name, notes, findings, torn)
        return
    entries = SortedLines()
    gaps: list[str] = []
    key: Key = cdxj.surt
    for record in intact_records(path, gaps.append):
        findings.checked["records"] += 1
        if record.offset == 0:
            key = key_of(record)
        entries.extend(map(cdxj.encoded, check_record(record, name, shown, notes, findings, key)))
    for gap in gaps:
        if is_open(path):
            findings.excuse(shown, "", f"the file is still open: {gap}")
        else:
            findings.add("record", shown, "", gap)
    if own and not gaps and not is_open(path):
        _index(path, shown, entries, findings)


def check_record(
    record: Record, name: str, shown: str, notes: CrossIndex, findings: Findings, key: Key = cdxj.surt
) -> list[str]:
    """Checks one record; returns its CDXJ line, where it has one."""
    block = record.fields.get("warc-block-digest")
    if block is not None and block != digest(record.block):
        findings.add("record", shown, record.offset, "the block does not have its digest")
    entries: list[str] = []
    fields = record.fields
    payload_digest = fields.get("warc-payload-digest") or fields.get("warc-x-removed-payload-digest", "")
    try:
        if record.kind in INDEXED_TYPES:
            entries = [entry_of(record, Path(name).name, key)]
        if record.kind == "response" and payload_digest != digest(http_parts(record.block)[2]):
            findings.add("record", shown, record.offset, "the payload does not have its digest")
        if record.kind == conversion.KIND and payload_digest != digest(record.block):
            findings.add("record", shown, record.offset, "the payload does not have its digest")
        if record.kind == "revisit":
            notes.revisit(referred(record), shown, record.offset)
        decision = decisions.parse(record)
        requisite = requisites.parse(record)
    except DamagedError as error:
        findings.add("record", shown, record.offset, str(error))
        return entries
    notes.record(WarcRef(name, record.offset, record.length, record.record_id, payload_digest), shown)
    if requisite is not None and requisite["schema"] == requisites.ASKED and requisite["warc"] is not None:
        notes.use(WarcRef.of(requisite["warc"]), shown, record.offset)
    if decision is not None:
        notes.decision(decision, shown, record.offset, record.length)
    return entries


def _foreign(path: Path, name: str, notes: CrossIndex, findings: Findings, torn: Collection[str]) -> None:
    """The responses in a file of another tool, which a replayed archive names as its source.

    A source that was torn when it was replayed is no damage of the archive: its run file says so.
    """

    def damaged(what: str) -> None:
        if manifest.without_folder(what) in torn:
            findings.admit("torn", str(path), "", what)
        else:
            findings.add("record", str(path), "", what)

    for response in third_party.responses(path, damaged):
        findings.checked["records"] += 1
        ref = WarcRef(name, response.offset, response.length, response.record_id, response.payload_digest)
        notes.record(ref, str(path))


def _index(path: Path, shown: str, entries: SortedLines, findings: Findings) -> None:
    index = path.with_name(cdxj_name(path.name))
    if not index.is_file():
        findings.add("index", shown, "", "has no CDXJ")
        return
    with index.open("rb") as file:
        same = all(line == entry for line, entry in zip_longest(file, entries))
    if not same:
        findings.add("index", cdxj_name(shown), "", "does not match the WARC file")
