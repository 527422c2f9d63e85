"""What an operator needs: schedules that their own tools accept, disk space before a run, alarms that arrive."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from crawler.cli.units import every
from crawler.config import Config
from crawler.health import notify
from crawler.values.sizes import readable, size
from harness import disk
from harness.command import citynews, finish, start
from harness.sample_sites import METRO, ZHIHUI, SampleSites

Json = dict[str, Any]


def judged(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """What the system tool *name* says; the test is skipped, and says so, where it is not installed."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") or pytest.skip(f"{name} is not installed here")
    return subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that `schedule` writes, for a folder with a space and a per cent sign in its name."""
    folder = tmp_path_factory.mktemp("schedule") / "an archive 100%"
    folder.mkdir()
    (folder / "citynews.toml").write_text("alarm_after_hours = 8\n", "utf-8")
    citynews("schedule", "--all", "--every", "6h", "--write", "units", "--output", "here", cwd=folder)
    return folder / "units"


JOBS = {"crawl": "crawl --all ", "verify": "verify ", "seal": "seal ", "check": "status "}


def test_cron_gets_one_crawl_a_weekly_verify_a_monthly_seal_and_a_check(units: Path) -> None:
    lines = (units / "citynews.crontab").read_text("utf-8").splitlines()
    jobs = [line for line in lines if not line.startswith("#")]
    assert [any(f"citynews {words}" in line for words in JOBS.values()) for line in jobs] == [True] * 4
    assert all(r"100\%" in line for line in jobs)
    when = [line.split(" cd ")[0].split() for line in jobs]
    assert [len(fields) for fields in when] == [5] * 4
    assert when[0][1].count(",") == 3, "four crawls a day"
    assert when[1][4] == "0", "each Sunday"
    assert when[2][2] == "4", "each month"
    assert when[3][1] == "0,8,16"


def test_cron_takes_the_lines(units: Path) -> None:
    done = judged("crontab", "-n", units / "citynews.crontab")
    assert done.returncode == 0, done.stderr


def test_systemd_takes_the_units(units: Path) -> None:
    assert {path.name for path in units.glob("citynews-*")} == {
        f"citynews-{job}.{kind}" for job in JOBS for kind in ("service", "timer")
    }
    for job, words in JOBS.items():
        service = (units / f"citynews-{job}.service").read_text("utf-8").split("\n")
        assert {"ProtectSystem=strict", "NoNewPrivileges=yes", "PrivateTmp=yes", "MemoryMax=1G"} <= set(service)
        (writable,) = [line for line in service if line.startswith("ReadWritePaths=")]
        assert writable.endswith('an archive 100%%/here"')
        (command,) = [line for line in service if line.startswith("ExecStart=")]
        assert words.split()[0] in command
    done = judged("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *sorted(units.glob("citynews-*")))
    assert (done.returncode, done.stderr) == (0, "")


def test_logrotate_takes_the_snippet(units: Path) -> None:
    done = judged("logrotate", "--debug", "--state", units / "state", units / "citynews.logrotate")
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr


@pytest.mark.ci
def test_the_lines_of_cron_end_with_the_code_of_their_command(sample_sites: SampleSites, tmp_path: Path) -> None:
    hosts = [word for word in sample_sites.arguments(tmp_path, METRO) if ":" in word and "/" not in word]
    options = [word for host in hosts for word in ("--allow-host", host)]
    output = tmp_path / "archive"

    def run() -> list[int]:
        printed = citynews(
            "schedule", METRO, ZHIHUI, "--portals", sample_sites.folder, "--output", output, *options, cwd=tmp_path
        ).out
        commands = [line.split(" ", 5)[5] for line in printed.splitlines() if not line.startswith("#")]
        assert commands[0].count(METRO) == 1
        return [subprocess.run(["sh", "-c", line], check=False).returncode for line in commands]

    sample_sites.samples.down(ZHIHUI)
    assert run() == [3, 0, 0], (tmp_path / "citynews.log").read_text("utf-8")
    (line,) = (output / "warc").glob("*/*.cdxj")
    line.write_bytes(line.read_bytes()[:-5])
    assert run()[1] == 4
    assert "DAMAGED" in (tmp_path / "citynews.log").read_text("utf-8")


def test_an_archive_has_the_same_minute_whatever_is_scheduled() -> None:
    one = citynews("schedule", "afzhan").out.splitlines()[2].split()[0]
    assert one == citynews("schedule", "--all", "--every", "1h").out.splitlines()[2].split()[0]


@pytest.mark.parametrize("text", ["7m", "5h", "2d", "0h", "1w", "soon", "4m", "90m"])
def test_a_period_has_to_part_an_hour_or_a_day(text: str) -> None:
    with pytest.raises(Exception, match="--every"):
        every(text)
    assert [every(gap) for gap in ("15m", "1h", "6h", "1d")] == [15, 60, 360, 1440]


@pytest.mark.parametrize(
    ("text", "count"), [("0", 0), ("500", 500), ("2K", 2048), ("1.5 GiB", 3 << 29), ("1TB", 1 << 40)]
)
def test_sizes(text: str, count: int) -> None:
    assert size(text) == count
    assert readable(3 << 29) == "1.5 GiB"


@pytest.mark.parametrize(
    ("chosen", "said"), [({"CITYNEWS_MIN_FREE": "900T"}, "min_free"), ({"CITYNEWS_MAX_ARCHIVE": "1K"}, "max_archive")]
)
def test_without_room_nothing_is_begun(
    chosen: dict[str, str], said: str, sample_sites: SampleSites, tmp_path: Path
) -> None:
    output = tmp_path / "archive"
    output.mkdir()
    (output / "something").write_bytes(bytes(4096))
    done = citynews(*sample_sites.arguments(output, METRO), env=chosen, code=5)
    assert said in done.err
    assert "the crawl was not started" in done.err
    assert sample_sites.asked(METRO) == []
    assert not (output / "runs").exists()


class Listener(HTTPServer):
    """Takes what is posted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[Json] = []
        self.status = 204


