"""What is replayed: WARC files, folders of them, WACZ packages; and the visits that were decided in them."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from crawler.archive import DamagedError, Json, decisions, foreign, warcfile
from crawler.archive.paths import OPEN
from crawler.archive.warcfile import Record
from crawler.portals import Portal
from crawler.replay.foreign import ForeignFiles

_SUFFIXES = (".warc.gz", ".warc.gz" + OPEN, ".warc")


class SourceError(Exception):
    """A source that cannot be replayed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the record of a decision lies."""

    sequence: int
    file: str
    offset: int
    length: int
    revises: int = 0  #: how often the visit was decided again
    made: Json | None = None  #: the stand-in for a decision, for a file of another tool


@dataclass(slots=True)
class Sources:
    """The WARC files of *paths*, by their final name. A context manager, since WACZ packages are unpacked meanwhile."""

    paths: tuple[Path, ...]
    files: dict[str, Path] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    others: ForeignFiles = field(default_factory=lambda: ForeignFiles({}, {}))
    _folders: list[tempfile.TemporaryDirectory[str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        for path in self.paths:
            for file in self._expand(path):
                self.files[file.name.removesuffix(OPEN)] = file
        if not self.files:
            raise SourceError(f"{', '.join(map(str, self.paths))}: no WARC file (*.warc.gz, *.warc) here")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for folder in self._folders:
            folder.cleanup()

    def visits(self, portals: Mapping[str, Portal] | None = None, fallback: str | None = None) -> list[Place]:
        """The decisions that stand, in the order of their sequence; then what files of other tools hold.

        *portals* claim the pages of other tools by domain, *fallback* names the portal of the rest. A file's torn end
        is noted in *damaged*.
        """
        places: dict[int, Place] = {}
        voided: set[int] = set()
        others: dict[str, Path] = {}
        for name, path in sorted(self.files.items()):
            if not foreign.is_native(path):
                others[name] = path
                continue
            for record in self._records(path):
                decision = decisions.parse(record)
                if decision is None:
                    continue
                if decision["schema"] == decisions.VOID:
                    voided.add(decision["voids"])
                else:
                    number, revises = decision["sequence"], decision.get("revises", 0)
                    if number not in places or revises >= places[number].revises:
                        places[number] = Place(number, name, record.offset, record.length, revises=revises)
        native = [places[number] for number in sorted(places.keys() - voided)]
        self.others = ForeignFiles(others, portals or {}, fallback)
        last = native[-1].sequence if native else 0
        return native + [
            Place(last + each["sequence"], "", 0, 0, made=each | {"sequence": last + each["sequence"]})
            for each in self.others.decisions()
        ]

    def decision(self, place: Place) -> Json:
        """The decision at *place*."""
        if place.made is not None:
            return place.made
        found = decisions.parse(self.record({"file": place.file, "offset": place.offset, "length": place.length}))
        assert found is not None
        return found

    def record(self, place: Json) -> Record:
        """The record that a decision names by its *place*. Raises DamagedError where it is not there."""
        return record_at(self.files, place)

    def _records(self, path: Path) -> Iterator[Record]:
        # the torn end of a file that is still open is what a dead run leaves, and no damage
        return warcfile.intact_records(path, self.torn.append if path.name.endswith(OPEN) else self.damaged.append)

    def _expand(self, path: Path) -> Iterable[Path]:
        if path.is_dir():
            found = sorted(each for each in path.rglob("*") if each.name.endswith((*_SUFFIXES, ".wacz")))
            return [file for each in found for file in (self._unpack(each) if each.suffix == ".wacz" else [each])]
        if not path.exists():
            raise SourceError(f"{path}: no such file or folder")
        if path.suffix == ".wacz":
            return self._unpack(path)
        if not path.name.endswith(_SUFFIXES):
            raise SourceError(f"{path}: not a WARC file (*.warc.gz, *.warc), a folder of them, or a WACZ package")
        return [path]

    def _unpack(self, path: Path) -> list[Path]:
        folder = tempfile.TemporaryDirectory(prefix="citynews-wacz-")
        self._folders.append(folder)
        found = []
        try:
            with zipfile.ZipFile(path) as package:
                for name in package.namelist():
                    if PurePosixPath(name).parts[:1] == ("archive",) and name.endswith((".warc.gz", ".warc")):
                        target = Path(folder.name) / PurePosixPath(name).name
                        with package.open(name) as source, target.open("wb") as file:
                            while chunk := source.read(1 << 20):
                                file.write(chunk)
                        found.append(target)
        except zipfile.BadZipFile as error:
            raise SourceError(f"{path}: not a WACZ package: {error}") from error
        return found


def record_at(files: Mapping[str, Path], place: Json) -> Record:
    """The record at *place* in *files* (final name -> path). Raises DamagedError."""
    name = PurePosixPath(place["file"]).name
    path = files.get(name)
    if path is None:
        raise DamagedError(f"{place['file']}: not among the sources")
    return warcfile.record_at(path, place)
