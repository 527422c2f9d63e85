"""The lines of an archive's streams, one at a time, and where each lies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crawler.archive.records import jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.records.tombstone import is_tombstone
from crawler.archive.records.versions import upgraded
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths, Stream


def placed(
    paths: Paths, stream: Stream, portal: str | None = None, first: str = "", last: str = "~"
) -> Iterator[tuple[Path, int, Json]]:
    """(file, offset, record) of *stream*, of *portal* only where it is given, of the months *first* to *last*."""
    for path in paths.stream_files(stream):
        if portal not in {None, path.parent.name} or not first <= path.name[:7] <= last:
            continue
        for offset, line in jsonl.whole_lines(path):
            try:
                record = upgraded(jsonl.decode(line), f"{path}: offset {offset}")
            except DamagedError as error:
                raise DamagedError(f"{path}: offset {offset}: {error}") from error
            if not is_tombstone(record):
                yield path, offset, record
