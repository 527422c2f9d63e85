"""Reads an archive: streams of records, the history of an article. Needs no index, skips incomplete lines."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, cast

from crawler.archive.read import relations
from crawler.archive.read.captures import Captured, captured, locate
from crawler.archive.read.in_place import StoredPaths, is_stored
from crawler.archive.read.latest import LatestVersions
from crawler.archive.read.life import Life, life
from crawler.archive.read.lines import placed
from crawler.archive.read.lookup import Resource, nearest
from crawler.archive.read.pages import as_page
from crawler.archive.records import jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.records.types import (
    ArticleRecord,
    CopyRecord,
    DuplicateRecord,
    LinkRecord,
    ObservationRecord,
    PageRecord,
    RevisionRecord,
)
from crawler.archive.records.versions import upgraded
from crawler.archive.storage import month_file
from crawler.archive.storage.layout import Paths, Stream
from crawler.article import parse_moment


class Reader:
    """The archive in *root*, for reading; any number may read while one writes. See ``crawler.archive.open``.

    Records come as dicts with every key of their stream (``crawler.archive.records.types``), by month, one at a time:
    memory stays flat. Every method raises DamagedError, with file and offset, for a line that is no record.
    """

    def __init__(self, root: Path | str | Paths, sources: Sequence[Path] = ()) -> None:
        self.paths = root if isinstance(root, Paths) else Paths(Path(root))
        self._sources = sources

    def articles(
        self, *, portal: str | None = None, since: str | None = None, until: str | None = None, latest: bool = False
    ) -> Iterator[ArticleRecord]:
        """Every article as first archived; with *latest* as it is now, a PageRecord: see ``pages``.

        Of *portal* only, and only those first archived on the days *since* to *until* (YYYY-MM-DD, UTC, inclusive).
        """
        found = self._within("articles", portal, since, until)
        if not latest:
            return (cast(ArticleRecord, record) for _, _, record in found)
        return self._pages(found, latest=True)

    def pages(
        self, *, portal: str | None = None, since: str | None = None, until: str | None = None, latest: bool = False
    ) -> Iterator[PageRecord]:
        """Every archived page, articles and copies, all of one shape: to count what was published, count these.

        As first archived; with *latest* in the latest revision, with the view count of the last visit that saw one and
        the time of that visit in ``view_count_at``. *portal*, *since* and *until* as in ``articles``: days of fetching.
        """
        streams: tuple[Stream, ...] = ("articles", "duplicates")
        found = chain.from_iterable(self._within(stream, portal, since, until) for stream in streams)
        return self._pages(found, latest=latest)

    def links(self) -> Iterator[LinkRecord]:
        """Every related link of every page in its latest version, with the page it leads to."""
        return relations.links((page["id"] for page in self.pages()), self.pages(latest=True))

    def copies(self) -> Iterator[CopyRecord]:
        """Every pair of pages with the same text: which copies which, after ``direction`` was looked at."""
        return relations.copies(self.duplicates(), self.pages(latest=True))

    def revisions(
        self, *, portal: str | None = None, since: str | None = None, until: str | None = None
    ) -> Iterator[RevisionRecord]:
        """Every later version of an article whose text has changed."""
        found = self._within("revisions", portal, since, until)
        return (cast(RevisionRecord, record) for _, _, record in found)

    def observations(
        self, *, portal: str | None = None, since: str | None = None, until: str | None = None
    ) -> Iterator[ObservationRecord]:
        """Every visit of an article address: views over time."""
        found = self._within("observations", portal, since, until)
        return (cast(ObservationRecord, record) for _, _, record in found)

    def duplicates(
        self, *, portal: str | None = None, since: str | None = None, until: str | None = None
    ) -> Iterator[DuplicateRecord]:
        """Every copy of an archived article."""
        found = self._within("duplicates", portal, since, until)
        return (cast(DuplicateRecord, record) for _, _, record in found)

    def captures(self, record: Mapping[str, Any]) -> Iterator[Captured]:
        """The exchanges that an article, revision or duplicate *record* was read from, its first page first.

        Also raises DamagedError where a WARC file or record is not there.
        """
        yield from captured(
            self.warc_files, dict(record)
        )  # as a generator it holds this reader, whose files go with it

    def resource(self, url: str, at: str) -> Resource | None:
        """The capture of *url* nearest to *at* (ISO 8601, such as a record's fetched_at); None without one.

        So are the pictures and styles of a page found as they were when it was fetched: by address and time. Also
        raises DamagedError where a WARC file is not what its index says, ValueError where *at* is not in that form.
        """
        return nearest(self.warc_files, url, f"{parse_moment(at):%Y%m%d%H%M%S}")

    @cached_property
    def warc_files(self) -> dict[str, Path]:
        """Name as in a record's ``warc.file`` -> path, of the archive's WARC files and those it was replayed from."""
        folder = Path(tempfile.mkdtemp(prefix="citynews-wacz-"))  # packages among the sources are unpacked here
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return locate(self.paths, self._sources, folder)

    def records(self, stream: Stream) -> Iterator[Json]:
        """The records of *stream*, file by file. Raises DamagedError."""
        for _, _, record in self.placed(stream):
            yield record

    def _within(
        self, stream: Stream, portal: str | None, since: str | None, until: str | None
    ) -> Iterator[tuple[Path, int, Json]]:
        moment = "observed_at" if stream == "observations" else "fetched_at"
        first, last = since or "", f"{until}T~" if until else "~"
        for path, offset, record in self.placed(stream, portal, first[:7], last[:7]):
            if first <= record[moment] <= last:
                yield path, offset, record

    def _pages(self, found: Iterable[tuple[Path, int, Json]], *, latest: bool) -> Iterator[PageRecord]:
        if not latest:
            yield from (as_page(record, None) for _, _, record in found)
            return
        known = LatestVersions(self.placed("revisions"), self.placed("observations"))
        for _, _, first in found:
            version = known.version(first["id"])
            yield as_page(self.at(*version) if version else first, known.views(first["id"]), first)

    def life(self, ident: str) -> Life:
        """What the archive holds of the address with the id *ident*, or of the address itself.

        An address under which nothing is archived is looked for once more as the portals know their addresses: without
        parameters that name no other page.
        """
        return life(self.paths, ident)

    def placed(
        self, stream: Stream, portal: str | None = None, first: str = "", last: str = "~"
    ) -> Iterator[tuple[Path, int, Json]]:
        """(file, offset, record) of *stream*, of *portal* only where it is given, of the months *first* to *last*."""
        return placed(self.paths, stream, portal, first, last)

    def places(self, stream: Stream) -> dict[str, tuple[Path, int]]:
        """Key -> where its line lies: the id; with the revision, or the moment, where an id has several lines."""
        return {key_of(stream, record): (path, offset) for path, offset, record in self.placed(stream)}

    @staticmethod
    def at(path: Path, offset: int) -> Json:
        """The record whose line begins at *offset* of *path*."""
        return upgraded(jsonl.decode(month_file.line_at(path, offset)), f"{path}: offset {offset}")


def key_of(stream: Stream, record: Json) -> str:
    """What may stand only once in *stream*."""
    if stream == "observations":
        return f"{record['id']} {record['observed_at']}"
    return f"{record['id']} {record['revision']}" if stream == "revisions" else str(record["id"])


def open(root: Path | str, *, sources: Sequence[Path] = (), **server: Any) -> Reader:  # noqa: A001 - archive.open(path)
    """The archive in the folder *root*, for reading. Needs no index and no lock, and writes nothing.

    *root* may be the address of an archive in a store (``s3://BUCKET/PREFIX/NAME``, or its folder): it is read there,
    as it is now; *server* are ``endpoint``, ``region``, ``allow_http`` and ``path_style`` as in citynews.toml.

    *sources*: where the WARC files of a replayed archive lie now. Raises NotADirectoryError where there is no archive;
    with a store StoreAddressError, StorageError, DamagedError, and MissingExtraError without ``citynews[store]``.
    """
    if is_stored(str(root)):
        return Reader(StoredPaths.at(str(root), **server), sources)
    if not Path(root).is_dir():
        raise NotADirectoryError(f"{root}: no archive here")
    return Reader(root, sources)
