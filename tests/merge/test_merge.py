"""Several archives become one: the same lines as a replay of them all, whole by verify, repeatable."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from crawler import archive
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.archive.write.writer import ArchiveWriter
from crawler.exit_codes import UsageError
from crawler.maintenance import verify
from crawler.maintenance.merge import MergeOptions, MergeSummary, merge
from crawler.maintenance.remove import remove
from crawler.maintenance.seal import seal
from crawler.replay import session
from harness import disk
from harness.command import citynews, run_in_process
from harness.socketless_sites import SocketlessCrawl, SocketlessSites

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def crawl(root: Path, day: int, *portals: str, minutes: int = 0) -> Path:
    """A crawl of *portals* (all for none) on *day*, as the sites are then."""
    sites = SocketlessSites()
    if day >= 1:
        sites.one_day_passes()
    if day >= 2:
        sites.what_was_deleted_returns()
    # a visit without an answer has the time of this machine, which is not that of the sites
    chosen = portals or tuple(sites.sites)
    sites.asked = [url for url in sites.asked if any(name in url for name in chosen) and url != sites.down]
    SocketlessCrawl(sites, root, NOON + timedelta(hours=2 * day, minutes=minutes)).run()
    return root


def merged(output: Path, *roots: Path, **options: Any) -> MergeSummary:
    """Merges, and proves the result whole."""
    done = merge(roots, output, MergeOptions(**options))
    assert verify.verify(Paths(output)).damage == []
    assert disk.doubled(output) == []
    return done


def replayed(output: Path, *roots: Path) -> Path:
    session.replay([root / "warc" for root in roots], output, overrides=[])
    assert verify.verify(Paths(output)).damage == []
    return output


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive a portal, two days of each, the days of both one after the other."""
    folder = tmp_path_factory.mktemp("crawled")
    for day in (0, 1):
        crawl(folder / "zhihui", day, "sample-zhihui")
        crawl(folder / "chengshi", day, "sample-chengshi", minutes=5)
    return folder


