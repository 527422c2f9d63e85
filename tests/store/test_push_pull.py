"""An archive goes into a store and out of it: the same bytes, proved; a removal, a seal and a repair too."""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from crawler.archive.read.stored import runs_after
from crawler.archive.runs import run_file
from crawler.archive.storage.errors import DamagedError, NewerFormatError, StorageError, StoreAddressError
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.archive.storage.objects import Objects
from crawler.archive.storage.stored_layout import run_key
from crawler.archive.write import recovery, reindex
from crawler.exit_codes import UsageError
from crawler.maintenance import verify
from crawler.maintenance.rederive import rederive_lines
from crawler.maintenance.remove import remove
from crawler.maintenance.repair import repair
from crawler.maintenance.seal import seal
from crawler.store import survey
from crawler.store.outcome import OvertakenError
from crawler.store.push import begin
from harness import disk
from harness.command import citynews, run_in_process
from harness.socketless_sites import past_archive
from harness.stored import NAME, another, content, crawl, pull, push, whole
from harness.stores import Proxy, make_bucket


def test_round_trips_are_the_same_bytes(store: Objects, tmp_path: Path) -> None:
    root = crawl(tmp_path / "archive", 0)
    assert len(push(root, store).runs) == 1
    copy = tmp_path / "copy"
    assert len(pull(copy, store).runs) == 1
    assert content(whole(copy)) == content(root)
    for day in (1, 2):
        crawl(root, day)
    assert len(push(root, store).runs) == 2
    assert push(root, store).runs == []
    assert len(pull(copy, store).runs) == 2
    assert content(whole(copy)) == content(root)
    assert pull(copy, store).runs == []
    assert survey.prove(store.below(NAME)).damage == []


def test_the_index_after_a_pull_is_that_of_the_files(folder: Objects, tmp_path: Path) -> None:
    root, copy = tmp_path / "archive", tmp_path / "copy"
    for day in (0, 1):
        push(crawl(root, day), folder)
        pull(copy, folder)
    followed = disk.index_rows(copy)
    assert followed == disk.index_rows(root)
    citynews("reindex", "--output", copy)
    assert disk.index_rows(copy) == followed


def test_a_seal_elsewhere_costs_no_new_index(folder: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, copy = past_archive(tmp_path / "archive"), tmp_path / "copy"
    push(root, folder)
    pull(copy, folder)
    another(root, 1)
    with Lock(Paths(root).lock):
        seal(Paths(root), datetime(2026, 9, 20, tzinfo=UTC))
    push(root, folder)
    pull(copy, folder)
    monkeypatch.setattr(reindex, "rebuild_index", lambda paths: pytest.fail("the index was rebuilt"))
    with Lock(Paths(copy).lock):
        recovery.recover(Paths(copy)).close()
    assert disk.index_rows(copy) == disk.index_rows(root)


def test_what_was_pulled_is_crawled_on(folder: Objects, tmp_path: Path) -> None:
    root, copy = crawl(tmp_path / "archive", 0), tmp_path / "copy"
    push(root, folder)
    pull(copy, folder)
    crawl(copy, 1)
    push(copy, folder)
    pull(root, folder)
    assert content(whole(root)) == content(whole(copy))
    assert len(disk.runs(root)) == 2


def test_a_light_copy_leaves_warc_files_in_the_store(folder: Objects, tmp_path: Path) -> None:
    root, copy = crawl(tmp_path / "archive", 0), tmp_path / "copy"
    push(root, folder)
    assert pull(copy, folder, light=True).elsewhere == 1
    found = verify.verify(Paths(copy))
    assert found.damage == []
    assert found.checked["elsewhere"] == 1
    assert not list((copy / "warc").rglob("*.warc.gz"))
    assert disk.all_lines(copy) == disk.all_lines(root)
    for command in (["repair"], ["remove", disk.records(copy, "articles")[0]["id"], "--reason", "x"]):
        assert "WARC files are only in its store" in citynews(*command, "--output", copy, code=2).err
    crawl(copy, 1)
    push(copy, folder)
    assert verify.verify(Paths(copy)).damage == []
    pull(copy, folder)
    pull(root, folder)
    assert content(whole(copy)) == content(whole(root))


def test_a_byte_lost_from_a_light_copy_is_found(folder: Objects, tmp_path: Path) -> None:
    push(crawl(tmp_path / "archive", 0), folder)
    copy = tmp_path / "copy"
    pull(copy, folder, light=True)
    path = next((copy / "articles").rglob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"sample", b"simple", 1))
    assert verify.verify(Paths(copy)).damage != []


