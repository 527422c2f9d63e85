"""What a machine does to a run in its middle: exit code, one sentence, a sound archive, a next run that recovers."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness import disk
from harness.command import Done, citynews, finish, start
from harness.sample_sites import METRO, SampleSites
from harness.scripted import Answer, Scripted
from harness.waiting import until
from harness.year_runner import YearRunner

SLOW = ("delay = 0", "delay = 0.04")


def harmed(sample_sites: SampleSites, output: Path, harm: Callable[[], object]) -> Done:
    """How a run ends to which *harm* is done once its first articles are durable."""
    sample_sites.expect_nothing()
    sample_sites.rewrite(METRO, SLOW)
    process = sample_sites.begin(output, METRO)
    until(lambda: len(disk.lines(output, "articles")) >= 3)
    harm()
    done = finish(process)
    assert "Traceback" not in done.err, done.err
    sample_sites.rewrite(METRO, SLOW[::-1])
    return done


def recovered(sample_sites: SampleSites, output: Path) -> None:
    """What is there is sound; the next run gets the rest, and nothing twice."""
    citynews("verify", "--output", output)
    held = disk.all_lines(output)
    sample_sites.crawl(output, METRO)
    assert all(set(held[stream]) <= set(found) for stream, found in disk.all_lines(output).items())
    assert {record["id"] for record in disk.records(output, "articles")} >= sample_sites.ids(METRO)
    assert disk.doubled(output) == []
    citynews("verify", "--output", output)


def complaints(done: Done) -> list[str]:
    """The lines of the log."""
    return [line for line in done.err.splitlines() if " ERROR " in line or line.startswith("citynews: ")]


def assert_one_sentence_on_the_index(done: Done) -> None:
    """What the log says of a damaged index."""
    assert "Traceback" not in done.err, done.err
    (sentence,) = complaints(done)
    assert "the index is damaged, and will be rebuilt from the files" in sentence


@pytest.mark.ci
def test_a_second_ctrl_c_ends_a_run_at_once(server: Scripted, tmp_path: Path) -> None:
    """Though an answer is waited for, and though the run is not sealed: the next one sees to that."""
    server.listing("/a/good", "/a/silent")
    server.article("/a/good")
    server.pages["/a/silent"] = Answer(b"", wait=40)
    output = tmp_path / "archive"
    command = ["crawl", "scripted", "--portals", server.definition(tmp_path), "--output", output]
    process = start(*command, "--allow-host", server.host, "-s", "DOWNLOAD_TIMEOUT=60")
    until(lambda: {"/a/good", "/a/silent"} <= set(server.paths()))
    process.send_signal(signal.SIGINT)

    def gone() -> bool:
        process.send_signal(signal.SIGINT)  # two at once are one: until it is gone
        return process.poll() is not None

    until(gone)
    done = finish(process)
    assert done.code == 130
    assert "Traceback" not in done.err
    assert list((output / "runs").glob("*.open")), "nothing was sealed"
    citynews("verify", "--output", output)
    server.article("/a/silent")
    citynews(*command, "--allow-host", server.host)
    assert len(disk.lines(output, "articles")) == 2
    citynews("verify", "--output", output)


@pytest.mark.ci
def test_an_index_that_is_overwritten_during_a_run_is_5_or_never_read(
    sample_sites: SampleSites, tmp_path: Path
) -> None:
    """What SQLite has in its cache it need not read again: then the run is whole, and the next rebuilds the index."""
    output = tmp_path / "archive"

    def overwrite() -> None:
        for path in (output / "state").glob("index.sqlite3*"):
            with path.open("r+b") as file:  # the same file that the run has open
                file.write(b"\xa5" * path.stat().st_size)

    done = harmed(sample_sites, output, overwrite)
    if done.code == 0:  # nothing was read again: whoever opens the file next finds the damage, at once or as it reads
        assert complaints(done) == []
        assert {record["id"] for record in disk.records(output, "articles")} >= sample_sites.ids(METRO)
        done = sample_sites.crawl(output, METRO, code=None)
    else:
        assert len(disk.lines(output, "articles")) < 40, "the run ended there"
        assert done.code == 5
    if done.code == 5 and "database is locked" not in done.err:  # so SQLite may read the file of its locks by then
        assert_one_sentence_on_the_index(done)
    assert done.code in (0, 5)
    assert len(complaints(done)) == (done.code == 5)
    recovered(sample_sites, output)


@pytest.mark.ci
@pytest.mark.parametrize("first_page", [1, 20])
def test_an_index_that_is_damaged_unseen_is_5_once_it_is_read(
    sample_sites: SampleSites, tmp_path: Path, first_page: int
) -> None:
    """By a disk that changes neither size nor time: found by what a run asks first, or by what a page of it asks."""
    output, size_of_page = tmp_path / "archive", 4096
    sample_sites.crawl(output, METRO)
    index = output / "state" / "index.sqlite3"
    marker, stat = index.with_name("index.sqlite3.sound").read_text("ascii"), index.stat()
    with index.open("r+b") as file:
        file.seek(first_page * size_of_page)
        file.write(b"\xa5" * (stat.st_size - first_page * size_of_page))
    os.utime(index, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert marker.split() == [str(stat.st_size), str(index.stat().st_mtime_ns)], "the index still counts as sound"
    assert_one_sentence_on_the_index(sample_sites.crawl(output, METRO, code=5, later=timedelta(days=2)))
    recovered(sample_sites, output)


@pytest.mark.ci
def test_an_index_that_is_deleted_during_a_run_is_made_anew(sample_sites: SampleSites, tmp_path: Path) -> None:
    """The run has the file open, and does not miss its name."""
    output = tmp_path / "archive"
    done = harmed(sample_sites, output, lambda: shutil.rmtree(output / "state"))
    assert done.code == 0
    assert complaints(done) == []
    mark = sample_sites.marks()[METRO]
    recovered(sample_sites, output)
    known = {story.path for story in sample_sites.samples.stories(METRO)}
    assert not known & set(sample_sites.asked(METRO, mark)), "what the lost index knew is known"


@pytest.mark.ci
def test_a_clock_set_back_between_runs_and_during_one_loses_no_visit(sample_sites: SampleSites, tmp_path: Path) -> None:
    """By 26 hours each. What is due then waits until the clock has come there again, and is visited once."""
    output, noon, day = tmp_path / "archive", datetime(2026, 11, 24, 12, tzinfo=UTC), timedelta(days=1)
    sample_sites.expect_nothing()
    sample_sites.rewrite(METRO, SLOW)
    arguments = sample_sites.arguments(output, METRO)
    with YearRunner(tmp_path) as runner:
        back = (26 * timedelta(hours=1), lambda: len(disk.lines(output, "articles")) >= 3)
        assert runner.run(noon, arguments, set_back=back).code == 0
        first_seen = {
            record["id"]: datetime.fromisoformat(record["fetched_at"]) for record in disk.records(output, "articles")
        }
        assert min(first_seen.values()) < noon <= max(first_seen.values()), "the clock was set back in the middle"
        sample_sites.rewrite(METRO, SLOW[::-1])
        for days in (0.5, 2.5, 1.4, 4.5, 8.5, 31.5):  # the third: set back again
            ended = runner.run(noon + days * day, arguments)
            assert (ended.code, "the clock was set back" in ended.err) == (0, days == 1.4)
            assert runner.run(noon + days * day, ["verify", "--output", output]).code == 0
    assert disk.doubled(output) == []
    assert disk.unobserved(output) == []
    first, *_ = disk.runs(output)
    visits: dict[str, list[int]] = {ident: [] for ident in first_seen}
    for row in disk.records(output, "observations"):
        if row["id"] in first_seen and row["run"] != first["run"]:
            visits[row["id"]].append((datetime.fromisoformat(row["observed_at"]) - first_seen[row["id"]]).days)
    for ident, ages in visits.items():
        assert ages == ([2, 4, 8, 31] if first_seen[ident] >= noon else [1, 3, 9, 32])
    numbers = [run["sequence"]["first"] for run in disk.runs(output)]
    assert numbers == sorted(numbers)
    citynews("replay", output / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(output)


@pytest.fixture
def failing_disk(tmp_path: Path) -> Iterator[tuple[Path, Callable[[], object]]]:
    """A folder on a file system of its own, and what makes the kernel find an error in it: it turns read-only."""
    folder, image = tmp_path / "disk", tmp_path / "image"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(64 << 20)
    made = subprocess.run(["mkfs.ext4", "-q", "-F", image], capture_output=True, text=True, check=False)
    command = ["mount", "-o", "loop,errors=remount-ro", str(image), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode or done.returncode:
        pytest.skip(f"needs root, mkfs.ext4 and loop devices: {made.stderr.strip()} {done.stderr.strip()}")
    found = subprocess.run(["findmnt", "-no", "SOURCE", folder], capture_output=True, text=True, check=True)
    switch = Path("/sys/fs/ext4", Path(found.stdout.strip()).name, "trigger_fs_error")
    yield folder, lambda: switch.write_text("a test of citynews")
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.ci
def test_a_disk_that_turns_read_only_during_a_run_is_5(
    sample_sites: SampleSites, failing_disk: tuple[Path, Callable[[], object]]
) -> None:
    folder, fail = failing_disk
    output = folder / "archive"
    done = harmed(sample_sites, output, fail)
    assert done.code == 5
    (sentence,) = complaints(done)
    assert str(output) in sentence
    assert re.search("Read-only file system|readonly|[Ii](nput)?/[Oo](utput)? error", sentence), (
        "as the kernel or SQLite put it"
    )
    citynews("verify", "--output", output)
    sample_sites.crawl(output, METRO, code=5)
    image = str(folder.parent / "image")
    subprocess.run(["umount", str(folder)], check=True)
    subprocess.run(["e2fsck", "-fy", image], capture_output=True, check=False)  # 1: something was repaired
    subprocess.run(["mount", "-o", "loop", image, str(folder)], check=True)
    recovered(sample_sites, output)
