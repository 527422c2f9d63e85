"""An archive that is thrown away: visits are decided in it again, to see which lines they give."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from crawler.archive import lines
from crawler.archive.lines import Json
from crawler.archive.paths import Stream
from crawler.archive.writer import Archive


class Rehearsal(Archive):
    """An archive in *root* that knows what it is told, as of one visit after the other."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, kind="replay")
        self.made: list[bytes] = []  #: the lines of the last visit

    def _place(self, stream: Stream, record: Json) -> tuple[Stream, Json, str, bytes]:
        found = super()._place(stream, record)
        self.made.append(found[3])
        return found

    def know(self, decision: Json, found: list[tuple[str, bytes]]) -> None:
        """A visit whose lines (path, line) are there: they are believed, and the visit is not made again."""
        with self._writing():
            for path, line in found:
                stream = cast(Stream, path.partition("/")[0])
                record = lines.decode(line)
                offset = self._reserve(path, len(line))
                self.index.apply(stream, record, path, offset, len(line))
                (self._observations if stream == "observations" else self._pending).append((path, line))
                if stream in {"articles", "revisions"}:
                    self._fresh[record["id"]] = record
            self.index.decide(decision)
