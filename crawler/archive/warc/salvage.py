"""Finds where reading can resume in a damaged WARC file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MEMBER = b"\x1f\x8b\x08"  #: how a gzip member begins
_CHUNK = 1 << 16


def positions(path: Path, marker: bytes, begin: int) -> Iterator[int]:
    """Every offset of *path*, from *begin* on, at which *marker* stands."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while begin < size:
            file.seek(begin)
            data = file.read(_CHUNK + len(marker) - 1)
            at = data.find(marker)
            while at >= 0:
                yield begin + at
                at = data.find(marker, at + 1)
            begin += _CHUNK
