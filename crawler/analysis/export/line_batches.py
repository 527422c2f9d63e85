"""Lines in batches of some megabytes, as files: month files as they lie, or copies of the lines that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crawler.analysis.snapshot import ByteRange, blocks_of
from crawler.archive.storage.layout import Paths, Stream

BATCH = 24 << 20  #: bytes of lines that are taken at once


@dataclass(slots=True)
class LineBatch:
    """Lines of one kind: ``later`` versions, ``texts`` (articles and copies) or ``visits``."""

    number: int
    kind: str
    lines: list[tuple[ByteRange, Path]] = field(default_factory=list)  #: with the file that holds them and no others
    size: int = 0

    def add(self, span: ByteRange, file: Path, size: int) -> None:
        self.lines.append((span, file))
        self.size += size

    @property
    def where(self) -> str:
        """For messages."""
        return f"up to {self.lines[-1][0].path}"

    @property
    def files(self) -> dict[Stream, list[Path]]:
        """Stream -> its files."""
        found: dict[Stream, list[Path]] = {}
        for span, file in self.lines:
            found.setdefault(span.stream, []).append(file)
        return found


class LineCutter:
    """Cuts what *ranges* of an archive hold into batches; what has to be copied for that goes into *folder*."""

    def __init__(self, paths: Paths, ranges: Iterable[ByteRange], folder: Path) -> None:
        self._paths, self._folder = paths, folder
        self._ranges = sorted(ranges, key=_order)
        self._copies = 0

    def batches(self) -> Iterator[LineBatch]:
        """Batches of about ``BATCH`` bytes; where they are large enough they end where a month of a portal ends.

        Raises DamagedError.
        """
        batch = LineBatch(0, "")
        for span in self._ranges:
            kind = _kind(span)
            for file, size in self._files(span):
                place = _place(batch.lines[-1][0]) if batch.lines else None
                is_full = batch.size >= BATCH or (batch.size > BATCH // 2 and place != _place(span))
                if batch.kind != kind or is_full:
                    if batch.lines:
                        yield batch
                    batch = LineBatch(batch.number + 1, kind)
                batch.add(span, file, size)
        if batch.lines:
            yield batch

    def copied(self, batch: LineBatch) -> LineBatch:
        """*batch* with a copy in place of every file that is no longer there: its month has been sealed meanwhile."""
        lines = [
            (span, file if file.exists() else self._copy(blocks_of(self._paths, span))) for span, file in batch.lines
        ]
        return LineBatch(batch.number, batch.kind, lines, batch.size)

    def forget(self, batch: LineBatch) -> None:
        """Deletes the copies that *batch* is made of."""
        for _, file in batch.lines:
            if file.parent == self._folder:
                file.unlink()

    def _files(self, span: ByteRange) -> Iterator[tuple[Path, int]]:
        """(file, its bytes) with the lines of *span*."""
        path = self._paths.root / span.path
        if span.end - span.start <= BATCH and _is_all_of(path, span):
            yield path, span.end
            return
        piece: list[bytes] = []
        size = 0
        for block in blocks_of(self._paths, span):
            piece.append(block)
            size += len(block)
            if size >= BATCH:
                yield self._copy(piece), size
                piece, size = [], 0
        if piece:
            yield self._copy(piece), size

    def _copy(self, blocks: Iterable[bytes]) -> Path:
        self._copies += 1
        file = self._folder / f"{self._copies:06}.jsonl"
        with file.open("wb") as out:
            out.writelines(blocks)
        return file


def _is_all_of(path: Path, span: ByteRange) -> bool:
    """Whether the open month file *path* holds the lines of *span* and nothing else."""
    if span.start:
        return False
    try:
        with path.open("rb") as file:
            if file.seek(0, 2) != span.end:
                return False
            file.seek(-1, 2)
            return file.read() == b"\n"
    except FileNotFoundError:  # sealed
        return False


def _kind(span: ByteRange) -> str:
    return {"revisions": "later", "observations": "visits"}.get(span.stream, "texts")


def _place(span: ByteRange) -> tuple[str, str]:
    return span.month, span.portal


def _order(span: ByteRange) -> tuple[bool, str, bool, str, str]:
    """Later versions, then by month texts and visits, by portal: articles and copies of one lie together."""
    return span.stream != "revisions", span.month, span.stream == "observations", span.portal, span.stream
