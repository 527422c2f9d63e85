"""A repair in progress: what is prepared, what is lost, and what its run file will record."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.runs.ranges import FileRanges
from crawler.archive.storage import month_file
from crawler.archive.storage.layout import Paths
from crawler.archive.write.transaction import FileTransaction
from crawler.maintenance.repair.run_chain import RunFiles


@dataclass(slots=True)
class Repaired:
    """What a repair did, or would do."""

    damage: int = 0  #: findings before
    run: str | None = None  #: None: there was nothing to do, or nothing was done
    quarantine: str | None = None  #: folder, relative to the archive
    rewritten: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)  #: those among them that are again, to the byte, what was written
    lines_made_again: int = 0
    lines_unproved: int = 0  #: kept though their decision is lost
    lost: Json = field(default_factory=dict)  #: runs, lines, records, decisions


class RepairPlan:
    """A repair under way."""

    def __init__(self, paths: Paths, links: RunFiles, change: FileTransaction, done: Repaired) -> None:
        self.paths, self.links, self.change, self.done = paths, links, change, done
        self.chain = links.chain()
        self.claims: FileRanges = self.chain.claims
        self.now: dict[str, Path] = {}  #: path -> where its new content is prepared
        self.gone: set[str] = set()
        self.lost_places: list[Json] = []
        self.orphans: list[str] = []  #: runs of which there are WARC files, but no link of the chain

    def place(self, path: str) -> str:
        return f"quarantine/{self.change.run}/{path}"

    def quarantine(self, path: str) -> None:
        """Moves the file *path* into the quarantine."""
        self.change.keep_as(path, self.place(path))

    def claim_of(self, path: str) -> Json | None:
        """What runs say of the whole file *path*, where one range is all of it."""
        found = self.claims.ranges.get(path, [])
        return found[0] if len(found) == 1 else None


def settle(work: RepairPlan, path: str) -> None:
    """Notes that *path* has new content; forgets it where that is what lies there already."""
    new = work.change.folder / (f"{path}.gz" if path in work.claims.packed else path)
    work.now[path] = new
    work.done.rewritten.append(path)
    ranges = work.claims.ranges.get(path, [])
    if ranges and month_file.size(new) == ranges[-1]["end"]:
        exact = all(
            month_file.range_sha256(new, byte_range["start"], byte_range["end"]) == byte_range["sha256"]
            for byte_range in ranges
        )
        packed = work.claims.packed.get(path)
        if exact and _contiguous(ranges) and (packed is None or _packed(new) == (packed["size"], packed["sha256"])):
            work.done.restored.append(path)


def _packed(path: Path) -> tuple[int, str]:
    size = path.stat().st_size
    return size, month_file.file_sha256(path)


def _contiguous(ranges: list[Json]) -> bool:
    ends = [0, *(byte_range["end"] for byte_range in ranges)]
    return all(byte_range["start"] == end for byte_range, end in zip(ranges, ends, strict=False))


def claims(work: RepairPlan) -> list[Json]:
    """What the run file says: every file that is not as runs before said, and every one they no longer cover."""
    found = [{"path": path, "start": 0, "end": 0, "sha256": "", "gone": True} for path in sorted(work.gone)]
    restored = set(work.done.restored)
    for path, new in sorted(work.now.items()):
        if path not in restored:
            found.append(_whole(path, new))
    for file in sorted(work.chain.sizes):
        path = work.paths.logical(file) if month_file.is_sealed(file) else work.paths.relative(file)
        ranges = work.claims.ranges.get(path, [])
        if path in work.now or path in work.gone or path in work.change.dropped or not file.exists():
            continue
        if not ranges or not _contiguous(ranges):
            found.append(_whole(path, file))
    return found


def _whole(path: str, file: Path) -> Json:
    size = month_file.size(file)
    claim: Json = {
        "path": path,
        "start": 0,
        "end": size,
        "sha256": month_file.range_sha256(file, 0, size),
        "whole": True,
    }
    if month_file.is_sealed(file):
        length, sha256 = _packed(file)
        claim["sealed"] = {"path": f"{path}.gz", "size": length, "sha256": sha256}
    return claim
