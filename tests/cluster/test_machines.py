"""Machines with networks and clocks of their own: one that is cut off, one whose clock is wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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
        self.store = f"s3://news/{folder.name}"  # all servers of a process have the same buckets
        sites.rewrite(METRO, ("delay = 0\n", "delay = 0.5\n"))
        sites.expect_nothing()

    def crawl(self, machine: Machine, *more: object, faketime: str = "") -> subprocess.Popen[bytes]:
        """The crawl of the crontab on *machine*, which names itself to the site."""
        arguments = [*self.sites.arguments(self.folder / machine.name, METRO), "--store", self.store, "--json"]
        chosen = {
            "CITYNEWS_STORE_TTL": str(TTL), "CITYNEWS_STORE_ENDPOINT": f"http://{machine.gateway}:{self.port}",
            "CITYNEWS_STORE_ALLOW_HTTP": "true", "CITYNEWS_CONTACT": f"https://{machine.name}.example/", **KEYS,
        }  # fmt: skip
        return machine.start(*arguments, *more, env=chosen, faketime=faketime)

    def begin(self, machine: Machine, *more: object) -> subprocess.Popen[bytes]:
        """The crawl of *machine*, once the site has been asked for some articles."""
        running = self.crawl(machine, *more)
        until(lambda: sum(not is_discovery(request.path) for request in self.asked(machine)) > 3, "a crawl", 300)
        return running

    @contextmanager
    def machines(self) -> Iterator[tuple[Machine, Machine]]:
        """Two machines that reach the site and the store."""
        site = self.sites.samples.base[METRO].partition("//")[2]
        with Machine(1, self.folder, site) as one, Machine(2, self.folder, site) as other:
            yield one, other

    def asked(self, machine: Machine) -> list[LoggedRequest]:
        """What the site was asked by *machine*."""
        name = f"{machine.name}.example"
        return [
            request for request in self.sites.samples.requests(METRO) if name in request.headers.get("User-Agent", "")
        ]

    def stored(self) -> Objects:
        """The archive in the store, from here."""
        return Objects(self.store, endpoint=f"http://127.0.0.1:{self.port}").below(METRO)


@pytest.fixture
def crew(sample_sites: SampleSites, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Crew:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return Crew(sample_sites, tmp_path, port)


def test_a_machine_that_is_cut_off_asks_nothing_more_and_another_goes_on(crew: Crew) -> None:
    with crew.machines() as (lost, other):
        running = crew.begin(lost, "--round", "03")
        lost.cut()
        second = finish(crew.crawl(other, "--round", "03", "--wait", 120), 240)
        first = finish(running, 240)
        assert second.code == 0, second.err
        assert first.code in {5, 143}, first.err
        begun = crew.asked(other)[0].time
        late = [request for request in crew.asked(lost) if request.time > begun]
        assert len(late) <= 1, "two visitors at once"
        lost.heal()
        again = finish(crew.crawl(lost, "--round", "03", "--wait", 30), 240)
        assert again.code in {0, 75}, again.err
        assert list((crew.folder / lost.name / "diverged").iterdir()), "its run is kept, and is no part of the archive"
    objects = crew.stored()
    assert [stored.run["exit_code"] for stored in runs_after(objects, 0, None)] == [0]
    assert survey.prove(objects).damage == []


def test_a_machine_that_is_lost_with_its_disk_costs_what_it_had_asked_for(crew: Crew) -> None:
    with crew.machines() as (lost, other):
        running = crew.begin(lost, "--round", "03")
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        shutil.rmtree(crew.folder / lost.name)
        done = finish(crew.crawl(other, "--round", "03", "--wait", 120), 240)
        assert done.code == 0, done.err
        assert crew.asked(other)[0].time - crew.asked(lost)[-1].time > TTL / 2
        (run,) = [stored.run for stored in runs_after(crew.stored(), 0, None)]
        assert run["portals"][METRO]["outcomes"]["new"] == len(crew.sites.ids(METRO))
    assert survey.prove(crew.stored()).damage == []


@pytest.mark.skipif(shutil.which("faketime") is None, reason="needs faketime")
def test_a_clock_two_hours_ahead_takes_no_turn_from_anybody(crew: Crew) -> None:
    with crew.machines() as (right, ahead):
        running = crew.begin(right)
        second = finish(crew.crawl(ahead, faketime="+2h"), 240)
        assert second.code == 75, second.err
        assert "has the turn since" in second.err
        assert crew.asked(ahead) == []
        assert finish(running, 240).code == 0
    assert survey.prove(crew.stored()).damage == []
