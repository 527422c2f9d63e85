"""Compares lines, records and decisions across files, and with what runs record as lost or removed."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.maintenance.verify.cross_index import CrossIndex
from crawler.maintenance.verify.findings import Findings


@dataclass(slots=True)
class KnownLosses:
    """What repairs and removals say in their run files: these are not there, and that is no damage any more."""

    lines: dict[str, str] = field(default_factory=dict)  #: sha256 of a line that is no more -> lost or removed
    records: dict[str, str] = field(default_factory=dict)  #: id of a WARC record -> the same
    undecided: set[str] = field(default_factory=set)  #: sha256 of lines whose decision is lost
    unseen: bool = False  #: a source of this archive is not there: what it holds cannot be looked at
    replayed: list[tuple[str, int, int]] = field(default_factory=list)  #: (file, start, end) that replays wrote

    def take(self, run: Json) -> None:
        """Adds what *run* says."""
        lost = run.get("lost", {})
        self.lines |= {line["sha256"]: "lost" for line in lost.get("lines", [])}
        self.records |= {record["record_id"]: "lost" for record in lost.get("records", [])}
        self.undecided |= {decision["sha256"] for decision in lost.get("decisions", [])}
        if (
            run["kind"] in run_file.DERIVED
        ):  # files of other tools hold no decisions; the digests of the run prove its lines
            self.replayed += [(entry["path"], entry["start"], entry["end"]) for entry in run["files"]]

    def from_replay(self, file: str, offset: int) -> bool:
        """Whether a replay wrote the line of *file* at *offset*."""
        return any(path == file and start <= offset < end for path, start, end in self.replayed)


def compare(notes: CrossIndex, findings: Findings, known: KnownLosses, *, decided: bool, unfinished: set[str]) -> None:
    """Everything that needs more than one file to be seen; with *decided*, decisions against lines as well."""
    _doubled(notes, findings)
    _captures(notes, findings, known)
    if decided:
        _decided(notes, findings, known, unfinished)


def _doubled(notes: CrossIndex, findings: Findings) -> None:
    for table, key, kind, own in (
        ("lines", "key", "line", "true"), ("decisions", "sequence, run, revises", "record", "true"),
        ("records", "record_id", "record", "file LIKE 'warc/%'"),  # what sources hold twice is no damage here
    ):  # fmt: skip
        query = (
            f"SELECT {key.partition(',')[0]}, file, offset FROM {table} WHERE {own} AND ({key}) IN"  # noqa: S608
            f" (SELECT {key} FROM {table} WHERE {own} GROUP BY {key} HAVING count(*) > 1) ORDER BY 1, 2, 3"
        )
        seen = set()
        for what, file, offset in notes.db.execute(query):
            if what in seen:
                shown = f"decision {what}" if table == "decisions" else what
                findings.add(kind, file, offset, f"{shown}: occurs twice")
            seen.add(what)


def _captures(notes: CrossIndex, findings: Findings, known: KnownLosses) -> None:
    notes.db.execute("CREATE INDEX records_id ON records (record_id)")
    query = (
        "SELECT u.file, u.offset, u.record_id, NOT EXISTS (SELECT 1 FROM records r WHERE r.record_id = u.record_id)"
        " FROM uses u WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.record_id = u.record_id"
        " AND (u.place IS NULL OR u.place = r.place)) ORDER BY 1, 2"
    )
    for file, offset, record_id, absent in notes.db.execute(query):
        if absent and (how := known.records.get(record_id)):
            findings.admit(how, file, offset, f"its WARC record {record_id} is {how}")
            continue
        if absent and known.unseen:  # said once, of the source
            continue
        what = "is in no WARC file" if absent else "does not lie where the line says, or with another digest"
        findings.add("missing", file, offset, f"its WARC record {record_id} {what}", record_id)
    query = (
        "SELECT v.file, v.offset, v.record_id, r.record_id IS NULL"
        " FROM revisits v LEFT JOIN records r USING (record_id)"
        " WHERE r.record_id IS NULL OR instr(r.place, v.begin) <> 1"
        " OR substr(r.place, -length(v.digest)) <> v.digest"
        " ORDER BY 1, 2"
    )
    for file, offset, record_id, absent in notes.db.execute(query):
        if absent and (how := known.records.get(record_id)):
            findings.admit(how, file, offset, f"the record {record_id} with its payload is {how}")
        elif not (absent and known.unseen):
            what = f"the record {record_id} with its payload is not where it says"
            findings.add("missing", file, offset, what, record_id)


def _decided(notes: CrossIndex, findings: Findings, known: KnownLosses, unfinished: set[str]) -> None:
    notes.effective()
    notes.db.execute("CREATE INDEX lines_sha256 ON lines (sha256)")
    query = "SELECT file, offset, sha256 FROM lines WHERE sha256 NOT IN (SELECT sha256 FROM holds) ORDER BY 1, 2"
    for file, offset, sha256 in notes.db.execute(query):
        if sha256 not in known.undecided and not known.from_replay(file, offset):
            findings.add("line", file, offset, "no decision in the WARC files says this line", sha256)
    query = (
        "SELECT sequence, file, run, sha256, url FROM holds WHERE sha256 NOT IN (SELECT sha256 FROM lines) ORDER BY 1"
    )
    for sequence, file, run, sha256, url in notes.db.execute(query):
        if how := known.lines.get(sha256):
            findings.admit(how, file, "", f"the line of decision {sequence} is {how}: {url}")
        elif run in unfinished:
            findings.excuse(file, "", f"decision {sequence} has no line yet")
        else:
            findings.add("missing", file, "", f"the line of decision {sequence} is missing", sha256)
