"""Lines of an archive into DuckDB: files of some megabytes that DuckDB parses, one stream at a time.

What is wide and needed only at the end (texts, visits, links) goes to the scratch folder as pieces of Parquet at once;
what pages are derived from stays in tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.analysis.rows import HEAD, PAIR
from crawler.analysis.snapshot import Range, Snapshot, lines_of
from crawler.archive.records import versions
from crawler.archive.records.schema import columns
from crawler.archive.records.tombstone import is_tombstone
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Stream

if TYPE_CHECKING:
    import duckdb

BATCH = 12 << 20  #: bytes of lines that DuckDB is given at once
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
_VISIT_TYPES = columns("observations", "duckdb")
_HEAD = {
    "kind": "if(duplicate_of IS NULL, 'article', 'copy')",
    "published_at": "date_trunc('second', published_at::TIMESTAMPTZ)",
    "published_local": "left(published_at, 19)::TIMESTAMP",
    "published_date": "published_date::DATE",
    "first_fetched_at": "fetched_at::TIMESTAMPTZ",
    "version_fetched_at": "fetched_at::TIMESTAMPTZ",
    "revisions": "if({later}, 1, 0)",
    "views": "view_count",
    "text_length": "coalesce(length(body), 0)",
    "group_id": "coalesce(duplicate_of.id, id)",
    "warc_file": "warc.file", "warc_offset": "warc.offset", "warc_length": "warc.length",
    "warc_record_id": "warc.record_id", "payload_digest": "warc.payload_digest",
}  # fmt: skip
_HEAD_TYPES = {
    "published_at": "TIMESTAMPTZ", "published_local": "TIMESTAMP", "published_date": "DATE",
    "first_fetched_at": "TIMESTAMPTZ", "version_fetched_at": "TIMESTAMPTZ", "revision": "BIGINT", "revisions": "BIGINT",
    "views": "BIGINT", "number": "BIGINT", "text_length": "BIGINT", "warc_offset": "BIGINT", "warc_length": "BIGINT",
    "incomplete": "VARCHAR[]", "section": "VARCHAR[]", "tags": "VARCHAR[]", "similarity": "DOUBLE",
}  # fmt: skip


def _table(name: str, names: tuple[str, ...]) -> str:
    types = ", ".join(f'"{each}" {_HEAD_TYPES.get(each, "VARCHAR")}' for each in names)
    return f"CREATE TEMP TABLE {name} ({types})"


#: What holds what was read and is not derived yet.
READING = (
    _table("new_heads", HEAD),
    _table("new_pairs", PAIR),
    'CREATE TEMP TABLE new_visits (id VARCHAR, "at" TIMESTAMPTZ, outcome VARCHAR, view_count BIGINT)',
    "CREATE TEMP TABLE visit_counts (portal VARCHAR, visits BIGINT, last TIMESTAMPTZ)",
    "CREATE TEMP TABLE hows (portal VARCHAR, month VARCHAR, extracted_by VARCHAR, pages BIGINT)",
)
#: Kind of piece -> what of the table ``raw`` goes into it.
PIECES = {
    "versions": "SELECT id, revision, fetched_at::TIMESTAMPTZ AS fetched_at, title, body, {changed}::VARCHAR[] AS"
    " changed_fields, warc.file AS warc_file, warc.offset AS warc_offset, warc.length AS warc_length,"
    " warc.record_id AS warc_record_id, warc.payload_digest AS payload_digest FROM raw",
    "links": "SELECT id AS from_id, revision, number, if(regexp_full_match(link.url, '" + PLAIN + "'),"
    " left(sha256(link.url), 32), NULL) AS target_id, link.url AS url, link.title AS title, link.kind AS kind FROM"
    " (SELECT id, revision, unnest(range(1, len(related_links) + 1)) AS number, unnest(related_links) AS link"
    " FROM raw)",
    "visits": 'SELECT id, portal, url, observed_at::TIMESTAMPTZ AS "at", status, outcome, reason, view_count,'
    " view_count_raw, revision, run, warc.file AS warc_file, warc.offset AS warc_offset, warc.length AS warc_length,"
    " warc.record_id AS warc_record_id, warc.payload_digest AS payload_digest FROM raw",
}


@dataclass(frozen=True, slots=True)
class _Batch:
    stream: Stream
    where: str  #: for messages
    file: Path
    lines: int
    longest: int
    done: int


class Lines:
    """Reads what runs after number *since* wrote. ``lines`` and ``removed`` count lines, and tombstones, by stream."""

    def __init__(self, db: duckdb.DuckDBPyConnection, snapshot: Snapshot, since: int, scratch: Path) -> None:
        self._db, self._snapshot, self._scratch = db, snapshot, scratch
        self._ranges = snapshot.ranges(since)
        self._pieces = 0
        self.lines: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()

    def read(self) -> Iterator[tuple[int, int]]:
        """Yields (bytes read, bytes to read) as it goes. Raises DamagedError."""
        for kind in PIECES:
            (self._scratch / kind).mkdir()
        for types, kinds in ((self._texts_types(), ("versions", "links")), (_VISIT_TYPES, ("visits",))):
            columns = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in types.items())
            self._db.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT {columns} WHERE false")
            self._write(*kinds)  # pieces without a row, so that there is one of each kind
        total = sum(each.end - each.start for each in self._ranges)
        with ThreadPoolExecutor(1) as ahead:  # the next file is cut while DuckDB works on this one
            batches = self._cut()
            following = ahead.submit(next, batches, None)
            while (batch := following.result()) is not None:
                following = ahead.submit(next, batches, None)
                self._take(batch)
                batch.file.unlink()
                yield batch.done, total
        self._db.execute("DROP TABLE IF EXISTS temp.raw")

    def _cut(self) -> Iterator[_Batch]:
        """Files of about ``BATCH`` bytes, each of one stream."""
        done = number = 0
        for spans in _by_stream(self._ranges):
            lines = ((span, line) for span in spans for _, line in lines_of(self._snapshot.paths, span))
            following = next(lines, None)
            while following is not None:
                number += 1
                file = self._scratch / f"lines-{number}.jsonl"
                size = longest = count = 0
                with file.open("wb") as out:
                    while following is not None and size < BATCH:
                        span, line = following
                        out.write(line)
                        size, longest, count = size + len(line), max(longest, len(line)), count + 1
                        following = next(lines, None)
                done += size
                yield _Batch(span.stream, f"up to {span.path}", file, count, longest, done)

    @staticmethod
    def _texts_types() -> dict[str, str]:
        return {key: "VARCHAR" if key == "extracted_by" else _TYPES[key] for key in _TEXT_KEYS}

    def _take(self, batch: _Batch) -> None:
        visits = batch.stream == "observations"
        types = _VISIT_TYPES if visits else self._texts_types()
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        space = max(2 * batch.longest, 1 << 22)
        execute = self._db.execute
        try:
            execute(
                f"CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM read_json('{batch.file}', columns={{{kinds}}},"
                f" format='newline_delimited', maximum_object_size={space})"
            )
            schemas = dict(execute("SELECT schema, count(*) FROM raw WHERE id IS NOT NULL GROUP BY schema").fetchall())
            if (lost := batch.lines - sum(schemas.values())) > 0:
                raise DamagedError(f"{batch.where}: {lost} lines are no records; run `citynews verify`")
            for schema in schemas:
                versions.refuse_newer(schema, batch.where)
            buried = [schema for schema in schemas if is_tombstone({"schema": schema})]
            if buried:
                execute("DELETE FROM raw WHERE list_contains(?, schema)", [buried])
            self._visits() if visits else self._texts(batch.stream)
        except Exception as error:
            if _is_not_of_data(error):
                raise
            raise DamagedError(f"{batch.where}: {error}; run `citynews verify`") from error
        self.lines[batch.stream] += batch.lines
        self.removed[batch.stream] += sum(schemas[schema] for schema in buried)

    def _write(self, *kinds: str, changed: str = "NULL") -> None:
        """Writes pieces of *kinds* out of the table ``raw``."""
        self._pieces += 1
        for kind in kinds:
            file = self._scratch / kind / f"{self._pieces:06}.parquet"
            query = PIECES[kind].replace("{changed}", changed)
            self._db.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet)")

    def _visits(self) -> None:
        self._write("visits")
        self._db.execute("INSERT INTO new_visits SELECT id, observed_at::TIMESTAMPTZ, outcome, view_count FROM raw")
        self._db.execute(
            "INSERT INTO visit_counts SELECT portal, count(*), max(observed_at::TIMESTAMPTZ) FROM raw GROUP BY 1"
        )

    def _texts(self, stream: Stream) -> None:
        execute = self._db.execute
        later = stream == "revisions"
        self._write("versions", "links", changed="changed_fields" if later else "NULL")
        heads = ", ".join(_HEAD.get(name, f'"{name}"').format(later=str(later).lower()) for name in HEAD)
        execute(f"INSERT INTO new_heads SELECT {heads} FROM raw")
        if stream == "duplicates":
            execute(
                'INSERT INTO new_pairs SELECT id, duplicate_of.id, portal, duplicate_of.portal, direction, "match",'
                " similarity FROM raw"
            )
        if not later:
            execute(
                "INSERT INTO hows SELECT portal, left(fetched_at, 7), extracted_by, count(*) FROM raw GROUP BY 1, 2, 3"
            )


def _by_stream(ranges: list[Range]) -> Iterator[list[Range]]:
    """*ranges*, those of one stream that follow each other together."""
    for _, spans in groupby(ranges, key=lambda span: span.stream):
        yield list(spans)


def _is_not_of_data(error: Exception) -> bool:
    """Whether *error* says nothing of the lines: not of DuckDB, or of its memory and files."""
    name = type(error).__name__
    return not type(error).__module__.startswith(("duckdb", "_duckdb")) or "Memory" in name or name == "IOException"
