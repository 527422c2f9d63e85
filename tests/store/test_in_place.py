"""An archive in a store is read where it lies."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from crawler import archive
from crawler.archive.storage.errors import DamagedError
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.archive.storage.objects import Objects
from crawler.maintenance.seal import seal
from harness.command import run_in_process
from harness.socketless_sites import past_archive
from harness.stored import NAME, crawl, push


def test_every_stream_life_and_capture_is_that_of_the_folder(store: Objects, s3: str, tmp_path: Path) -> None:
    root = past_archive(tmp_path / "archive")
    push(root, store)
    with Lock(Paths(root).lock):
        seal(Paths(root), datetime(2026, 9, 20, tzinfo=UTC))
    push(root, store)
    there, here = archive.open(f"{store.url}{NAME}", endpoint=s3), archive.open(root)
    for stream in archive.STREAMS:
        assert list(there.records(stream)) == list(here.records(stream))
    assert list(there.pages(latest=True)) == list(here.pages(latest=True))
    assert list(there.copies()) == list(here.copies())
    for record in here.revisions():
        assert there.life(record["id"]) == here.life(record["id"])
        assert list(there.captures(record)) == list(here.captures(record))
    assert sorted(there.warc_files) == sorted(here.warc_files)


def test_a_warc_file_comes_only_when_it_is_read(folder: Objects, tmp_path: Path) -> None:
    push(crawl(tmp_path / "archive", 0), folder)
    reader = archive.open(f"{folder.url}{NAME}")
    record = next(reader.articles(portal="sample-zhihui"))
    scratch = reader.paths.root
    assert not list(scratch.rglob("*.warc.gz"))
    assert next(reader.captures(record)).body
    assert len(list(scratch.rglob("*.warc.gz"))) == 1
    del reader
    assert not scratch.exists()


def test_damage_and_absence_are_said(folder: Objects, tmp_path: Path) -> None:
    push(crawl(tmp_path / "archive", 0), folder)
    with pytest.raises(NotADirectoryError, match="name one of a store"):
        archive.open(f"file://{folder.folder}")
    key = next(stored.key for stored in folder.below(NAME).listing("parts") if "articles" in stored.key)
    folder.below(NAME).put(key, folder.below(NAME).get(key)[:-1])
    with pytest.raises(DamagedError, match=key):
        list(archive.open(f"{folder.url}{NAME}").articles())


def test_tables_in_a_bucket_are_read_by_polars_and_refreshed(
    bucket: Objects, s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYNEWS_STORE_ENDPOINT", s3)
    options = {"aws_endpoint_url": s3, "aws_allow_http": "true", "aws_region": "us-east-1"}
    options |= {"aws_access_key_id": "test", "aws_secret_access_key": "test"}

    def rows(table: str) -> int:
        return pl.scan_parquet(f"{bucket.url}{table}", storage_options=options).collect().height

    root = crawl(tmp_path / "archive", 0)
    for day in (0, 1):
        if day:
            crawl(root, day)
        code, said = run_in_process("export", bucket.url, "--output", str(root))
        assert code == 0, said
        reader = archive.open(root)
        assert rows("pages/") == len(list(reader.pages()))
        assert rows("visits/") == len(list(reader.observations()))
        assert rows("runs.parquet") == len(list((root / "runs").glob("*.json")))
    code, said = run_in_process("export", bucket.url, "--output", str(root))
    assert "0 files sent" in said
    assert run_in_process("export", bucket.url, "--to", "csv", "--output", str(root))[0] == 2
    bucket.delete(["_citynews.json"])
    code, said = run_in_process("export", bucket.url, "--output", str(root))
    assert code == 2
    assert "did not write" in said
