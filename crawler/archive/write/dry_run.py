"""A writer that writes nothing, for a dry run; archived pages are known as usual."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.archive.index.index import Index
from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import DefinitionPlace
from crawler.archive.runs import run_file
from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.sqlite import open_reading
from crawler.archive.warc.exchange import Exchange
from crawler.archive.warc.record import new_record_id
from crawler.archive.write import reindex
from crawler.archive.write.warc_writer import WarcWriter
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import WarcRef


class DryRunWriter(ArchiveWriter):
    """Decides as the writer of the archive in *root* would, over a copy of its index. Takes no lock, writes nothing.

    Raises StorageError where there is an archive and no index that can be used.
    """

    def __init__(self, root: Path) -> None:
        self.paths = Paths(root)
        self._folder = TemporaryDirectory(prefix="citynews-dry-run-")
        copy = Path(self._folder.name) / "index.sqlite3"
        try:
            _copy_index(self.paths, copy)
            self.index = Index(copy)
            if not self.index.intact():
                raise StorageError(
                    f"{self.paths.index}: of another version, or damaged; `citynews reindex` rebuilds it"
                )
        except BaseException:  # an interruption too leaves no folder behind
            self._folder.cleanup()
            raise
        self._start = run_file.RunStart.after(reindex.read_head(self.index), "crawl")
        self._begin(_Nowhere())

    def commit(self, *, force: bool = False) -> None:
        """Nothing is made durable."""

    def close(self, summary: Json, also: Sequence[Json] = ()) -> None:
        """Ends the run without a trace."""
        self.abandon()

    def abandon(self) -> None:
        """Lets go of the copy of the index."""
        self.index.close()
        self._folder.cleanup()


def _copy_index(paths: Paths, target: Path) -> None:
    if not paths.index.exists():
        if any(paths.runs.glob("*.json")):
            raise StorageError(f"{paths.index}: is not there; `citynews reindex` rebuilds it")
        return
    try:
        with (
            closing(open_reading(paths.index)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
    except sqlite3.Error as error:
        raise StorageError(f"{paths.index}: cannot be read: {error}; `citynews reindex` rebuilds it") from error


class _Nowhere(WarcWriter):
    """WARC files of which nothing is left."""

    def __init__(self) -> None:
        """Opens nothing."""

    def write(self, member: bytes) -> tuple[str, int]:
        return "", 0

    def define(self, portal: str, text: str) -> DefinitionPlace:
        return {"record_id": new_record_id(), "file": "", "offset": 0, "length": 0, "digest": ""}

    def exchange(self, exchange: Exchange, refers: WarcRef | None = None) -> WarcRef:
        return WarcRef("", 0, 0, new_record_id(), "")