@pytest.mark.parametrize("kind", ["runs/", "warc/", "parts/", ".cdxj"])
def test_a_flipped_byte_in_the_store_is_named(folder: Objects, tmp_path: Path, kind: str) -> None:
    push(crawl(tmp_path / "archive", 0), folder)
    key = next(stored.key for stored in folder.below(NAME).listing() if kind in stored.key)
    data = bytearray(folder.below(NAME).get(key))
    data[len(data) // 2] ^= 1
    folder.below(NAME).put(key, bytes(data))
    copy = tmp_path / "copy"
    with pytest.raises(DamagedError, match=key):
        pull(copy, folder)
    assert not list((copy / "runs").glob("*"))
    assert any(key in damage for damage in survey.prove(folder.below(NAME)).damage)


def test_a_missing_object_is_named(folder: Objects, tmp_path: Path) -> None:
    push(crawl(tmp_path / "archive", 0), folder)
    key = next(stored.key for stored in folder.below(NAME).listing("parts"))
    folder.below(NAME).delete([key])
    with pytest.raises(DamagedError, match=key):
        pull(tmp_path / "copy", folder)


def test_damage_here_is_not_pushed(folder: Objects, tmp_path: Path) -> None:
    root = crawl(tmp_path / "archive", 0)
    path = next((root / "articles").rglob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace(b"sample", b"simple", 1))
    with pytest.raises(DamagedError, match="not what was written"):
        push(root, folder)
    assert runs_after(folder.below(NAME), 0, None) == []


def test_sealed_months_removals_and_repairs_reach_the_store(folder: Objects, tmp_path: Path) -> None:
    root = past_archive(tmp_path / "archive")
    early = tmp_path / "early"
    push(root, folder)
    pull(early, folder)
    with Lock(Paths(root).lock):
        seal(Paths(root), datetime(2026, 9, 20, tzinfo=UTC))
    push(root, folder)
    pull(early, folder)
    assert content(whole(early)) == content(root)
    bodies = [record["body"] for stream in ("articles", "duplicates") for record in disk.records(root, stream)]
    victim = next(r for r in disk.records(root, "articles") if sum(r["body"][:40] in body for body in bodies) == 1)
    with Lock(Paths(root).lock):
        remove(Paths(root), victim["id"], "asked to")
    damaged = next((root / "observations").rglob("*.jsonl"))
    damaged.write_bytes(damaged.read_bytes()[:-40] + b"x" * 39 + b"\n")
    with Lock(Paths(root).lock):
        repair(Paths(root), rederive_lines)
    done = push(root, folder)
    assert len(done.runs) == 2
    for stored in folder.below(NAME).listing():
        data = folder.below(NAME).get(stored.key)
        text = gzip.decompress(data) if stored.key.endswith(".gz") else data
        assert victim["body"][:40].encode() not in text, stored.key
    for copy in (early, tmp_path / "late"):
        pull(copy, folder)
        assert content(whole(copy)) == content(root)
    assert folder.below(NAME).listing("removed") == []


def test_runs_whose_bytes_are_gone_come_with_the_run_that_replaced_them(folder: Objects, tmp_path: Path) -> None:
    root = crawl(tmp_path / "archive", 0)
    with Lock(Paths(root).lock):
        remove(Paths(root), disk.records(root, "articles")[0]["id"], "asked to")
    crawl(root, 1)
    seen: list[int] = []
    create = Objects.create

    def committed(self: Objects, key: str, data: bytes) -> bool:
        done = create(self, key, data)
        if "runs/" in key:
            copy = tmp_path / f"copy-{len(seen)}"
            seen.append(len(pull(copy, folder).runs))
            whole(copy)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Objects, "create", committed)
        push(root, folder)
    assert seen == [0, 2, 3]
    pull(tmp_path / "copy", folder)
    assert content(whole(tmp_path / "copy")) == content(root)


def test_other_archives_and_other_formats_are_refused(folder: Objects, tmp_path: Path) -> None:
    push(crawl(tmp_path / "archive", 0), folder)
    with pytest.raises(UsageError, match="different archives"):
        push(another(tmp_path / "other"), folder)
    with pytest.raises(UsageError, match="different archives"):
        pull(tmp_path / "other", folder)
    objects = folder.below(NAME)
    stored = orjson.loads(objects.get(run_key(1)))
    assert stored["schema"] == "citynews/run/1"
    objects.put("store.json", b'{"schema": "citynews/store/2"}')
    with pytest.raises(NewerFormatError):
        begin(objects)


def test_a_run_whose_number_is_taken_is_moved_away_and_named(bucket: Objects, tmp_path: Path) -> None:
    first = crawl(tmp_path / "first", 0)
    push(first, bucket)
    second = Path(shutil.copytree(first, tmp_path / "second"))
    crawl(first, 1)
    crawl(second, 1)
    push(first, bucket)
    lost = disk.runs(second)[1]["run"]
    kept = {name: data for name, data in content(second).items() if lost in name}
    with pytest.raises(OvertakenError, match="got in first") as caught:
        push(second, bucket)
    assert caught.value.runs == [lost]
    assert content(whole(second)) == content(first)
    aside = second / "diverged" / lost
    assert {name: (aside / name).read_bytes() for name in kept} == kept
    crawl(second, 2)
    push(second, bucket)
    pull(first, bucket)
    assert content(whole(first)) == content(whole(second))


