"""Crawls and replays on Dask: each archive once a round, whatever dies; the same lines as without."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from crawler.archive.read.stored import runs_after
from crawler.archive.storage.objects import Objects
from crawler.cluster.driver import groups_of
from crawler.samples import NAMES
from crawler.store import survey
from harness import disk
from harness.certificates import authority
from harness.command import citynews, finish, run_in_process, start
from harness.machines import POSSIBLE, Machine
from harness.sample_sites import METRO, SampleSites, is_discovery
from harness.waiting import listens, until


def driver(sites: SampleSites, store: Objects, cache: Path, *names: str, workers: int = 1, round_name: str = "03",
           more: tuple[object, ...] = ()) -> subprocess.Popen[bytes]:  # fmt: skip
    """A cluster crawl that has begun."""
    hosts = [word for base in sites.samples.base.values() for word in ("--allow-host", base.removeprefix("http://"))]
    arguments = ["cluster", "crawl", *names, "--portals", str(sites.folder), *hosts, "--store", store.url]
    return start(
        *arguments, "--round", round_name, "--workers", workers, "--json", *more,
        env={"XDG_CACHE_HOME": str(cache), "CITYNEWS_STORE_TTL": "20"},
    )  # fmt: skip


def attempt_of(running: subprocess.Popen[bytes]) -> psutil.Process | None:
    """The process of the crawl that *running* has begun on one of its workers."""
    found = psutil.Process(running.pid).children(recursive=True)
    return next((process for process in found if "crawl" in process.cmdline() and "--store" in process.cmdline()), None)


@pytest.fixture
def store(tmp_path: Path) -> Objects:
    return Objects(str(tmp_path / "store"), make=True)


def test_portals_of_one_site_are_one_archive() -> None:
    sites = [
        ("a", frozenset({"one.example"})), ("b", frozenset({"two.example"})), ("c", frozenset({"news.one.example"})),
        ("d", frozenset({"two.example", "three.example"})), ("e", frozenset({"twoone.example"})),
    ]  # fmt: skip
    assert sorted(map(sorted, groups_of(sites))) == [["a", "c"], ["b", "d"], ["e"]]


def test_other_machines_are_reached_with_certificates_only(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    crawl = ("cluster", "crawl", "afzhan", "--store", str(tmp_path / "store"))
    for arguments, says in (
        ((*crawl, "--scheduler", "tcp://192.0.2.1:8786"), "use tls:// with certificates"),
        ((*crawl, "--scheduler", "tls://192.0.2.1:8786"), "name the certificates"),
        ((*crawl, "--scheduler", "192.0.2.1:8786"), "not tls://HOST:PORT"),
        (("cluster", "scheduler", "tcp://192.0.2.1:8786"), "use tls:// with certificates"),
        (("cluster", "worker", "tls://192.0.2.1:8786", "--tls-ca", "ca.pem"), "belong together"),
    ):
        code, said = run_in_process(*arguments)
        assert (code, says in said) == (2, True), said


@pytest.mark.ci
def test_a_portal_is_crawled_by_a_cluster(sample_sites: SampleSites, store: Objects, tmp_path: Path) -> None:
    done = finish(driver(sample_sites, store, tmp_path / "cache", METRO), 240)
    assert done.code == 0, done.err
    assert done.summary["archives"][METRO]["exit_code"] == 0
    shown = citynews("cluster", "status", "--store", store.url).out
    assert re.fullmatch(rf"{METRO}: run 1 ended \d+ min ago with 0, round 03\n", shown)
    assert "nobody visits" in citynews("cluster", "stop", "--store", store.url).out


@pytest.mark.ci
def test_the_same_round_again_asks_nothing(sample_sites: SampleSites, store: Objects, tmp_path: Path) -> None:
    assert finish(driver(sample_sites, store, tmp_path / "cache", METRO), 240).code == 0
    asked = len(sample_sites.asked(METRO))
    again = finish(driver(sample_sites, store, tmp_path / "elsewhere", METRO), 240)
    assert (again.code, again.summary["archives"][METRO]["run"]) == (0, None), again.err
    assert len(sample_sites.asked(METRO)) == asked, "the round was done"


@pytest.mark.ci
def test_a_cluster_replays_the_same_lines(sample_sites: SampleSites, tmp_path: Path) -> None:
    sources = []
    for name in NAMES:
        sample_sites.crawl(tmp_path / name, name)
        sources.append(tmp_path / name / "warc")
    citynews("replay", *sources, "--output", tmp_path / "alone")
    done = finish(start("cluster", "replay", *sources, "--output", tmp_path / "many", "--workers", 2), 240)
    assert done.code == 0, done.err
    assert disk.all_lines(tmp_path / "many") == disk.all_lines(tmp_path / "alone")
    citynews("verify", "--output", tmp_path / "many")


def slow(sites: SampleSites) -> None:
    sites.rewrite(METRO, ("delay = 0\n", "delay = 0.1\n"))
    sites.expect_nothing()


@pytest.mark.ci
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_crawl_ends_with_its_worker_and_another_goes_on(
    sample_sites: SampleSites, store: Objects, tmp_path: Path, number: signal.Signals
) -> None:
    slow(sample_sites)
    running = driver(sample_sites, store, tmp_path / "cache", METRO, workers=2)
    until(lambda: sum(not is_discovery(path) for path in sample_sites.asked(METRO)) > 5, "a crawl", 300)
    attempt = attempt_of(running)
    assert attempt is not None
    os.kill(attempt.ppid(), number)
    done = finish(running, 240)
    assert done.code == 0, done.err
    runs = [stored.run for stored in runs_after(store.below(METRO), 0, None)]
    assert [run["exit_code"] for run in runs] == [143, 0], "sealed and sent when its worker ended; then the rest"
    articles = [path for path in sample_sites.asked(METRO) if not is_discovery(path)]
    assert len(articles) - len(set(articles)) <= 3, "two redirects of the site, one request on its way"
    assert survey.prove(store.below(METRO)).damage == []
    citynews("pull", METRO, "--store", store.url, "--output", tmp_path / "copy")
    assert len(disk.records(tmp_path / "copy", "articles")) == 43
    citynews("verify", "--output", tmp_path / "copy")


@pytest.mark.ci
def test_a_driver_that_ends_takes_its_crawls_along_and_goes_on_later(
    sample_sites: SampleSites, store: Objects, tmp_path: Path
) -> None:
    slow(sample_sites)
    running = driver(sample_sites, store, tmp_path / "cache", METRO)
    until(lambda: sum(not is_discovery(path) for path in sample_sites.asked(METRO)) > 5, "a crawl", 300)
    attempt = attempt_of(running)
    assert attempt is not None
    os.kill(running.pid, signal.SIGTERM)
    done = finish(running, 240)
    assert (done.code, done.summary["left"]) == (143, [METRO]), done.err
    assert not psutil.pid_exists(attempt.pid)
    again = finish(driver(sample_sites, store, tmp_path / "cache", METRO), 240)
    assert again.code == 0, again.err
    assert [stored.run["exit_code"] for stored in runs_after(store.below(METRO), 0, None)] == [143, 0]


@pytest.mark.ci
def test_stop_ends_a_crawl_for_good(sample_sites: SampleSites, store: Objects, tmp_path: Path) -> None:
    slow(sample_sites)
    running = driver(sample_sites, store, tmp_path / "cache", METRO)
    until(lambda: sum(not is_discovery(path) for path in sample_sites.asked(METRO)) > 5, "a crawl", 300)
    assert "asked to end" in citynews("cluster", "stop", METRO, "--store", store.url, env=ttl()).out
    done = finish(running, 240)
    assert done.code == 143, done.err
    assert done.summary["archives"][METRO]["attempts"] == 1


def ttl() -> dict[str, str]:
    return {"CITYNEWS_STORE_TTL": "20"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.slow
def test_a_scheduler_that_dies_is_named_and_nothing_is_lost(
    sample_sites: SampleSites, store: Objects, tmp_path: Path
) -> None:
    slow(sample_sites)
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    scheduler = start("cluster", "scheduler", address, "--dashboard", "127.0.0.1:0")
    worker = None
    try:
        until(lambda: listens(port), "the scheduler", 60)
        worker = start("cluster", "worker", address, "--slots", 1, env={"XDG_CACHE_HOME": str(tmp_path / "cache")})
        running = driver(sample_sites, store, tmp_path / "cache", METRO, more=("--scheduler", address))
        until(lambda: sum(not is_discovery(path) for path in sample_sites.asked(METRO)) > 5, "a crawl", 300)
        scheduler.kill()
        done = finish(running, 240)
        assert done.code == 1, done.err
        assert "the scheduler is gone" in done.err
        assert f"run the same command again: {METRO}" in done.err
        assert finish(worker, 120).code is not None, "it leaves, and its crawl with it"
        worker = None
        again = finish(driver(sample_sites, store, tmp_path / "cache", METRO), 240)
        assert again.code == 0, again.err
        assert survey.prove(store.below(METRO)).damage == []
        assert [stored.run["exit_code"] for stored in runs_after(store.below(METRO), 0, None)][-1] == 0
    finally:
        for process in filter(None, (worker, scheduler)):
            process.kill()
            finish(process, 60)


@pytest.mark.slow
@pytest.mark.skipif(not POSSIBLE, reason="needs root and `ip`")
def test_a_worker_cut_off_from_its_scheduler_leaves_and_another_goes_on(
    sample_sites: SampleSites, store: Objects, tmp_path: Path
) -> None:
    """The store is a folder that both reach: the way between scheduler and worker alone is cut."""
    sample_sites.rewrite(METRO, ("delay = 0\n", "delay = 0.5\n"))
    sample_sites.expect_nothing()
    site, port = sample_sites.samples.base[METRO].partition("//")[2], free_port()
    started = [start("cluster", "scheduler", f"tcp://0.0.0.0:{port}", "--insecure", "--dashboard", "127.0.0.1:0")]
    with Machine(1, tmp_path, site) as lost, Machine(2, tmp_path, site) as other:
        try:
            until(lambda: listens(port), "the scheduler", 60)
            cut_off = worker(lost, port)
            running = driver(sample_sites, store, tmp_path, METRO, more=("--scheduler", f"tcp://127.0.0.1:{port}"))
            started += [cut_off, running]
            until(lambda: sum(not is_discovery(path) for path in sample_sites.asked(METRO)) > 3, "a crawl", 300)
            started.append(worker(other, port))
            lost.cut()
            done = finish(running, 300)
            assert done.code == 0, done.err
            assert finish(cut_off, 120).code is not None, "it ends by itself"
        finally:
            for process in reversed(started):
                process.kill()
                finish(process, 60)
    runs = [stored.run for stored in runs_after(store.below(METRO), 0, None)]
    assert [run["exit_code"] for run in runs] == [143, 0], "closed and pushed by who was cut off; then the rest"
    assert sum(run["portals"][METRO]["outcomes"].get("new", 0) for run in runs) == len(sample_sites.ids(METRO))
    assert survey.prove(store.below(METRO)).damage == []


def worker(machine: Machine, port: int) -> subprocess.Popen[bytes]:
    """A worker on *machine* of the scheduler on *port* of this one."""
    address = f"tcp://{machine.gateway}:{port}"
    cache = {"XDG_CACHE_HOME": str(machine.folder / machine.name)}
    return machine.start("cluster", "worker", address, "--slots", 1, "--insecure", env=cache | ttl())


@pytest.mark.ci
def test_a_cluster_of_processes_with_certificates(sample_sites: SampleSites, store: Objects, tmp_path: Path) -> None:
    own, foreign = authority(tmp_path / "own"), authority(tmp_path / "foreign")
    port = free_port()
    address = f"tls://127.0.0.1:{port}"
    started = [start("cluster", "scheduler", address, *own, "--dashboard", "127.0.0.1:0")]
    try:
        until(lambda: listens(port), "the scheduler", 60)
        started.append(start("cluster", "worker", address, "--slots", 2, *own, env={"XDG_CACHE_HOME": str(tmp_path)}))
        done = finish(driver(sample_sites, store, tmp_path, METRO, more=("--scheduler", address, *own)), 240)
        assert done.code == 0, done.err
        assert done.summary["archives"][METRO]["exit_code"] == 0
        refused = driver(sample_sites, store, tmp_path, METRO, more=("--scheduler", address, *foreign))
        plain = driver(sample_sites, store, tmp_path, METRO, more=("--scheduler", address.replace("tls", "tcp")))
        for process in (refused, plain):
            ended = finish(process, 240)
            assert (ended.code, "no scheduler answers" in ended.err) == (2, True), ended.err
    finally:
        for process in reversed(started):
            process.terminate()
            finish(process, 60)
