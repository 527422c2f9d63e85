"""`citynews portals new` on sites it has never seen: the draft, untouched, crawls them and reads what they state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.read.reader import Reader
from crawler.portals import read
from crawler.samples import NAMES, Samples, stories
from crawler.values.text import squash
from harness.command import citynews
from harness.families import PORTALS
from harness.invented import Invented
from harness.scripted import Scripted

#: Share of the articles of which each value must be the one that the site states.
LEAST = {"title": 0.98, "published_at": 0.98, "body": 0.98, "source": 0.95, "view_count": 0.95, "related_links": 0.95}


@dataclass(slots=True)
class Drafted:
    """A draft, and what a crawl with it brought."""

    summary: Any
    path: Path
    crawl: Any
    records: dict[str, Any]


def drafted(base: str, name: str, folder: Path, start: str = "/") -> Drafted:
    """Drafts the site at *base* and crawls it with the draft as it is."""
    host = base.partition("//")[2]
    new = citynews("portals", "new", base + start, "--name", name, "--write", folder, "--delay", 0, "--json",
                   "--allow-host", host)  # fmt: skip
    path = folder / f"{name}.toml"
    crawl = citynews("crawl", name, "--portals", path, "--output", folder / "output", "--allow-host", host, "--json")
    records = {record["url"].removeprefix(base): record for record in Reader(folder / "output").articles()}
    return Drafted(new.summary, path, crawl.summary, records)


def shares(truths: list[dict[str, Any]], records: dict[str, Any]) -> dict[str, float]:
    """Field -> share of the articles stating it whose record has that value."""
    found = {}
    for name in LEAST:
        stating = [truth for truth in truths if truth[name] not in (None, [])]
        right = sum(_same(name, truth[name], records.get(truth["path"], {}).get(name)) for truth in stating)
        found[name] = right / len(stating)
    return found


def _same(name: str, truth: Any, value: Any) -> bool:
    if name in {"title", "body"}:
        return squash(truth) == squash(value or "")
    if name == "related_links":
        return set(truth) <= {address["url"].partition("//")[2].partition("/")[2] for address in value or ()}
    return bool(truth == value)


def invented_truth(site: Invented) -> list[dict[str, Any]]:
    return [
        {
            "path": article.path, "title": article.title, "published_at": article.at.isoformat(), "body": article.body,
            "source": article.source, "view_count": article.views,
            "related_links": [site.articles[n].path[1:] for n in article.related],
        }
        for article in site.articles
    ]  # fmt: skip


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as running:
        yield running


FIRST, *OTHERS = PORTALS


@pytest.mark.parametrize("name", [FIRST, *(pytest.param(other, marks=pytest.mark.ci) for other in OTHERS)])
def test_an_invented_portal(name: str, server: Scripted, tmp_path: Path) -> None:
    site = PORTALS[name]()
    site.serve(server)
    done = drafted(server.base, name, tmp_path)
    found = shares(invented_truth(site), done.records)
    assert {field: share for field, share in found.items() if share < LEAST[field]} == {}
    assert done.records.keys() == {article.path for article in site.articles}
    assert done.crawl["exit_code"] == 0
    template = done.crawl["portals"][name]["template"]
    assert template["held"] >= 0.9 * len(done.records)
    assert len(done.path.read_text("utf-8").splitlines()) <= 40
    read(done.path)
    assert not [path for path in server.paths() if path.startswith("/plus/search")]


@pytest.mark.ci
@pytest.mark.parametrize("name", NAMES)
def test_a_sample_portal(name: str, tmp_path: Path) -> None:
    with Samples(dict.fromkeys(NAMES, 0)) as samples:
        done = drafted(samples.base[name], name, tmp_path)
        truths: list[dict[str, Any]] = [
            {
                "path": article.path, "title": article.title, "published_at": article.published_at,
                "body": article.body, "source": article.source, "view_count": article.view_count,
                "related_links": [x.url.lstrip("/") for x in article.links if x.url.startswith("/")],
            }
            for article in stories(name)
        ]  # fmt: skip
    if name == "sample-chengshi":  # its counter rises with every question, that of the draft included
        for truth in truths:
            value = done.records[truth["path"]]["view_count"]
            if truth["view_count"] and value and 0 <= value - truth["view_count"] <= 2:
                truth["view_count"] = value
    found = shares(truths, done.records)
    assert {field: share for field, share in found.items() if share < LEAST[field]} == {}
    assert done.crawl["exit_code"] == 0


def test_a_host_that_is_not_public_is_said_with_what_lets_it_be_asked(server: Scripted, tmp_path: Path) -> None:
    host = server.base.partition("//")[2]
    done = citynews("portals", "new", server.base, "--write", tmp_path / "drafts", code=3)
    assert f"--allow-host {host}" in done.err
    assert server.paths() == []


@pytest.mark.ci
def test_a_draft_that_fails_leaves_nothing_behind(server: Scripted, tmp_path: Path) -> None:
    host = server.base.partition("//")[2]
    server.listing(path="/")  # a page that leads nowhere
    citynews("portals", "new", server.base, "--write", tmp_path / "drafts", "--allow-host", host, code=3)
    assert "/" in server.paths()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "mine.txt").write_text("mine")
    arguments = ("--write", tmp_path / "kept", "--output", tmp_path / "kept" / "a", "--allow-host", host)
    citynews("portals", "new", server.base, *arguments, code=3)
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["mine.txt"]
