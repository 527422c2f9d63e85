"""Records of any size: the tables that pack them are as small as they are, and every reader unpacks them."""

from __future__ import annotations

import gzip
import io
import random
import uuid
from datetime import UTC, datetime

import pytest
from fastwarc.warc import ArchiveIterator

from crawler.archive.warc import record as records
from crawler.archive.warc.record import (
    GZIP_HEADER,
    ISAL,
    ZLIB,
    as_member,
    digest,
    new_record_id,
    pack,
    read_record,
)

SIZES = sorted({0, 1, *(size for bits in range(7, 18) for size in ((1 << bits) - 120, 1 << bits))})


@pytest.fixture(params=["isal", "zlib"])
def packed_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With isal, and as where there is none."""
    if request.param == "zlib":
        monkeypatch.setattr(records, "isal_zlib", None)
    else:
        assert records.isal_zlib is not None


@pytest.mark.usefixtures("packed_by")
@pytest.mark.parametrize("kind", ["noise", "text"])
def test_a_record_of_any_size_is_read_back(kind: str) -> None:
    random.seed(3)
    for size in SIZES:
        block = random.randbytes(size) if kind == "noise" else (b"<a href=/n/%d>" * size)[:size]
        member = pack(
            "resource", block[: size // 2], block[size // 2 :], record_id=new_record_id(), content_type="text/plain",
            date=datetime(2026, 1, 1, tzinfo=UTC), target="https://one.example/",
        )  # fmt: skip
        assert member.startswith(GZIP_HEADER)
        record = read_record(io.BytesIO(member), 0, len(member))
        assert record.block == block, size
        assert record.fields["warc-block-digest"] == digest(block)
        assert gzip.decompress(member).endswith(block + b"\r\n\r\n")
        foreign = next(iter(ArchiveIterator(io.BytesIO(member))))
        assert foreign.reader is not None
        assert foreign.reader.read() == block


@pytest.mark.parametrize("compressor", [ISAL, ZLIB])
def test_a_member_depends_on_its_bytes_alone(compressor: str) -> None:
    """A file that is packed again, record by record, has its records where they were."""
    data = b"".join(b"<li><a href=/n/%d>" % number for number in range(9000))
    whole = as_member(data, compressor=compressor)
    assert gzip.decompress(whole) == data
    for cut in (1, 300, len(data) // 2):
        assert as_member(data[:cut], data[cut : 2 * cut], data[2 * cut :], compressor=compressor) == whole
    other = as_member(data, compressor=ISAL if compressor == ZLIB else ZLIB)
    assert len(other) != len(whole), "else it need not be said which one packed a file"


def test_ids_of_records_are_random_uuids() -> None:
    ids = {new_record_id() for _ in range(200)}
    assert len(ids) == 200
    for one in ids:
        found = uuid.UUID(one.removeprefix("<urn:uuid:").removesuffix(">"))
        assert one == f"<{found.urn}>"
        assert (found.version, found.variant) == (4, uuid.RFC_4122)