@pytest.mark.skipif("CITYNEWS_TEST_S3" in os.environ, reason="a server that checks signatures sees a header go")
def test_a_server_that_ignores_the_condition_is_refused(s3: str, tmp_path: Path) -> None:
    with Proxy(s3, drop_conditions=True) as proxy, pytest.raises(UsageError, match="ignores If-None-Match"):
        begin(Objects("s3://news/ignored", endpoint=proxy.url).below(NAME))


def test_a_versioned_bucket_keeps_what_was_removed_and_that_is_said(s3: str, tmp_path: Path) -> None:
    make_bucket(s3, "versions", versioned=True)
    store = Objects("s3://versions/x", endpoint=s3)
    root = crawl(tmp_path / "archive", 0)

    def push_remove_push() -> None:
        push(root, store)
        with Lock(Paths(root).lock):
            remove(Paths(root), disk.records(root, "articles")[0]["id"], "asked to")
        push(root, store)

    # Ceph 16 keeps the condition until a bucket keeps versions: it is refused at the first push
    with pytest.raises((StorageError, UsageError), match=r"keeps versions|ignores If-None-Match"):
        push_remove_push()


def test_garbage_goes_and_what_is_claimed_stays(folder: Objects, tmp_path: Path) -> None:
    push(crawl(tmp_path / "archive", 0), folder)
    objects = folder.below(NAME)
    before = [stored.key for stored in objects.listing() if not stored.key.startswith("turn/")]
    objects.put("parts/dead/articles/x/2026-11.jsonl", b"left by a push that died")
    assert "7d" not in citynews("store", "gc", folder.url).out
    assert "left" not in citynews("store", "gc", folder.url).out
    done = citynews("store", "gc", "--older", "0s", folder.url)
    assert done.out.split() == [f"{NAME}/parts/dead/articles/x/2026-11.jsonl"]
    assert [stored.key for stored in objects.listing() if not stored.key.startswith("turn/")] == before


def test_addresses_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(StoreAddressError, match="variables"):
        Objects("s3://key:secret@news/x")
    with pytest.raises(StoreAddressError, match="TLS"):
        Objects("s3://news/x", endpoint="http://192.0.2.1:9000")
    with pytest.raises(StoreAddressError, match="no store here"):
        Objects(str(tmp_path / "nothing"))
    with pytest.raises(StoreAddressError, match="neither"):
        Objects("ftp://example.org/x")


def test_a_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    crawl(tmp_path / "archive", 0)
    code, said = run_in_process("push", "--output", str(tmp_path / "archive"), "--store", str(tmp_path / "store"))
    assert (code, said.count("\n")) == (2, 1)
    assert "python -m pip install 'citynews[store]'" in said


def test_the_commands(store: Objects, s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYNEWS_STORE_ENDPOINT", s3)
    root, copy = str(crawl(tmp_path / "archive", 0)), str(tmp_path / "copy")
    url = store.url
    for arguments, code, says in (
        (("push", "--output", root, "--store", url, "--name", "news"), 0, "1 runs sent"),
        (("store", "ls", url), 0, "news: 1 runs"),
        (("pull", "--store", url, "--output", copy, "--without-warc"), 0, "1 WARC files were left in the store"),
        (("verify", "--output", copy), 0, "1 elsewhere"),
        (("pull", "--output", copy, "--store", url), 0, "objects"),
        (("store", "verify", url), 0, "0 damaged"),
        (("pull", "other", "--store", url, "--output", copy), 2, "there are: news"),
        (("push", "--output", copy), 2, "which store?"),
    ):
        done = run_in_process(*arguments)
        assert done[0] == code, done
        assert says in done[1]
    assert content(whole(Path(copy))) == content(Path(root))


@pytest.mark.parametrize(
    "path",
    [
        "../outside",
        "/etc/outside",
        "articles/../../outside",
        "state/index.sqlite3",
        "runs/x.json",
        "articles/.hidden/x",
    ],
)
def test_a_store_cannot_write_anywhere_else(folder: Objects, tmp_path: Path, path: str) -> None:
    push(crawl(tmp_path / "archive", 0), folder)
    objects = folder.below(NAME)
    run = orjson.loads(objects.get(run_key(1)))
    run["files"][0]["path"] = path
    run.pop("sha256")
    objects.put(run_key(1), run_file._signed(run))
    with pytest.raises(DamagedError, match="names a file that no archive has"):
        pull(tmp_path / "copy", folder)
    assert not list(tmp_path.rglob("outside"))


def test_an_archive_that_version_0_1_0_began(folder: Objects, tmp_path: Path) -> None:
    with tarfile.open(Path(__file__).parents[1] / "fixtures" / "archive-0.1.0.tar.xz") as packed:
        packed.extractall(tmp_path / "old", filter="data")
    root = next((tmp_path / "old").rglob("runs")).parent
    push(root, folder)
    pull(tmp_path / "copy", folder)
    assert content(whole(tmp_path / "copy")) == content(root)


@pytest.mark.parametrize("command", ["ls", "verify", "gc"])
def test_a_folder_without_an_archive_is_no_store(tmp_path: Path, command: str) -> None:
    (tmp_path / "other" / "things").mkdir(parents=True)
    done = citynews("store", command, tmp_path / "other", code=2)
    assert "no archive in this store" in done.err
