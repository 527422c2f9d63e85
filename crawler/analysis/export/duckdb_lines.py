"""LineReader of an archive into DuckDB: batches of lines that DuckDB parses, two at a time.

A batch is a table in memory. Its texts and visits go where they are to lie in the end (``Kept``); what is derived from
later goes to the scratch folder as pieces of Parquet without texts. Later versions are read first: so it is known which
pages have several, and the texts of these alone are kept for the comparison.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

from crawler.analysis.export.line_batches import LineBatch, LineCutter
from crawler.analysis.rows import HEAD
from crawler.analysis.snapshot import ByteRange, Snapshot
from crawler.analysis.tables import VISITS
from crawler.archive.records import tombstone, versions
from crawler.archive.records.schema import columns
from crawler.archive.storage.errors import DamagedError
from crawler.values.urls import CANONICAL

if TYPE_CHECKING:
    import duckdb

_Taken = tuple[int, list[tuple[str, str, int]]]  #: bytes of a batch; (stream, schema, lines)
WORKERS = 2  #: batches that are taken at once
LONGEST = 2 << 20  #: bytes of a line that DuckDB allocates for at first; a longer line takes another try
#: What of a line is read. A key that a line does not have (of another stream, of an older version) is null.
_TEXT_KEYS = (
    "schema", "id", "portal", "url", "title", "source", "author", "editor", "published_at", "published_date",
    "published_precision", "view_count", "body", "language", "section", "tags", "related_links", "incomplete",
    "fetched_at", "revision", "content_hash", "warc", "extracted_by", "changed_fields", "duplicate_of", "match",
    "similarity", "direction",
)  # fmt: skip
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
    f" regexp_full_match(link.url, '{CANONICAL}') AS is_plain FROM (SELECT id AS from_id, revision,"
    " unnest(range(1, len(related_links) + 1)) AS number, unnest(related_links) AS link FROM {linking})",
}
#: The links of pages with later versions, few; those of the others are read where their lines are.
_RENEWED = (
    "CREATE TEMP TABLE IF NOT EXISTS renewed_links AS"
    " SELECT h.id, h.revision, h.related_links, p.first_fetched_at FROM {heads} h"
    " JOIN pages p ON p.id = h.id AND p.revision = h.revision WHERE h.id IN (SELECT id FROM revised)"
)
_LINKING = (
    "(SELECT id, revision, related_links FROM {heads} WHERE {fetched} AND id NOT IN (SELECT id FROM revised)"
    " UNION ALL SELECT id, revision, related_links FROM renewed_links WHERE {fetched})"
)
_LATER_BODIES = (
    f"SELECT id, revision, first_fetched_at AS fetched_at, {_MONTH.format('first_fetched_at')}, portal, title, body,"
    " changed_fields, warc_file, warc_offset, warc_length, warc_record_id, payload_digest, stream FROM batch"
)
_FIRST_BODIES = f"{_LATER_BODIES} WHERE id IN (SELECT id FROM revised)"


class Kept(Protocol):
    """Where texts and visits go. Two threads use it, each with a connection of its own."""

    def take_texts(self, db: duckdb.DuckDBPyConnection, number: int) -> None:
        """Takes the first versions in the table ``batch`` of *db*, the *number*-th one."""

    def take_visits(self, db: duckdb.DuckDBPyConnection, number: int) -> None:
        """Takes the visits in the table ``batch`` of *db*."""

    @property
    def visits(self) -> str:
        """All visits that were taken, for FROM."""


class LineReader:
    """Reads what runs after number *since* wrote. ``lines`` and ``removed`` count lines, and tombstones, by stream."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, snapshot: Snapshot, since: int, scratch: Path, kept: Kept
    ) -> None:
        self._db, self._scratch, self._kept = db, scratch, kept
        self._ranges = snapshot.ranges(since)
        (scratch / "lines").mkdir()
        self._cutter = LineCutter(snapshot.paths, self._ranges, scratch / "lines")
        self.lines: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()

    def read(self) -> Iterator[tuple[int, int]]:
        """Yields (bytes read, bytes to read) as it goes; makes the views. Raises DamagedError, NewerFormatError."""
        done, total = 0, sum(byte_range.end - byte_range.start for byte_range in self._ranges)
        for name in ("heads", "bodies"):
            (self._scratch / name).mkdir()
        nothing = self._scratch / "nothing.jsonl"
        nothing.touch()
        nowhere = ByteRange("revisions/none/0000-00.jsonl", 0, 0)
        self._take(self._db, LineBatch(0, "later", [(nowhere, nothing)]))  # so that there is one of each
        for size, counted in self._take_all():
            for stream, schema, lines in counted:
                self.lines[stream] += lines
                if tombstone.is_tombstone({"schema": schema}):
                    self.removed[stream] += lines
            done += size
            yield done, total
        self._name_revised(self._db)
        for name, query in _VIEWS.items():
            self._view(name, query.replace("{linking}", "{heads}"))

    def choose_links(self, fetched: str) -> None:
        """From here on ``read_links`` is of the latest versions of pages whose ``first_fetched_at`` meets *fetched*.

        The table ``pages`` must be whole.
        """
        self._db.execute(_RENEWED.replace("{heads}", self._pieces("heads")))
        self._view("read_links", _VIEWS["read_links"].replace("{linking}", _LINKING.replace("{fetched}", fetched)))

    def _view(self, name: str, query: str) -> None:
        query = query.replace("{visits}", self._kept.visits)
        for piece in ("heads", "bodies"):
            query = query.replace(f"{{{piece}}}", self._pieces(piece))
        self._db.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def _take_all(self) -> Iterator[_Taken]:
        """Takes later versions, then, as it is known which pages have such, all else."""
        for is_later, batches in groupby(self._cutter.batches(), key=lambda batch: batch.kind == "later"):
            if is_later:
                yield from (self._take(self._db, batch) for batch in batches)
            else:
                yield from self._take_side_by_side(batches)

    def _take_side_by_side(self, batches: Iterable[LineBatch]) -> Iterator[_Taken]:
        with ExitStack() as opened, ThreadPoolExecutor(WORKERS) as pool:  # closed once nobody works with them
            free: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
            for _ in range(WORKERS):
                db = opened.enter_context(closing(self._db.cursor()))
                db.execute("SET TimeZone = 'UTC'")  # as each connection begins with that of the machine
                self._name_revised(db)
                free.put(db)

            def take(batch: LineBatch) -> _Taken:
                db = free.get()
                try:
                    return self._take(db, batch)
                finally:
                    free.put(db)

            yield from _some_at_a_time(pool, take, batches)

    def _name_revised(self, db: duckdb.DuckDBPyConnection) -> None:
        """The table ``revised`` of *db*: ids of pages that later versions were read of."""
        db.execute(f"CREATE TEMP TABLE revised AS SELECT DISTINCT id FROM {self._pieces('bodies')}")

    def _take(self, db: duckdb.DuckDBPyConnection, batch: LineBatch) -> _Taken:
        """Takes *batch* by the connection *db*."""
        self._load(db, batch)
        counted = db.execute("SELECT stream, schema, count(*), count(id) FROM batch GROUP BY ALL").fetchall()
        if lost := sum(rows - records for _, _, rows, records in counted):
            raise DamagedError(f"{batch.where}: {lost} lines are not records; run `citynews verify`")
        for _, schema, _, _ in counted:
            versions.refuse_newer(schema, batch.where)
            if tombstone.is_tombstone({"schema": schema}):
                db.execute("DELETE FROM batch WHERE schema = ?", [schema])
        if batch.kind == "visits":
            self._kept.take_visits(db, batch.number)
        else:
            self._piece(db, "heads", batch, f"SELECT {', '.join(HEAD)}, {_REST} FROM batch")
            self._piece(db, "bodies", batch, _LATER_BODIES if batch.kind == "later" else _FIRST_BODIES)
            if batch.kind != "later":
                self._kept.take_texts(db, batch.number)
        db.execute("DROP TABLE temp.batch")
        return batch.size, [(stream, schema, lines) for stream, schema, lines, _ in counted]

    def _load(self, db: duckdb.DuckDBPyConnection, batch: LineBatch) -> None:
        """The table ``batch`` of *db*."""
        longest = LONGEST
        while True:
            try:
                db.execute(f"CREATE TEMP TABLE batch AS {_query(batch, longest)}")
            except Exception as error:  # DuckDB has many classes; what is no fault of the data is raised again
                if not all(file.exists() for _, file in batch.lines):
                    batch = self._cutter.copied(batch)
                elif "maximum_object_size" in str(error) and longest <= batch.size:
                    longest = batch.size + 1
                elif _is_not_of_data(error):
                    raise
                else:
                    raise DamagedError(f"{batch.where}: {error}; run `citynews verify`") from error
            else:
                break
        self._cutter.forget(batch)

    def _piece(self, db: duckdb.DuckDBPyConnection, name: str, batch: LineBatch, query: str) -> None:
        piece = quoted(str(self._scratch / name / f"{batch.number:06}.parquet"))
        db.execute(f"COPY ({query}) TO '{piece}' (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 8192)")

    def _pieces(self, name: str) -> str:
        return f"read_parquet('{quoted(str(self._scratch / name))}/*.parquet')"


