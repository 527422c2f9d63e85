"""Reading an archive: streams of records, one article's life. Never writes, needs no index, sees what is whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.archive import content, lines
from crawler.archive.errors import DamagedError
from crawler.archive.lines import Json
from crawler.archive.paths import Paths, Stream
from crawler.values.urls import article_id


@dataclass(frozen=True, slots=True)
class Life:
    """Everything the archive holds of one article address."""

    article: Json | None
    revisions: list[Json]
    observations: list[Json]
    duplicate: Json | None  #: where the address holds a copy of another article
    copies: list[Json]  #: duplicates elsewhere of this article

    @property
    def latest(self) -> Json | None:
        """The latest version; a copy's own record where the address is no article."""
        return self.revisions[-1] if self.revisions else self.article or self.duplicate


class Reader:
    """The archive in *root*, for reading; any number may read while one writes."""

    def __init__(self, root: Path) -> None:
        self.paths = Paths(root)

    def records(self, stream: Stream) -> Iterator[Json]:
        """The records of *stream*, file by file. Raises DamagedError."""
        for _, _, record in self._placed(stream):
            yield record

    def articles(self) -> Iterator[Json]:
        """Every article, as first archived."""
        return self.records("articles")

    def revisions(self) -> Iterator[Json]:
        """Every later version."""
        return self.records("revisions")

    def observations(self) -> Iterator[Json]:
        """Every visit."""
        return self.records("observations")

    def duplicates(self) -> Iterator[Json]:
        """Every copy."""
        return self.records("duplicates")

    def life(self, ident: str) -> Life:
        """What the archive holds of the address with the id *ident*, or of the address itself."""
        wanted = article_id(ident) if "://" in ident else ident.lower()
        own = {stream: list(self._of(stream, wanted)) for stream in ("articles", "revisions", "observations")}
        copies = list(self._of("duplicates", wanted))
        return Life(
            article=next(iter(own["articles"]), None),
            revisions=sorted(own["revisions"], key=lambda each: int(each["revision"])),
            observations=sorted(own["observations"], key=lambda each: str(each["observed_at"])),
            duplicate=next((each for each in copies if each["id"] == wanted), None),
            copies=[each for each in copies if each["duplicate_of"]["id"] == wanted],
        )

    def _of(self, stream: Stream, ident: str) -> Iterator[Json]:
        """The records of *stream* that name *ident*; only lines with its letters are parsed."""
        letters = ident.encode()
        for path in self.paths.stream_files(stream):
            for _, line in lines.whole_lines(path):
                if letters in line:
                    record = lines.decode(line)
                    if ident in {record["id"], record.get("duplicate_of", {}).get("id")}:
                        yield record

    def _placed(self, stream: Stream) -> Iterator[tuple[Path, int, Json]]:
        for path in self.paths.stream_files(stream):
            for offset, line in lines.whole_lines(path):
                try:
                    record = lines.decode(line)
                except DamagedError as error:
                    raise DamagedError(f"{path}: offset {offset}: {error}") from error
                yield path, offset, record

    def places(self, stream: Stream) -> dict[str, tuple[Path, int]]:
        """Key -> where its line lies: the id; with the revision, or the moment, where an id has several lines."""
        return {key_of(stream, record): (path, offset) for path, offset, record in self._placed(stream)}

    @staticmethod
    def at(path: Path, offset: int) -> Json:
        """The record whose line begins at *offset* of *path*."""
        return lines.decode(content.line_at(path, offset))


def key_of(stream: Stream, record: Json) -> str:
    """What may stand only once in *stream*."""
    if stream == "observations":
        return f"{record['id']} {record['observed_at']}"
    return f"{record['id']} {record['revision']}" if stream == "revisions" else str(record["id"])
