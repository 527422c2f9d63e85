"""`citynews status`: five lines for whoever is called at night."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.storage.lock import Lock, holder
from harness import disk
from harness.command import citynews
from harness.sample_sites import METRO, ZHIHUI, SampleSites

LINES = ["writing", "last run", "due", "disk", "health"]


def test_five_lines_and_what_they_say(archive_with_history: Path) -> None:
    folder = archive_with_history.parent / "portals"
    before = sorted(archive_with_history.rglob("*"))
    done = citynews("status", "--output", archive_with_history, "--portals", folder, "--json")
    assert sorted(archive_with_history.rglob("*")) == before, "it writes nothing"
    *lines, _ = done.out.splitlines()
    assert [line[:10].strip() for line in lines] == LINES
    last = disk.runs(archive_with_history)[-1]
    found = done.summary
    assert found["last_run"] == {key: last[key] for key in ("run", "kind", "started_at", "finished_at", "exit_code")}
    assert found["last_crawl_ended"] == last["finished_at"]
    assert found["writer"] is None
    assert found["archive_bytes"] == sum(p.stat().st_size for p in archive_with_history.rglob("*") if p.is_file())
    assert found["due"].keys() <= {METRO, ZHIHUI, "chengshi-pingtai", *found["due"]}
    assert found["well"] + len(found["alarms"]) == 3


def test_what_is_due_is_what_the_next_crawl_asks_for(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    sample_sites.rewrite(METRO, add='\n[revisit]\nafter = ["0.1s"]\n')
    sample_sites.crawl(output, METRO)
    status = ("status", "--output", output, "--portals", sample_sites.folder, "--json")
    due = citynews(*status, later=timedelta(seconds=1)).summary["due"]
    seen = len(disk.records(output, "observations"))
    sample_sites.crawl(output, METRO, later=timedelta(seconds=1))
    assert due == {METRO: len(disk.records(output, "observations")) - seen}
    assert due[METRO] > 40
    shutil.rmtree(output / "state")
    done = citynews("status", "--output", output, "--portals", sample_sites.folder, "--json")
    assert done.summary["due"] is None
    assert "reindex" in done.out


def test_who_writes_and_what_was_cut_short(copy: Path) -> None:
    assert holder(copy / ".lock") is None
    lock = Lock(copy / ".lock")
    assert holder(copy / ".lock") == os.getpid()
    marker = '{"run": "29990101T000000Z-abcdef", "number": 99, "kind": "crawl", "started_at": "%s", "previous": null}'
    (copy / "runs" / "29990101T000000Z-abcdef.json.open").write_text(marker % "2026-11-20T00:00:00.000000Z")
    try:
        text = citynews("status", "--output", copy).out
        assert f"process {os.getpid()}" in text
        assert "is under way" in text
    finally:
        lock.release()
    done = citynews("status", "--output", copy, "--json")
    assert "was cut short" in done.out
    assert done.summary["last_run"]["exit_code"] is None


def test_a_status_never_keeps_a_writer_out(copy: Path) -> None:
    code = "import sys; from pathlib import Path; from crawler.archive.storage.lock import holder\n"
    code += "while True: holder(Path(sys.argv[1]))\n"
    process = subprocess.Popen([sys.executable, "-c", code, str(copy / ".lock")])
    try:
        for _ in range(2000):
            Lock(copy / ".lock").release()  # BusyError, had the lock been taken to look at it
    finally:
        process.kill()
        process.wait()


def test_an_index_of_another_version_or_none_at_all_says_nothing(copy: Path) -> None:
    with closing(sqlite3.connect(copy / "state" / "index.sqlite3")) as db, db:
        db.execute("PRAGMA user_version = 1")
    assert citynews("status", "--output", copy, "--json").summary["due"] is None
    (copy / "state" / "index.sqlite3").write_bytes(b"not a database" * 100)
    assert citynews("status", "--output", copy, "--json").summary["due"] is None


@pytest.mark.parametrize("age", ["0", "0.0001"])
def test_an_age_that_is_exceeded_is_3(archive_with_history: Path, age: str) -> None:
    done = citynews("status", "--output", archive_with_history, "--max-age", age, "--json", code=3)
    assert done.summary["late"]
    assert "no crawl has ended" in done.err


def test_where_there_is_no_archive(tmp_path: Path) -> None:
    assert "no archive here" in citynews("status", "--output", tmp_path / "x", code=2).err
    (tmp_path / "empty").mkdir()
    assert "none yet" in citynews("status", "--output", tmp_path / "empty").out
    assert list((tmp_path / "empty").iterdir()) == []
