"""Bodies that end too early: whatever the coding, wherever the cut."""

from __future__ import annotations

import gzip
import random
import zlib

import brotli
import pytest
from backports import zstd

from crawler.values.coding import decode, is_cut

TEXT = b"<html><body>" + random.Random(3).randbytes(20_000).hex().encode() + b"</body></html>"


def deflate_bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


CODED = {
    "gzip": gzip.compress(TEXT), "x-gzip": gzip.compress(TEXT), "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT), "zstd": zstd.compress(TEXT),
}  # fmt: skip


@pytest.mark.parametrize("coding", sorted(CODED))
def test_a_coded_body_is_cut_wherever_its_end_is_missing(coding: str) -> None:
    whole = CODED[coding]
    for short in (False, True):
        assert not is_cut(whole, coding, short=short), "its end is a better witness than any length"
        assert not is_cut(whole + b"surplus", coding, short=short) or coding == "br"
        for length in {1, 2, 10, len(whole) // 2, len(whole) - 9, len(whole) - 1}:
            assert is_cut(whole[:length], coding, short=short), length
    assert decode(whole, coding) == TEXT


def test_deflate_without_a_wrapper() -> None:
    bare = deflate_bare(TEXT)
    assert not is_cut(bare, "deflate", short=True)
    assert is_cut(bare[: len(bare) // 2], "deflate", short=False)


def test_a_body_without_a_coding_is_cut_when_it_is_short_and_has_no_end() -> None:
    assert not is_cut(TEXT, None, short=True)
    assert not is_cut(TEXT + b"\n<!-- served by b7 -->\n", None, short=True)
    assert is_cut(TEXT[:-20], None, short=True)
    assert not is_cut(TEXT[:-20], None, short=False)


def test_what_is_broken_or_too_large_is_not_cut() -> None:
    assert not is_cut(b"no gzip at all", "gzip", short=False)
    assert not is_cut(gzip.compress(b" " * (40 << 20)), "gzip", short=False)
    assert not is_cut(b"", "gzip", short=False)
