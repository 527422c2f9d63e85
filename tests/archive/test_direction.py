"""Which of two copies was there first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crawler import portals
from crawler.pipelines.direction import direction
from harness import disk
from harness.command import citynews
from harness.scripted import Answer, Scripted, page, story

HERE, THERE = "https://www.here.example/a/1", "https://www.there.example/a/1"
PORTAL = portals.parse(
    'name = "here"\ntitle = "智慧城市网"\nhome = "https://www.here.example/"\ndomains = ["here.example"]\n'
    'language = "zh"\ntimezone = "UTC"\n[discover]\npages = ["https://www.here.example/"]\narticle_urls = [\'/a/\']\n',
    "here",
)
EARLY, LATE = "2026-11-24T08:00:00+08:00", "2026-11-24T01:00:00+00:00"


def record(url: str, **fields: Any) -> dict[str, Any]:
    portal = "here" if url == HERE else "there"
    empty = {"source": None, "source_url": None, "published_at": None, "published_precision": "second"}
    return {"portal": portal, "url": url, **empty, **fields}


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ({"source_url": "http://there.example/"}, {}, "copy"),
        ({"source_url": "http://there.example/"}, {"published_at": LATE}, "copy"),
        ({"source_url": "http://m.there.example/x", "published_at": EARLY}, {"published_at": LATE}, "copy"),
        ({"source_url": "http://third.example/"}, {}, None),
        ({"source_url": "http://[broken/"}, {}, None),
        ({"source_url": HERE}, {}, None),
        ({}, {"source_url": "https://news.here.example/b"}, "origin"),
        ({"published_at": LATE}, {"source": " 智慧城市网 ", "published_at": EARLY}, "origin"),
        ({}, {"source": "智慧城市网站"}, None),
        ({"source": "智慧城市网"}, {}, None),
        ({"source_url": THERE, "published_at": LATE}, {"source_url": HERE, "published_at": EARLY}, "copy"),
        ({"published_at": EARLY}, {"published_at": LATE}, "origin"),
        ({"published_at": EARLY, "published_precision": "day"}, {"published_at": LATE}, None),
        ({"published_at": LATE}, {"published_at": LATE}, None),
        ({"published_at": LATE}, {}, None),
    ],
)
def test_the_source_goes_before_the_times(mine: dict[str, Any], theirs: dict[str, Any], expected: str | None) -> None:
    assert direction(record(HERE, **mine), record(THERE, **theirs), PORTAL) == expected


def test_inside_one_portal_only_the_times_tell() -> None:
    other = record(HERE, source="智慧城市网", source_url=HERE, published_at=EARLY)
    assert direction(record(HERE, source_url=HERE), other, PORTAL) is None
    assert direction(record(HERE, published_at=LATE), other, PORTAL) == "copy"


def test_a_link_to_a_site_that_both_stand_on_tells_nothing() -> None:
    other = record(THERE, source_url=HERE) | {"url": "https://news.here.example/a/2"}
    assert direction(record(HERE), other, PORTAL) is None
    other["url"] = "https://m.here.example/a/1"
    assert direction(record(HERE, source_url=HERE), other, PORTAL) is None


@pytest.mark.ci
def test_a_crawl_and_its_replay_believe_the_link_beside_the_source(tmp_path: Path) -> None:
    """Two pages with the same time: the later crawled one links to the other's site."""
    with Scripted() as first, Scripted() as second:
        for server in (first, second):
            server.listing("/a/1")
            server.article("/a/1", "The lamps", story("the lamps"))
        body = page("The lamps", story("the lamps")).replace(b"The Lamp<", f'<a href="{first.base}/">F</a><'.encode())
        second.pages["/a/1"] = Answer(body)
        for name, server in (("first", first), ("second", second)):
            definition = server.definition(tmp_path, name)
            command = ["crawl", name, "--portals", definition, "--output", tmp_path / "archive"]
            citynews(*command, "--allow-host", server.host)
    (copy,) = disk.records(tmp_path / "archive", "duplicates")
    assert (copy["source_url"], copy["direction"]) == (f"{first.base}/", "copy")
    citynews("replay", tmp_path / "archive" / "warc", "--output", tmp_path / "again")
    assert disk.all_lines(tmp_path / "again") == disk.all_lines(tmp_path / "archive")
