"""The byte ranges of each file that finished runs own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from crawler.archive.records.jsonl import Json


@dataclass(slots=True)
class FileRanges:
    """What finished runs say of the files: the newest word on each."""

    ranges: dict[str, list[Json]] = field(default_factory=dict)  #: path -> ranges that follow each other
    packed: dict[str, Json] = field(default_factory=dict)  #: path -> size and sha256 of its sealed file
    kept: dict[str, Json] = field(default_factory=dict)  #: replaced files: path -> size, sha256

    def take(self, run: Json) -> None:
        """Adds what *run* says; runs come in the order of their numbers.

        A range follows those before it. One that is ``whole`` takes the place of all of them: from this run on the file
        is these bytes. One that is ``gone`` says that there is no such file any more.
        """
        for entry in run["files"]:
            path = entry["path"]
            if entry.get("gone"):
                self.ranges.pop(path, None)
                self.packed.pop(path, None)
                continue
            if entry.get("whole"):
                self.ranges[path] = [entry]
                self.packed.pop(path, None)
            else:
                self.ranges.setdefault(path, []).append(entry)
            if entry.get("sealed"):
                self.packed[path] = entry["sealed"]
        for entry in run.get("aside", []):
            self.kept[entry["path"]] = entry

    def end(self, path: str) -> int:
        """Up to which byte runs answer for *path*; 0 for a file no run knows."""
        found = self.ranges.get(path)
        return int(found[-1]["end"]) if found else 0


def of(finished: Iterable[Json]) -> FileRanges:
    """The claims of *finished*, run files in the order of their numbers."""
    claims = FileRanges()
    for run in finished:
        claims.take(run)
    return claims
