"""Machines with networks and clocks of their own: one that is cut off, one whose clock is wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from crawler.archive.read.stored import runs_after
from crawler.archive.storage.objects import Objects
from crawler.samples.server import LoggedRequest
from crawler.store import survey
from harness.command import finish
from harness.machines import POSSIBLE, Machine
from harness.sample_sites import METRO, SampleSites, is_discovery
from harness.stores import KEYS, make_bucket
from harness.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not POSSIBLE, reason="needs root and `ip`")]
TTL = 20.0  #: seconds; a beat every five


@pytest.fixture
def port() -> Iterator[int]:
    """The port of an S3 server on every network of this machine, with a bucket ``news``."""
    server = ThreadedMotoServer("0.0.0.0", 0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    make_bucket(f"http://127.0.0.1:{port}", "news")
    yield port
    server.stop()


class Crew:
    """Machines with one crontab over the store on *port*."""

    def __init__(self, sites: SampleSites, folder: Path, port: int) -> None:
        self.sites, self.folder, self.port = sites, folder, port
        sites.rewrite(METRO, ("delay = 0\n", "delay = 0.5\n"))
        sites.expect_nothing()

    def crawl(self, machine: Machine, *more: object, faketime: str = "") -> subprocess.Popen[bytes]:
        """The crawl of the crontab on *machine*, which names itself to the site."""
        arguments = [*self.sites.arguments(self.folder / machine.name, METRO), "--store", "s3://news/all", "--json"]
        chosen = {
            "CITYNEWS_STORE_TTL": str(TTL), "CITYNEWS_STORE_ENDPOINT": f"http://{machine.gateway}:{self.port}",
            "CITYNEWS_STORE_ALLOW_HTTP": "true", "CITYNEWS_CONTACT": f"https://{machine.name}.example/", **KEYS,
        }  # fmt: skip
        return machine.start(*arguments, *more, env=chosen, faketime=faketime)

    def asked(self, machine: Machine) -> list[LoggedRequest]:
        """What the site was asked by *machine*."""
        name = f"{machine.name}.example"
        return [each for each in self.sites.samples.requests(METRO) if name in each.headers.get("User-Agent", "")]

    def stored(self, monkeypatch: pytest.MonkeyPatch) -> Objects:
        """The archive in the store, from here."""
        for name, value in KEYS.items():
            monkeypatch.setenv(name, value)
        return Objects("s3://news/all", endpoint=f"http://127.0.0.1:{self.port}").below(METRO)


def test_a_machine_that_is_cut_off_asks_nothing_more_and_another_goes_on(
    sample_sites: SampleSites, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew, site = Crew(sample_sites, tmp_path, port), sample_sites.samples.base[METRO].partition("//")[2]
    with Machine(1, tmp_path, site) as lost, Machine(2, tmp_path, site) as other:
        running = crew.crawl(lost, "--round", "03")
        until(lambda: sum(not is_discovery(each.path) for each in crew.asked(lost)) > 3, "a crawl", 90)
        lost.cut()
        second = finish(crew.crawl(other, "--round", "03", "--wait", 120), 240)
        first = finish(running, 240)
        assert second.code == 0, second.err
        assert first.code in {5, 143}, first.err
        begun = crew.asked(other)[0].time
        late = [each for each in crew.asked(lost) if each.time > begun]
        assert len(late) <= 1, "two visitors at once"
        lost.heal()
        again = finish(crew.crawl(lost, "--round", "03", "--wait", 30), 240)
        assert again.code in {0, 75}, again.err
        assert list((tmp_path / lost.name / "diverged").iterdir()), "its run is kept, and is no part of the archive"
    objects = crew.stored(monkeypatch)
    assert [each.run["exit_code"] for each in runs_after(objects, 0, None)] == [0]
    assert survey.prove(objects).damage == []


def test_a_machine_that_is_lost_with_its_disk_costs_what_it_had_asked_for(
    sample_sites: SampleSites, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew, site = Crew(sample_sites, tmp_path, port), sample_sites.samples.base[METRO].partition("//")[2]
    with Machine(1, tmp_path, site) as lost, Machine(2, tmp_path, site) as other:
        running = crew.crawl(lost, "--round", "03")
        until(lambda: sum(not is_discovery(each.path) for each in crew.asked(lost)) > 3, "a crawl", 90)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        shutil.rmtree(tmp_path / lost.name)
        done = finish(crew.crawl(other, "--round", "03", "--wait", 120), 240)
        assert done.code == 0, done.err
        assert crew.asked(other)[0].time - crew.asked(lost)[-1].time > TTL / 2
        (run,) = [each.run for each in runs_after(crew.stored(monkeypatch), 0, None)]
        assert run["portals"][METRO]["outcomes"]["new"] == len(sample_sites.ids(METRO))
    assert survey.prove(crew.stored(monkeypatch)).damage == []


@pytest.mark.skipif(shutil.which("faketime") is None, reason="needs faketime")
def test_a_clock_two_hours_ahead_takes_no_turn_from_anybody(
    sample_sites: SampleSites, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew, site = Crew(sample_sites, tmp_path, port), sample_sites.samples.base[METRO].partition("//")[2]
    with Machine(1, tmp_path, site) as right, Machine(2, tmp_path, site) as ahead:
        running = crew.crawl(right)
        until(lambda: sum(not is_discovery(each.path) for each in crew.asked(right)) > 3, "a crawl", 90)
        second = finish(crew.crawl(ahead, faketime="+2h"), 240)
        assert second.code == 75, second.err
        assert "has the turn since" in second.err
        assert crew.asked(ahead) == []
        assert finish(running, 240).code == 0
    assert survey.prove(crew.stored(monkeypatch)).damage == []