class _Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        self.server.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Nothing on stderr."""


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


def test_an_outage_is_told_once_and_its_end_too(sample_sites: SampleSites, tmp_path: Path, listener: Listener) -> None:
    output, heard = tmp_path / "archive", tmp_path / "heard"
    script = f"import sys\nwith open({str(heard)!r}, 'a') as file: file.write(sys.stdin.read() + chr(10))"
    (tmp_path / "citynews.toml").write_text(
        f'alarm_webhook = "http://127.0.0.1:{listener.server_port}/hook"\n'
        f"alarm_command = {json.dumps([sys.executable, '-c', script])}\n"
    )

    def crawl(code: int) -> None:
        arguments = [*sample_sites.arguments(output, ZHIHUI), "-s", "RETRY_TIMES=0", "--limit", "1"]
        citynews(*arguments, "--config", tmp_path / "citynews.toml", code=code)

    sample_sites.expect_nothing()
    sample_sites.samples.down(ZHIHUI)
    crawl(3)
    crawl(3)
    (first,) = listener.received
    (outage,) = first["alarms"][ZHIHUI]
    assert (first["schema"], outage["kind"], outage["new"]) == ("citynews/alarm/1", "discovery", True)
    assert first["archive"] == str(output)
    state = citynews("health", ZHIHUI, "--portals", sample_sites.folder, "--output", output, "--json", code=3).summary
    (alarm_,) = state["portals"][ZHIHUI]["alarms"]
    assert alarm_["since"] == disk.runs(output)[0]["started_at"], "the second run knows since when"
    sample_sites.samples.heal(ZHIHUI)
    crawl(0)
    assert [alarm["kind"] for alarm in listener.received[1]["cleared"][ZHIHUI]] == ["discovery"]
    assert [json.loads(line) for line in heard.read_text("utf-8").splitlines()] == listener.received
    state = citynews("health", ZHIHUI, "--portals", sample_sites.folder, "--output", output, "--json").summary
    assert state["portals"][ZHIHUI]["alarms"] == []
    assert state["portals"][ZHIHUI]["fields"]["title"] == {"have": 1, "articles": 1, "usual": None, "fallen": False}
    table = citynews("health", "--portals", sample_sites.folder, "--output", output).out
    assert ZHIHUI in table
    assert "portals without a crawl" in table


BROKEN = """from scrapy.statscollectors import StatsCollector
class Stats(StatsCollector):
    def __init__(self, crawler):
        raise ZeroDivisionError
