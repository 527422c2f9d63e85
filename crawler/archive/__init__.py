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

from crawler.archive import (
    cdxj,
    columns,
    decisions,
    foreign,
    lines,
    nearness,
    runs,
    schema,
    sealing,
    typed,
    verify,
    wacz,
    warcfile,
)
from crawler.archive.aftermath import Standing, standing
from crawler.archive.captured import Captured
from crawler.archive.copies import copy_keys
from crawler.archive.errors import ArchiveError, BusyError, DamagedError, SealedError, StorageError
from crawler.archive.exchanges import Exchange
from crawler.archive.index import Address, Index, Known
from crawler.archive.lines import Json, article_record, encode
from crawler.archive.paths import STREAMS, Paths, Stream
from crawler.archive.reader import Life, Reader, open  # noqa: A004 - used as archive.open(path)
from crawler.archive.recovery import reindex
from crawler.archive.shared import find, of_settings, root_of, share, unshare
from crawler.archive.verdict import Verdict
from crawler.archive.writer import Archive

__all__ = [
    "STREAMS",
    "Address",
    "Archive",
    "ArchiveError",
    "BusyError",
    "Captured",
    "DamagedError",
    "Exchange",
    "Index",
    "Json",
    "Known",
    "Life",
    "Paths",
    "Reader",
    "SealedError",
    "Standing",
    "StorageError",
    "Stream",
    "Verdict",
    "article_record",
    "cdxj",
    "columns",
    "copy_keys",
    "decisions",
    "encode",
    "find",
    "foreign",
    "lines",
    "nearness",
    "of_settings",
    "open",
    "reindex",
    "root_of",
    "runs",
    "schema",
    "sealing",
    "share",
    "standing",
    "typed",
    "unshare",
    "verify",
    "wacz",
    "warcfile",
]
