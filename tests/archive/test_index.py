"""The index is a function of the files: whatever becomes of state/, the next run does the same."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive.index.index import Index
from crawler.archive.records import decisions
from crawler.archive.records.effective import effective
from crawler.archive.records.tombstone import SCHEMA as TOMBSTONE
from crawler.archive.records.types import DecisionRecord
from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.layout import PARTIAL, Paths
from crawler.archive.write import reindex as rebuild
from crawler.archive.write.recovery import reindex
from crawler.values.urls import article_id
from harness import damage_trial, disk
from harness.command import citynews
from harness.sample_sites import METRO, SampleSites, is_discovery

Entry = tuple[str, dict[str, Any], str, int, int]  # stream or "decision", record, path, offset, length

_URLS = [
    "http://a.example/1",
    "http://a.example/2",
    "http://A.example/1",
    "http://b.example/3",
    "http://b.example/3?p=2",
]
_MOMENTS = [f"2026-11-0{day}T00:00:00.000000Z" for day in range(1, 8)]
_OUTCOMES = ["new", "unchanged", "changed", "gone", "back", "duplicate", "refused", "failed"]


@st.composite
def visits(draw: st.DrawFn) -> list[Entry]:
    """Lines and decisions of some visits, as an archive holds them: two portals, redirects, one address many times."""
    entries: list[Entry] = []
    ends: dict[str, int] = {}
    revisions: dict[str, int] = {}

    def place(stream: str, record: dict[str, Any]) -> None:
        path = f"{stream}/{record['portal']}/2026-11.jsonl"
        begin = ends.get(path, 0)
        length = draw(st.integers(10, 20))
        ends[path] = begin + length
        entries.append((stream, record, path, begin, length))

    for sequence in range(1, draw(st.integers(1, 8)) + 1):
        url, asked = draw(st.sampled_from(_URLS)), draw(st.sampled_from(_URLS))
        moment, portal = draw(st.sampled_from(_MOMENTS)), draw(st.sampled_from(["one", "two"]))
        outcome = draw(st.sampled_from(_OUTCOMES))
        ident = article_id(url)
        known = revisions.get(ident, 0)
        wrote = outcome in {"changed", "back"} if known else outcome == "new"
        if not wrote and outcome in {"new", "changed", "gone", "back", "unchanged"} and not known:
            outcome = "refused"
        revision = known + wrote
        revisions[ident] = revision
        body = draw(st.sampled_from(["x" * 120, "y" * 120, "short"]))
        record = {
            "id": ident, "portal": portal, "url": url, "canonical_url": draw(st.sampled_from(_URLS)), "body": body,
            "body_hash": f"body {body[:1]}", "content_hash": f"content {sequence}", "revision": revision,
            "fetched_at": moment, "page_urls": [url, *draw(st.lists(st.sampled_from(_URLS), max_size=1))],
        }  # fmt: skip
        if wrote:
            place("articles" if revision == 1 else "revisions", record)
        elif outcome == "duplicate":
            place("duplicates", record)
        seen = {
            "id": ident, "portal": portal, "url": url, "observed_at": moment, "outcome": outcome, "warc": None,
            "reason": draw(st.sampled_from(["too-short", "http-503"])) if outcome in {"refused", "failed"} else None,
        }  # fmt: skip
        if outcome != "failed":
            place("observations", seen)
        entries.append(("decision", seen | {"asked": asked, "sequence": sequence}, "", 0, 0))
    return entries


def rows(entries: list[Entry]) -> dict[str, list[Any]]:
    """Every table after *entries* in this order."""
    index = Index(":memory:")
    for kind, record, path, offset, length in entries:
        if kind == "decision":
            index.decide(cast(DecisionRecord, record))
        else:
            index.apply(kind, record, path, offset, length)
    names = [name for (name,) in index.database.all("SELECT name FROM sqlite_master WHERE type='table'")]
    found = {name: sorted(index.database.all(f"SELECT * FROM {name}"), key=repr) for name in names}
    index.close()
    return found


@settings(max_examples=150, deadline=None)
@given(visits(), st.randoms(use_true_random=False))
def test_rows_do_not_depend_on_the_order(entries: list[Entry], chance: random.Random) -> None:
    mixed = list(entries)
    chance.shuffle(mixed)
    assert rows(mixed) == rows(entries)


def test_an_address_that_was_looked_up_before_it_was_visited_is_found_then() -> None:
    index = Index(":memory:")
    url = "https://one.example/a/1"
    ident = article_id(url)
    assert index.address(ident) is None
    assert not index.removed(ident)
    place = {"fetched_at": "2026-01-01T00:00:00.000000Z", "page_urls": [url]}
    index.apply("articles", {"schema": f"{TOMBSTONE}2", "id": ident, "portal": "one", "url": url} | place, "x", 0, 1)
    assert index.address(ident) is not None
    assert index.removed(ident)
    index.close()


def test_a_real_archive_in_any_order(archive_with_history: Path) -> None:
    """Every line and decision of three runs, shuffled."""
    entries: list[Entry] = []
    for stream in disk.STREAMS:
        for file in sorted((archive_with_history / stream).glob("*/*.jsonl")):
            offset = 0
            for line, record in zip(file.read_bytes().splitlines(keepends=True), _records(file), strict=True):
                entries.append((stream, record, str(file.relative_to(archive_with_history)), offset, len(line)))
                offset += len(line)
    found = effective(decisions.of_files(Paths(archive_with_history).warc_files().values()))
    entries += [("decision", dict(decision), "", 0, 0) for decision in found]
    expected = rows(entries)
    for seed in range(5):
        random.Random(seed).shuffle(entries)
        assert rows(entries) == expected


def _records(file: Path) -> list[dict[str, Any]]:
    import json  # noqa: PLC0415

    return [json.loads(line) for line in file.read_bytes().splitlines()]


def test_reindex_makes_the_same_tables(copy: Path) -> None:
    archive_with_history = disk.index_rows(copy)
    shutil.rmtree(copy / "state")
    done = citynews("reindex", "--output", copy, "--json")
    assert disk.index_rows(copy) == archive_with_history
    applied = done.summary["applied"]
    assert {name: applied[name] for name in disk.STREAMS} == {n: len(disk.lines(copy, n)) for n in disk.STREAMS}
    citynews("verify", "--output", copy)


def _lose(state: Path, other: Path) -> None:
    shutil.rmtree(state)


def _empty(state: Path, other: Path) -> None:
    (state / "index.sqlite3").write_bytes(b"")


def _garbage(state: Path, other: Path) -> None:
    (state / "index.sqlite3").write_bytes(b"this is no database" * 500)


def _flipped(state: Path, other: Path) -> None:
    """Pages in the middle are overwritten."""
    data = bytearray((state / "index.sqlite3").read_bytes())
    data[4096 * 2 : 4096 * 4] = b"\xa5" * 8192
    (state / "index.sqlite3").write_bytes(data)


def _torn(state: Path, other: Path) -> None:
    data = (state / "index.sqlite3").read_bytes()
    (state / "index.sqlite3").write_bytes(data[: len(data) // 2])


def _foreign(state: Path, other: Path) -> None:
    """That of another archive of the same portals."""
    shutil.rmtree(state)
    shutil.copytree(other / "state", state)


def _another_version(state: Path, other: Path) -> None:
    with closing(sqlite3.connect(state / "index.sqlite3")) as db, db:
        db.execute("UPDATE meta SET value='999' WHERE key='version'")


def _another_program(state: Path, other: Path) -> None:
    """A sound database of somebody else."""
    (state / "index.sqlite3").unlink()
    with closing(sqlite3.connect(state / "index.sqlite3")) as db, db:
        db.execute("CREATE TABLE recipes (name TEXT)")


HARMS: list[Callable[[Path, Path], None]] = [
    _lose, _empty, _garbage, _flipped, _torn, _foreign, _another_version, _another_program,
]  # fmt: skip


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: damage_trial.__name__.strip("_"))
def test_a_lost_or_wrong_state_is_noticed_and_made_anew(
    copy: Path, archive_with_history: Path, harm: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    """Whatever writes next: here a reindex of a whole archive must give what a run of it gave."""
    expected = disk.index_rows(copy)
    other = tmp_path / "other"
    if harm is _foreign:
        first = disk.runs(archive_with_history)[0]["run"]
        (file,) = (archive_with_history / "warc").glob(f"*/{first}-*.warc.gz")
        citynews("replay", file, "--output", other)
    harm(copy / "state", other)
    from crawler.archive.storage.lock import Lock  # noqa: PLC0415
    from crawler.archive.write import recovery  # noqa: PLC0415

    lock = Lock(Paths(copy).lock)
    recovery.recover(Paths(copy)).close()  # what every writer does first
    lock.release()
    assert disk.index_rows(copy) == expected


def test_the_next_crawl_asks_for_the_same_without_state(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    down = next(story for story in sample_sites.samples.stories(METRO) if not story.moved)
    sample_sites.samples.fail(METRO, down.path, 503)
    sample_sites.crawl(output, METRO)
    asked = {}
    for state in ("kept", "lost"):
        root = Path(shutil.copytree(output, tmp_path / state))
        if state == "lost":
            shutil.rmtree(root / "state")
        marks = sample_sites.marks()
        sample_sites.crawl(root, METRO)
        asked[state] = sorted(sample_sites.asked(METRO, marks[METRO]))
        assert disk.all_lines(root) == disk.all_lines(output)
        citynews("verify", "--output", root)
    assert asked["lost"] == asked["kept"]
    assert sorted({path for path in asked["kept"] if not is_discovery(path)}) == [down.path]


def test_reindex_counts_what_it_applied(copy: Path) -> None:
    assert reindex(Paths(copy))["runs"] == 3


def test_a_sound_index_is_read_whole_once_and_again_after_a_change(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crawler.archive.index.index import Index  # noqa: PLC0415
    from crawler.archive.storage.sqlite import Database  # noqa: PLC0415

    checks: list[str] = []
    one = Database.one

    def counted(self: Database, query: str, values: tuple[object, ...] = ()) -> object:
        checks.extend([query] if "quick_check" in query else [])
        return one(self, query, values)

    monkeypatch.setattr(Database, "one", counted)

    def opened(*, close: bool = True) -> tuple[Index, int]:
        before = len(checks)
        index = Index(copy / "state" / "index.sqlite3")
        assert index.intact()
        if close:
            index.close()
        return index, len(checks) - before

    opened()
    assert opened()[1] == 0
    (copy / "state" / "index.sqlite3").touch()
    assert opened()[1] == 1
    dying, _ = opened(close=False)
    dying.database._db.close()  # as a process does that dies: the marker is not put back
    assert [opened()[1], opened()[1]] == [1, 0]


def test_an_index_is_rebuilt_beside_the_one_that_is_there(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers read the old one meanwhile, no log grows beside the new one, and a failure leaves all as it was."""
    paths = Paths(copy)
    before, apply_all = disk.index_rows(copy), rebuild.apply_all
    seen: list[list[str]] = []

    def watched(paths: Paths, index: Index) -> Counter[str]:
        applied = apply_all(paths, index)
        seen.append(sorted(path.name for path in paths.index.parent.iterdir() if PARTIAL in path.name))
        assert disk.index_rows(copy) == before
        return applied

    def fails(paths: Paths, index: Index) -> Counter[str]:
        watched(paths, index)
        raise StorageError("the disk is full")

    monkeypatch.setattr(rebuild, "apply_all", fails)
    with pytest.raises(StorageError, match="full"):
        reindex(paths)
    assert disk.index_rows(copy) == before
    monkeypatch.setattr(rebuild, "apply_all", watched)
    reindex(paths)
    assert seen == [[f"index.sqlite3{PARTIAL}"]] * 2
    assert disk.index_rows(copy) == before
    assert not [path for path in paths.index.parent.iterdir() if PARTIAL in path.name]
