"""Lines of an archive as rows for the SQLite store, in batches that are written in one transaction each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.analysis import rows
from crawler.analysis.snapshot import ByteRange, Snapshot, lines_of
from crawler.archive.records import jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.records.tombstone import is_tombstone
from crawler.archive.records.versions import upgraded
from crawler.archive.storage.errors import DamagedError


@dataclass(slots=True)
class RowBatch:
    """Rows read from lines, not yet written."""

    heads: list[tuple[object, ...]] = field(default_factory=list)
    pairs: list[tuple[object, ...]] = field(default_factory=list)
    versions: list[tuple[object, ...]] = field(default_factory=list)
    links: list[tuple[object, ...]] = field(default_factory=list)
    visits: list[tuple[object, ...]] = field(default_factory=list)
    counts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    buried: Counter[str] = field(default_factory=Counter)

    def take(self, stream: str, record: Json) -> None:
        """Adds one line of *stream*."""
        self.lines[stream] += 1
        if is_tombstone(record):
            self.buried[stream] += 1
        elif stream == "observations":
            self.visits.append(rows.visit(record))
        else:
            self.heads.append(rows.head(record))
            self.versions.append(rows.version(record))
            self.links += rows.links(record)
            if stream == "duplicates":
                self.pairs.append(rows.pair(record))
            if stream != "revisions":
                rows.count_fields(record, self.counts)

    def __len__(self) -> int:
        return len(self.heads) + len(self.visits)


def row_batches(snapshot: Snapshot, span: ByteRange, step: int) -> Iterator[tuple[int, RowBatch]]:
    """(byte reached, rows) for every *step* lines of *span*."""
    batch, end = RowBatch(), span.start
    for end, line in lines_of(snapshot.paths, span):
        try:
            record = upgraded(jsonl.decode(line), span.path)
            batch.take(span.stream, record)
        except (DamagedError, KeyError, TypeError, ValueError) as error:
            raise DamagedError(f"{span.path}: the line before byte {end} is not a record: {error!r}") from error
        if len(batch) >= step:
            yield end, batch
            batch = RowBatch()
    if batch.lines:
        yield end, batch