def _some_at_a_time(
    pool: ThreadPoolExecutor, take: Callable[[LineBatch], _Taken], batches: Iterable[LineBatch]
) -> Iterator[_Taken]:
    """What *take* says of each batch; one batch is cut ahead of those that are under way."""
    running: deque[Future[_Taken]] = deque()
    for batch in batches:
        running.append(pool.submit(take, batch))
        if len(running) > WORKERS:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()


def _query(batch: LineBatch, longest: int) -> str:
    """What of the lines of *batch* the table ``batch`` holds; *longest*: the bytes of a line."""
    kind, types = ("visits", _VISIT_TYPES) if batch.kind == "visits" else ("texts", _TEXT_TYPES)
    kinds = ", ".join(f"'{name}': '{column}'" for name, column in types.items())
    parts = []
    for stream, files in batch.files.items():
        listed = ", ".join(f"'{quoted(str(file))}'" for file in files)
        lines = (
            f"read_json([{listed}], columns={{{kinds}}}, format='newline_delimited', compression='uncompressed',"
            f" maximum_object_size={longest})"
        )
        parts.append(_BATCHES[kind].format(stream=f"'{stream}'", lines=lines))
    return " UNION ALL ".join(parts)


def _is_not_of_data(error: Exception) -> bool:
    """Whether *error* says nothing of the lines: not of DuckDB, or of its memory and files."""
    name = type(error).__name__
    return not type(error).__module__.startswith(("duckdb", "_duckdb")) or "Memory" in name or name == "IOException"
