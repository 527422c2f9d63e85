"""Place, kind and tags of portals choose the same pages in every command and form."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from crawler import portals
from crawler.analysis.names import facts
from crawler.analysis.selection import Selection
from crawler.analysis.snapshot import Snapshot
from crawler.portals.model import KINDS
from harness.command import citynews
from harness.truth import DESCRIBED
from tests.analysis.conftest import Known

#: Options -> the portals they mean.
CASES: dict[tuple[str, ...], set[str]] = {
    ("--place", "北京"): {"north"},
    ("--place", "北京市"): {"north"},
    ("--place", "CN"): {"north", "south"},
    ("--place", "cn-440000"): {"south"},
    ("--place", "CN-440300"): {"south"},
    ("--place", "CN-440301"): set(),
    ("--place", "圳市"): set(),
    ("--place", "北京", "--place", "深圳"): {"north", "south"},
    ("--portal-kind", "media"): {"south"},
    ("--portal-tag", "its"): {"north"},
    ("--portal-tag", "smart"): set(),
    ("--portal-tag", "智慧城市"): {"south"},
    ("--portal-tag", "its-2", "--portal-tag", "its"): {"north", "south"},
    ("--place", "CN", "--portal-tag", "smart-city", "--portal-kind", "government"): {"north"},
    ("--portal", "north", "--portal-kind", "media"): set(),
}
_KEYS = {"--place": "places", "--portal-kind": "portal_kinds", "--portal-tag": "portal_tags", "--portal": "portals"}


def choice(options: tuple[str, ...]) -> Selection:
    chosen: dict[str, tuple[str, ...]] = {}
    for name, value in zip(options[::2], options[1::2], strict=True):
        chosen[_KEYS[name]] = (*chosen.get(_KEYS[name], ()), value)
    return Selection(**chosen)  # type: ignore[arg-type] # its tuples


def pages(known: Known, names: set[str]) -> int:
    return sum(story.portal in names for story in known.truth.seen.values())


@pytest.mark.parametrize("options", CASES, ids=" ".join)
def test_the_same_pages_in_both_databases(options: tuple[str, ...], db: sqlite3.Connection) -> None:
    sql, values = choice(options).filters()
    query = f"SELECT DISTINCT p.portal FROM pages p WHERE {sql}"
    assert {name for (name,) in db.execute(query, values)} == CASES[options]
    columns = "portal VARCHAR, place VARCHAR, place_code VARCHAR, kind VARCHAR, tags VARCHAR[]"
    with duckdb.connect() as other:
        other.execute("CREATE TABLE pages (portal VARCHAR)")
        other.execute(f"CREATE TABLE portals ({columns})")
        for row in db.execute("SELECT portal, place, place_code, kind, tags FROM portals"):
            other.execute("INSERT INTO pages VALUES (?)", [row["portal"]])
            other.execute("INSERT INTO portals VALUES (?, ?, ?, ?, ?)", [*list(row)[:4], json.loads(row["tags"])])
        assert {name for (name,) in other.execute(query, values).fetchall()} == CASES[options]


@pytest.mark.parametrize("options", [case for case in CASES if "--portal" not in case], ids=" ".join)
def test_the_same_portals_in_the_list(options: tuple[str, ...]) -> None:
    defined = [
        portals.parse(
            f'name = "{name}"\ntitle = "x"\nhome = "https://x.example/"\ndomains = ["x.example"]\nlanguage = "zh"\n'
            f'timezone = "UTC"\nplace = {{ name = "{place}", code = "{code}" }}\nkind = "{kind}"\n'
            f'tags = {json.dumps(tags, ensure_ascii=False)}\n[discover]\nfeeds = ["https://x.example/rss"]\n',
            name,
        )
        for name, (place, code, kind, tags) in DESCRIBED.items()
    ]
    wanted = choice(options)
    found = portals.Description(wanted.places, wanted.portal_kinds, wanted.portal_tags).of(defined)
    assert {portal.name for portal in found} == CASES[options]


def test_commands(known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = ("--place", "CN-440000", "--output", known.root)
    wanted = pages(known, {"south"})
    for name in ("pages.jsonl", "all.duckdb", "all.sqlite", "tables"):
        citynews("export", tmp_path / name, *place, "--quiet")
    assert len((tmp_path / "pages.jsonl").read_bytes().splitlines()) == wanted
    described = "SELECT place, place_code, kind FROM portals WHERE portal = 'south'"
    with (
        duckdb.connect(str(tmp_path / "all.duckdb"), read_only=True) as duck,
        closing(sqlite3.connect(tmp_path / "all.sqlite")) as lite,
    ):
        for db in (duck, lite):
            assert db.execute("SELECT count(*) FROM pages").fetchone() == (wanted,)
            assert db.execute(described).fetchone() == DESCRIBED["south"][:3]
        (tags,) = duck.execute("SELECT tags FROM portals WHERE portal = 'south'").fetchone() or ()
    assert tuple(tags) == DESCRIBED["south"][3]
    found = json.loads(citynews("search", "城市", *place, "--json", "--index", known.index, "--quiet").out)
    assert found["filters"] == {"places": ["CN-440000"]}
    assert found["hits"]
    assert {hit["portal"] for hit in found["hits"]} == {"south"}
    citynews("report", "-o", tmp_path / "report.html", *place, "--index", known.index, "--quiet")
    report = (tmp_path / "report.html").read_text("utf-8")
    assert "search?portal=south" in report
    assert "portal=north" not in report
    said = citynews("search", "城市", "--portal-kind", "club", "--output", known.root, code=2).err
    assert all(kind in said for kind in KINDS)


def test_the_catalogue_is_described() -> None:
    rows = json.loads(citynews("portals", "--json").out)
    assert all(row["kind"] and row["tags"] for row in rows)
    chinese = {row["name"] for row in rows if row["language"] == "zh"}
    assert chinese == {row["name"] for row in json.loads(citynews("portals", "--place", "CN", "--json").out)}
    government = json.loads(citynews("portals", "--portal-kind", "government", "--json").out)
    assert {"mot", "bj-jxj", "sheitc", "cq-dsjj"} <= {row["name"] for row in government}
    assert "北京市" in citynews("portals", "--place", "北京").out


def test_old_definitions_are_described_by_new_ones(known: Known, tmp_path: Path) -> None:
    """An archived definition that is older than these keys: what the user has now says it."""
    mine = portals.parse(
        'name = "west"\ntitle = "Not used"\nhome = "https://w.example/"\ndomains = ["w.example"]\nlanguage = "en"\n'
        'timezone = "UTC"\nkind = "media"\n[discover]\nfeeds = ["https://w.example/rss"]\n',
        "west",
    )
    found = facts(Snapshot.of(known.root), lambda name: mine if name == "west" else None)
    assert (found["west"].kind, found["west"].title) == ("media", "West City News")
    assert found["north"].place == "北京市"
