"""Exit codes say what happened, whatever Scrapy says."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.samples import NAMES
from harness import disk
from harness.command import CITYNEWS, citynews, finish, start
from harness.sample_sites import METRO, ZHIHUI, SampleSites
from harness.scripted import Answer, Scripted
from harness.waiting import until


def test_a_portal_that_is_down_is_named(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    sample_sites.samples.down(ZHIHUI)
    done = sample_sites.crawl(output, METRO, ZHIHUI, code=3, more=("-s", "RETRY_TIMES=0"))
    assert f"{ZHIHUI}: no discovery page answered" in done.err
    assert set(done.summary["problems"]) == {ZHIHUI}
    assert disk.runs(output)[0]["exit_code"] == 3
    assert len(disk.lines(output, "articles")) > 40, "the other portal is none the worse for it"
    citynews("verify", "--output", output)


def test_every_article_page_failing(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    sample_sites.samples.fail(METRO, r"^/(20\d\d|archive)/", 500)
    done = sample_sites.crawl(output, METRO, code=3, more=("-s", "RETRY_TIMES=0"))
    assert METRO in done.err
    assert "http-500" in done.err
    assert disk.lines(output, "articles") == disk.lines(output, "observations") == []
    sample_sites.samples.heal(METRO)
    sample_sites.crawl(output, METRO)
    assert {r["id"] for r in disk.records(output, "articles")} >= sample_sites.ids(METRO)


def test_a_collapsed_field_and_too_few_articles(sample_sites: SampleSites, tmp_path: Path) -> None:
    sample_sites.rewrite(METRO, ("view_count = 0.25", "view_count = 1.0"), ("articles_min = 40", "articles_min = 400"))
    done = sample_sites.crawl(tmp_path / "archive", METRO, code=3)
    (found,) = done.summary["problems"].values()
    assert any("view_count" in sentence and "100%" in sentence for sentence in found)
    assert any("400" in sentence for sentence in found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["crawl", "nobody"], "nobody"),
        (["crawl"], "--all"),
        (["crawl", "--all", "--since", "yesterday"], "yesterday"),
        (["crawl", "afzhan", "-s", "NO_SUCH_SETTING=1"], "NO_SUCH_SETTING"),
        (["crawl", "afzhan", "-s", "LOG_LEVEL"], "LOG_LEVEL"),
        (["crawl", "afzhan", "--portals", "nowhere"], "nowhere"),
        (["crawl", "afzhan", "--config", "nowhere.toml"], "nowhere.toml"),
        (["crawl", "afzhan", "--limit", "-1"], "--limit"),
        (["replay"], "SOURCE"),
        (["verify", "--output", "nowhere"], "nowhere"),
        (["reindex", "--output", "nowhere"], "nowhere"),
        (["portals", "show", "nobody"], "nobody"),
        (["schema", "--for", "excel"], "excel"),
        (["extract"], "--batch"),
        (["extract", "nowhere.html"], "nowhere.html"),
        (["extract", "-", "--timezone", "Mars"], "Mars"),
        (["extract", "-", "--fetched-at", "noon"], "noon"),
        (["no-such-command"], "no-such-command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_2_and_says_what(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from crawler.cli import run  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
    assert list(tmp_path.iterdir()) == [], "a wrong command leaves nothing behind"


def test_bad_definitions_are_2_and_begin_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('name = "bad"\nwhat = 1\n')
    done = citynews("crawl", "bad", "--portals", bad, "--output", tmp_path / "archive", code=2)
    assert str(bad) in done.err
    assert "what" in done.err
    assert not (tmp_path / "archive").exists()


def test_a_second_run_gets_75_at_once_or_waits(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    sample_sites.expect_nothing()
    sample_sites.rewrite(METRO, ("delay = 0", "delay = 1"))
    first = sample_sites.begin(output, METRO)
    until(lambda: sample_sites.marks()[METRO] >= 2)
    done = sample_sites.crawl(output, ZHIHUI, code=75)
    assert str(first.pid) in done.err
    citynews("reindex", "--output", output, code=75)
    assert first.poll() is None, "nobody waited for its end"
    assert sample_sites.marks()[ZHIHUI] == 0, "who is turned away asks for nothing"
    waiting = start(*sample_sites.arguments(output, ZHIHUI), "--wait", "60")
    until(lambda: holds(waiting.pid, output / ".lock"), "a look at the lock")
    assert sample_sites.marks()[ZHIHUI] == 0
    first.send_signal(signal.SIGTERM)
    assert finish(first).code == 143
    assert finish(waiting).code == 0
    assert [run["number"] for run in disk.runs(output)] == [1, 2]
    citynews("verify", "--output", output)


@pytest.mark.parametrize(
    ("number", "code"),
    [pytest.param(signal.SIGINT, 130, marks=pytest.mark.ci, id="INT"), pytest.param(signal.SIGTERM, 143, id="TERM")],
)
def test_a_signal_ends_the_run_in_time_and_whole(
    sample_sites: SampleSites, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    output = tmp_path / "archive"
    sample_sites.expect_nothing()
    sample_sites.rewrite(METRO, ("delay = 0", "delay = 0.1"))
    process = sample_sites.begin(output, METRO)
    until(lambda: len(disk.lines(output, "articles")) >= 3)
    process.send_signal(number)
    done = finish(process)
    assert done.code == code
    assert "Traceback" not in done.err
    (run,) = disk.runs(output)
    assert (run["exit_code"], run["signal"]) == (code, int(number))
    assert not list(output.rglob("*.open"))
    assert len(disk.lines(output, "articles")) < 40
    citynews("verify", "--output", output)
    if number == signal.SIGTERM:
        sample_sites.rewrite(METRO, ("delay = 0.1", "delay = 0"))
        sample_sites.crawl(output, METRO)
        assert {r["id"] for r in disk.records(output, "articles")} >= sample_sites.ids(METRO)
        assert disk.doubled(output) == []


@pytest.mark.ci
def test_a_signal_while_a_server_says_nothing(server: Scripted, tmp_path: Path) -> None:
    """A request under way that never ends does not hold up the end."""
    server.listing(*(f"/a/{n}" for n in range(5)))
    for n in range(5):
        server.pages[f"/a/{n}"] = Answer(b"", wait=40)
    output = tmp_path / "archive"
    command = ["crawl", "scripted", "--portals", server.definition(tmp_path), "--output", output]
    process = start(*command, "--allow-host", server.host)
    until(lambda: any(path.startswith("/a/") for path in server.paths()))
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert finish(process).code == 143
    assert time.monotonic() - began < 30, "the server would have answered after 40"
    citynews("verify", "--output", output)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 1.2 MB: space for a first batch of lines, not for the whole of the samples."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"needs root and mount: `{' '.join(command)}` said: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.ci
def test_a_full_disk_is_5_and_more_space_heals(sample_sites: SampleSites, small_disk: Path, tmp_path: Path) -> None:
    output = small_disk / "archive"
    sample_sites.expect_nothing()
    done = sample_sites.crawl(output, *NAMES, code=5)
    assert "No space left" in done.err or "full" in done.err
    citynews("verify", "--output", output)
    held = disk.all_lines(output)
    assert len(held["articles"]) > 0
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    sample_sites.crawl(output, *NAMES)
    for stream, found in disk.all_lines(output).items():
        assert set(held[stream]) <= set(found)
    archived = {r["id"] for r in disk.records(output, "articles") + disk.records(output, "duplicates")}
    assert archived >= set().union(*map(sample_sites.ids, NAMES))
    assert disk.doubled(output) == []
    citynews("verify", "--output", output)
    citynews("replay", output / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(output)


def test_a_disk_that_cannot_be_written_is_5(
    archive_with_history: Path, small_disk: Path, sample_sites: SampleSites
) -> None:
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    shutil.copytree(archive_with_history, small_disk / "archive")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for output in (small_disk / "archive", small_disk / "fresh"):
        done = sample_sites.crawl(output, METRO, code=5)
        assert str(output) in done.err
    assert sample_sites.marks()[METRO] == 0
    citynews("reindex", "--output", small_disk / "archive", code=5)
    citynews("replay", archive_with_history / "warc", "--output", small_disk / "again", code=5)
    citynews("verify", "--output", small_disk / "archive")


def test_output_that_is_a_file_is_5(sample_sites: SampleSites, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    sample_sites.crawl(tmp_path / "file", METRO, code=5)
    assert (tmp_path / "file").read_text() == "in the way"


def test_extract_of_what_is_no_article_is_3(tmp_path: Path) -> None:
    page = tmp_path / "empty.html"
    page.write_text("<html><body></body></html>")
    done = citynews("extract", page, code=3)
    assert done.out == ""
    assert str(page) in done.err


def test_json_on_stdout_is_utf8_whatever_the_locale(sample_sites: SampleSites, tmp_path: Path) -> None:
    story = sample_sites.samples.stories(ZHIHUI)[0]
    from tests.samples.client import ask  # noqa: PLC0415

    page = tmp_path / "page.html"
    page.write_bytes(ask(sample_sites.samples.base[ZHIHUI], story.path).body)
    env = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = citynews("extract", page, "--url", sample_sites.samples.base[ZHIHUI] + story.path, env=env)
    assert json.loads(done.out)["title"] == story.title
    assert story.title in done.out, "written as it is, not as escapes"
    listed = citynews("portals", "--portals", sample_sites.folder, "--json", env=env)
    assert "智慧城市网" in listed.out
    citynews("portals", "--portals", sample_sites.folder, env=env)


def test_a_port_that_nobody_listens_on(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
    definition = tmp_path / "dead.toml"
    definition.write_text(
        f'name = "dead"\ntitle = "Dead"\nhome = "http://{host}/"\ndomains = ["{host}"]\nlanguage = "en"\n'
        f'timezone = "UTC"\n[discover]\npages = ["http://{host}/"]\narticle_urls = [\'/a/\']\n[politeness]\ndelay = 0\n'
    )
    command = ["crawl", "dead", "--portals", definition, "--output", tmp_path / "archive", "--allow-host", host]
    done = citynews(*command, "-s", "RETRY_TIMES=0", code=3)
    assert "dead" in done.err
    citynews("verify", "--output", tmp_path / "archive")


#: Stage of a start -> whether the process has come there: what it has mapped, what it has made.
STAGES: dict[str, Callable[[int, Path], bool]] = {
    "the interpreter": lambda pid, _: maps(pid, "python"),
    "imports of the crawler": lambda pid, _: maps(pid, "orjson"),
    "imports of Scrapy": lambda pid, _: maps(pid, "lxml/etree"),
    "the archive is opened": lambda _, output: (output / ".lock").exists(),
    "the run is begun": lambda _, output: any((output / "runs").glob("*.open")),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_signal_before_the_run_begins(sample_sites: SampleSites, tmp_path: Path, stage: str) -> None:
    """While modules are imported, while the archive is opened: 143, and an archive that the next run takes over."""
    output = tmp_path / "archive"
    sample_sites.expect_nothing()
    sample_sites.rewrite(METRO, ("delay = 0", "delay = 1"))
    process = sample_sites.begin(output, METRO)
    until(lambda: STAGES[stage](process.pid, output), stage)
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    done = finish(process)
    assert time.monotonic() - began < 30, "there is nothing under way to wait for; the whole crawl takes 40 and more"
    assert done.code in ({143, -15} if stage == "the interpreter" else {143}), done.err
    assert "Traceback" not in done.err
    if (output / "runs").exists():
        citynews("verify", "--output", output)


def maps(pid: int, part: str) -> bool:
    """Whether the process *pid* has loaded a library whose path contains *part*."""
    return part in Path(f"/proc/{pid}/maps").read_text("utf-8")


def holds(pid: int, path: Path) -> bool:
    """Whether the process *pid* has *path* open."""
    open_files = Path(f"/proc/{pid}/fd").iterdir()
    return any(file.exists() and file.resolve() == path.resolve() for file in open_files)


@pytest.mark.ci
@pytest.mark.parametrize("handles", [10, 16])
def test_too_few_file_handles_are_5_and_more_heal(server: Scripted, tmp_path: Path, handles: int) -> None:
    server.listing("/a/good")
    server.article("/a/good")
    command = ["crawl", "scripted", "--portals", server.definition(tmp_path), "--output", tmp_path / "archive"]
    limited = ("sh", "-c", f'ulimit -n {handles}; exec "$0" "$@"', *CITYNEWS)
    done = finish(start(*command, "--allow-host", server.host, command=limited))
    assert done.code == 5, done.err
    assert "Traceback" not in done.err
    citynews(*command, "--allow-host", server.host)
    assert len(disk.lines(tmp_path / "archive", "articles")) == 1
    citynews("verify", "--output", tmp_path / "archive")
