"""A temporary archive: visits are decided in it again, to see which lines result."""

from __future__ import annotations

from pathlib import Path

from crawler.archive.records import jsonl, versions
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import Stream
from crawler.archive.write.writer import ArchiveWriter


class ScratchArchive(ArchiveWriter):
    """An archive in *root* that knows what it is on_done, as of one visit after the other."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, kind="replay")
        self.made: list[bytes] = []  #: the lines of the last visit

    def _place(self, stream: Stream, record: Json) -> tuple[Stream, Json, str, bytes]:
        found = super()._place(stream, record)
        self.made.append(found[3])
        if stream != "observations":  # a line of an older version is what is looked for as well
            versions_before = range(1, versions.NEWEST[stream])
            self.made += [jsonl.encode(versions.as_version(record, version)) for version in versions_before]
        return found
