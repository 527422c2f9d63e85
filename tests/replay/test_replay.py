"""Guarantee 3: the same bytes give the same lines, every time."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from backports import zstd

from crawler import archive
from crawler.archive.warc.record import records as warc_records
from crawler.maintenance.repair.segments import SMALLEST, filler
from harness import disk
from harness.command import CHECKOUT, citynews, start
from harness.sample_sites import METRO, SampleSites
from harness.waiting import until


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.ci)])
def test_replay_makes_the_same_lines(archive_with_history: Path, tmp_path: Path, jobs: int) -> None:
    """After three runs with revisions, copies, refusals, something gone and something that failed."""
    outcomes = {outcome for r in disk.records(archive_with_history, "observations") for outcome in [r["outcome"]]}
    assert outcomes >= {"new", "unchanged", "changed", "gone", "duplicate"}
    citynews("replay", archive_with_history / "warc", "--output", tmp_path / "again", "--jobs", jobs)
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(archive_with_history)
    citynews("verify", "--output", tmp_path / "again")
    (run,) = disk.runs(tmp_path / "again")
    assert run["kind"] == "replay"
    assert run["sources"] == [str((archive_with_history / "warc").resolve())]
    assert {r["run"] for r in disk.records(tmp_path / "again", "articles")} <= {
        r["run"] for r in disk.runs(archive_with_history)
    }
    assert not list((tmp_path / "again").glob("warc/*/*"))


@pytest.mark.ci
def test_replay_of_a_source_in_pieces(archive_with_history: Path, tmp_path: Path) -> None:
    """Files one by one, in any order, are the folder."""
    files = sorted((archive_with_history / "warc").glob("*/*.warc.gz"), reverse=True)
    assert len(files) >= 3
    citynews("replay", *files, "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(archive_with_history)


def test_the_first_file_alone_gives_its_own_run(archive_with_history: Path, tmp_path: Path) -> None:
    first = disk.runs(archive_with_history)[0]["run"]
    (file,) = (archive_with_history / "warc").glob(f"*/{first}-*.warc.gz")
    citynews("replay", file, "--output", tmp_path / "again")
    of_first = {
        stream: sorted(line for line in found if json.loads(line)["run"] == first)
        for stream, found in disk.all_lines(archive_with_history).items()
    }
    assert disk.all_lines(tmp_path / "again") == of_first


@pytest.mark.ci
def test_replay_of_a_wacz(archive_with_history: Path, tmp_path: Path) -> None:
    package = tmp_path / "all.wacz"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as wacz:
        for file in (archive_with_history / "warc").glob("*/*.warc.gz"):
            wacz.write(file, f"archive/{file.name}")
        wacz.writestr("datapackage.json", "{}")
    citynews("replay", package, "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(archive_with_history)
    reader, record = archive.open(tmp_path / "again"), next(archive.open(archive_with_history).articles())
    assert list(reader.captures(record)) == list(archive.open(archive_with_history).captures(record))


@pytest.mark.ci
def test_records_that_a_repair_has_moved_are_found_by_their_id(archive_with_history: Path, tmp_path: Path) -> None:
    """Captures and the originals of revisits, whose places in decisions are those of before; lines name the new."""
    moved = Path(shutil.copytree(archive_with_history / "warc", tmp_path / "warc"))
    for file in moved.glob("*/*.warc.gz"):
        data = file.read_bytes()
        begin = next(warc_records(file)).length
        file.write_bytes(data[:begin] + filler(SMALLEST, {}) + data[begin:])
    citynews("replay", moved, "--output", tmp_path / "again")
    assert unplaced(tmp_path / "again") == unplaced(archive_with_history)
    record = next(archive.open(tmp_path / "again").articles())
    assert [capture.record_id for capture in archive.open(tmp_path / "again").captures(record)] == [
        capture["record_id"] for capture in record["captures"]
    ]


def unplaced(root: Path) -> list[disk.Json]:
    """All records of *root*, without where their first capture lies."""
    found = [json.loads(line) for lines in disk.all_lines(root).values() for line in lines]
    for record in found:
        record["warc"] = record["warc"] and record["warc"] | {"offset": 0, "length": 0}
    return sorted(found, key=json.dumps)


def test_files_of_citynews_that_were_unpacked_or_packed_as_a_whole(archive_with_history: Path, tmp_path: Path) -> None:
    repacked = tmp_path / "repacked"
    repacked.mkdir()
    for number, file in enumerate(sorted(archive_with_history.glob("warc/*/*.warc.gz"))):
        plain = gzip.decompress(file.read_bytes())
        name, data = [
            (file.stem, plain), (file.name, gzip.compress(plain)), (f"{file.stem}.zst", zstd.compress(plain)),
        ][number % 3]  # fmt: skip
        (repacked / name).write_bytes(data)
    citynews("replay", repacked, "--output", tmp_path / "again", "--jobs", 1)
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(archive_with_history)
    citynews("verify", "--output", tmp_path / "again")


@pytest.mark.ci
def test_replay_ends_what_a_killed_one_began(archive_with_history: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    for lines in (0, 20, 60):
        process = start("replay", archive_with_history / "warc", "--output", again)
        until(lambda lines=lines: (again / "runs").is_dir() and len(disk.lines(again, "observations")) >= lines)  # type: ignore[misc]
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if again.is_dir():
            citynews("verify", "--output", again)
    citynews("replay", archive_with_history / "warc", "--output", again)
    assert disk.all_lines(again) == disk.all_lines(archive_with_history)
    assert disk.doubled(again) == []
    citynews("verify", "--output", again)
    done = citynews("replay", archive_with_history / "warc", "--output", again, "--json")
    assert done.summary["visits"] == 0, "a second replay has nothing to do"
    assert disk.all_lines(again) == disk.all_lines(archive_with_history)


@pytest.mark.ci
def test_other_definitions_make_other_records_and_say_so(archive_with_history: Path, tmp_path: Path) -> None:
    resource = tmp_path / f"{METRO}.toml"
    template = (CHECKOUT / "crawler" / "samples" / METRO / "portal.toml").read_text("utf-8")
    host = disk.records(archive_with_history, "articles")
    base = next(r["url"] for r in host if r["portal"] == METRO).split("/20")[0]
    text = template.replace("{base}", base).replace("{host}", base.removeprefix("http://"))
    resource.write_text(text + '\n[extract]\ntitle = "xpath://head/title"\n', "utf-8")
    done = citynews(
        "replay", archive_with_history / "warc", "--output", tmp_path / "again", "--portals", resource, "--json"
    )
    records = {r["id"]: r for r in disk.records(tmp_path / "again", "articles")}
    originals = {r["id"]: r for r in host}
    assert records.keys() == originals.keys()
    changed = {r["portal"] for ident, r in records.items() if r != originals[ident]}
    assert changed == {METRO}
    assert done.code == 0
    assert disk.runs(tmp_path / "again")[0]["overrides"] == [METRO]


def test_replay_never_writes_into_what_was_crawled(copy: Path, tmp_path: Path) -> None:
    before = disk.snapshot(copy)
    done = citynews("replay", copy / "warc", "--output", copy, code=2)
    assert str(copy) in done.err
    assert disk.snapshot(copy) == before


def test_replay_into_a_crawl_that_died_is_refused_too(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    sample_sites.rewrite(METRO, ("delay = 0", "delay = 0.1"))
    process = sample_sites.begin(output, METRO)
    until(lambda: disk.lines(output, "articles"))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    source = Path(shutil.copytree(output / "warc", tmp_path / "warc"))
    before = disk.snapshot(output)
    citynews("replay", source, "--output", output, code=2)
    assert disk.snapshot(output) == before
    citynews("replay", source, "--output", tmp_path / "again")
    assert {r["id"] for r in disk.records(tmp_path / "again", "articles")} >= {
        r["id"] for r in disk.records(output, "articles")
    }


@pytest.mark.ci
def test_replay_starts_no_scrapy(archive_with_history: Path, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom crawler.cli import run\n"
        f"code = run(['replay', {str(archive_with_history / 'warc')!r}, '--output', {str(tmp_path / 'again')!r}])\n"
        "assert code == 0, code\n"
        "loaded = [name for name in ('scrapy', 'twisted.internet.reactor') if name in sys.modules]\n"
        "assert not loaded, loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_no_source_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing to replay")
    broken = tmp_path / "broken.wacz"
    broken.write_bytes(b"no zip")
    (tmp_path / "empty").mkdir()
    for source in ("nowhere", "notes.txt", "broken.wacz", "empty"):
        done = citynews("replay", tmp_path / source, "--output", tmp_path / "again", code=2)
        assert source in done.err


def test_a_flipped_bit_in_the_source_is_not_replayed_in_silence(copy: Path, tmp_path: Path) -> None:
    file = min((copy / "warc").glob("*/*.warc.gz"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    file.write_bytes(data)
    done = citynews("replay", copy / "warc", "--output", tmp_path / "again", "--jobs", 1, code=None)
    assert file.name in done.err
    assert done.code == 4 or "damaged source" in done.err
