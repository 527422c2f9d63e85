"""The archive: the only room that writes under output/. This docstring is filled in with the format below.

    articles/<portal>/<YYYY-MM>.jsonl       one line an article; every id exactly once
    revisions/<portal>/<YYYY-MM>.jsonl      later versions of an archived article whose text changed
    observations/<portal>/<YYYY-MM>.jsonl   one line a visit of an article address
    duplicates/<portal>/<YYYY-MM>.jsonl     copies of an archived article found elsewhere
    warc/<YYYY-MM>/<run>-<nnnnn>.warc.gz    every exchange and every decision of a run, all portals; a .cdxj beside it
    runs/<run>.json                         what a run did, which bytes it wrote, chained to the run before
    state/index.sqlite3                     index; may be deleted, `reindex` makes it anew
    .lock                                   held by the writer while it lives

A file whose name ends in ``.open`` is not whole yet: a WARC file in the making, or the marker of a run that has not
finished. The month of a line is that of its fetched_at (observed_at) in UTC. How all this comes about, in which order
it becomes durable, and what a crash leaves: docs/decisions/0001-archive-format.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.archive.read.captures import Captured
    from crawler.archive.read.reader import Life, Reader, open  # noqa: A004 - used as archive.open(path)
    from crawler.archive.storage.errors import ArchiveError, BusyError, DamagedError, SealedError, StorageError
    from crawler.archive.storage.layout import STREAMS, Paths, Stream

__all__ = [
    "STREAMS",
    "ArchiveError",
    "BusyError",
    "Captured",
    "DamagedError",
    "Life",
    "Paths",
    "Reader",
    "SealedError",
    "StorageError",
    "Stream",
    "open",
]

_MODULES = {
    "Captured": "read.captures",
    "Life": "read.reader",
    "Reader": "read.reader",
    "open": "read.reader",
    **dict.fromkeys(("ArchiveError", "BusyError", "DamagedError", "SealedError", "StorageError"), "storage.errors"),
    **dict.fromkeys(("STREAMS", "Paths", "Stream"), "storage.layout"),
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first used: importing one module must not load the whole archive."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
