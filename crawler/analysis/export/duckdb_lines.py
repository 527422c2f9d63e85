"""LineReader of an archive into DuckDB: files of some megabytes that DuckDB parses, a batch at a time.

A batch is a table in memory. Its texts and visits go where they are to lie in the end (``Kept``); what is derived from
later goes to the scratch folder as pieces of Parquet without texts. Later versions are read first: so it is known which
pages have several, and the texts of these alone are kept for the comparison.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from crawler.analysis.rows import HEAD
from crawler.analysis.snapshot import ByteRange, Snapshot, blocks_of
from crawler.analysis.tables import VISITS
from crawler.archive.records import tombstone, versions
from crawler.archive.records.schema import columns
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Stream

if TYPE_CHECKING:
    import duckdb

BATCH = 48 << 20  #: bytes of lines that DuckDB is given at once
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
_HEADS = ", ".join(f'{_HEAD.get(name, name)} AS "{name}"' for name in HEAD)
_REST = "schema, extracted_by, related_links, duplicate_of, match, similarity, direction, stream"  #: of a head's piece
_MONTH = "strftime({} AT TIME ZONE 'UTC', '%Y-%m') AS month"
#: What of the lines a batch holds; {stream} is that of its lines, {lines} are they.
_BATCHES = {
    "texts": f"SELECT {_HEADS}, schema, body, changed_fields, extracted_by, related_links, duplicate_of, match,"
    " similarity, direction, {stream} AS stream FROM {lines}",
    "visits": 'SELECT id, portal, url, observed_at::TIMESTAMPTZ AS "at", status, outcome, reason, view_count,'
    f" view_count_raw, revision, run, {_PLACE}, schema, {{stream}} AS stream FROM {{lines}}",
}
#: What of a batch goes where it is to lie: the columns of its table, and month and portal for partitions.
BATCH_VERSIONS = (
    "SELECT id, revision, first_fetched_at AS fetched_at, title, body, NULL::VARCHAR[] AS changed_fields,"
    " NULL::BIGINT AS chars_added, NULL::BIGINT AS chars_removed, warc_file, warc_offset, warc_length, warc_record_id,"
    f" payload_digest, {_MONTH.format('first_fetched_at')}, portal FROM batch"
)
BATCH_TEXTS = (
    f"SELECT id, body, {_MONTH.format('first_fetched_at')}, portal FROM batch WHERE id NOT IN (SELECT id FROM revised)"
)
BATCH_VISITS = f"SELECT {', '.join(map(_named, VISITS.names))}, {_MONTH.format(_named('at'))} FROM batch"
#: Views of the pieces, in this order; {heads} and {bodies} are all of them. The first three are what ``derive`` knows.
_VIEWS = {
    "new_heads": f"SELECT {', '.join(HEAD)} FROM {{heads}}",
    "new_pairs": "SELECT id AS duplicate_id, duplicate_of.id AS article_id, portal AS duplicate_portal,"
    " duplicate_of.portal AS article_portal, direction, \"match\", similarity FROM {heads} WHERE stream = 'duplicates'",
    "new_visits": 'SELECT id, "at", outcome, view_count FROM {visits}',
    "read_visits": "SELECT * FROM {visits}",
    "read_bodies": "SELECT * FROM {bodies}",  # of pages with several versions that were read
    "read_hows": f"SELECT portal, {_MONTH.format('first_fetched_at')}, extracted_by FROM {{heads}}"
    " WHERE stream <> 'revisions'",
    "read_links": "SELECT from_id, revision, number, link.url AS url, link.title AS title, link.kind AS kind,"
    f" regexp_full_match(link.url, '{PLAIN}') AS is_plain FROM (SELECT id AS from_id, revision,"
    " unnest(range(1, len(related_links) + 1)) AS number, unnest(related_links) AS link FROM {heads} WHERE {where})",
}
_BODIES = (
    f"SELECT id, revision, first_fetched_at AS fetched_at, {_MONTH.format('first_fetched_at')}, portal, title, body,"
    " changed_fields, warc_file, warc_offset, warc_length, warc_record_id, payload_digest, stream FROM batch"
    " WHERE stream = 'revisions' OR id IN (SELECT id FROM revised)"
)


class Kept(Protocol):
    """Where texts and visits go."""

    def take_texts(self, number: int) -> None:
        """Takes the first versions in the table ``batch``, the *number*-th one."""

    def take_visits(self, number: int) -> None:
        """Takes the visits in the table ``batch``."""

    @property
    def visits(self) -> str:
        """All visits that were taken, for FROM."""


@dataclass(slots=True)
class _LineBatch:
    kind: str
    files: dict[Stream, Path] = field(default_factory=dict)
    lines: Counter[Stream] = field(default_factory=Counter)
    longest: int = 0
    size: int = 0
    where: str = ""  #: for messages

    def add(self, span: ByteRange, block: bytes, out: IO[bytes]) -> None:
        out.write(block)
        self.size += len(block)
        self.lines[span.stream] += block.count(b"\n")
        self.longest = max(self.longest, *map(len, block.split(b"\n")))
        self.where = f"up to {span.path}"

    @property
    def query(self) -> str:
        """What of its lines the batch holds."""
        types = _VISIT_TYPES if self.kind == "visits" else _TEXT_TYPES
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        return " UNION ALL ".join(
            _BATCHES[self.kind].format(
                stream=f"'{stream}'",
                lines=f"read_json('{quoted(str(file))}', columns={{{kinds}}}, format='newline_delimited',"
                f" maximum_object_size={max(2 * self.longest, 1 << 20)})",
            )
            for stream, file in self.files.items()
        )


class LineReader:
    """Reads what runs after number *since* wrote. ``lines`` and ``removed`` count lines, and tombstones, by stream."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, snapshot: Snapshot, since: int, scratch: Path, kept: Kept
    ) -> None:
        self._db, self._snapshot, self._scratch, self._kept = db, snapshot, scratch, kept
        self._ranges = sorted(snapshot.ranges(since), key=_order)
        self._batches = 0
        self.lines: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()

    def read(self) -> Iterator[tuple[int, int]]:
        """Yields (bytes read, bytes to read) as it goes; makes the views. Raises DamagedError, NewerFormatError."""
        done, total = 0, sum(byte_range.end - byte_range.start for byte_range in self._ranges)
        for name in ("heads", "bodies"):
            (self._scratch / name).mkdir()
        nothing = self._scratch / "nothing.jsonl"
        nothing.touch()
        self._db.execute("CREATE TEMP TABLE revised (id VARCHAR)")
        self._take(_LineBatch("texts", {"articles": nothing}))  # so that there is one of each
        with ThreadPoolExecutor(1) as ahead:  # the next file is cut while DuckDB works on this one
            batches = self._cut()
            following = ahead.submit(next, batches, None)
            while (batch := following.result()) is not None:
                following = ahead.submit(next, batches, None)
                self._take(batch)
                for file in batch.files.values():
                    file.unlink()
                done += batch.size
                yield done, total
        self._db.execute("DROP TABLE IF EXISTS temp.batch")
        for name in _VIEWS:
            self._view(name, "true")

    def choose_links(self, where: str) -> None:
        """From here on ``read_links`` is of the heads that the condition *where* names."""
        self._view("read_links", where)

    def _view(self, name: str, where: str) -> None:
        query = _VIEWS[name].replace("{visits}", self._kept.visits).replace("{where}", where)
        for piece in ("heads", "bodies"):
            source = f"read_parquet('{quoted(str(self._scratch / piece))}/*.parquet')"
            query = query.replace(f"{{{piece}}}", source)
        self._db.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def _cut(self) -> Iterator[_LineBatch]:
        """Batches of about ``BATCH`` bytes; where they are large enough they end where a month of a portal ends."""
        number = 0
        for kind, spans in groupby(self._ranges, key=_kind):
            blocks = ((span, block) for span in spans for block in blocks_of(self._snapshot.paths, span))
            following = next(blocks, None)
            while following is not None:
                batch = _LineBatch("visits" if kind == "visits" else "texts")
                number += 1
                with ExitStack() as files:
                    out: dict[Stream, IO[bytes]] = {}
                    while following is not None and batch.size < BATCH:
                        span, block = following
                        if span.stream not in out:
                            batch.files[span.stream] = self._scratch / f"{span.stream}-{number}.jsonl"
                            out[span.stream] = files.enter_context(batch.files[span.stream].open("wb"))
                        batch.add(span, block, out[span.stream])
                        following = next(blocks, None)
                        if batch.size > BATCH // 2 and following and _place(following[0]) != _place(span):
                            break
                yield batch

    def _take(self, batch: _LineBatch) -> None:
        try:
            self._db.execute(f"CREATE OR REPLACE TEMP TABLE batch AS {batch.query}")
        except Exception as error:  # DuckDB has many classes; what is no fault of the data is raised again
            if _is_not_of_data(error):
                raise
            raise DamagedError(f"{batch.where}: {error}; run `citynews verify`") from error
        counted = self._db.execute("SELECT stream, schema, count(id) FROM batch GROUP BY ALL").fetchall()
        if (lost := batch.lines.total() - sum(count for _, _, count in counted)) > 0:
            raise DamagedError(f"{batch.where}: {lost} lines are not records; run `citynews verify`")
        for stream, schema, count in counted:
            versions.refuse_newer(schema, batch.where)
            self.lines[stream] += count
            if tombstone.is_tombstone({"schema": schema}):
                self.removed[stream] += count
                self._db.execute("DELETE FROM batch WHERE schema = ?", [schema])
        self._batches += 1
        if batch.kind == "visits":
            self._kept.take_visits(self._batches)
            return
        self._piece("heads", f"SELECT {', '.join(HEAD)}, {_REST} FROM batch")
        if "revisions" in batch.files:
            self._db.execute("INSERT INTO revised SELECT DISTINCT id FROM batch")
        else:
            self._kept.take_texts(self._batches)
        self._piece("bodies", _BODIES)

    def _piece(self, name: str, query: str) -> None:
        piece = quoted(str(self._scratch / name / f"{self._batches:06}.parquet"))
        self._db.execute(f"COPY ({query}) TO '{piece}' (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 8192)")


def _kind(span: ByteRange) -> str:
    return {"revisions": "later", "observations": "visits"}.get(span.stream, "texts")


def _place(span: ByteRange) -> tuple[str, str]:
    return span.month, span.portal


def _order(span: ByteRange) -> tuple[bool, str, bool, str, str]:
    """Later versions, then by month texts and visits, by portal: articles and copies of one lie together."""
    return span.stream != "revisions", span.month, span.stream == "observations", span.portal, span.stream


def _is_not_of_data(error: Exception) -> bool:
    """Whether *error* says nothing of the lines: not of DuckDB, or of its memory and files."""
    name = type(error).__name__
    return not type(error).__module__.startswith(("duckdb", "_duckdb")) or "Memory" in name or name == "IOException"
