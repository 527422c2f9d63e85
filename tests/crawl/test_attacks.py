"""Thirty portals in one command, most of them hostile: what each does harms no other, and the archive is whole."""

from __future__ import annotations

import re
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.guards import run
from crawler.crawl.downloader.address_guard import is_public
from crawler.values import urls
from crawler.values.traps import trap
from harness import disk
from harness.attacks import ATTACKS, Attack
from harness.command import citynews
from harness.scripted import Scripted

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.ci
def test_thirty_portals_most_of_them_hostile(tmp_path: Path) -> None:
    arguments: list[object] = ["-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_TIMEOUT=8"]
    expected = set()
    with ExitStack() as servers:
        for number in range(30):
            server, name = servers.enter_context(Scripted()), f"portal-{number:02d}"
            attack = ATTACKS[number] if number < len(ATTACKS) else Attack("none", lambda _: [])
            good = f"/a/good-{number}"
            server.article(good, f"Good news {number}", f"Lamp {number} burns. " * 3 + f"It is the {number}th.")
            server.listing(good, *attack.serve(server))
            where = f'pages = ["{server.base}/"]\n{attack.where.format(base=server.base)}'
            arguments += ["--portals", server.definition(tmp_path, name, discover=where), "--allow-host", server.host]
            expected |= set() if attack.stops else {server.base + good}
        names = [f"portal-{number:02d}" for number in range(30)]
        done = citynews("crawl", *names, "--output", tmp_path / "archive", *arguments, code=3, timeout=180)
    seen = disk.records(tmp_path / "archive", "observations")
    archived = {r["url"] for r in seen if r["outcome"] in {"new", "duplicate"}}
    assert expected <= archived
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]", done.err), "nothing for a terminal to obey"
    assert not [line for line in done.err.splitlines() if line.startswith("2026-01-01T")], "no forged line"
    (ran,) = disk.runs(tmp_path / "archive")
    limits = {name for stats in ran["portals"].values() for name in stats["limits"]}
    assert {"trap-calendar", "trap-growing-path", "trap-facets", "robots_size"} <= limits
    assert all("stolen" not in str(stats["hosts"]) for stats in ran["portals"].values())
    citynews("verify", "--output", tmp_path / "archive")


@pytest.mark.ci
@pytest.mark.parametrize(
    "attack",
    [attack for attack in ATTACKS if "00 MiB" in attack.name or "flood" in attack.name],
    ids=lambda attack: attack.name,
)
def test_a_bomb_or_a_flood_takes_less_than_200_mb(attack: Attack) -> None:
    _, memory, seconds = run(attack)
    assert memory < 200
    assert seconds < 30


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/a/b/a/b/a/b/a/b/", "growing-path"),
        ("/x" * 21, "growing-path"),
        ("/l?" + "&".join(f"f{n}=" for n in range(9)), "facets"),
        ("/events/2031/05/", "calendar"),
        ("/events?year=2099&month=1", "calendar"),
        ("/2026/11/23/a-story/", None),
        ("/2026-12/list_p2.html", None),
        ("/news/detail/20991.html", None),
        ("/a/209912345.html", None),
        ("/01/01/01/01/x.html", None),
    ],
)
def test_traps_by_their_form(path: str, kind: str | None) -> None:
    assert trap(f"https://x.example{path}", NOW) == kind


@pytest.mark.parametrize(
    "address",
    [
        "/a;jsessionid=0f?b=1&PHPSESSID=7",
        "/a;sid=7?b=1",
        "/a?ASPSESSIONIDQQABSSBC=GHJKLMNOPABCDEFGHIJKLMNO&b=1",
        "/a?sid=0123456789abcdef0123456789ABCDEF&b=1",
        "/(S(lit3py55t21z5v55vlm25s55))/a?b=1",
        "/(X(1)S(lit3py55t21z5v55vlm25s55))/a?b=1",
        "/a?b=1",
    ],
)
def test_a_session_names_no_document(address: str) -> None:
    assert urls.clean(f"https://x.example{address}") == "https://x.example/a?b=1"
    assert urls.clean(address, "https://x.example/list/") == "https://x.example/a?b=1"


@pytest.mark.parametrize("address", ["/a?sid=4711", "/a?sid=0123456789abcdef", "/a?side=1", "/wiki/Lamp_(street)/"])
def test_what_only_looks_like_a_session_stays(address: str) -> None:
    assert urls.clean(f"https://x.example{address}") == f"https://x.example{address}"


@pytest.mark.parametrize("address", ["64:ff9b::7f00:1", "::ffff:10.0.0.1", "2002:7f00:1::", "fe80::1%eth0", "0.0.0.0"])
def test_addresses_that_hide_a_private_one(address: str) -> None:
    assert not is_public(address)
