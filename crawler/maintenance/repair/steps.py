"""Rebuilds damaged WARC files and damaged months."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from crawler.archive.storage import month_file
from crawler.archive.storage.layout import STREAMS, cdxj_name, is_open
from crawler.maintenance.repair import month_files, warc_files
from crawler.maintenance.repair.plan import RepairPlan, settle
from crawler.maintenance.repair.record_lookup import RecordLookup

#: Makes lines again: the lookup, the WARC files by name, the sequences whose lines are missing, a folder to work in;
#: returns lines by their sha256.
Rederive = Callable[[RecordLookup, Mapping[str, Path], Iterable[int], Path], dict[str, bytes]]


def repair_warcs(work: RepairPlan, damaged: set[str], scratch: Path) -> dict[str, Path]:
    """Mends the damaged WARC files and makes their CDXJ again; returns name -> path of all there will be."""
    files = {n: p for n, p in work.paths.warc_files().items() if work.paths.relative(p) not in work.change.dropped}
    claimed = {name.removeprefix("warc/") for name in work.claims.ranges if name.endswith(".warc.gz")}
    broken = {file for file in files.keys() | claimed if f"warc/{file}" in damaged}
    if broken:
        lookup = RecordLookup(scratch / "anchors.sqlite3")
        for path in files.values():
            lookup.read_warc(path)
        lookup.read_lines(work.paths.stream_files())
        for name in broken:
            _cdxj_of(work, lookup, name)
        lookup.index_anchors()
        swapped = dict(files)
        for name in sorted(broken):
            _warc(work, lookup, name, swapped, files)
        lookup.close()
    for name, path in sorted(files.items()):
        listed = f"warc/{cdxj_name(name)}"
        if listed in damaged or name in broken or not (work.paths.root / listed).exists():
            warc_files.index(work.change, name, path)
            settle(work, listed)
    return files


def _cdxj_of(work: RepairPlan, lookup: RecordLookup, name: str) -> None:
    """Reads the CDXJ of *name*, if it is what was written."""
    listed = f"warc/{cdxj_name(name)}"
    path, claim = work.paths.root / listed, work.claim_of(listed)
    if path.is_file() and claim is not None and warc_files.same(path, claim):
        lookup.read_cdxj(path, name)


def _warc(work: RepairPlan, lookup: RecordLookup, name: str, sources: dict[str, Path], files: dict[str, Path]) -> None:
    path, claim = f"warc/{name}", work.claim_of(f"warc/{name}")
    source = next(
        (source_file for source_file in sources.values() if claim and warc_files.same(source_file, claim)),
        sources.get(name),
    )
    made = warc_files.rebuild(work.change, lookup, name, source, claim) if source is not None else None
    files.pop(name, None)
    if made is None:
        work.lost_places += [{"file": name, "offset": o, "length": n, "url": url} for o, n, url in lookup.stood(name)]
        for file in (path, cdxj_name(path)):
            if (work.paths.root / file).exists():
                work.quarantine(file)
            work.gone.add(file)
        return
    if name in sources and is_open(sources[name]):
        work.change.drop(work.paths.relative(sources[name]))
    work.lost_places += made.lost
    files[name] = work.change.folder / path
    settle(work, path)


def repair_months(
    work: RepairPlan, damaged: set[str], files: Mapping[str, Path], remake: Rederive, scratch: Path
) -> RecordLookup:  # fmt: skip
    """Puts the damaged month files together again."""
    lookup = RecordLookup(scratch / "lookup.sqlite3")
    for path in files.values():
        lookup.read_warc(path)
    months_now = {work.paths.logical(path): path for path in work.paths.stream_files()}
    for path in months_now.values():
        month_files.note(lookup, path)
    lookup.hold()
    known = set(work.chain.known.lines)
    todo = {name for name in damaged if name.partition("/")[0] in STREAMS} | (lookup.lacking(known) if files else set())
    missing = [
        promise for name in sorted(todo) for promise in lookup.promises(name) if lookup.where(promise[1]) is None
    ]
    missing = [claim for claim in missing if claim[1] not in known]
    made = remake(lookup, files, [sequence for sequence, _, _ in missing], scratch) if missing else {}
    lossy = bool(work.lost_places) or bool(work.links.lost() or work.orphans) or bool(work.chain.known.undecided)
    for name in sorted(todo):
        path = months_now.get(name, work.paths.root / name)
        month = month_files.make(lookup, name, path, made, decided=bool(files), lossy=lossy)
        _month(work, month, path)
    return lookup


def _month(work: RepairPlan, month: month_files.RepairedMonth, path: Path) -> None:
    work.done.lines_made_again += month.again
    work.done.lines_unproved += month.unproved
    if month.broken:
        work.change.write(f"{work.place(month.path)}.lines", b"".join(month.broken))
    sealed = month.path in work.claims.packed
    if not month.kept:
        if path.exists():
            work.quarantine(work.paths.relative(path))
        work.gone.add(month.path)
        return
    if not sealed:
        with work.change.open(month.path) as file:
            file.writelines(month.kept)
        if month_file.is_sealed(path):
            work.quarantine(work.paths.relative(path))
        settle(work, month.path)
        return
    plain = work.change.folder / "work" / "plain.jsonl"
    with plain.open("wb") as file:
        file.writelines(month.kept)
    month_file.seal(plain, work.change.new(f"{month.path}.gz"))
    if path.exists() and not month_file.is_sealed(path):
        work.quarantine(work.paths.relative(path))
    settle(work, month.path)
