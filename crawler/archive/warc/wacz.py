"""WACZ packages: WARC files, their index and a list of pages in one ZIP file, for ReplayWeb.page and pywb.

Format: WACZ 1.1.1 (https://specs.webrecorder.net/wacz/1.1.1/). Every entry is stored, not compressed again: a player
reads parts of it in place, and the same archive gives the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from crawler import __version__
from crawler.archive.storage.files import storage, sync_folder

VERSION = "1.1.1"
BLOCK = 1024  #: lines of the index that are compressed together
_CHUNK = 1 << 20
_INDEX, _BLOCKS = "indexes/index.idx", "index.cdx.gz"
Json = dict[str, Any]


class Package:
    """A package in the making, at *path* once it is whole; a context manager that leaves nothing behind on errors.

    *created* is the moment that every entry bears, in UTC. Raises StorageError.
    """

    def __init__(self, path: Path, created: datetime) -> None:
        self._path, self._created = path, created
        self._partial = path.with_name(path.name + ".partial")
        self._resources: list[Json] = []

    def __enter__(self) -> Self:
        with storage(self._path):
            self._zip = zipfile.ZipFile(self._partial, "w", zipfile.ZIP_STORED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with storage(self._path):
                self._zip.close()
                if error is None:
                    with self._partial.open("rb") as file:
                        os.fsync(file.fileno())
                    self._partial.rename(self._path)
                    sync_folder(self._path.parent)
        finally:
            self._partial.unlink(missing_ok=True)

    def add(self, name: str, file: IO[bytes]) -> Json:
        """The entry *name* with the bytes of *file*, named in the list of resources, which is returned."""
        digest, size = hashlib.sha256(), file.seek(0, os.SEEK_END)
        file.seek(0)
        with storage(self._path), self._open(name, size) as entry:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                entry.write(chunk)
        resource = {
            "name": name.rpartition("/")[2].lower(), "path": name, "hash": f"sha256:{digest.hexdigest()}", "bytes": size
        }  # fmt: skip
        self._resources.append(resource)
        return resource

    def pages(self, pages: Iterable[Json], *, has_text: bool = False) -> None:
        """The list of pages: ``url`` and ``ts`` (RFC 3339), where known ``title`` and ``text``.

        *has_text*: the pages have texts; without that word ReplayWeb.page does not search them.
        """
        head = {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": has_text}
        self._spool("pages/pages.jsonl", (orjson.dumps(line) + b"\n" for line in _with_head(head, pages)))

    def warc(self, path: Path) -> None:
        """The WARC file *path*, as it is."""
        with path.open("rb") as file:
            self.add(f"archive/{path.name}", file)

    def index(self, lines: Iterable[bytes]) -> None:
        """The index of all WARC files: *lines* of CDXJ with their line feeds, in the order of their bytes.

        Compressed in blocks, with an index of the blocks, so that a player need not read it whole.
        """
        heads = [b'!meta 0 {"format":"cdxj-gzip-1.0","filename":"index.cdx.gz"}\n']
        self._spool(f"indexes/{_BLOCKS}", _blocks(lines, heads))
        self._spool(_INDEX, heads)

    def describe(self, **more: Any) -> None:
        """Writes ``datapackage.json`` with *more* (``title``, ``description``), and its digest: the end."""
        values = {
            "profile": "data-package",
            "wacz_version": VERSION,
            **more,
            "created": f"{self._created:%Y-%m-%dT%H:%M:%SZ}",
            "software": f"citynews/{__version__}",
            "resources": list(self._resources),
        }
        data = orjson.dumps(values, option=orjson.OPT_INDENT_2) + b"\n"
        described = self._spool("datapackage.json", [data])
        digest = {"path": "datapackage.json", "hash": described["hash"]}
        self._spool("datapackage-digest.json", [orjson.dumps(digest, option=orjson.OPT_INDENT_2) + b"\n"])

    def _spool(self, name: str, chunks: Iterable[bytes]) -> Json:
        """As *add*, by way of a temporary file: an entry's head says its size, and wabac.js reads no other form."""
        with storage(self._path), tempfile.SpooledTemporaryFile(_CHUNK) as file:
            file.writelines(chunks)
            return self.add(name, file)

    def _open(self, name: str, size: int) -> IO[bytes]:
        info = zipfile.ZipInfo(name, self._created.timetuple()[:6])
        info.file_size = size
        info.create_system = 3  # as on Linux, wherever it is made
        info.external_attr = 0o100644 << 16
        return self._zip.open(info, "w")


def _blocks(lines: Iterable[bytes], heads: list[bytes]) -> Iterator[bytes]:
    """Gzip members of BLOCK lines each; for each a line is added to *heads*."""
    rest, offset = iter(lines), 0
    while block := list(islice(rest, BLOCK)):
        data = gzip.compress(b"".join(block), 9, mtime=0)
        place = {
            "offset": offset, "length": len(data), "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
            "filename": _BLOCKS,
        }  # fmt: skip
        heads.append(b" ".join(block[0].split(b" ", 2)[:2]) + b" " + orjson.dumps(place) + b"\n")
        offset += len(data)
        yield data


def _with_head(head: Json, pages: Iterable[Json]) -> Iterator[Json]:
    yield head
    yield from pages
