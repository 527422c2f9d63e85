"""The sources of a replay: WARC files, folders of them, WACZ packages; and the visits decided in them."""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self, cast

from crawler.archive.read.order import VisitOrder
from crawler.archive.read.sources import SourceError, expand, name_of
from crawler.archive.records import decisions
from crawler.archive.records.jsonl import Json
from crawler.archive.runs import run_file
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.files import range_sha256
from crawler.archive.storage.layout import Paths, final_name, is_open
from crawler.archive.warc import record as warcfile
from crawler.archive.warc import third_party
from crawler.archive.warc.record import Record
from crawler.article import WarcRef
from crawler.assembly import Visit
from crawler.portals import Portal
from crawler.replay.balance import Balance
from crawler.replay.foreign import ForeignFiles
from crawler.replay.places import ImpliedDecision, Place
from crawler.replay.scanning import scan

_MONTH = re.compile(r"\d{4}-\d\d")


@dataclass(slots=True)
class Sources:
    """The WARC files of *paths*, by their final name. A context manager, since WACZ packages are unpacked meanwhile."""

    paths: tuple[Path, ...]
    files: dict[str, Path] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    others: ForeignFiles = field(default_factory=lambda: ForeignFiles({}, {}))
    balance: Balance = field(default_factory=Balance)
    jobs: int = 1  #: processes that read files of citynews
    natives: dict[str, set[str]] = field(default_factory=dict)  #: name -> folders of the archives it was found in
    _temporary: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="citynews-wacz-")
        folder = Path(self._temporary.name)
        try:
            for path in dict.fromkeys(self.paths):
                for file in expand(path, folder, self.balance.skipped.append, self.damaged.append):
                    self._take(file, path)
            if not self.files:
                raise SourceError(f"{', '.join(map(str, self.paths))}: no WARC file here")
        except SourceError:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()

    def _take(self, file: Path, source: Path) -> None:
        """Files of citynews are known by their own name, which no other has; others by that of their folder too."""
        native = third_party.is_native(file)
        name = final_name(file) if native else name_of(file)
        before = self.files.get(name)
        if before is not None and before.resolve() != file.resolve():
            longer = _longer(before, file) if native else None
            if longer is None:
                advice = "these are not copies of one" if native else "copy one into a folder of another name"
                raise SourceError(f"{before}, {file}: lines name both {name}; {advice}")
            file, self.files[name] = longer, longer
        else:
            self.files[name] = file
        if native:
            self.natives.setdefault(name, set()).add(_folder_of(file, source))

    def visits(self, portals: Mapping[str, Portal] | None = None, fallback: str | None = None) -> Iterator[Place]:
        """The decisions that hold, in the order of their visits; then what files of other tools hold.

        *portals* claim the pages of other tools by domain, *fallback* names the portal of the rest. All files are read
        before this returns. A file's torn end is noted in *damaged*.
        """
        order = self.order(self.natives)
        others = {name: path for name, path in sorted(self.files.items()) if name not in self.natives}
        self.others = ForeignFiles(others, portals or {}, fallback, self.balance)
        last = order.last
        made = (
            ImpliedDecision(last + decision["sequence"], decision | {"sequence": last + decision["sequence"]})
            for decision in self.others.decisions(self.damaged.append)
        )
        return chain(order, made)

    def order(self, names: Iterable[str]) -> VisitOrder:
        """The decisions in the files *names* of citynews, in the order of their visits."""
        order, archives = VisitOrder(), self._archives()
        chosen = sorted(names)
        for name, scanned in zip(chosen, scan([self.files[name] for name in chosen], self.jobs), strict=True):
            order.file(name, archives[name], self.natives[name])
            for (kind, companion), count in scanned.read.items():
                self.balance.note(kind, f"type-{kind}" if companion else None, count)
            for decision, offset, length in scanned.found:
                order.add(decision, (name, offset, length))
            # the torn end of a file that is still open is what a dead run leaves, and no damage
            (self.torn if is_open(scanned.path) else self.damaged).extend(scanned.damaged)
        return order

    def used(self, visit: Visit) -> None:
        """*visit* was replayed."""
        if visit.decision.get("foreign"):
            self.others.used(visit.captures)
        else:
            self.balance.used += 1 + len(visit.captures)

    def _archives(self) -> dict[str, str]:
        """Name -> the archive it belongs to: as the file says, else as the others of its folder and its run files."""
        stated = {name: (third_party.native_info(self.files[name]) or {}).get("archive") for name in self.natives}
        by_folder: defaultdict[str, set[str]] = defaultdict(set)
        for name, archive in stated.items():
            for folder in self.natives[name] if archive else ():
                by_folder[folder].add(str(archive))
        found = {}
        for name, archive in stated.items():
            folder = min(self.natives[name])
            known = by_folder[folder]
            found[name] = archive or (next(iter(known)) if len(known) == 1 else _of_runs(folder) or folder)
        return found

    def decision(self, place: Place) -> Json:
        """The decision at *place*."""
        if isinstance(place, ImpliedDecision):
            return place.decision
        found = decisions.parse(record_at(self.files, WarcRef(place.file, place.offset, place.length, "", "")))
        assert found is not None
        return cast(Json, found)


def _folder_of(file: Path, source: Path) -> str:
    """The folder whose files are those of one archive: the one of its months; the package that *file* was in."""
    if source.suffix == ".wacz" and source.is_file():
        return str(source)
    return str(file.parent.parent if _MONTH.fullmatch(file.parent.name) else file.parent)


def _of_runs(folder: str) -> str | None:
    """The id of the archive whose warc/ is *folder*, by the run files next to it."""
    try:
        return run_file.head(Paths(Path(folder).parent)).archive
    except DamagedError:
        return None


def _longer(one: Path, other: Path) -> Path | None:
    """Of two copies of one file the one that has more of it; None where they are not copies."""
    short, long = sorted((one, other), key=lambda path: path.stat().st_size)
    size = short.stat().st_size
    return long if range_sha256(short, 0, size) == range_sha256(long, 0, size) else None


def record_at(files: Mapping[str, Path], ref: WarcRef) -> Record:
    """The record at *ref* in *files* (final name -> path), or wherever in that file a repair has put it.

    Raises DamagedError.
    """
    path = files.get(PurePosixPath(ref.file).name)
    if path is None:
        raise DamagedError(f"{ref.file}: not among the sources")
    try:
        return warcfile.record_at(path, ref)
    except DamagedError:
        moved = _by_id(path).get(ref.record_id)
        if moved is None:
            raise
        return warcfile.record_at(path, replace(ref, offset=moved[0], length=moved[1]))


@lru_cache(maxsize=2)
def _by_id(path: Path) -> dict[str, tuple[int, int]]:
    """Record id -> offset and length of the record, of all that can be read: asked where one is not in its place."""
    return {
        record.record_id: (record.offset, record.length) for record in warcfile.intact_records(path, lambda _: None)
    }
