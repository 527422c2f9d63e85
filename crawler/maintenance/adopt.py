"""`citynews adopt`: replaces the archive's lines by those of a replay.

The lines of an archive that was replayed from this one's WARC files become the lines of this archive; the old ones are
kept in replaced/, listed in the chain of runs. Every visit is decided again over its new lines, in WARC files of this
run, so that verify and replay hold the new lines to be what was decided, and a crawl continues from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from crawler.archive.records import decisions, jsonl
from crawler.archive.records.effective import effective
from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import DecisionRecord
from crawler.archive.runs import run_file
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.scratch import Scratch
from crawler.archive.write import recovery, reindex
from crawler.archive.write.transaction import FileTransaction
from crawler.archive.write.warc_writer import WarcWriter

_TABLES = "CREATE TABLE made (id TEXT, at TEXT, path TEXT, sha256 TEXT, record TEXT);"
_SAME = ("status", "outcome", "reason", "view_count", "view_count_raw", "revision")


class NotAdoptableError(Exception):
    """The other archive cannot take this one's place; says why."""


@dataclass(slots=True)
class Adoption:
    """What was put in place."""

    run: str
    visits: int
    changed: int  #: visits whose lines are not those of before
    replaced: str  #: folder with the old lines, relative to the archive


def adopt(paths: Paths, other: Paths) -> Adoption:
    """Puts the lines of *other* in the place of those of *paths*. Only for who holds the locks of both.

    Raises NotAdoptableError, StorageError, DamagedError.
    """
    index = recovery.recover(paths)
    head = reindex.read_head(index)
    index.close()
    theirs = [run for run, _ in run_file.finished(other)]
    if not theirs or any(run["kind"] not in {"replay", "seal"} for run in theirs):
        raise NotAdoptableError(f"{other.root}: not an archive that was replayed")
    with FileTransaction(paths, head, "adopt") as change:
        replaced = f"replaced/{change.run}"
        kept = _swap(paths, other, change, replaced)
        visits, changed = _decide_again(paths, other, change, _definitions(theirs))
        last = run_file.head(other)
        summary = {
            "exit_code": 0,
            "adopted": {"run": last.run, "sha256": last.sha256, "visits": visits, "changed": changed},
            "aside": kept,
        }
        gone = [paths.logical(p) for p in paths.stream_files() if not (change.folder / paths.logical(p)).exists()]
        claims = [{"path": path, "start": 0, "end": 0, "sha256": "", "gone": True} for path in gone]
        files = sorted(file for file in change.folder.rglob("*") if file.is_file())
        claims += [change.claim(file.relative_to(change.folder).as_posix()) for file in files]
        change.commit(claims, summary)
    recovery.recover(paths).close()
    return Adoption(change.run, visits, changed, replaced)


def _swap(paths: Paths, other: Paths, change: FileTransaction, replaced: str) -> list[Json]:
    """Prepares the month files of *other*, unpacked; returns what is said of those that are replaced."""
    kept = []
    for path in paths.stream_files():
        name = paths.relative(path)
        change.keep_as(name, f"{replaced}/{name}")
        kept.append({"path": f"{replaced}/{name}", "size": path.stat().st_size, "sha256": month_file.file_sha256(path)})
    for path in other.stream_files():
        with change.open(other.logical(path)) as file:
            for chunk in month_file.chunks(path):
                file.write(chunk)
    return kept


def _definitions(replays: list[Json]) -> dict[str, str]:
    """Portal -> the definition that *replays* were given instead of the archived one."""
    found: dict[str, str] = {}
    for name, text in (definition for run in replays for definition in run.get("definitions", {}).items()):
        if found.setdefault(name, text) != text:
            raise NotAdoptableError(f"{name}: its lines were made with different definitions; replay it in one go")
    return found


def _decide_again(paths: Paths, other: Paths, change: FileTransaction, definitions: dict[str, str]) -> tuple[int, int]:
    """Writes each decision again over the lines of *other*; returns how many visits there are, and how many differ.

    The *definitions* that made the lines lie with them, so that a replay of this archive finds them.
    """
    made = Scratch(_TABLES)
    for path in other.stream_files():
        for _, line in jsonl.whole_lines(path):
            record = jsonl.decode(line)
            at = record.get("observed_at") or record["fetched_at"]
            observed = line.decode() if "observed_at" in record else None
            row = (record["id"], at, other.logical(path), jsonl.sha256(line), observed)
            made.execute("INSERT INTO made VALUES (?,?,?,?,?)", row)
    made.execute("CREATE INDEX made_visit ON made (id, at)")
    sink = WarcWriter(Paths(change.folder), change.run, change.start.info() | {"description": "adopted"})
    places = {name: sink.define(name, text) for name, text in sorted(definitions.items())}
    visits = changed = 0
    for old in effective(decisions.of_files(paths.warc_files().values())):
        new = _again(old, made)
        visits += 1
        differs = new["lines"] != old["lines"] or any(dict(new)[name] != dict(old)[name] for name in _SAME)
        changed += differs
        if place := places.get(old["portal"]):
            new |= {"definition": place, "revises": old.get("revises", 0) + 1}
        if differs or place:
            sink.write(decisions.pack_decision(new))
    sink.close()
    made.close()
    for path in sink.whole:
        change.new(path.relative_to(change.folder).as_posix())
    return visits, changed


def _again(old: DecisionRecord, made: Scratch) -> DecisionRecord:
    """The decision *old* over the lines that the other archive has of its visit."""
    query = "SELECT path, sha256, record FROM made WHERE id=? AND at=? ORDER BY record IS NOT NULL"
    found = made.execute(query, (old["id"], old["observed_at"])).fetchall()
    observation = next((jsonl.decode(record.encode()) for _, _, record in found if record), None)
    if observation is None:
        if old["outcome"] == "failed":
            return old
        raise NotAdoptableError(f"visit {old['sequence']} ({old['url']}) was not replayed: every visit must be")
    if observation["url"] != old["url"]:
        raise DamagedError(f"visit {old['sequence']}: {observation['url']}, not {old['url']}")
    says = [{"path": path, "sha256": sha256} for path, sha256, _ in found]
    again = {name: observation[name] for name in _SAME} | {"lines": says, "revises": old.get("revises", 0) + 1}
    return cast(DecisionRecord, dict(old) | again)
