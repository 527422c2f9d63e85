"""The layout of an archive in a store: files are downloaded when they are read, and verified."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.archive.read.stored import StoredFile, check_mark, claims_of, fetch, files_of, runs_after
from crawler.archive.storage.files import storage
from crawler.archive.storage.layout import STREAMS, Paths, Stream
from crawler.archive.storage.objects import Objects
from crawler.archive.storage.stored_layout import MARK


def is_stored(address: str) -> bool:
    """Whether *address* is that of an archive in a store."""
    return "://" in address or Path(address, MARK).is_file()


class _Source:
    """The files of an archive in *objects*, as its runs say when this is made; they come into a scratch folder."""

    def __init__(self, objects: Objects) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="citynews-stored-"))
        weakref.finalize(self, shutil.rmtree, self.root, ignore_errors=True)
        self._objects = objects
        chain = runs_after(objects, 0, None)
        self.files = files_of(claims_of(stored.run for stored in chain))
        (self.root / "runs").mkdir()
        for stored in chain:
            (self.root / "runs" / f"{stored.run['run']}.json").write_bytes(stored.data)

    def bring(self, name: str) -> Path:
        """Where the file *name* (as runs know it) lies now. Raises DamagedError, StorageError."""
        file = self.files.get(name) or StoredFile(name, ())
        path = self.root / file.path
        if file.pieces and not path.exists():
            partial = path.with_name(f"{path.name}.partial")
            with storage(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                partial.unlink(missing_ok=True)
            for piece in file.pieces:
                fetch(self._objects, piece, partial)
            with storage(path):
                partial.rename(path)
        return path


class _WarcFiles(dict[str, Path]):
    """Name -> path of WARC files, each fetched when its path is asked for."""

    def __init__(self, source: _Source, others: dict[str, Path]) -> None:
        own = (name.removeprefix("warc/") for name in source.files if name.endswith(".warc.gz"))
        super().__init__({name: source.root / "warc" / name for name in own} | others)
        self._source = source

    def __getitem__(self, name: str) -> Path:
        path = super().__getitem__(name)
        return self._source.bring(f"warc/{name}") if path.is_relative_to(self._source.root) else path

    def __ror__(self, others: Any) -> Any:
        return _WarcFiles(self._source, dict(others))

    def items(self) -> Any:
        return {name: self[name] for name in self}.items()

    def values(self) -> Any:
        return {name: self[name] for name in self}.values()


@dataclass(frozen=True)
class StoredPaths(Paths):
    """The layout of an archive in a store. Only for reading."""

    source: _Source

    @classmethod
    def at(cls, address: str, **server: Any) -> StoredPaths:
        """That of the archive at *address*. Raises as ``crawler.archive.open``."""
        objects = Objects(address, **server)
        if not check_mark(objects):
            raise NotADirectoryError(f"{address}: no archive here; name one of a store, as in s3://BUCKET/PREFIX/NAME")
        source = _Source(objects)
        return cls(source.root, source)

    def actual(self, logical: str) -> Path:
        return self.source.bring(logical)

    def stream_files(self, stream: Stream | None = None) -> Iterator[Path]:
        for name in STREAMS if stream is None else (stream,):
            yield from (self.actual(path) for path in sorted(self.source.files) if path.startswith(f"{name}/"))

    def warc_files(self, run: str | None = None) -> dict[str, Path]:
        found = _WarcFiles(self.source, {})
        if run is not None:
            for name in [name for name in found if not name.rpartition("/")[2].startswith(f"{run}-")]:
                del found[name]
        return found

    def warc_file(self, name: str) -> Path:
        return self.source.bring(f"warc/{name}")

    def cdxj_of(self, name: str) -> Path:
        return self.source.bring(self.relative(super().cdxj_of(name)))
