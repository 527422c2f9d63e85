"""What was captured for a page: the exchanges behind its record, and files that the page refers to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crawler.analysis.browse import record
from crawler.analysis.browse.current import CurrentView
from crawler.analysis.browse.view import IndexView
from crawler.archive.read.captures import Captured
from crawler.archive.read.lookup import nearest
from crawler.archive.read.reader import Reader
from crawler.values.coding import decode

_MOST = 32_000_000  #: bytes of a picture or style


class Captures:
    """Reads WARC files for the newest view of *current*."""

    def __init__(self, current: CurrentView) -> None:
        self._current = current
        self._opened: tuple[IndexView | None, Reader] = (None, Reader(current.root))

    @property
    def files(self) -> dict[str, Path]:
        """Name relative to warc/ -> path, of all WARC files that records may lie in."""
        return self._reader.warc_files

    @property
    def _reader(self) -> Reader:
        """A reader for each view: it looks once which WARC files there are."""
        view, reader = self._opened
        if view is not self._current.view:
            reader = Reader(self._current.root)
            self._opened = (self._current.view, reader)
        return reader

    def parts(self, row: dict[str, Any], version: dict[str, Any]) -> list[Captured]:
        """The exchanges with the pages of *version* of the page *row*. Raises DamagedError."""
        line = record.line(self._current.root, row, version)
        if line is None:
            return []
        return [capture for capture in self._reader.captures(line) if capture.role in {"page", "next"}]

    def page(self, ident: str, revision: int, part: int) -> Captured | None:
        """The exchange with page number *part* of a version; None where there is none. Raises DamagedError."""
        view = self._current.view
        row = None if view is None else record.page(view, ident)
        if view is None or row is None:
            return None
        version = next((version for version in record.versions(view, ident) if version["revision"] == revision), None)
        parts = [] if version is None else self.parts(row, version)
        return parts[part - 1] if 0 < part <= len(parts) else None

    def resource(self, url: str, stamp: str) -> tuple[str, bytes] | None:
        """(Content-Type, body) of the capture of *url* nearest to *stamp*; None without one. Raises DamagedError."""
        found = nearest(self.files, url, stamp)
        if found is None:
            return None
        headers = {name.lower(): value for name, value in found.headers}
        body = decode(found.payload, headers.get("content-encoding"))
        return (headers.get("content-type", ""), body) if len(body) <= _MOST else None
