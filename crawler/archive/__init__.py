"""The archive: the only package that writes under an archive's folder. This docstring is the format on disk.

    articles/<portal>/<month>.jsonl         one line per article; every id exactly once
    revisions/<portal>/<month>.jsonl        later versions of an archived article whose text changed
    observations/<portal>/<month>.jsonl     one line per visit of an article address
    duplicates/<portal>/<month>.jsonl       copies of an archived article found elsewhere
    <stream>/<portal>/<month>.jsonl.gz      one of these four, sealed: the same content at the same offsets
    warc/<month>/<run>-<number>.warc.gz     every exchange and every decision of a run, all portals
    warc/<month>/<run>-<number>.warc.gz.open  the same while it is written
    warc/<month>/<run>-<number>.cdxj        its index, sorted; made once the WARC file is whole
    runs/<run>.json                         what a run did, which bytes it wrote, chained to the run before by sha256
    runs/<run>.json.open                    the marker of a run that has not finished; of a change, its steps too
    README.md                               explains this folder to people
    formats.md                              every format of this folder, and how to read it without the program
    schema/<stream>.json                    JSON Schema of the lines
    quarantine/<run>/<path>                 damaged data that the repair <run> moved, under its old path
    replaced/<run>/<path>                   month files that the adoption <run> replaced
    state/index.sqlite3                     addresses, hashes, what is due; may be deleted, `reindex` rebuilds it
    state/payloads.sqlite3                  digest of a payload -> where it lies; may be deleted, rebuilds itself
    state/anchored                          the last run passed to the [anchor] command; may be deleted
    state/<database>-wal                    SQLite's own, while the database is open
    state/<database>-shm                    SQLite's own, while the database is open
    state/<database>.sound                  the database was intact and properly closed, and has not changed since
    .change/<run>/<path>                    files that a repair, seal, adoption or removal prepares before its commit
    .lock                                   held by the writer while it runs (flock); contains its process id
    .store.json                             of a local copy: its store, and whether WARC files stay there
    .store.lock                             held by a command that pulls, crawls and pushes (flock)
    recall/<portal>.jsonl                   a line per `citynews portals recall`: share, counts and lag
    diverged/<run>/<path>                   data of a run whose number another machine's run got in the store
    <path>.partial                          a file that is renamed to <path> once it is complete

A month is YYYY-MM in UTC: for a line that of its fetched_at (observed_at), for a WARC file that of its creation.
Files that end in ``.open`` or ``.partial``, or are in ``.change``, are unfinished: the next writer completes or
removes them.
README.md, formats.md, schema/, state/, recall/ and .store.json are owned by no run; all else but quarantine/ and
diverged/ is claimed, byte range by byte range, by the run files. The keys of every record, the records of a WARC file
and the run files: docs/formats.md. How all this becomes durable, in which order, and what a crash leaves:
docs/decisions/0001-archive-format.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.archive.read.captures import Captured
    from crawler.archive.read.life import Life
    from crawler.archive.read.reader import Reader, open  # noqa: A004 - used as archive.open(path)
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
    "Life": "read.life",
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
