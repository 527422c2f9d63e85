"""Sealed months: the same content, provable to the byte, and no reader sees a difference."""

from __future__ import annotations

import gzip
import random
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.read.reader import Reader
from crawler.archive.records import jsonl as archive_lines
from crawler.archive.records.decisions import Decision
from crawler.archive.storage import month_file
from crawler.archive.storage.errors import SealedError
from crawler.archive.storage.layout import Paths
from crawler.archive.write.writer import ArchiveWriter
from crawler.cli import run
from crawler.maintenance import seal
from harness import disk
from harness.socketless_sites import past_archive


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return past_archive(tmp_path_factory.mktemp("past") / "archive")


@pytest.fixture
def sealed(past: Path, tmp_path: Path) -> Path:
    root = Path(shutil.copytree(past, tmp_path / "sealed"))
    assert run(["seal", "--output", str(root), "--quiet"]) == 0
    return root


def verify(root: Path, *more: str) -> int:
    return run(["verify", "--output", str(root), "--quiet", *more])


def test_every_reader_sees_the_same(past: Path, sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not list(sealed.glob("*/*/*.jsonl"))
    assert disk.all_lines(sealed) == disk.all_lines(past)
    assert verify(sealed) == verify(sealed, "--jobs", "2") == 0
    one, other = Reader(past), Reader(sealed)
    for record in one.articles():
        assert one.life(record["id"]) == other.life(record["id"])
    capsys.readouterr()
    assert run(["diff", str(past), str(sealed)]) == 0
    assert capsys.readouterr().out == "no difference\n"
    before = disk.index_rows(sealed)
    assert run(["reindex", "--output", str(sealed), "--quiet"]) == 0
    assert disk.index_rows(sealed) == before
    again = sealed.with_name("again")
    assert run(["replay", str(sealed / "warc"), "--output", str(again), "--quiet"]) == 0
    assert disk.all_lines(again) == disk.all_lines(past)


def test_two_days_pass_before_a_month_is_closed(past: Path, tmp_path: Path) -> None:
    paths = Paths(Path(shutil.copytree(past, tmp_path / "archive")))
    assert seal.seal(paths, datetime(2026, 9, 2, 23, 59, tzinfo=UTC)).run is None
    assert seal.seal(paths, datetime(2026, 9, 3, tzinfo=UTC)).months == ["2026-08"]
    first = disk.runs(paths.root)[-1]
    assert seal.seal(paths, datetime(2026, 10, 3, tzinfo=UTC)).months == ["2026-09"]
    second = disk.runs(paths.root)[-1]
    assert first["manifest_before"] is None
    assert second["manifest_before"] == second["previous"]
    (month,) = second["manifest"]
    assert {entry["run"] for entry in month["ranges"]} == {disk.runs(past)[1]["run"]}
    assert verify(paths.root) == 0


def test_every_byte_of_a_sealed_file_counts(sealed: Path) -> None:
    chance = random.Random(3)
    for file in chance.sample(sorted(sealed.glob("*/*/*.jsonl.gz")), 3):
        whole = file.read_bytes()
        for place in [4, *chance.sample(range(len(whole)), 4)]:
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
            assert verify(sealed) == 4, f"byte {place} of {file}"
        file.write_bytes(gzip.compress(gzip.decompress(whole)))
        assert verify(sealed) == 4, "packed again by another program"
        file.write_bytes(whole)
    assert verify(sealed) == 0


def test_damage_is_not_sealed_in(past: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    file = next((root / "articles").glob("*/*.jsonl"))
    file.write_bytes(file.read_bytes().replace(b"2", b"3", 1))
    before = disk.snapshot(root / "articles")
    assert run(["seal", "--output", str(root)]) == 4
    assert disk.snapshot(root / "articles") == before


def test_a_line_for_a_sealed_month_is_refused(sealed: Path) -> None:
    archive = ArchiveWriter(sealed)
    moment = datetime(2026, 8, 2, tzinfo=UTC)
    url = "http://sample-zhihui.example/x"
    with pytest.raises(SealedError, match="2026-08 is sealed"):
        archive.decide(Decision("sample-zhihui", "0" * 32, url, url, moment, "refused", reason="list"))
    archive.abandon()
    assert disk.all_lines(sealed)
    assert verify(sealed) == 0


def test_any_place_of_a_sealed_file_can_be_read(tmp_path: Path) -> None:
    chance = random.Random(1)
    file, packed = tmp_path / "x.jsonl", tmp_path / "x.jsonl.gz"
    file.write_bytes(b"".join(b"%d %s\n" % (n, b"y" * chance.randrange(900)) for n in range(2000)))
    month_file.seal(file, packed)
    assert gzip.decompress(packed.read_bytes()) == file.read_bytes()
    assert month_file.size(packed) == file.stat().st_size > 2 * month_file.BLOCK
    whole: list[Any] = list(archive_lines.whole_lines(file))
    assert list(archive_lines.whole_lines(packed)) == whole
    for offset, line in chance.sample(whole, 100):
        assert month_file.line_at(packed, offset) == line == month_file.read(packed, offset, len(line))
    for start, end in ((0, 5), (100, 400_000), (month_file.BLOCK, month_file.BLOCK + 1), (7, 1 << 40)):
        assert month_file.range_sha256(packed, start, end) == month_file.range_sha256(file, start, end)
