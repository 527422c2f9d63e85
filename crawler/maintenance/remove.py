"""`citynews remove`: removes one article permanently.

Its lines become tombstones, the WARC records with what it said become records of the same length that say so, and its
decisions are written again over the tombstones, so that verify, replay and reindex agree on what is there. Visits stay
as observations, which hold nothing of the page. The addresses are never asked for again.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import orjson

from crawler.archive.records import decisions, jsonl, tombstone
from crawler.archive.records.decisions import observation_of
from crawler.archive.records.effective import effective
from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import DecisionRecord
from crawler.archive.runs import ranges, run_file
from crawler.archive.storage import month_file
from crawler.archive.storage.layout import Paths
from crawler.archive.warc.record import Record, pack, records
from crawler.archive.write import recovery, reindex
from crawler.archive.write.transaction import FileTransaction
from crawler.archive.write.warc_writer import WarcWriter
from crawler.article import isoformat, parse_moment
from crawler.maintenance.orphans import Orphans, orphans
from crawler.maintenance.repair import warc_files
from crawler.maintenance.repair.segments import resized
from crawler.values import clock
from crawler.values.urls import article_id

TYPE = "application/vnd.citynews.removal+json"
DIGEST = "WARC-X-Removed-Payload-Digest"  #: the payload digest of the record that stood here
#: Keys of a line that say what it was found to be with respect to another article.
JUDGED = ("similar_to", "duplicate_of", "match", "similarity", "direction")
_KEPT = frozenset({"warcinfo", "request", "metadata"})  #: kinds of records that hold nothing of a page


@dataclass(slots=True)
class Removal:
    """What was taken down."""

    run: str | None = None  #: None: there is nothing with this id, or it was removed before
    id: str = ""
    lines: int = 0
    records: int = 0
    requisites: int = 0  #: addresses of pictures, styles and attachments that no other article names
    urls: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)  #: ids of archived copies at other addresses, which stay
    elsewhere: list[str] = field(default_factory=list)  #: folders that may hold it too, and are not touched


def remove(paths: Paths, ident: str, reason: str) -> Removal:
    """Removes the article *ident*. Only for who holds the lock. Raises StorageError, DamagedError."""
    index = recovery.recover(paths)
    head = reindex.read_head(index)
    index.close()
    done = Removal(id=ident)
    found = _lines(paths, ident, done)
    if not found:
        return done
    ids = {article_id(url) for url in done.urls}
    judged = _judged(paths, ident)
    concerned = _concerned(paths, ident, judged.by_line)
    own = [decision for decision in concerned if decision["id"] == ident]
    used = {place["record_id"] for decision in own for place in decision["captures"]}
    known = ranges.of(run for run, _ in run_file.finished(paths))
    with FileTransaction(paths, head, "remove") as change:
        note = {"schema": "citynews/removal/1", "run": change.run, "id": ident, "reason": reason}
        gone = orphans(paths, ident, used)
        blanked = _blank(paths, change, ids, used, gone, orjson.dumps(note))
        buried = _put_tombstones(paths, change, known, found)
        _decide_again(change, concerned, buried, judged.by_line)
        done.run, done.records, done.requisites = change.run, len(blanked), len(gone.ids)
        removed: Json = {"id": ident, "urls": done.urls, "reason": reason, "at": isoformat(clock.now())}
        removed |= {"lines": [{"path": p, "sha256": old} for p, old in buried.gone], "records": blanked}
        removed["judged"] = dict(sorted(judged.by_id.items()))
        shutil.rmtree(change.folder / "work", ignore_errors=True)
        change.commit(_claims(change), {"exit_code": 0, "removed": removed})
    paths.payloads.unlink(missing_ok=True)  # it may name a payload that is gone
    recovery.recover(paths).close()
    done.elsewhere = [name for name in ("quarantine", "replaced") if (paths.root / name).is_dir()]
    return done


@dataclass(slots=True)
class _Tombstones:
    """Tombstones by the sha256 of the line they stand for."""

    tombs: dict[str, Json] = field(default_factory=dict)
    gone: list[tuple[str, str]] = field(default_factory=list)  #: (path, sha256)


@dataclass(slots=True)
class _Judgements:
    """What was found when others were compared with the article: the keys that say it."""

    by_line: dict[str, Json] = field(default_factory=dict)  #: by the sha256 of their line
    by_id: dict[str, Json] = field(default_factory=dict)


def _judged(paths: Paths, ident: str) -> _Judgements:
    found = _Judgements()
    for path in [*paths.stream_files("duplicates"), *paths.stream_files("articles")]:
        for _, line in jsonl.whole_lines(path):
            if ident.encode() not in line or (record := jsonl.decode(line))["id"] == ident:
                continue
            said = {name: record[name] for name in JUDGED if name in record}
            if any((record.get(name) or {}).get("id") == ident for name in ("duplicate_of", "similar_to")):
                found.by_line[jsonl.sha256(line)] = found.by_id[record["id"]] = said
    return found


def _concerned(paths: Paths, ident: str, judged: dict[str, Json]) -> list[DecisionRecord]:
    """The decisions that hold of the article, and of others that were compared with it."""
    return [
        decision
        for decision in effective(decisions.of_files(paths.warc_files().values()))
        if decision["id"] == ident or any(line["sha256"] in judged for line in decision["lines"])
    ]


def _lines(paths: Paths, ident: str, done: Removal) -> dict[Path, set[int]]:
    """Where the lines stand that hold the article; notes its addresses and its copies."""
    found: defaultdict[Path, set[int]] = defaultdict(set)
    urls: dict[str, None] = {}
    for path in paths.stream_files():
        for offset, line in jsonl.whole_lines(path):
            if ident.encode() not in line:
                continue
            record = jsonl.decode(line)
            if record["id"] != ident:
                if record.get("duplicate_of", {}).get("id") == ident:
                    done.copies.append(record["id"])
            elif "body" in record and not tombstone.is_tombstone(record):
                found[path].add(offset)
                urls |= dict.fromkeys([record["url"], *record["page_urls"]])
                done.lines += 1
    done.urls = list(urls)
    return found


def _blank(
    paths: Paths, change: FileTransaction, ids: set[str], used: set[str], gone: Orphans, note: bytes
) -> list[Json]:  # fmt: skip
    """Prepares the WARC files in which records hold the article, without what they held; returns these."""
    found: list[Json] = []
    for name, path in paths.warc_files().items():
        hit = [
            record for record in records(path) if record.record_id in used or _holds(record, ids) or gone.hold(record)
        ]
        if not hit:
            continue
        new = change.new(f"warc/{name}")
        shutil.copyfile(path, new)
        with new.open("r+b") as file:
            for record in hit:
                file.seek(record.offset)
                file.write(_blanked(record, note))
        warc_files.index(change, name, new)
        found += [{"file": name, "offset": r.offset, "record_id": r.record_id} for r in hit]
    return found


def _holds(record: Record, ids: set[str]) -> bool:
    """Whether *record* holds what one of the addresses with *ids* answered."""
    is_page = record.kind not in _KEPT and record.target.startswith(("http://", "https://"))
    return is_page and article_id(record.target) in ids


def _blanked(record: Record, note: bytes) -> bytes:
    """A record of the same id and length that says that *record* was removed."""
    extra = ((DIGEST, record.fields.get("warc-payload-digest", "")),)
    date = parse_moment(record.fields["warc-date"])
    members = [
        pack("metadata", block, record_id=record.record_id, date=date, content_type=TYPE, extra=extra)
        for block in (note, b"")
    ]
    return resized(next((m for m in members if len(m) <= record.length), members[-1]), record.length)


def _put_tombstones(
    paths: Paths, change: FileTransaction, known: ranges.FileRanges, found: dict[Path, set[int]]
) -> _Tombstones:
    """Prepares the month files with tombstones in the place of lines."""
    buried = _Tombstones()
    for path, offsets in found.items():
        name = paths.logical(path)
        sealed = name in known.packed
        plain = change.folder / "work" / "plain.jsonl" if sealed else change.new(name)
        plain.parent.mkdir(parents=True, exist_ok=True)
        with plain.open("wb") as file:
            for offset, line in jsonl.whole_lines(path):
                if offset not in offsets:
                    file.write(line)
                    continue
                tomb = tombstone.bury(jsonl.decode(line))
                buried.tombs[jsonl.sha256(line)] = tomb
                buried.gone.append((name, jsonl.sha256(line)))
                file.write(jsonl.encode(tomb))
        if sealed:
            month_file.seal(plain, change.new(f"{name}.gz"))
    return buried


def _decide_again(
    change: FileTransaction, concerned: list[DecisionRecord], buried: _Tombstones, judged: dict[str, Json]
) -> None:
    """Writes every decision about the article again, over what stands there now.

    What others were found to be when they were compared with it goes into their decisions: it cannot be found again.
    """
    sink = WarcWriter(Paths(change.folder), change.run, change.start.info() | {"description": "removal"})
    for decision in concerned:
        revises = {"revises": decision.get("revises", 0) + 1}
        if said := next(
            (judged[line_ref["sha256"]] for line_ref in decision["lines"] if line_ref["sha256"] in judged), None
        ):
            sink.write(decisions.pack_decision(cast(DecisionRecord, dict(decision) | revises | {"judged": said})))
            continue
        known = (buried.tombs.get(line_ref["sha256"]) for line_ref in decision["lines"])
        tomb = next((article for article in known if article is not None), None)
        says = []
        for line_ref in decision["lines"]:
            record = tomb if line_ref["path"].partition("/")[0] != "observations" else observation_of(decision)
            says.append(line_ref if record is None else line_ref | {"sha256": jsonl.sha256(jsonl.encode(record))})
        again = revises | {"removed": change.run, "tombstone": tomb, "lines": says}
        sink.write(decisions.pack_decision(cast(DecisionRecord, dict(decision) | again)))
    sink.close()
    for path in sink.whole:
        change.new(path.relative_to(change.folder).as_posix())


def _claims(change: FileTransaction) -> list[Json]:
    """What the run file says of everything that was prepared."""
    found = []
    for file in sorted(path for path in change.folder.rglob("*") if path.is_file()):
        path = file.relative_to(change.folder).as_posix()
        if month_file.is_sealed(file):
            size, length = month_file.size(file), file.stat().st_size
            sealed = {"path": path, "size": length, "sha256": month_file.file_sha256(file)}
            sha256 = month_file.range_sha256(file, 0, size)
            name = path.removesuffix(".gz")
            found.append({"path": name, "start": 0, "end": size, "sha256": sha256, "whole": True, "sealed": sealed})
        else:
            found.append(change.claim(path))
    return found
