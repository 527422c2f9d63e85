"""`citynews seal`: seals past months.

The files of lines of a month become sealed files with the same content, and one run file, the manifest, gathers what
all runs said of that month: each range with its sha256, of the lines (over the content, not over the packed bytes), of
the WARC files and of their CDXJ. It is a link of the chain of runs, and holds the sha256 of the manifest before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.archive.records.jsonl import Json
from crawler.archive.runs import ranges as claims
from crawler.archive.runs import run_file
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.files import range_sha256
from crawler.archive.storage.layout import Paths
from crawler.archive.write import recovery, reindex
from crawler.archive.write.transaction import FileTransaction

WAIT = timedelta(days=2)  #: so long after its end a month may still be written: a run over midnight, a clock put right


@dataclass(slots=True)
class SealSummary:
    """What was done: the run, the months, and how many bytes their lines took before and take now."""

    run: str | None = None
    months: list[str] = field(default_factory=list)
    files: int = 0
    before: int = 0
    after: int = 0


def seal(paths: Paths, now: datetime) -> SealSummary:
    """Seals the months that ended two days before *now* or more. Only for who holds the lock.

    Raises DamagedError where a file is not what runs say of it: damage is not sealed in. Raises StorageError.
    """
    index = recovery.recover(paths)
    try:
        chain = list(run_file.finished(paths))
        finished = [run for run, _ in chain]
        known = claims.of(finished)
        due = [path for path in paths.stream_files() if not month_file.is_sealed(path) and _is_past(path, now)]
        due = [path for path in due if path.stat().st_size]
        if not due:
            return SealSummary()
        with FileTransaction(paths, reindex.read_head(index), "seal") as change:
            done = SealSummary(change.run, sorted({path.stem for path in due}))
            files = [_file(paths, change, known, path, done) for path in due]
            manifest = [_month(known, finished, month) for month in done.months]
            head = change.commit(files, {"manifest": manifest, "manifest_before": _before(chain)})
        reindex.seal(index, files, head)
        index.commit()
        return done
    finally:
        index.close()


def _is_past(path: Path, now: datetime) -> bool:
    year, month = map(int, path.stem.split("-"))
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return end + WAIT <= now


def _file(paths: Paths, change: FileTransaction, known: claims.FileRanges, path: Path, done: SealSummary) -> Json:
    """Packs one file; returns what the run file says of it."""
    name = paths.relative(path)
    for byte_range in known.ranges.get(name, []):
        if range_sha256(path, byte_range["start"], byte_range["end"]) != byte_range["sha256"]:
            raise DamagedError(
                f"{name}: bytes {byte_range['start']} to {byte_range['end']} are not the bytes that were written"
            )
    size = path.stat().st_size
    if known.end(name) != size:
        raise DamagedError(f"{name}: {size} bytes, of which runs wrote {known.end(name)}; see `citynews verify`")
    packed = change.new(f"{name}.gz")
    sha256 = month_file.seal(path, packed)
    change.drop(name)
    length = packed.stat().st_size
    done.files, done.before, done.after = done.files + 1, done.before + size, done.after + length
    sealed = {"path": f"{name}.gz", "size": length, "sha256": range_sha256(packed, 0, length)}
    return {"path": name, "start": 0, "end": size, "sha256": sha256, "whole": True, "sealed": sealed}


def _month(known: claims.FileRanges, finished: list[Json], month: str) -> Json:
    """What runs said of *month*: every range of its lines, and its WARC files."""
    wrote = {(entry["path"], entry["start"], entry["end"]): run["run"] for run in finished for entry in run["files"]}
    ranges = [
        {"run": wrote[path, claim["start"], claim["end"]]} | claim
        for path, found in sorted(known.ranges.items())
        if path.endswith(f"/{month}.jsonl") or path.startswith(f"warc/{month}/")
        for claim in found
    ]
    return {"month": month, "ranges": ranges}


def _before(chain: list[tuple[Json, str]]) -> Json | None:
    """The manifest before this one."""
    found = ({"run": run["run"], "sha256": sha256} for run, sha256 in reversed(chain) if run["kind"] == "seal")
    return next(found, None)
