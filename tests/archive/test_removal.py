"""One article is taken down: nothing of it is left, everything else is, and it never comes back."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from crawler.archive.index.entries import REMOVED
from crawler.archive.index.index import Index
from crawler.cli import run
from harness import disk
from harness.command import run_in_process
from harness.socketless_sites import past_archive


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return past_archive(tmp_path_factory.mktemp("past") / "archive")


@pytest.fixture(params=["open", "sealed"])
def removed(past: Path, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Path, disk.Json]:
    """The archive without the article that has a revision, and that article."""
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    if request.param == "sealed":
        assert run(["seal", "--output", str(root), "--quiet"]) == 0
    ident = disk.records(past, "revisions")[0]["id"]
    article = next(record for record in disk.records(past, "articles") if record["id"] == ident)
    assert run(["remove", article["url"], "--reason", "a court", "--output", str(root), "--quiet"]) == 0
    return root, article


def everything(root: Path) -> bytes:
    """All bytes of streams and WARC files, unpacked."""
    found = [file.read_bytes() for file in root.glob("*/*/*.jsonl")]
    return b"".join(found + [gzip.decompress(file.read_bytes()) for file in root.glob("*/*/*.gz")])


def test_nothing_of_it_is_left(past: Path, removed: tuple[Path, disk.Json]) -> None:
    root, article = removed
    sentence = article["body"].split("\n")[0].encode()
    copies = {record["id"] for record in disk.records(past, "duplicates")}
    assert sentence in everything(past)
    left = [line for found in disk.all_lines(root).values() for line in found if sentence in line]
    assert all(any(copy.encode() in line for copy in copies) for line in left), "only copies elsewhere may stay"
    assert sentence not in b"".join(gzip.decompress(f.read_bytes()) for f in root.glob("warc/*/*.gz"))
    assert run_in_process("show", article["id"], "--output", str(root))[0] == 2
    code, said = run_in_process("verify", "--output", str(root))
    assert code == 0
    assert "1 known to be removed" in said


def test_everything_else_is_left(past: Path, removed: tuple[Path, disk.Json]) -> None:
    root, article = removed
    before, now = disk.all_lines(past), disk.all_lines(root)
    assert before["observations"] == now["observations"]
    for stream, found in before.items():
        gone = [line for line in found if line not in now[stream]]
        assert all(article["id"].encode() in line for line in gone)
        assert len(found) == len(now[stream]), "a tombstone for each"


def test_it_never_comes_back(removed: tuple[Path, disk.Json], tmp_path: Path) -> None:
    root, article = removed
    before = disk.index_rows(root)
    assert run(["reindex", "--output", str(root), "--quiet"]) == 0
    assert disk.index_rows(root) == before
    index = Index(root / "state" / "index.sqlite3")
    assert index.removed(article["id"])
    assert index.article(article["id"]) is None
    (address,) = (address for address, _ in index.awake(article["portal"], "2999") if address.id == article["id"])
    assert address.rank == REMOVED
    index.close()
    again = tmp_path / "again"
    assert run(["replay", str(root / "warc"), "--output", str(again), "--quiet"]) == 0
    assert run_in_process("show", article["id"], "--output", str(again))[0] == 2
    name = b'"duplicate_of":{"id":"%s"' % article["id"].encode()
    assert any(name in line for line in disk.all_lines(root)["duplicates"]), "a copy of it is among them"
    assert disk.all_lines(again) == disk.all_lines(root)
    assert run_in_process("verify", "--output", str(again))[0] == 0


def test_what_is_not_there_cannot_be_removed(past: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    assert run_in_process("remove", "0" * 32, "--reason", "a court", "--output", str(root))[0] == 2
    assert run_in_process("remove", "0" * 32, "--reason", " ", "--output", str(root))[0] == 2