"""


@pytest.mark.parametrize(
    ("arrange", "arguments", "code", "said"),
    [
        ("full", ("crawl", METRO), 5, "min_free"),
        ("damaged", ("verify",), 4, "damaged"),
        ("damaged", ("seal",), None, ""),
        ("bug", ("crawl", METRO), 1, "unexpected"),
        ("late", ("status", "--notify"), 3, "no crawl has ended for 26 hours: none ever did"),
        ("late", ("status", "--notify", "--max-age", "5"), 3, "no crawl has ended for 5 hours"),
    ],
)
def test_the_operator_hears_of_commands_that_end_badly(
    arrange: str, arguments: tuple[str, ...], code: int | None, said: str, sample_sites: SampleSites, tmp_path: Path,
    listener: Listener,
) -> None:  # fmt: skip
    output = tmp_path / "archive"
    output.mkdir()
    text = f'alarm_webhook = "http://127.0.0.1:{listener.server_port}/hook"\nalarm_after_hours = 26\n'
    (tmp_path / "citynews.toml").write_text(text + ('min_free = "900T"\n' if arrange == "full" else ""), "utf-8")
    if arrange == "damaged":
        sample_sites.crawl(output, METRO)
        next((output / "warc").glob("*/*.cdxj")).write_bytes(b"")
    words = (
        sample_sites.arguments(output, *arguments[1:])
        if arguments[0] == "crawl"
        else [*arguments, "--output", str(output)]
    )
    if arrange == "bug":  # a component that cannot be made: what Scrapy cannot run is an error of ours
        words += ["-s", "STATS_CLASS=broken_stats.Stats"]
        (tmp_path / "broken_stats.py").write_text(BROKEN, "utf-8")
    done = citynews(*words, "--config", tmp_path / "citynews.toml", code=code) if arrange != "bug" else None
    if done is None:
        path = {"PYTHONPATH": str(tmp_path)}
        process = finish(start(*words, "--config", tmp_path / "citynews.toml", env=path))
        assert process.code == 1
    if said:
        (sent,) = listener.received
        assert said in sent["failure"]["text"]
        assert (sent["failure"]["command"], sent["failure"]["exit_code"]) == (arguments[0], code)
        assert (sent["alarms"], sent["cleared"], sent["archive"]) == ({}, {}, str(output))


def test_a_crawl_in_time_is_no_alarm(archive_with_history: Path, listener: Listener) -> None:
    env = {"CITYNEWS_ALARM_WEBHOOK": f"http://127.0.0.1:{listener.server_port}/"}
    citynews("status", "--notify", "--max-age", "5", "--output", archive_with_history, env=env)
    assert listener.received == []


def test_who_cannot_be_told_is_said_and_changes_nothing(listener: Listener, caplog: pytest.LogCaptureFixture) -> None:
    listener.status = 500
    what: Json = {"alarms": {"x": []}, "cleared": {}}
    address = f"http://127.0.0.1:{listener.server_port}/"
    notify.send(Config("", Path("a"), alarm_webhook=address, alarm_command=("/no/such",)), "run", what)
    notify.send(Config("", Path("a"), alarm_command=(sys.executable, "-c", "raise SystemExit(3)")), "run", what)
    assert [record.message.partition(":")[0].split()[0] for record in caplog.records] == [
        "alarm_webhook", "alarm_command", "alarm_command",
    ]  # fmt: skip
    assert "500" in caplog.text
    assert "exit 3" in caplog.text


def test_only_changes_are_news() -> None:
    fall = {"kind": "coverage", "field": "source", "since": None, "text": "source on 0 of 5"}
    assert notify.changes({"a": [fall]}, {"a": [fall]}, ["a"]) == {}
    assert notify.changes({}, {"b": [fall]}, ["a"]) == {}, "a portal that was not crawled is not resolved"
    assert notify.changes({"a": [fall]}, {}, ["a"])["alarms"] == {"a": [fall | {"new": True}]}
    assert notify.changes({}, {"a": [fall]}, ["a"])["cleared"] == {"a": [fall]}
