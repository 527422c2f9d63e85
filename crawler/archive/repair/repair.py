"""The repair of an archive, from the findings to the run file."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive import change as changes
from crawler.archive import content, recovery
from crawler.archive.change import Change
from crawler.archive.claims import Claims
from crawler.archive.lines import Json
from crawler.archive.paths import OPEN, STREAMS, Paths
from crawler.archive.repair import links as chain_links
from crawler.archive.repair import losses, months, warcs
from crawler.archive.repair.book import Book
from crawler.archive.repair.links import Links
from crawler.archive.verify import Findings, examine, owners, silent, verify
from crawler.archive.verify.notes import Notes

#: A WARC file or its CDXJ, under the name of a run.
_WRITTEN = re.compile(r"warc/\d{4}-\d\d/(\d{8}T\d{6}Z-[0-9a-f]{6})-\d{5}\.(?:warc\.gz(?:\.open)?|cdxj)")
#: Makes lines again: the book, the WARC files by name, the sequences whose lines are missing, a folder to work in;
#: returns lines by their sha256.
Remake = Callable[[Book, Mapping[str, Path], Iterable[int], Path], dict[str, bytes]]


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


class _Work:
    """A repair under way."""

    def __init__(self, paths: Paths, links: Links, change: Change, done: Repaired) -> None:
        self.paths, self.links, self.change, self.done = paths, links, change, done
        self.chain = links.chain()
        self.claims: Claims = self.chain.claims
        self.now: dict[str, Path] = {}  #: path -> where its new content is prepared
        self.gone: set[str] = set()
        self.lost_places: list[Json] = []
        self.orphans: list[str] = []  #: runs of which there are WARC files, but no link of the chain

    def place(self, path: str) -> str:
        return f"quarantine/{self.change.run}/{path}"

    def aside(self, path: str) -> None:
        """Moves the file *path* into the quarantine."""
        self.change.aside(path, self.place(path))

    def claim_of(self, path: str) -> Json | None:
        """What runs say of the whole file *path*, where one range is all of it."""
        found = self.claims.ranges.get(path, [])
        return found[0] if len(found) == 1 else None


def repair(paths: Paths, remake: Remake, *, dry_run: bool = False) -> Repaired:
    """Repairs the archive. *dry_run*: only says what would be done. Only for who holds the lock.

    Raises StorageError, and DamagedError where not even the files can be listed.
    """
    if changes.resume(paths):
        recovery.recover(paths).close()
    links = chain_links.read(paths)
    if not links.broken and not links.misplaced and not dry_run:
        recovery.finish_dead(paths)
        links = chain_links.read(paths)
    before = verify(paths)
    done = Repaired(damage=len(before.damage))
    if not before.damage and not links.broken and not links.misplaced:
        return done
    change = Change(paths, links.head, "repair")
    try:
        work = _Work(paths, links, change, done)
        files = _prepare(work, remake)
        summary = {"exit_code": 0, "quarantine": done.quarantine, "lost": done.lost, "repaired": _counts(done)}
        if dry_run:
            change.give_up()
            return done
        done.run = change.run
        change.commit(files, summary)
    except BaseException:
        if not paths.run_marker(change.run).exists():
            change.give_up()
        raise
    recovery.recover(paths).close()
    return done


def _counts(done: Repaired) -> Json:
    return {
        "findings": done.damage,
        "rewritten": done.rewritten,
        "restored": done.restored,
        "lines_made_again": done.lines_made_again,
        "lines_unproved": done.lines_unproved,
    }


def _prepare(work: _Work, remake: Remake) -> list[Json]:
    """Prepares every new file; returns the claims of the run file."""
    _links(work)
    work.chain.sizes = owners.sizes(work.paths)
    scratch = work.change.folder / "work"
    scratch.mkdir(parents=True, exist_ok=True)
    findings, notes = Findings(), Notes(scratch / "notes.sqlite3")
    examine(work.paths, work.chain, notes, findings, (), 1, silent)
    notes.close()
    damaged = {each.file for each in findings.damage}
    damaged |= {work.paths.relative(path) for path in work.paths.warc_files() if path.name.endswith(OPEN)}
    _strays(work, damaged)
    files = _warcs(work, damaged, scratch)
    book = _months(work, damaged, files, remake, scratch)
    work.done.lost = losses.find(work, files, book, scratch)
    orphans = [{"number": None, "link": None, "run": run} for run in work.orphans]
    work.done.lost |= {"runs": [*work.links.lost(), *orphans], "places": work.lost_places}
    if any((work.change.folder / "quarantine").glob("**/*")) or work.change.puts_aside:
        work.done.quarantine = work.place("").rstrip("/")
    found = _claims(work)
    book.close()
    shutil.rmtree(scratch)
    return found


def _links(work: _Work) -> None:
    for path, data in work.links.misplaced.items():
        name = work.paths.relative(path)
        if path.exists():
            work.aside(name)
        work.change.write(name, data)
        if path.exists():
            work.aside(name)
        work.done.restored.append(name)
    for path in work.links.broken:
        work.aside(work.paths.relative(path))


def _strays(work: _Work, damaged: set[str]) -> None:
    """Files that belong to nobody go to the quarantine; those of a run whose file is lost stay."""
    known = work.claims.ranges.keys()
    orphans: set[str] = set()
    for path in work.chain.sizes:
        name = work.paths.relative(path)
        logical = work.paths.logical(path) if content.is_sealed(path) else name
        if logical in known or name not in damaged:
            continue
        if owners.is_month(path, work.paths) and not content.is_sealed(path):
            continue  # its lines may be right, of a run whose file is lost
        if written := _WRITTEN.fullmatch(name):
            orphans.add(written[1])
            continue
        work.aside(name)
        damaged.discard(name)
    named = {link["link"]["run"] for link in work.links.lost() if link["link"]}
    unfinished = {path.name.partition(".")[0] for path in work.paths.runs.glob(f"*{OPEN}")}
    work.orphans = sorted(orphans - named - unfinished)


def _warcs(work: _Work, damaged: set[str], scratch: Path) -> dict[str, Path]:
    """Mends the damaged WARC files and makes their CDXJ again; returns name -> path of all there will be."""
    files = {path.relative_to(work.paths.warc).as_posix(): path for path in work.paths.warc_files()}
    files = {name: path for name, path in files.items() if f"warc/{name}" not in work.change.dropped}
    claimed = {name.removeprefix("warc/") for name in work.claims.ranges if name.endswith(".warc.gz")}
    broken = {each for each in files.keys() | claimed if f"warc/{each}" in damaged}
    if broken:
        book = Book(scratch / "anchors.sqlite3")
        for path in files.values():
            book.read_warc(path)
        book.read_lines(work.paths.stream_files())
        for name in broken:
            _cdxj_of(work, book, name)
        book.index_anchors()
        swapped = dict(files)
        for name in sorted(broken):
            _warc(work, book, name, swapped, files)
        book.close()
    for name, path in sorted(files.items()):
        listed = f"warc/{name.removesuffix('.warc.gz')}.cdxj"
        if listed in damaged or name in broken or not (work.paths.root / listed).exists():
            warcs.index(work.change, name, path)
            _settle(work, listed)
    return files


def _cdxj_of(work: _Work, book: Book, name: str) -> None:
    """Reads the CDXJ of *name*, if it is what was written."""
    listed = f"warc/{name.removesuffix('.warc.gz')}.cdxj"
    path, claim = work.paths.root / listed, work.claim_of(listed)
    if path.is_file() and claim is not None and warcs.same(path, claim):
        book.read_cdxj(path, name)


def _warc(work: _Work, book: Book, name: str, sources: dict[str, Path], files: dict[str, Path]) -> None:
    final = name.removesuffix(OPEN)
    path, claim = f"warc/{final}", work.claim_of(f"warc/{final}")
    source = next((each for each in sources.values() if claim and warcs.same(each, claim)), sources.get(name))
    made = warcs.mend(work.change, book, final, source, claim) if source is not None else None
    files.pop(name, None)
    if made is None:
        work.lost_places += [{"file": final, "offset": o, "length": n, "url": url} for o, n, url in book.stood(final)]
        for each in (path, f"{path.removesuffix('.warc.gz')}.cdxj"):
            if (work.paths.root / each).exists():
                work.aside(each)
            work.gone.add(each)
        return
    if name != final:
        work.change.drop(f"warc/{name}")
    work.lost_places += made.lost
    files[final] = work.change.folder / path
    _settle(work, path)


def _months(
    work: _Work, damaged: set[str], files: Mapping[str, Path], remake: Remake, scratch: Path
) -> Book:  # fmt: skip
    """Puts the damaged month files together again."""
    book = Book(scratch / "book.sqlite3")
    for path in files.values():
        book.read_warc(path)
    months_now = {work.paths.logical(path): path for path in work.paths.stream_files()}
    for path in months_now.values():
        months.note(book, path)
    book.hold()
    known = set(work.chain.known.lines)
    todo = {name for name in damaged if name.partition("/")[0] in STREAMS} | (book.lacking(known) if files else set())
    missing = [each for name in sorted(todo) for each in book.promises(name) if book.where(each[1]) is None]
    missing = [each for each in missing if each[1] not in known]
    made = remake(book, files, [sequence for sequence, _, _ in missing], scratch) if missing else {}
    lossy = bool(work.lost_places) or bool(work.links.lost() or work.orphans) or bool(work.chain.known.undecided)
    for name in sorted(todo):
        path = months_now.get(name, work.paths.root / name)
        month = months.make(book, name, path, made, decided=bool(files), lossy=lossy)
        _month(work, month, path)
    return book


def _month(work: _Work, month: months.Month, path: Path) -> None:
    work.done.lines_made_again += month.again
    work.done.lines_unproved += month.unproved
    if month.broken:
        work.change.write(f"{work.place(month.path)}.lines", b"".join(month.broken))
    sealed = month.path in work.claims.packed
    if not month.kept:
        if path.exists():
            work.aside(work.paths.relative(path))
        work.gone.add(month.path)
        return
    if not sealed:
        work.change.write(month.path, b"".join(month.kept))
        if content.is_sealed(path):
            work.aside(work.paths.relative(path))
        _settle(work, month.path)
        return
    plain = work.change.folder / "work" / "plain.jsonl"
    plain.write_bytes(b"".join(month.kept))
    content.seal(plain, work.change.new(f"{month.path}.gz"))
    if path.exists() and not content.is_sealed(path):
        work.aside(work.paths.relative(path))
    _settle(work, month.path)


def _settle(work: _Work, path: str) -> None:
    """Notes that *path* has new content; forgets it where that is what lies there already."""
    new = work.change.folder / (f"{path}.gz" if path in work.claims.packed else path)
    work.now[path] = new
    work.done.rewritten.append(path)
    ranges = work.claims.ranges.get(path, [])
    if ranges and content.size(new) == ranges[-1]["end"]:
        exact = all(content.range_sha256(new, each["start"], each["end"]) == each["sha256"] for each in ranges)
        packed = work.claims.packed.get(path)
        if exact and _contiguous(ranges) and (packed is None or _packed(new) == (packed["size"], packed["sha256"])):
            work.done.restored.append(path)


def _packed(path: Path) -> tuple[int, str]:
    size = path.stat().st_size
    return size, content.file_sha256(path)


def _contiguous(ranges: list[Json]) -> bool:
    ends = [0, *(each["end"] for each in ranges)]
    return all(each["start"] == end for each, end in zip(ranges, ends, strict=False))


def _claims(work: _Work) -> list[Json]:
    """What the run file says: every file that is not as runs before said, and every one they no longer cover."""
    found = [{"path": path, "start": 0, "end": 0, "sha256": "", "gone": True} for path in sorted(work.gone)]
    restored = set(work.done.restored)
    for path, new in sorted(work.now.items()):
        if path not in restored:
            found.append(_whole(work, path, new))
    for file in sorted(work.chain.sizes):
        path = work.paths.logical(file) if content.is_sealed(file) else work.paths.relative(file)
        ranges = work.claims.ranges.get(path, [])
        if path in work.now or path in work.gone or path in work.change.dropped or not file.exists():
            continue
        if not ranges or not _contiguous(ranges):
            found.append(_whole(work, path, file))
    return found


def _whole(work: _Work, path: str, file: Path) -> Json:
    size = content.size(file)
    claim: Json = {"path": path, "start": 0, "end": size, "sha256": content.range_sha256(file, 0, size), "whole": True}
    if content.is_sealed(file):
        length, sha256 = _packed(file)
        claim["sealed"] = {"path": f"{path}.gz", "size": length, "sha256": sha256}
    return claim
