"""An archive that version 0.1.0 wrote: verified, repaired, read, crawled on, taken down from, replayed, sealed."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
import time_machine

from crawler.archive.read.reader import Reader
from crawler.archive.records import jsonl, schema, versions
from crawler.cli import run
from harness import disk
from harness.command import citynews
from harness.scripted import Scripted

FIXTURE = Path(__file__).parents[1] / "fixtures" / "archive-0.1.0.tar.xz"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with tarfile.open(FIXTURE) as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path / "archive-0.1.0"


def verify(root: Path) -> int:
    return run(["verify", "--output", str(root), "--quiet"])


def lines(root: Path, stream: str) -> list[dict[str, Any]]:
    return [
        json.loads(line) for path in sorted((root / stream).rglob("*.jsonl")) for line in path.read_bytes().splitlines()
    ]


def test_it_is_whole_and_its_lines_are_of_version_1(old: Path) -> None:
    assert verify(old) == 0
    assert {line["schema"] for line in lines(old, "articles")} == {"citynews/article/1", "citynews/tombstone/1"}
    assert not any("attachments" in line for line in lines(old, "articles"))


def test_readers_give_every_record_the_keys_of_today(old: Path) -> None:
    reader = Reader(old)
    for stream, records in (("articles", reader.articles()), ("revisions", reader.revisions())):
        for record in records:
            assert tuple(record) == jsonl.KEYS[stream]
            assert record["attachments"] == []
            assert record["schema"].endswith("/1")
    assert run(["reindex", "--output", str(old), "--quiet"]) == 0


@pytest.mark.parametrize("stream", ["articles", "revisions", "duplicates"])
def test_a_lost_line_comes_back_to_the_byte(old: Path, stream: str) -> None:
    path = next((old / stream).rglob("*.jsonl"))
    whole = path.read_bytes()
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[1:]))
    assert verify(old) == 4
    assert run(["repair", "--output", str(old), "--quiet"]) == 0
    assert path.read_bytes() == whole
    assert verify(old) == 0


def test_crawled_on_a_month_holds_both_versions(old: Path, server: Scripted, tmp_path: Path) -> None:
    server.listing("/a/one", "/a/two")
    server.article("/a/one")
    server.article("/a/two")
    definition = server.definition(tmp_path, "sample-metro")
    citynews("crawl", "sample-metro", "--portals", definition, "--output", old, "--allow-host", server.host, code=None)
    month = next(
        path for path in (old / "articles/sample-metro").iterdir() if b"citynews/article/2" in path.read_bytes()
    )
    assert disk.runs(old)[-1]["portals"]["sample-metro"]["outcomes"]["new"] == 2
    assert verify(old) == 0
    first, last = (
        json.loads(line) for line in (month.read_bytes().splitlines()[0], month.read_bytes().splitlines()[-1])
    )
    assert last["schema"] == "citynews/article/2"
    for record in (first, last):
        removed = ["remove", record["url"], "--output", str(old), "--reason", "asked for"]
        assert run(removed) == 0
    found = {line["schema"] for line in lines(old, "articles")}
    assert "citynews/tombstone/2" in found
    assert verify(old) == 0
    again = tmp_path / "again"
    assert run(["replay", str(old / "warc"), "--output", str(again), "--quiet"]) == 0
    assert {line["schema"] for line in lines(again, "articles")} >= {"citynews/article/2"}
    assert {line["id"] for line in lines(again, "articles")} == {line["id"] for line in lines(old, "articles")}
    adopted = Path(shutil.copytree(old, tmp_path / "adopted"))
    assert run(["adopt", str(again), "--output", str(adopted)]) == 0
    assert verify(adopted) == 0


def test_each_version_is_held_to_its_own_keys(old: Path) -> None:
    record = next(line for line in lines(old, "articles") if line["schema"] == "citynews/article/1")
    assert schema.broken_promises("articles", record) == []
    newer = versions.upgraded(record, "a line")
    assert schema.broken_promises("articles", newer) == ["keys: absent [], unknown ['attachments']"]
    newer |= {"schema": "citynews/article/2", "extracted_by": newer["extracted_by"] | {"attachments": None}}
    assert schema.broken_promises("articles", newer) == []
    assert versions.as_version(newer, 1) == record
    unknown = newer | {"schema": "citynews/article/3"}
    assert "'citynews/article/3' is not" in schema.broken_promises("articles", unknown)[0]


def test_its_months_can_be_sealed(old: Path) -> None:
    before = disk.all_lines(old)
    with time_machine.travel("2027-01-05T00:00:00Z", tick=True):
        assert run(["seal", "--output", str(old), "--quiet"]) == 0
    assert list((old / "articles").rglob("*.jsonl.gz"))
    assert disk.all_lines(old) == before
    assert verify(old) == 0