@pytest.fixture
def two(crawled: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Copies of those archives of this test's own."""
    zhihui, chengshi = (shutil.copytree(crawled / name, tmp_path / name) for name in ("zhihui", "chengshi"))
    return zhihui, chengshi


def test_two_archives_of_two_portals_are_one(two: tuple[Path, Path], tmp_path: Path) -> None:
    done = merged(tmp_path / "merged", *two)
    visits = sum(len(disk.records(root, "observations")) for root in two)
    assert len(disk.records(tmp_path / "merged", "observations")) == visits
    assert disk.kinds(tmp_path / "merged") == {}
    # what was new in its own archive is a copy where its original is archived too
    copies = {record["url"] for record in disk.records(tmp_path / "merged", "duplicates")}
    assert copies
    assert not any(disk.records(root, "duplicates") for root in two)
    assert done.from_pages < done.visits
    assert disk.all_lines(tmp_path / "merged") == disk.all_lines(replayed(tmp_path / "replayed", *two))
    assert disk.all_lines(tmp_path / "merged") == disk.all_lines(replayed(tmp_path / "turned", *two[::-1]))


def test_the_merge_of_archives_is_what_one_crawl_of_all_is(two: tuple[Path, Path], tmp_path: Path) -> None:
    merged(tmp_path / "merged", *two)
    one = crawl(crawl(tmp_path / "one", 0), 1)

    def facts(root: Path) -> dict[str, set[Any]]:
        return {
            "articles": {(r["id"], r["content_hash"]) for r in disk.records(root, "articles")},
            "revisions": {(r["id"], r["revision"], r["content_hash"]) for r in disk.records(root, "revisions")},
            "outcomes": {(r["url"], r["outcome"]) for r in disk.records(root, "observations")},
            "duplicates": {(r["url"], r["match"], r["duplicate_of"]["id"]) for r in disk.records(root, "duplicates")},
        }

    own, others = facts(one), facts(tmp_path / "merged")
    assert own["articles"] == others["articles"]
    assert own["revisions"] == others["revisions"]
    assert own["duplicates"] == others["duplicates"]


def test_one_archive_alone_is_itself_also_after_a_clock_was_set_back(tmp_path: Path) -> None:
    root = tmp_path / "alone"
    for day, minutes in ((0, 0), (1, 0), (2, -300)):
        crawl(root, day, minutes=minutes)
    merged(tmp_path / "merged", root)
    assert disk.all_lines(tmp_path / "merged") == disk.all_lines(root)


def test_the_same_portal_crawled_by_two_machines(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for day in (0, 1):
        crawl(first, day)
        crawl(second, day, minutes=30)
    merged(tmp_path / "merged", first, second)
    outcomes = {record["outcome"] for record in disk.records(tmp_path / "merged", "observations")}
    assert "unchanged" in outcomes
    assert disk.all_lines(tmp_path / "merged") == disk.all_lines(replayed(tmp_path / "replayed", first, second))


def test_copies_that_grew_apart_share_what_they_have_in_common(tmp_path: Path) -> None:
    first = crawl(tmp_path / "first", 0)
    second = Path(shutil.copytree(first, tmp_path / "second"))
    crawl(first, 1)
    crawl(second, 1, minutes=30)
    merged(tmp_path / "merged", first, second)
    assert len({r["run"] for r in disk.records(tmp_path / "merged", "observations")}) == 3
    assert disk.all_lines(tmp_path / "merged") == disk.all_lines(replayed(tmp_path / "replayed", first, second))


def test_only_what_is_new_is_taken_and_the_result_is_that_from_the_beginning(tmp_path: Path) -> None:
    zhihui, chengshi, output = tmp_path / "zhihui", tmp_path / "chengshi", tmp_path / "merged"
    for day in (0, 1, 2):
        crawl(zhihui, day, "sample-zhihui")
        crawl(chengshi, day, "sample-chengshi", minutes=5)
        done = merged(output, zhihui, chengshi)
        assert done.visits == done.read > 0
        assert merged(output, chengshi, zhihui).run is None
    merged(tmp_path / "rebuilt", zhihui, chengshi)
    assert disk.all_lines(output) == disk.all_lines(tmp_path / "rebuilt")
    assert [run["kind"] for run in disk.runs(output)] == ["merge"] * 3


def test_what_comes_late_waits_and_is_said(two: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "merged"
    merged(output, two[1])
    done = merged(output, *two)
    assert done.late == [str(two[0])]
    assert done.left_out == {"late": done.read}
    done = merged(output, *two, late=True)
    assert done.visits == done.read > 0
    assert merged(output, *two).run is None


def test_visits_behind_the_begin_of_a_run_under_way_wait_for_it(two: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "merged"
    writer = ArchiveWriter(two[0])
    started = NOON + timedelta(hours=1)
    marker = next((two[0] / "runs").glob("*.open"))
    marker.write_bytes(
        marker.read_bytes().replace(writer.started_at.isoformat()[:19].encode(), started.isoformat()[:19].encode())
    )
    first = merge(two, output, MergeOptions(patience=timedelta(days=100_000)))
    assert 0 < first.visits < first.read
    assert first.left_out == {"waiting": first.read - first.visits}
    writer.abandon()
    marker.unlink()
    merged(output, *two)
    merged(tmp_path / "rebuilt", *two)
    assert disk.all_lines(output) == disk.all_lines(tmp_path / "rebuilt")


def test_what_an_input_removed_leaves_the_merged_archive_too(two: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "merged"
    merged(output, *two)
    gone = disk.records(two[0], "articles")[2]
    with Lock(Paths(two[0]).lock):
        remove(Paths(two[0]), gone["id"], "a court order")
    done = merged(output, *two)
    assert done.removed == [gone["id"]]
    merged(tmp_path / "rebuilt", *two)
    for root in (output, tmp_path / "rebuilt"):
        assert not any(
            gone["body"][:60].encode() in line for stream in disk.STREAMS for line in disk.lines(root, stream)
        )
    assert merged(output, *two).run is None
    for name in ("00000000T000000Z-0", "99999999T000000Z-0"):  # which run comes first by name does not matter
        last = max(Paths(output).run_files(), key=lambda path: orjson.loads(path.read_bytes())["number"])
        last.rename(last.with_name(f"{name}.json"))
        with pytest.raises(AssertionError, match="remove it there"):
            citynews("remove", gone["id"], "--reason", "again", "--output", output)


def test_sealed_months_are_read_like_open_ones(two: tuple[Path, Path], tmp_path: Path) -> None:
    merged(tmp_path / "before", *two)
    output = tmp_path / "merged"
    merged(output, *two)
    for root in two:
        with Lock(Paths(root).lock):
            assert seal(Paths(root), NOON + timedelta(days=60)).run
    assert merged(output, *two).visits == 0
    merged(tmp_path / "after", *two)
    assert disk.all_lines(tmp_path / "after") == disk.all_lines(tmp_path / "before")


def test_an_input_that_was_adopted_since_ends_with_the_way_out(two: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "merged"
    merged(output, *two)
    replayed(tmp_path / "again", two[0])
    citynews("adopt", tmp_path / "again", "--output", two[0])
    with pytest.raises(UsageError, match="--anew into an empty folder"):
        merge(two, output, MergeOptions())
    merged(tmp_path / "rebuilt", *two)


def test_with_the_warc_files_it_stands_alone(two: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "merged"
    merged(output, *two, with_warc=True)
    for root in two:
        shutil.rmtree(root)
    assert verify.verify(Paths(output)).damage == []
    assert disk.all_lines(replayed(tmp_path / "again", output)) == disk.all_lines(output)


def test_a_merge_that_died_goes_on(two: tuple[Path, Path], tmp_path: Path) -> None:
    merged(tmp_path / "whole", *two)
    for count in (1, 7, 12):
        output = tmp_path / f"dead-{count}"
        with pytest.raises(KeyboardInterrupt):
            merge(two, output, MergeOptions(), stop=_dies_after(count))
        merged(output, *two)
        assert disk.all_lines(output) == disk.all_lines(tmp_path / "whole")


def test_what_is_no_archive_to_merge_is_refused(two: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "merged"
    merged(output, *two)
    for roots, target, words in (
        ((output, two[0]), tmp_path / "m", "was made by merge"),
        ((two[0], tmp_path / "none"), output, "no archive here"),
        (two, two[0], "is one of the archives"),
        ((two[1],), two[0], "needs a separate folder"),
    ):
        with pytest.raises(UsageError, match=words):
            merge(roots, target, MergeOptions())
    with pytest.raises(AssertionError, match="crawl into one of its inputs"):
        citynews("crawl", "hbzhan", "--output", output)


def test_the_command_says_what_it_did(two: tuple[Path, Path], tmp_path: Path) -> None:
    done = citynews("merge", *two, "--output", tmp_path / "merged", "--json")
    balance = done.summary["balance"]
    assert balance["read"] == balance["used"] + sum(balance["left_out"].values()) > 0
    assert disk.runs(tmp_path / "merged")[0]["balance"] == balance
    assert "visits merged" in done.err
    assert citynews("merge", *two, "--output", tmp_path / "merged", "--json").summary["run"] is None
    citynews("merge", *two, "--output", tmp_path / "merged", "--anew", code=2)
    citynews("merge", *two, "--output", tmp_path / "merged", "--replaces", tmp_path / "merged", code=2)


def test_a_source_that_moved_is_given_beside_those_that_did_not(two: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "all"
    merged(output, *two)
    moved = two[0].rename(tmp_path / "moved")
    code, said = run_in_process("verify", "--output", str(output))
    assert (code, said.count(f"{two[0]}/warc:-: missing")) == (4, 1), said
    code, said = run_in_process("verify", "--output", str(output), "--source", str(moved))
    assert code == 0, said
    reader = archive.open(output, sources=[moved])
    assert all(list(reader.captures(article)) for article in reader.articles())


def _dies_after(count: int) -> Callable[[], bool]:
    left = iter(range(count))

    def die() -> bool:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return False

    return die


def test_what_was_judged_against_a_removed_article_outlives_it(two: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "merged"
    merged(output, *two)
    copy = disk.records(output, "duplicates")[0]
    gone = copy["duplicate_of"]["id"]
    root = next(root for root in two if any(r["id"] == gone for r in disk.records(root, "articles")))
    with Lock(Paths(root).lock):
        assert remove(Paths(root), gone, "a court order").run
    merged(output, *two)
    merged(tmp_path / "forgets", *two)
    assert copy["id"] in {record["id"] for record in disk.records(tmp_path / "forgets", "articles")}
    merged(tmp_path / "rebuilt", *two, replaces=output)
    kept = next(record for record in disk.records(tmp_path / "rebuilt", "duplicates") if record["id"] == copy["id"])
    assert {name: kept[name] for name in ("duplicate_of", "match")} == {
        name: copy[name] for name in ("duplicate_of", "match")
    }
    merged(tmp_path / "third", *two, replaces=tmp_path / "rebuilt")
    assert disk.all_lines(tmp_path / "third") == disk.all_lines(tmp_path / "rebuilt")
    with pytest.raises(UsageError, match="no merged archive"):
        merge(two, tmp_path / "fourth", MergeOptions(replaces=two[0]))


def test_several_processes_give_the_same(two: tuple[Path, Path], tmp_path: Path) -> None:
    done = merged(tmp_path / "one", *two)
    assert merged(tmp_path / "two", *two, jobs=2).visits == done.visits
    assert disk.all_lines(tmp_path / "two") == disk.all_lines(tmp_path / "one")


def test_a_sample_finds_what_a_whole_reading_finds(two: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "merged"
    merged(output, *two)
    done = citynews("verify", "--output", output, "--sample", 1000, "--json")
    assert done.summary["checked"]["sampled"] > 20
    assert "records" not in done.summary["checked"]
    assert citynews("verify", "--output", output, "--sample", 3, "--json").summary["checked"]["sampled"] == 3
    place = disk.records(output, "articles")[0]["warc"]
    file = next(path for root in two for path in Paths(root).warc_files().values() if path.name in place["file"])
    data = bytearray(file.read_bytes())
    data[place["offset"] + place["length"] // 2] ^= 0xFF
    file.write_bytes(bytes(data))
    found = citynews("verify", "--output", output, "--sample", 1000, "--json", code=4).summary["damage"]
    assert {damage["kind"] for damage in found} == {"missing"}
    own = citynews("verify", "--output", two[0], "--sample", 0, "--json").summary  # the lines and the chain alone
    assert own["checked"]["runs"] == 2
