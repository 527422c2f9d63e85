"""What is replayed: WARC files, folders of them, WACZ packages; and the visits that were decided in them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self, cast

from crawler.archive.read.sources import SourceError, expand, name_of
from crawler.archive.records import decisions
from crawler.archive.records.effective import EffectivePlaces
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import final_name, is_open
from crawler.archive.warc import record as warcfile
from crawler.archive.warc import third_party
from crawler.archive.warc.record import Record
from crawler.article import WarcRef
from crawler.portals import Portal
from crawler.replay.foreign import ForeignFiles
from crawler.replay.places import Place, StandIn


@dataclass(slots=True)
class Sources:
    """The WARC files of *paths*, by their final name. A context manager, since WACZ packages are unpacked meanwhile."""

    paths: tuple[Path, ...]
    files: dict[str, Path] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    others: ForeignFiles = field(default_factory=lambda: ForeignFiles({}, {}))
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="citynews-wacz-")
        try:
            for path in dict.fromkeys(self.paths):
                for file in expand(path, Path(self._folder.name)):
                    self._take(file)
            if not self.files:
                raise SourceError(f"{', '.join(map(str, self.paths))}: no WARC file (*.warc.gz, *.warc) here")
        except SourceError:
            self._folder.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def _take(self, file: Path) -> None:
        """Files of citynews are known by their own name, which no other has; others by that of their folder too."""
        native = third_party.is_native(file)
        name = final_name(file) if native else name_of(file)
        if not native and name in self.files and self.files[name].resolve() != file.resolve():
            raise SourceError(
                f"{self.files[name]}, {file}: lines name both {name}; copy one into a folder of another name"
            )
        self.files[name] = file

    def visits(self, portals: Mapping[str, Portal] | None = None, fallback: str | None = None) -> Iterator[Place]:
        """The decisions that stand, in the order of their sequence; then what files of other tools hold.

        *portals* claim the pages of other tools by domain, *fallback* names the portal of the rest. All files are read
        before this returns. A file's torn end is noted in *damaged*.
        """
        places = EffectivePlaces()
        others: dict[str, Path] = {}
        for name, path in sorted(self.files.items()):
            if not third_party.is_native(path):
                others[name] = path
                continue
            for record in self._records(path):
                decision = decisions.parse(record)
                if decision is not None:
                    places.add(decision, (name, record.offset, record.length))
        self.others = ForeignFiles(others, portals or {}, fallback)
        last = places.last
        made = (
            StandIn(last + each["sequence"], each | {"sequence": last + each["sequence"]})
            for each in self.others.decisions(self.damaged.append)
        )
        return chain(places, made)

    def decision(self, place: Place) -> Json:
        """The decision at *place*."""
        if isinstance(place, StandIn):
            return place.decision
        found = decisions.parse(record_at(self.files, WarcRef(place.file, place.offset, place.length, "", "")))
        assert found is not None
        return cast(Json, found)

    def _records(self, path: Path) -> Iterator[Record]:
        # the torn end of a file that is still open is what a dead run leaves, and no damage
        return warcfile.intact_records(path, self.torn.append if is_open(path) else self.damaged.append)


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
