"""One visitor a site at a time, by the store's clock."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from crawler.archive.read.stored import runs_after
from crawler.archive.storage.errors import BusyError
from crawler.archive.storage.objects import Objects
from crawler.store import survey, turn
from crawler.store.turn import Turn, look, stop
from harness import disk
from harness.command import Done, citynews, finish, start
from harness.sample_sites import CHENGSHI, METRO, SampleSites, is_discovery
from harness.stored import whole
from harness.waiting import until


def test_one_has_it_and_the_next_waits(store: Objects) -> None:
    objects = store.below("site")
    first = Turn.take(objects, ttl=60)
    assert first is not None
    assert first.may_ask()
    with pytest.raises(BusyError, match=f"process {os.getpid()} on "):
        Turn.take(objects, ttl=60)
    assert Turn.take(objects, ttl=60, done=lambda name: True) is None
    first.end()
    second = Turn.take(objects, ttl=60)
    assert second is not None
    assert second.number == first.number + 1
    second.end()


def test_a_folder_whose_process_died_is_let_in_at_once(folder: Objects) -> None:
    dead = Turn.take(folder, ttl=60, token="of the folder")
    assert dead is not None
    dead._over.set()
    again = Turn.take(folder, ttl=60, token="of the folder")
    assert again is not None
    assert again.number == 2
    dead.look_again()
    assert dead.overtaken
    assert not dead.may_ask()
    again.end()


def test_silence_ends_a_turn_and_its_holder_knows_before_others_do(
    folder: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(turn, "_now", lambda: now[0])
    held = Turn.take(folder, ttl=120)
    assert held is not None
    now[0] += 59
    assert held.may_ask()
    now[0] += 2
    assert not held.may_ask(), "half of the time after which others may come"
    held.end()


def test_the_clock_of_this_machine_does_not_matter(folder: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Turn.take(folder, ttl=60)
    assert held is not None
    monkeypatch.setattr(time, "time", lambda: 0.0)
    found, now = look(folder, 60)
    assert found is not None
    assert found.live
    assert 0 <= found.age < 30
    assert held.round == f"{now:%Y-%m-%dT%H}"
    held.end()


def test_only_the_last_turns_are_kept(folder: Objects) -> None:
    for _ in range(13):
        held = Turn.take(folder, ttl=60)
        assert held is not None
        held.end()
    assert {stored.key.partition(".")[0][-2:] for stored in folder.listing("turn") if "." in stored.key} == {
        f"{number:02d}" for number in range(4, 14)
    }


def machine(sites: SampleSites, folder: Path, store: Objects, *more: object, ttl: float = 60.0,
            portal: str = METRO) -> subprocess.Popen[bytes]:  # fmt: skip
    """What the crontab of a machine starts, whose working folder is *folder*."""
    arguments = [*sites.arguments(folder, portal), "--store", store.url, "--json", *more]
    return start(*arguments, env={"CITYNEWS_STORE_TTL": str(ttl), **_keys()})


def _keys() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "CITYNEWS_STORE_"))}


@pytest.mark.ci
def test_the_same_crontab_on_three_machines(
    bucket: Objects, s3: str, sample_sites: SampleSites, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYNEWS_STORE_ENDPOINT", s3)
    machines = [
        machine(sample_sites, tmp_path / name, bucket, "--wait", 60, "--round", "03") for name in ("a", "b", "c")
    ]
    done = [finish(machine) for machine in machines]
    assert [command.code for command in done] == [0, 0, 0], [command.err for command in done]
    assert sorted(len(command.summary["store"]["pushed"]) for command in done) == [0, 0, 1]
    crawled = next(command.summary for command in done if command.summary["store"]["pushed"])
    assert len(sample_sites.asked(METRO)) == crawled["portals"][METRO]["requests"], "another one asked too"
    runs = [stored.run for stored in runs_after(bucket.below(METRO), 0, None)]
    assert [(run["round"], run["exit_code"]) for run in runs] == [("03", 0)]
    assert survey.prove(bucket.below(METRO)).damage == []


def test_who_does_not_wait_is_told_who_has_the_turn(folder: Objects, sample_sites: SampleSites, tmp_path: Path) -> None:
    held = Turn.take(folder.below(METRO), ttl=60)
    assert held is not None
    done = finish(machine(sample_sites, tmp_path / "a", folder))
    assert done.code == 75
    assert f"process {os.getpid()} on " in done.err
    assert sample_sites.asked(METRO) == []
    held.end()


def slow(sites: SampleSites) -> None:
    """Twenty requests a second, and nothing expected."""
    sites.rewrite(METRO, ("delay = 0\n", "delay = 0.05\n"))
    sites.expect_nothing()


@pytest.mark.ci
def test_a_frozen_and_overtaken_attempt_asks_nothing_more_and_pushes_nothing(
    folder: Objects, sample_sites: SampleSites, tmp_path: Path
) -> None:
    slow(sample_sites)
    ttl = 3.0
    frozen = machine(sample_sites, tmp_path / "a", folder, ttl=ttl)
    until(lambda: sum(not is_discovery(path) for path in sample_sites.asked(METRO)) > 5)
    os.kill(frozen.pid, signal.SIGSTOP)
    other = finish(machine(sample_sites, tmp_path / "b", folder, "--wait", 30, ttl=ttl))
    assert other.code == 0, other.err
    mark = len(sample_sites.asked(METRO))
    os.kill(frozen.pid, signal.SIGCONT)
    woken = finish(frozen)
    assert woken.code == 75, woken.err
    assert len(sample_sites.asked(METRO)) - mark <= 1, "one request may have been on its way"
    runs = [stored.run["run"] for stored in runs_after(folder.below(METRO), 0, None)]
    assert runs == other.summary["store"]["pushed"]
    (aside,) = woken.summary["store"]["diverged"]
    assert (tmp_path / "a" / "diverged" / aside / "runs" / f"{aside}.json").is_file()
    whole(tmp_path / "a")
    assert survey.prove(folder.below(METRO)).damage == []


@pytest.mark.ci
def test_a_killed_attempt_is_gone_on_with_at_once_on_its_machine_and_after_a_while_elsewhere(
    folder: Objects, sample_sites: SampleSites, tmp_path: Path
) -> None:
    slow(sample_sites)
    killed = machine(sample_sites, tmp_path / "a", folder)
    until(lambda: sum(not is_discovery(path) for path in sample_sites.asked(METRO)) > 5)
    os.killpg(killed.pid, signal.SIGKILL)
    finish(killed)
    assert finish(machine(sample_sites, tmp_path / "b", folder)).code == 75
    again = finish(machine(sample_sites, tmp_path / "a", folder))
    assert again.code == 0, again.err
    runs = [stored.run for stored in runs_after(folder.below(METRO), 0, None)]
    assert [run["exit_code"] for run in runs] == [None, 0]
    assert len(disk.records(whole(tmp_path / "a"), "articles")) == 43


@pytest.mark.ci
def test_stop_ends_the_holder_and_what_it_has_is_kept(
    folder: Objects, sample_sites: SampleSites, tmp_path: Path
) -> None:
    slow(sample_sites)
    running = machine(sample_sites, tmp_path / "a", folder, ttl=4)
    until(lambda: sum(not is_discovery(path) for path in sample_sites.asked(METRO)) > 5)
    assert stop(folder.below(METRO), 4) is not None
    done = finish(running)
    assert done.code == 143, done.err
    assert len(done.summary["store"]["pushed"]) == 1
    assert stop(folder.below(METRO), 4) is None


def test_a_site_belongs_to_one_archive_of_a_store(folder: Objects, sample_sites: SampleSites, tmp_path: Path) -> None:
    one = sample_sites.arguments(tmp_path / "a", METRO)
    assert citynews(*one, "--store", folder.url, "--limit", 1, code=None).code in {0, 3}
    other = citynews(*sample_sites.arguments(tmp_path / "b", METRO, CHENGSHI), "--store", folder.url, code=2)
    assert f"is already crawled into the archive {METRO} of this store" in other.err


def test_a_run_that_could_not_be_sent_is_sent_by_the_next_attempt(
    folder: Objects, sample_sites: SampleSites, tmp_path: Path
) -> None:
    def crawl(round_name: str, code: int) -> Done:
        arguments = sample_sites.arguments(tmp_path / "a", METRO)
        return citynews(*arguments, "--store", folder.url, "--round", round_name, "--json", code=code)

    assert folder.folder is not None
    blocked = folder.folder / METRO / "runs"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("a file where the runs belong")
    done = crawl("1", 5)
    assert "the next crawl pushes it" in done.err
    blocked.unlink()
    assert len(crawl("2", 0).summary["store"]["pushed"]) == 1
    assert len(runs_after(folder.below(METRO), 0, None)) == 2
