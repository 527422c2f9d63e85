"""Lines of an archive into DuckDB: files of some megabytes that DuckDB parses, one stream at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.analysis.rows import HEAD, PAIR
from crawler.analysis.snapshot import Range, Snapshot, lines_of
from crawler.archive.records import tombstone
from crawler.archive.records.schema import columns
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Stream
from crawler.article import EXTRACTED

if TYPE_CHECKING:
    import duckdb

BATCH = 16 << 20  #: bytes of lines that DuckDB is given at once
_PLACE = "warc.file, warc.offset, warc.length, warc.record_id, warc.payload_digest"
#: What of a line is read. A key that a line does not have (of another stream, of an older version) is null.
_TEXT_KEYS = (
    "schema", "id", "portal", "url", "title", "source", "author", "editor", "published_at", "published_date",
    "published_precision", "view_count", "body", "language", "section", "tags", "related_links", "incomplete",
    "fetched_at", "revision", "content_hash", "warc", "extracted_by", "changed_fields", "duplicate_of", "match",
    "similarity", "direction",
)  # fmt: skip
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
    _table("read_links", ("from_id", "revision", "number", "url", "title", "kind")),
    "CREATE TEMP TABLE new_visits (id VARCHAR)",
    "CREATE TEMP TABLE visit_counts (portal VARCHAR, visits BIGINT, last TIMESTAMPTZ)",
    "CREATE TEMP TABLE field_counts (portal VARCHAR, month VARCHAR, field VARCHAR, how VARCHAR, pages BIGINT)",
)


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
        self.lines: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()

    def read(self) -> Iterator[tuple[int, int]]:
        """Yields (bytes read, bytes to read) as it goes. Raises DamagedError."""
        total = sum(each.end - each.start for each in self._ranges)
        with ThreadPoolExecutor(1) as ahead:  # the next file is cut while DuckDB works on this one
            batches = self._cut()
            following = ahead.submit(next, batches, None)
            while (batch := following.result()) is not None:
                following = ahead.submit(next, batches, None)
                self._take(batch)
                batch.file.unlink()
                yield batch.done, total

    def _cut(self) -> Iterator[_Batch]:
        """Files of about ``BATCH`` bytes, each of one stream."""
        held: list[bytes] = []
        size = longest = done = number = 0

        def cut(span: Range) -> _Batch:
            nonlocal held, size, longest, number
            number += 1
            file = self._scratch / f"lines-{number}.jsonl"
            file.write_bytes(b"".join(held))
            batch = _Batch(span.stream, f"up to {span.path}", file, len(held), longest, done)
            held, size, longest = [], 0, 0
            return batch

        for span, after in zip(self._ranges, [*self._ranges[1:], None], strict=True):
            for _, line in lines_of(self._snapshot.paths, span):
                held.append(line)
                size, longest, done = size + len(line), max(longest, len(line)), done + len(line)
                if size >= BATCH:
                    yield cut(span)
            if held and (after is None or after.stream != span.stream):
                yield cut(span)

    def _take(self, batch: _Batch) -> None:
        visits = batch.stream == "observations"
        types = _VISIT_TYPES if visits else {key: _TYPES[key] for key in _TEXT_KEYS}
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
        room = max(2 * batch.longest, 1 << 22)
        execute = self._db.execute
        try:
            execute(
                f"CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM read_json('{batch.file}', columns={{{kinds}}},"
                f" format='newline_delimited', maximum_object_size={room})"
            )
            read, buried = execute(
                f"SELECT count(*) FILTER (id IS NOT NULL), count(*) FILTER (schema = '{tombstone.SCHEMA}') FROM raw"
            ).fetchall()[0]
            if read != batch.lines:
                raise DamagedError(f"{batch.where}: {batch.lines - read} lines are no records; run `citynews verify`")
            self._visits() if visits else self._texts(batch.stream)
        except Exception as error:
            if (
                type(error).__module__.partition(".")[0] not in {"duckdb", "_duckdb"}
                or "Memory" in type(error).__name__
            ):
                raise
            raise DamagedError(f"{batch.where}: {error}; run `citynews verify`") from error
        self.lines[batch.stream] += batch.lines
        self.removed[batch.stream] += buried

    def _visits(self) -> None:
        self._db.execute(
            "INSERT INTO visits SELECT id, portal, url, observed_at::TIMESTAMPTZ, status, outcome, reason, view_count,"
            f" view_count_raw, revision, run, {_PLACE} FROM raw"
        )
        self._db.execute("INSERT INTO new_visits SELECT DISTINCT id FROM raw")
        self._db.execute(
            "INSERT INTO visit_counts SELECT portal, count(*), max(observed_at::TIMESTAMPTZ) FROM raw GROUP BY 1"
        )

    def _texts(self, stream: Stream) -> None:
        execute = self._db.execute
        execute(f"DELETE FROM raw WHERE schema = '{tombstone.SCHEMA}'")
        later = stream == "revisions"
        heads = ", ".join(_HEAD.get(name, f'"{name}"').format(later=str(later).lower()) for name in HEAD)
        execute(f"INSERT INTO new_heads SELECT {heads} FROM raw")
        changed = "changed_fields" if later else "NULL"
        execute(
            f"INSERT INTO versions SELECT id, revision, fetched_at::TIMESTAMPTZ, title, body, {changed}, NULL, NULL,"
            f" {_PLACE} FROM raw"
        )
        execute(
            "INSERT INTO read_links SELECT id, revision, number, link.url, link.title, link.kind FROM (SELECT id,"
            " revision, unnest(range(1, len(related_links) + 1)) AS number, unnest(related_links) AS link FROM raw)"
        )
        if stream == "duplicates":
            execute(
                'INSERT INTO new_pairs SELECT id, duplicate_of.id, portal, duplicate_of.portal, direction, "match",'
                " similarity FROM raw"
            )
        if not later:
            names = ", ".join(f"'{name}'" for name in EXTRACTED)
            hows = ", ".join(f"extracted_by.{name}" for name in EXTRACTED)
            execute(
                "INSERT INTO field_counts SELECT portal, month, field, coalesce(how, ''), count(*) FROM"
                f" (SELECT portal, left(fetched_at, 7) AS month, unnest([{names}]) AS field, unnest([{hows}]) AS how"
                " FROM raw) GROUP BY ALL"
            )
