"""citynews.toml: what it chooses, what is wrong with it, and the sample that explains it."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from crawler import config, portals
from crawler.config.tables import File
from crawler.portals.choice import PortalChoice
from harness.command import citynews
from harness.sample_sites import CHENGSHI, METRO, ZHIHUI, SampleSites


def chosen(folder: Path, *names: str, text: str = "") -> list[str]:
    """The portals of the crawl that `schedule` would accept, by what `portals` says of them."""
    (folder / "citynews.toml").write_text(text, "utf-8")
    rows = json.loads(citynews("portals", "--json", *names, cwd=folder).out)
    return [row["name"] for row in rows if row["chosen"]]


def test_choose_exclude_groups_and_enabled(tmp_path: Path) -> None:
    every = set(portals.load())
    assert set(chosen(tmp_path)) == every
    assert set(chosen(tmp_path, text='exclude = ["afzhan"]\n[portal.c114]\nenabled = false\n')) == every - {
        "afzhan",
        "c114",
    }
    groups = '[groups]\ndaily = ["afzhan", "c114", "mot"]\n'
    assert chosen(tmp_path, text=f'choose = ["daily", "govtech"]\nexclude = ["mot"]\n{groups}') == [
        "afzhan",
        "c114",
        "govtech",
    ]


def test_what_names_mean() -> None:
    every = {name: portals.minimal(name, home="http://x.y/", domain="x.y", timezone="UTC") for name in "abcde"}
    defined = every | {"e": every["e"].model_copy(update={"enabled": False})}
    choice = PortalChoice(choose=("g",), exclude=("b",), groups={"g": ["a", "b", "c"]}, disabled=("c",), tables=("c",))
    assert choice.portals(defined) == ["a"]
    assert choice.portals(defined, ["g", "d", "a"]) == ["a", "d"]
    assert choice.portals(defined, ["b", "c", "e"]) == ["b", "c", "e"], "an own name says it"
    assert PortalChoice(exclude=("b",)).portals(defined) == ["a", "c", "d"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('choose = ["nobody"]', "choose: no portal is called 'nobody'"),
        ('exclude = ["nobody"]', "exclude: no portal is called 'nobody'"),
        ('[groups]\ng = ["nobody"]', "groups.g: no portal is called 'nobody'"),
        ("[portal.nobody]\nenabled = false", "portal: no portal is called 'nobody'"),
        ('[groups]\nafzhan = ["c114"]', "groups.afzhan: a portal has this name"),
        ('choose = ["Nobody!"]', "choose: "),
        ('choose = "afzhan"', "choose: "),
        ("[portal.afzhan]\nenabled = 1", "portal.afzhan.enabled: "),
        ("[portal.afzhan]\nenabld = false", "portal.afzhan.enabld: unknown key"),
        ("alarm_after_hours = 0", "alarm_after_hours: "),
        ("chose = []", "chose: unknown key"),
        ("choose = [", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "here.toml"
    file.write_text(text, "utf-8")
    done = citynews("schedule", "--all", "--config", file, code=2)
    assert f"{file}: {said}" in done.err


def test_a_crawl_without_names_crawls_what_is_chosen(sample_sites: SampleSites, tmp_path: Path) -> None:
    (tmp_path / "citynews.toml").write_text(
        f'choose = ["street"]\n[groups]\nstreet = ["{METRO}", "{ZHIHUI}"]\n', "utf-8"
    )
    arguments = sample_sites.arguments(tmp_path / "archive")
    done = citynews(
        *arguments, "--limit", "1", "--json", "--config", tmp_path / "citynews.toml", cwd=tmp_path, code=None
    )
    assert set(done.summary["portals"]) == {METRO, ZHIHUI}
    assert sample_sites.asked(CHENGSHI) == []
    done = citynews(*arguments, code=2)
    assert "--all" in done.err
    (tmp_path / "none.toml").write_text(f'choose = ["{METRO}"]\nexclude = ["{METRO}"]\n', "utf-8")
    assert "excluded or disabled" in citynews(*arguments, "--config", tmp_path / "none.toml", code=2).err


def test_the_sample_names_every_key_and_is_right(tmp_path: Path) -> None:
    text = citynews("config", "--sample").out
    assert tomllib.loads(text) == {}, "it sets nothing"
    enabled = re.sub(r"(?m)^#(?! )", "", text)
    assert tomllib.loads(enabled).keys() == File.model_fields.keys()
    (tmp_path / "citynews.toml").write_text(enabled, "utf-8")
    choices = config.resolve(tmp_path / "citynews.toml", None, [])
    assert choices.chosen.portals(portals.load())
    for key in File.model_fields:
        (paragraph,) = [
            paragraph for paragraph in text.split("\n\n") if re.search(rf"\A(?:# .*\n)+#\[?{key}\b", paragraph)
        ]
        assert paragraph.startswith("# "), "each key is explained"


def test_no_file_is_an_empty_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    without = config.resolve(None, None, [])
    Path("citynews.toml").touch()
    assert config.resolve(None, None, []) == without


def test_what_holds_is_printed(tmp_path: Path) -> None:
    (tmp_path / "citynews.toml").write_text('output = "a"\nexclude = ["afzhan"]\n', "utf-8")
    found = citynews("config", cwd=tmp_path, env={"CITYNEWS_OUTPUT": "b"}).summary
    assert found["output"] == "b"
    assert found["chosen"]["exclude"] == ["afzhan"]
    assert citynews("config", "--output", "c", cwd=tmp_path).summary["output"] == "c"


def test_all_means_what_somebody_vouches_for(sample_sites: SampleSites, tmp_path: Path) -> None:
    """Chosen, own, crawled before: a bundled guess is no part of --all."""
    empty = citynews("crawl", "--all", "--output", tmp_path / "archive", cwd=tmp_path, code=2).err
    assert "none of " in empty
    assert "--unverified" in empty
    assert "this crawl would end with 2" in citynews("schedule", "--all", cwd=tmp_path).err
    assert "--all --unverified" in citynews("schedule", "--all", "--unverified", cwd=tmp_path).out
    arguments = [word for word in sample_sites.arguments(tmp_path / "archive") if word not in {METRO, ZHIHUI, CHENGSHI}]
    arguments[1:1] = ["--all", "--limit", "1", "--json"]
    done = citynews(*arguments, cwd=tmp_path, code=None)
    assert set(done.summary["portals"]) >= {METRO, ZHIHUI}
    assert not {"afzhan", "c114"} & set(done.summary["portals"])
    assert "unverified portals are left out" in done.err


def test_the_state_of_each_portal_is_shown(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(portals.load()["afzhan"].text, "utf-8")
    (tmp_path / "archive" / "runs").mkdir(parents=True)

    def states(*more: str | Path) -> dict[str, str]:
        rows = citynews("portals", "--json", "--output", tmp_path / "archive", *more, cwd=tmp_path).summary
        return {row["name"]: row["state"] for row in rows}

    assert set(states().values()) == {"unverified"}
    assert [name for name, state in states("--portals", own).items() if state == "own"] == ["afzhan"]
    (tmp_path / "citynews.toml").write_text('choose = ["c114"]\n')
    found = states("--portals", own)
    assert (found["c114"], found["afzhan"]) == ("chosen", "excluded")
