"""The tables against the truth of a generated archive, and carried on from run to run against rebuilt."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from crawler import archive
from crawler.analysis import full_text, sqlite_derived
from crawler.analysis.search_index import SearchIndex
from crawler.analysis.snapshot import Snapshot
from crawler.archive import DamagedError, Paths
from crawler.maintenance.remove import remove
from crawler.maintenance.seal import seal
from harness import disk, truth
from harness.command import citynews
from tests.analysis.conftest import Known, tables


def rebuilt(root: Path, path: Path) -> dict[str, list[Any]]:
    path.unlink(missing_ok=True)
    SearchIndex(root, path).bring_up()
    return tables(path)


def test_portal_and_day_equal_truth(known: Known, db: sqlite3.Connection) -> None:
    found = db.execute("SELECT portal, published_date, count(*) FROM pages GROUP BY 1, 2").fetchall()
    assert {(portal, day): count for portal, day, count in found} == known.truth.days()
    assert any(day is None for _, day, _ in found)


def test_pages_equal_truth(known: Known, db: sqlite3.Connection) -> None:
    found = {row["url"]: row for row in db.execute("SELECT * FROM pages")}
    assert found.keys() == known.truth.seen.keys()
    for url, row in found.items():
        counts = known.truth.counts.get(url, [None])
        versions = known.truth.bodies[url]
        assert (row["views_first"], row["views"]) == (counts[0], counts[-1]), url
        assert (row["visits"], row["revisions"]) == (known.truth.visits[url], len(versions) - 1), url
        assert row["state"] == ("gone" if url in known.truth.vanished else "live"), url
        assert row["text_length"] == len(versions[-1]), url
    bodies = dict(db.execute("SELECT p.url, t.body FROM pages p JOIN texts t USING (id)"))
    assert bodies == {url: versions[-1] for url, versions in known.truth.bodies.items()}
    assert Counter(row["state"] for row in found.values())["gone"] > 3


def test_a_corrected_copy_stays_a_copy(known: Known, db: sqlite3.Connection) -> None:
    lines = map(orjson.loads, disk.lines(known.root, "duplicates"))
    copies = {line["id"]: line["duplicate_of"]["id"] for line in lines}
    rows = db.execute("SELECT id, kind, group_id, revisions FROM pages").fetchall()
    assert {row["id"]: row["group_id"] for row in rows if row["kind"] == "copy"} == copies
    assert any(row["revisions"] for row in rows if row["kind"] == "copy"), "no copy was corrected"


def test_network_of_copies_equals_truth(known: Known, db: sqlite3.Connection) -> None:
    urls = dict(db.execute("SELECT id, url FROM pages"))
    rows = db.execute("SELECT * FROM copies").fetchall()
    assert {(urls[r["copy_id"]], urls[r["origin_id"]]) for r in rows if r["direction"]} == known.truth.pairs()
    assert {r["direction"] for r in rows} >= {"copy", "origin"}
    for row in rows:
        copy, origin = (known.truth.seen[urls[row[name]]] for name in ("copy_id", "origin_id"))
        exact = {copy.precision, origin.precision} <= {"second", "minute"}
        assert (row["lag_hours"] is not None) == exact
        assert (row["copy_portal"], row["origin_portal"]) == (copy.portal, origin.portal)
        assert not exact or row["lag_hours"] > 0
    sizes = Counter(story.copy_of.url if story.copy_of else url for url, story in known.truth.seen.items())
    groups = db.execute("SELECT group_origin, group_size FROM pages WHERE group_size > 1").fetchall()
    assert all(sizes[urls[origin]] == size for origin, size in groups)


def test_sources_and_links(known: Known, db: sqlite3.Connection) -> None:
    named = set(db.execute("SELECT portal, source, source_norm, source_portal FROM pages WHERE source IS NOT NULL"))
    assert ("south", "本网讯", "南方城市报", "south") in {tuple(row) for row in named}
    assert {row[2] for row in named if row[1].strip() == "新华社"} == {"新华社"}
    assert any(row[0] != row[3] is not None for row in named), "no source that is another portal"
    archived = {story.id for story in known.truth.seen.values()}
    links = db.execute("SELECT * FROM links").fetchall()
    assert all((row["to_id"] is not None) == (row["target_id"] in archived) for row in links)
    assert {row["to_id"] is None for row in links} == {True, False}


def test_versions_say_how_much_they_changed(known: Known, db: sqlite3.Connection) -> None:
    rows = db.execute("SELECT v.*, p.url FROM versions v JOIN pages p USING (id) WHERE v.revision > 1").fetchall()
    assert rows
    for row in rows:
        versions = known.truth.bodies[row["url"]]
        assert row["body"] == versions[row["revision"] - 1]
        assert row["chars_added"] == len(row["body"]) - len(versions[row["revision"] - 2])
        assert row["chars_removed"] == 0


def test_counts_add_up_to_those_of_verify(known: Known, db: sqlite3.Connection) -> None:
    meta = db.execute("SELECT * FROM meta").fetchone()
    checked = citynews("verify", "--output", known.root, "--json", "--quiet").summary["checked"]
    for stream in disk.STREAMS:
        removed = 0 if stream == "observations" else meta[f"removed_{stream}"]
        assert meta[stream] + removed == checked[stream]
    fields = db.execute("SELECT sum(pages), sum(have) FROM fields WHERE field = 'view_count'").fetchone()
    counted = sum(url in known.truth.counts for url in known.truth.seen)
    assert tuple(fields) == (len(known.truth.seen), counted)


@pytest.mark.ci
def test_carried_on_equals_rebuilt(tmp_path: Path) -> None:
    assert _differences(tmp_path, truth.invent(120, 20), range(0, 40, 8)) == []


@pytest.mark.slow
def test_carried_on_equals_rebuilt_over_thirty_days(tmp_path: Path) -> None:
    assert _differences(tmp_path, truth.invent(500, 30), range(30)) == []


def _differences(folder: Path, invented: truth.Truth, days: range) -> list[str]:
    """Tables that a refresh leaves other than a rebuild makes them, by day; and what a refresh said."""
    root, kept = folder / "archive", folder / "kept.sqlite3"
    said: list[str] = []
    different: list[str] = []
    for day in truth.live(invented, root, days):
        SearchIndex(root, kept).bring_up(say=said.append)
        carried, made = tables(kept), rebuilt(root, folder / "fresh.sqlite3")
        different += [f"day {day}: {name}" for name, rows in made.items() if carried[name] != rows]
    return different + said


@pytest.mark.parametrize(
    "query",
    [
        *(sqlite_derived.UNCOMPARED, full_text.OUTDATED, sqlite_derived.SOURCES + sqlite_derived.OF_TOUCHED),
        *(sqlite_derived.BEFORE, sqlite_derived.AFTER, sqlite_derived.COUNT_PORTALS, sqlite_derived.COUNT_STREAMS),
    ],
)
def test_a_refresh_reads_no_large_table_as_a_whole(db: sqlite3.Connection, query: str) -> None:
    db.executescript(
        "CREATE TEMP TABLE heads (id TEXT, revision INTEGER); CREATE UNIQUE INDEX temp.heads_id ON heads (id);"
        "CREATE TEMP TABLE touched (id TEXT PRIMARY KEY) WITHOUT ROWID; CREATE TEMP TABLE new_heads (portal, source);"
        "CREATE TEMP TABLE old_portals AS SELECT * FROM portals;"
        "CREATE TEMP TABLE counted AS SELECT portal, kind, 1 AS pages, 0 AS revisions, NULL AS first FROM pages"
    )
    query = query.replace("TABLE counted", "TABLE recounted")
    steps = [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {query}", (0,) * query.count("?"))]
    assert not [step for step in steps if re.match("SCAN (?:pages|visits|versions|links|new|old|p|v)\\b", step)]


def test_a_crawl_under_way_and_a_dead_one_change_nothing(known: Known, tmp_path: Path) -> None:
    root = Path(shutil.copytree(known.root, tmp_path / "archive"))
    before = rebuilt(root, tmp_path / "before.sqlite3")
    story = next(iter(known.truth.seen.values()))
    month = next((root / "articles" / story.portal).glob("*.jsonl"))
    with month.open("ab") as file:
        file.write(disk.lines(root, "articles")[0] + b'\n{"schema":"citynews/art')
    assert rebuilt(root, tmp_path / "after.sqlite3") == before


def test_sealing_changes_no_row(known: Known, tmp_path: Path) -> None:
    root = Path(shutil.copytree(known.root, tmp_path / "archive"))
    before = rebuilt(root, tmp_path / "index.sqlite3")
    seal(Paths(root), datetime(2027, 1, 1, tzinfo=UTC))
    assert list((root / "articles").glob("*/*.jsonl.gz"))
    said: list[str] = []
    SearchIndex(root, tmp_path / "index.sqlite3").bring_up(say=said.append)
    assert not said
    runs = before.pop("runs")
    carried, made = tables(tmp_path / "index.sqlite3"), rebuilt(root, tmp_path / "fresh.sqlite3")
    assert carried == made
    assert len(carried.pop("runs")) == len(runs) + 1
    assert carried == before


def test_what_is_removed_is_in_no_table(known: Known, tmp_path: Path) -> None:
    root = Path(shutil.copytree(known.root, tmp_path / "archive"))
    index = SearchIndex(root, tmp_path / "index.sqlite3")
    index.bring_up()
    story = next(s for s in known.truth.seen.values() if len(known.truth.bodies[s.url]) > 1 and not s.copy_of)
    remove(Paths(root), story.id, "asked to")
    said: list[str] = []
    index.bring_up(say=said.append)
    assert "citynews remove" in said[0]
    found = tables(index.path)
    assert not [row for name in ("pages", "texts", "versions", "copies") for row in found[name] if story.id in row]
    assert [row for row in found["visits"] if story.id in row], "that it was visited stays"
    with closing(index.open()) as db:
        meta = db.execute("SELECT * FROM meta").fetchone()
    assert (meta["removed_articles"], meta["articles"]) == (1, len(disk.lines(root, "articles")) - 1)


def test_an_archive_without_a_run_has_no_snapshot(tmp_path: Path) -> None:
    assert Snapshot.of(tmp_path).archive is None
    assert SearchIndex.of(tmp_path) is None


def test_missing_bytes_are_damage(known: Known, tmp_path: Path) -> None:
    root = Path(shutil.copytree(known.root, tmp_path / "archive"))
    month = max((root / "articles").glob("*/*.jsonl"), key=lambda path: path.stat().st_size)
    month.write_bytes(month.read_bytes()[:-40])
    with pytest.raises(DamagedError, match="no line ends at byte"):
        rebuilt(root, tmp_path / "index.sqlite3")
    assert not list(tmp_path.glob("index.sqlite3.building*")), "what a later attempt would go on with"


@pytest.mark.parametrize("form", ["sqlite", "duckdb", "parquet"])
@pytest.mark.parametrize("stream", ["articles", "observations"])
def test_a_line_that_stands_twice_is_damage(known: Known, tmp_path: Path, stream: str, form: str) -> None:
    root = Path(shutil.copytree(known.root, tmp_path / "archive"))
    for month in sorted(root.glob(f"{stream}/*/*.jsonl")):
        lines = month.read_bytes().splitlines(keepends=True)
        same = [(a, b) for a in range(len(lines)) for b in range(a) if len(lines[a]) == len(lines[b])]
        if same:
            (a, b), *_ = same
            lines[a] = lines[b]
            month.write_bytes(b"".join(lines))
            break
    else:
        pytest.fail("no two lines of one length")
    done = citynews("export", tmp_path / "out", "--to", form, "--output", root, code=4)
    assert "is archived twice; run `citynews verify`" in done.err


def test_the_reader_gives_the_same_as_the_tables(known: Known, db: sqlite3.Connection) -> None:
    reader = archive.open(known.root)
    pages = {page["id"]: page for page in reader.pages(latest=True)}
    rows = {row["id"]: row for row in db.execute("SELECT p.*, t.body FROM pages p JOIN texts t USING (id)")}
    assert pages.keys() == rows.keys()
    same = {"views": "view_count", "views_at": "view_count_at", "version_fetched_at": "fetched_at"}
    for ident, page in pages.items():
        assert (page["duplicate_of"] or page)["id"] == rows[ident]["group_id"]
        for name in ("kind", "title", "body", "revision", "published_date", "content_hash", *same):
            assert rows[ident][name] == page[same.get(name, name)], (ident, name)  # type: ignore[literal-required]
    links, copies = [tuple(link.values()) for link in reader.links()], [tuple(c.values()) for c in reader.copies()]
    assert sorted(links, key=repr) == sorted(map(tuple, db.execute("SELECT * FROM links")), key=repr)
    assert sorted(copies, key=repr) == sorted(map(tuple, db.execute("SELECT * FROM copies")), key=repr)
