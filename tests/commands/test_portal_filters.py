"""--place, --portal-kind and --portal-tag mean the same portals in every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.samples import NAMES
from harness import disk
from harness.command import Done, citynews
from harness.sample_sites import CHENGSHI, METRO, ZHIHUI, SampleSites

CASES: dict[tuple[str, ...], set[str]] = {
    ("--place", "CN"): {CHENGSHI, ZHIHUI},
    ("--place", "Calder"): {METRO},
    ("--portal-kind", "industry", "--portal-kind", "media"): {METRO, ZHIHUI},
    ("--place", "CN-990000", "--portal-tag", "transport"): {CHENGSHI},
}


def _changed(output: Path, *options: object) -> list[dict[str, object]]:
    done = citynews("changes", "--output", output, *options)
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.fixture(scope="module")
def crawled(archive_with_history: Path) -> tuple[Path, Path]:
    """An archive of all samples, and their definitions."""
    return archive_with_history, archive_with_history.parent / "portals"


@pytest.mark.parametrize("options", CASES, ids=" ".join)
def test_commands_that_read(options: tuple[str, ...], crawled: tuple[Path, Path]) -> None:
    output, definitions = crawled
    wanted = CASES[options]
    common = (*options, "--output", output, "--portals", definitions)
    assert set(citynews("health", *common, "--json").summary["portals"]) & set(NAMES) == wanted
    status = citynews("status", *common, "--json").summary
    assert set(status["due"]) <= wanted
    assert status["well"] + len(status["alarms"]) == len(wanted)
    every, chosen = _changed(output), _changed(output, *options)
    assert chosen == [change for change in every if change["change"] == "cursor" or change["portal"] in wanted]
    assert {change.get("portal") for change in chosen} == wanted | {None}
    planned = citynews("schedule", *common).out
    assert " ".join(options) in planned


def test_a_crawl_of_some_portals(sample_sites: SampleSites, tmp_path: Path) -> None:
    def crawled(*words: str) -> Done:
        return citynews(*sample_sites.arguments(tmp_path / "archive", *words), "--limit", "1", "--json")

    assert set(crawled("--portal-tag", "data").summary["portals"]) == {ZHIHUI}, "filters alone choose of all"
    assert set(crawled("--all", "--portal-kind", "media", "--place", "US").summary["portals"]) == {METRO}
    assert set(crawled(*NAMES, "--place", "云泽").summary["portals"]) == {CHENGSHI}
    assert {run["portal"] for run in disk.records(tmp_path / "archive", "articles")} == set(NAMES)


def test_removed_pages_are_named_whatever_the_filter(copy: Path) -> None:
    start = _changed(copy)[-1]["run"]
    gone = disk.records(copy, "articles")[0]
    citynews("remove", gone["id"], "--reason", "test", "--output", copy)
    (other,) = {METRO, ZHIHUI} - {gone["portal"]} if gone["portal"] != CHENGSHI else {METRO}
    *changed, _ = _changed(copy, "--since", start, "--portal", other)
    assert [(change["change"], change["id"]) for change in changed] == [("removed", gone["id"])]
    everything = _changed(copy, "--since", start)
    assert "reset" in {change["change"] for change in everything}


@pytest.mark.parametrize("command", ["crawl", "health", "status", "schedule"])
def test_a_filter_that_fits_no_portal(command: str, crawled: tuple[Path, Path]) -> None:
    output, definitions = crawled
    common = ("--output", output, "--portals", definitions)
    said = citynews(command, *common, "--place", "Atlantis", code=2).err
    assert "--place Atlantis: no such portal here" in said
    assert "--portal-kind club: one of" in citynews(command, *common, "--portal-kind", "club", code=2).err


def test_changes_says_which_portals_it_has_nothing_of(crawled: tuple[Path, Path]) -> None:
    output, _ = crawled
    done = citynews("changes", "--output", output, "--portal", "zhihui")
    assert [json.loads(line)["change"] for line in done.out.splitlines()] == ["cursor"]
    assert f"--portal zhihui: the archive has no pages of it; it has pages of {CHENGSHI}" in done.err
