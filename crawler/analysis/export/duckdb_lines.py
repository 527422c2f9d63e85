"""Lines of an archive into DuckDB: files of some megabytes that DuckDB parses, one stream at a time.

What was parsed goes to the scratch folder as pieces of Parquet at once: whatever is asked of it later reads only the
columns it needs, and memory holds no more than a piece.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.analysis.rows import HEAD
from crawler.analysis.snapshot import ByteRange, Snapshot, blocks_of
from crawler.analysis.tables import VISITS
from crawler.archive.records import tombstone, versions
from crawler.archive.records.schema import columns
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Stream

if TYPE_CHECKING:
    import duckdb

BATCH = 96 << 20  #: bytes of lines that DuckDB is given at once
#: What of a line is read. A key that a line does not have (of another stream, of an older version) is null.
_TEXT_KEYS = (
    "schema", "id", "portal", "url", "title", "source", "author", "editor", "published_at", "published_date",
    "published_precision", "view_count", "body", "language", "section", "tags", "related_links", "incomplete",
    "fetched_at", "revision", "content_hash", "warc", "extracted_by", "changed_fields", "duplicate_of", "match",
    "similarity", "direction",
)  # fmt: skip
#: Addresses whose id is plainly the hash of themselves (a test holds this against ``values.urls``).
PLAIN = r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(:[1-9][0-9]{3})?(/[A-Za-z0-9_-]+)*/([A-Za-z0-9_-]+(\.[a-z]{2,5})?)?"
_TYPES = columns("articles", "duckdb") | columns("duplicates", "duckdb") | columns("revisions", "duckdb")
_TEXT_TYPES = {key: "VARCHAR" if key == "extracted_by" else _TYPES[key] for key in _TEXT_KEYS}
_VISIT_TYPES = columns("observations", "duckdb")
_HEAD = {
    "kind": "if(duplicate_of IS NULL, 'article', 'copy')",
    "published_at": "date_trunc('second', published_at::TIMESTAMPTZ)",
    "published_local": "left(published_at, 19)::TIMESTAMP",
    "published_date": "published_date::DATE",
    "first_fetched_at": "fetched_at::TIMESTAMPTZ",
    "version_fetched_at": "fetched_at::TIMESTAMPTZ",
    "revisions": "if({stream} = 'revisions', 1, 0)",
    "views": "view_count",
    "text_length": "coalesce(length(body), 0)",
    "group_id": "coalesce(duplicate_of.id, id)",
    "warc_file": "warc.file", "warc_offset": "warc.offset", "warc_length": "warc.length",
    "warc_record_id": "warc.record_id", "payload_digest": "warc.payload_digest",
}  # fmt: skip


def quoted(text: str) -> str:
    """*text* for within single quotes."""
    return text.replace("'", "''")


def _named(column: str) -> str:
    return f'"{column}"'


_PLACE = (
    "warc.file AS warc_file, warc.offset AS warc_offset, warc.length AS warc_length, warc.record_id AS warc_record_id,"
    " warc.payload_digest AS payload_digest"
)
#: Kind of piece -> what of the lines goes into it.
_PIECES = {
    "texts": "SELECT " + ", ".join(f'{_HEAD.get(name, name)} AS "{name}"' for name in HEAD) + ", schema, body,"
    " changed_fields, extracted_by, related_links, duplicate_of, match, similarity, direction, {stream} AS stream"
    " FROM {lines}",
    "visits": 'SELECT id, portal, url, observed_at::TIMESTAMPTZ AS "at", status, outcome, reason, view_count,'
    f" view_count_raw, revision, run, {_PLACE}, schema FROM {{lines}}",
}
_SAMPLES: dict[str, Stream] = {"texts": "articles", "visits": "observations"}  #: kind of piece -> a stream of it
#: Views of the pieces that were read, in this order; {texts} and {visits} are all of them. The three that ``derive``
#: knows, and what the tables are made from.
_VIEWS = {
    "read_texts": f"SELECT * FROM {{texts}} WHERE NOT starts_with(schema, '{tombstone.SCHEMA}')",
    "new_heads": f"SELECT {', '.join(HEAD)} FROM read_texts",
    "new_pairs": "SELECT id AS duplicate_id, duplicate_of.id AS article_id, portal AS duplicate_portal,"
    ' duplicate_of.portal AS article_portal, direction, "match", similarity FROM read_texts'
    " WHERE stream = 'duplicates'",
    "read_versions": "SELECT id, revision, version_fetched_at AS fetched_at, title, body,"
    " if(stream = 'revisions', changed_fields, NULL)::VARCHAR[] AS changed_fields, warc_file, warc_offset, warc_length,"
    " warc_record_id, payload_digest FROM read_texts",
    "read_links": "SELECT from_id, revision, number, link.url AS url, link.title AS title, link.kind AS kind,"
    f" regexp_full_match(link.url, '{PLAIN}') AS is_plain FROM (SELECT id AS from_id, revision,"
    " unnest(range(1, len(related_links) + 1)) AS number, unnest(related_links) AS link FROM read_texts)",
    "read_visits": f"SELECT {', '.join(map(_named, VISITS.names))} FROM {{visits}}",
    "new_visits": 'SELECT id, "at", outcome, view_count FROM read_visits',
}


@dataclass(frozen=True, slots=True)
class _LineBatch:
    stream: Stream
    where: str  #: for messages
    file: Path
    lines: int
    longest: int
    done: int

    @property
    def kind(self) -> str:
        """The kind of piece that it becomes."""
        return "visits" if self.stream == "observations" else "texts"

    @property
    def source(self) -> str:
        """Its lines, for FROM."""
        types = _VISIT_TYPES if self.kind == "visits" else _TEXT_TYPES
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        return (
            f"read_json('{quoted(str(self.file))}', columns={{{kinds}}}, format='newline_delimited',"
            f" maximum_object_size={max(2 * self.longest, 1 << 20)})"
        )


class LineReader:
    """Reads what runs after number *since* wrote. ``lines`` and ``removed`` count lines, and tombstones, by stream."""

    def __init__(self, db: duckdb.DuckDBPyConnection, snapshot: Snapshot, since: int, scratch: Path) -> None:
        self._db, self._snapshot, self._scratch = db, snapshot, scratch
        self._ranges = snapshot.ranges(since)
        self._pieces = 0
        self.lines: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()

    def read(self) -> Iterator[tuple[int, int]]:
        """Yields (bytes read, bytes to read) as it goes; makes the views. Raises DamagedError, NewerFormatError."""
        nothing = self._scratch / "nothing.jsonl"
        nothing.touch()
        for kind, stream in _SAMPLES.items():
            (self._scratch / kind).mkdir()
            self._write(_LineBatch(stream, "", nothing, 0, 0, 0))  # so that there is one
        total = sum(byte_range.end - byte_range.start for byte_range in self._ranges)
        with ThreadPoolExecutor(1) as ahead:  # the next file is cut while DuckDB works on this one
            batches = self._cut()
            following = ahead.submit(next, batches, None)
            while (batch := following.result()) is not None:
                following = ahead.submit(next, batches, None)
                self._take(batch)
                batch.file.unlink()
                yield batch.done, total
        texts, visits = (f"read_parquet('{quoted(str(self._scratch / kind))}/*.parquet')" for kind in _PIECES)
        for name, query in _VIEWS.items():
            of_pieces = query.replace("{texts}", texts).replace("{visits}", visits)
            self._db.execute(f"CREATE TEMP VIEW {name} AS {of_pieces}")

    def _cut(self) -> Iterator[_LineBatch]:
        """Files of about ``BATCH`` bytes, each of one stream."""
        done = number = 0
        for spans in _by_stream(self._ranges):
            blocks = ((span, block) for span in spans for block in blocks_of(self._snapshot.paths, span))
            following = next(blocks, None)
            while following is not None:
                number += 1
                file = self._scratch / f"lines-{number}.jsonl"
                size = longest = count = 0
                with file.open("wb") as out:
                    while following is not None and size < BATCH:
                        span, block = following
                        out.write(block)
                        size, count = size + len(block), count + block.count(b"\n")
                        longest = max(longest, *map(len, block.split(b"\n")))
                        following = next(blocks, None)
                done += size
                yield _LineBatch(span.stream, f"up to {span.path}", file, count, longest, done)

    def _take(self, batch: _LineBatch) -> None:
        try:
            schemas = self._write(batch)
        except Exception as error:  # DuckDB has many classes; what is no fault of the data is raised again
            if _is_not_of_data(error):
                raise
            raise DamagedError(f"{batch.where}: {error}; run `citynews verify`") from error
        if (lost := batch.lines - sum(schemas.values())) > 0:
            raise DamagedError(f"{batch.where}: {lost} lines are no records; run `citynews verify`")
        for schema, count in schemas.items():
            versions.refuse_newer(schema, batch.where)
            self.lines[batch.stream] += count
            self.removed[batch.stream] += count if tombstone.is_tombstone({"schema": schema}) else 0

    def _write(self, batch: _LineBatch) -> dict[str, int]:
        """Makes a piece of *batch*; returns how many records of each schema are in it."""
        self._pieces += 1
        piece = quoted(str(self._scratch / batch.kind / f"{self._pieces:06}.parquet"))
        query = _PIECES[batch.kind].format(lines=batch.source, stream=f"'{batch.stream}'")
        self._db.execute(f"COPY ({query}) TO '{piece}' (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 8192)")
        return dict(self._db.execute(f"SELECT schema, count(id) FROM '{piece}' GROUP BY schema").fetchall())


def _by_stream(ranges: list[ByteRange]) -> Iterator[list[ByteRange]]:
    """*ranges*, those of one stream that follow each other together."""
    for _, spans in groupby(ranges, key=lambda span: span.stream):
        yield list(spans)


def _is_not_of_data(error: Exception) -> bool:
    """Whether *error* says nothing of the lines: not of DuckDB, or of its memory and files."""
    name = type(error).__name__
    return not type(error).__module__.startswith(("duckdb", "_duckdb")) or "Memory" in name or name == "IOException"
