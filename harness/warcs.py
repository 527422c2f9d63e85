"""WARC files read with nothing but zlib: records as (named fields in order, block)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Raw:
    """A record as it stands in its file."""

    file: Path
    offset: int
    fields: tuple[tuple[str, str], ...]
    block: bytes

    def __getitem__(self, name: str) -> str:
        """The field *name*; empty where there is none."""
        return next((value for key, value in self.fields if key == name), "")


def raw_records(root: Path) -> Iterator[Raw]:
    """Every record of the archive in *root*, one gzip member each."""
    for file in sorted((root / "warc").glob("*/*.warc.gz")):
        data, offset = file.read_bytes(), 0
        while offset < len(data):
            unpacker = zlib.decompressobj(31)
            member = unpacker.decompress(data[offset:]) + unpacker.flush()
            assert unpacker.eof
            head, _, block = member.partition(b"\r\n\r\n")
            assert block.endswith(b"\r\n\r\n")
            version, *lines = head.decode().split("\r\n")
            assert version == "WARC/1.1"
            fields = [line.split(": ", 1) for line in lines]
            yield Raw(file, offset, tuple((name, value) for name, value in fields), block[:-4])
            offset = len(data) - len(unpacker.unused_data)
