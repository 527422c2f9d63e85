"""A head that was noted elsewhere holds the archive to what it was, also against who has this program."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from crawler.archive.records import jsonl
from crawler.archive.runs import run_file
from crawler.archive.storage.errors import StorageError
from crawler.archive.storage.layout import Paths
from crawler.archive.storage.lock import Lock
from crawler.archive.write.recovery import reindex
from crawler.article import content_hash
from crawler.maintenance import verify
from crawler.maintenance.anchor import anchor
from crawler.maintenance.merge import MergeOptions, merge
from crawler.maintenance.remove import remove
from crawler.maintenance.seal import seal
from crawler.maintenance.verify.findings import Finding, Findings
from crawler.maintenance.verify.heads import check_heads, read_heads
from harness import disk
from harness.command import CHECKOUT, citynews
from harness.socketless_sites import SocketlessCrawl, SocketlessSites, sites_of_day


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two days."""
    folder = tmp_path_factory.mktemp("two-days")
    for day in (0, 1):
        sites, now = sites_of_day(day)
        SocketlessCrawl(sites, folder / "archive", now).run()
    return folder / "archive"


@pytest.fixture
def root(two_days: Path, tmp_path: Path) -> Path:
    """A copy of it of this test's own."""
    return Path(shutil.copytree(two_days, tmp_path / "archive"))


def head_of(root: Path) -> str:
    (found,) = (sha for run, sha in run_file.finished(Paths(root)) if run["number"] == len(disk.runs(root)))
    return found


def judged(root: Path, *heads: str, allow: tuple[str, ...] = ()) -> list[Finding]:
    findings = Findings()
    check_heads(Paths(root), heads, allow, findings)
    return findings.damage


def forge(root: Path, change: bytes, into: bytes) -> None:
    """What somebody does who has this code: changes lines, decisions' digests aside, and rebuilds the chain."""
    paths = Paths(root)
    previous = None
    for run in disk.runs(root):
        for claim in run["files"]:
            file = paths.actual(claim["path"])
            if claim["path"].startswith("articles/"):
                file.write_bytes(file.read_bytes().replace(change, into))
            data = file.read_bytes()[claim["start"] : claim["end"]]
            claim["sha256"] = hashlib.sha256(data).hexdigest()
        run["previous"] = previous
        run.pop("sha256")
        path = paths.run_file(run["run"])
        path.write_bytes(run_file._signed(run))  # the forger's own hand
        previous = {"run": run["run"], "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_the_head_is_in_the_chain_as_the_archive_grows(root: Path) -> None:
    first = hashlib.sha256(Paths(root).run_files()[0].read_bytes()).hexdigest()
    before = head_of(root)
    sites, now = sites_of_day(2)
    SocketlessCrawl(sites, root, now).run()
    with Lock(Paths(root).lock):
        assert seal(Paths(root), datetime(2027, 1, 5, tzinfo=UTC) + timedelta(days=300)).run
    assert judged(root, first, before, head_of(root)) == []
    assert len({run["archive"] for run in disk.runs(root)}) == 1


def test_a_forger_is_found_by_the_head_alone(root: Path) -> None:
    noted = head_of(root)
    record = disk.records(root, "articles")[0]
    old = record["portal"].encode()
    forge(root, b'"language":"zh"', b'"language":"en"')
    assert [damage.kind for damage in verify.verify(Paths(root)).damage].count("chain") == 0
    assert [damage.where for damage in judged(root, noted)] == [noted]
    assert old


def test_a_chain_that_was_rolled_back_is_found(root: Path) -> None:
    noted = head_of(root)
    last = max(Paths(root).run_files(), key=lambda path: orjson.loads(path.read_bytes())["number"])
    last.unlink()
    assert [damage.kind for damage in judged(root, noted)] == ["head"]


def test_the_commands_refuse_what_a_forger_with_this_program_makes(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """An archive of the same id in which one text is another, and all agrees."""
    tokens: list[str] = []
    for run in disk.runs(root):
        tokens += [run["run"].rpartition("-")[2], *([] if tokens else [run["archive"]])]
    monkeypatch.setattr("secrets.token_hex", lambda _: tokens.pop(0))
    monkeypatch.setattr("crawler.archive.runs.run_file.clock.now", lambda: datetime(2026, 11, 1, tzinfo=UTC))
    for day in (0, 1):
        sites, now = sites_of_day(day)
        changed = next(story for story in sites.sites["sample-zhihui"].online() if story.path in sites.asked[0])
        sites.sites["sample-zhihui"].put(replace(changed, text=changed.text.replace("。", "，并无其事。", 1)))
        SocketlessCrawl(sites, tmp_path / "forged", now).run()
    monkeypatch.undo()
    forged = tmp_path / "forged"
    assert disk.runs(forged)[0]["archive"] == disk.runs(root)[0]["archive"]
    assert [r["body"] for r in disk.records(forged, "articles")] != [r["body"] for r in disk.records(root, "articles")]
    heads = tmp_path / "heads.txt"
    noted = str(citynews("verify", "--output", root, "--json").summary["head"])
    heads.write_text(f"{noted}  runs/last.json\n")
    citynews("verify", "--output", forged)  # nothing in it tells
    assert "DAMAGED" not in citynews("verify", "--output", root, "--head", heads).out
    assert noted in citynews("verify", "--output", forged, "--head", heads, code=4).out


def test_the_commands_refuse_a_rewritten_line_and_a_chain_that_was_rolled_back(root: Path, tmp_path: Path) -> None:
    noted = str(citynews("verify", "--output", root, "--json").summary["head"])
    sites, now = sites_of_day(0)
    SocketlessCrawl(sites, tmp_path / "before", now).run()
    earlier = Path(shutil.copytree(root, tmp_path / "earlier"))
    old = disk.records(root, "articles")[0]
    title = "另一个标题"
    forge(
        root, jsonl.encode(old), jsonl.encode(old | {"title": title, "content_hash": content_hash(title, old["body"])})
    )
    shutil.rmtree(root / "state")
    said = citynews("verify", "--output", root, code=4).out
    assert "no decision in the WARC files says this line" in said
    citynews("verify", "--output", root, "--head", noted, code=4)
    citynews("reindex", "--output", root)  # whatever else is rebuilt with it
    citynews("verify", "--output", root, "--head", noted, code=4)
    last = disk.runs(earlier)[-1]
    for claim in last["files"]:  # back to what the archive was before its last run
        path = earlier / claim["path"]
        os.truncate(path, claim["start"])
        if not claim["start"]:
            path.unlink()
    Paths(earlier).run_file(last["run"]).unlink()
    shutil.rmtree(earlier / "state")
    citynews("verify", "--output", earlier)  # a sound archive, of a day before
    assert noted in citynews("verify", "--output", earlier, "--head", noted, code=4).out


def test_a_recorded_change_passes_only_by_name(root: Path) -> None:
    noted = head_of(root)
    with Lock(Paths(root).lock):
        done = remove(Paths(root), disk.records(root, "articles")[1]["id"], "asked to")
    assert done.run is not None
    assert [(damage.kind, damage.where) for damage in judged(root, noted)] == [("head", done.run)]
    assert judged(root, noted, allow=(done.run,)) == []
    assert judged(root, head_of(root)) == []
    assert len(judged(root, noted, allow=("nobody",))) == 2
    spoken = citynews("verify", "--output", root, "--head", noted, code=4)
    assert f"--allow-change {done.run}" in spoken.out
    citynews("verify", "--output", root, "--head", noted, "--allow-change", done.run)


def test_heads_are_read_from_files_and_what_is_none_is_refused(root: Path, tmp_path: Path) -> None:
    noted = tmp_path / "heads.txt"
    noted.write_text(f"# of my archive\n{head_of(root)} 2026-11-02\n{'0' * 64}\n")
    assert read_heads([str(noted), "sha256:" + "A" * 64]) == [head_of(root), "0" * 64, "a" * 64]
    citynews("verify", "--output", root, "--head", noted, code=4)
    for wrong in ("abc", str(root / "README.md")):
        with pytest.raises(ValueError, match="64 hex digits"):
            read_heads([wrong])


def test_the_head_is_said_where_it_is_needed(root: Path, tmp_path: Path) -> None:
    noted = head_of(root)
    done = citynews("verify", "--output", root, "--json")
    assert done.summary["head"] == noted
    assert done.summary["archive"] == disk.runs(root)[0]["archive"]
    assert noted in citynews("cite", disk.records(root, "articles")[0]["id"], "--output", root).out
    assert citynews("pack", "-o", tmp_path / "x.wacz", "--output", root, "--json").summary["head"] == noted


def test_an_archive_of_version_0_1_0_has_the_id_of_its_first_run_file(tmp_path: Path) -> None:
    with tarfile.open(CHECKOUT / "tests" / "fixtures" / "archive-0.1.0.tar.xz") as packed:
        packed.extractall(tmp_path, filter="data")
    root = tmp_path / "archive-0.1.0"
    first = min(Paths(root).run_files(), key=lambda path: orjson.loads(path.read_bytes())["number"])
    ident = hashlib.sha256(first.read_bytes()).hexdigest()[:32]
    assert verify.verify(Paths(root)).damage == []
    before = head_of(root)
    SocketlessCrawl(SocketlessSites(), root, datetime(2026, 12, 1, tzinfo=UTC)).run()
    assert disk.runs(root)[-1]["archive"] == ident
    with Lock(Paths(root).lock):
        reindex(Paths(root))
    SocketlessCrawl(SocketlessSites(), root, datetime(2026, 12, 3, tzinfo=UTC)).run()
    assert disk.runs(root)[-1]["archive"] == ident
    assert verify.verify(Paths(root)).damage == []
    assert judged(root, before) == []
    merge([root], tmp_path / "merged", MergeOptions())
    assert disk.all_lines(tmp_path / "merged") == disk.all_lines(root)
    citynews("pack", "-o", tmp_path / "x.wacz", "--output", root)


def test_the_anchor_command_gets_each_run_once_and_again_after_a_failure(root: Path, tmp_path: Path) -> None:
    stamps, paths = tmp_path / "stamps", Paths(root)
    stamp = ["sh", "-c", f'test -e {tmp_path}/up && basename "$1" >> {stamps}', "stamp"]
    with pytest.raises(StorageError, match="is kept and waits"):
        anchor(paths, stamp)
    first = disk.runs(root)[-1]["run"]
    sites, now = sites_of_day(2)
    SocketlessCrawl(sites, root, now).run()
    with pytest.raises(StorageError, match=f"run {first} is kept and waits"):
        anchor(paths, stamp)
    (tmp_path / "up").touch()
    assert anchor(paths, stamp) == [first, disk.runs(root)[-1]["run"]]
    assert anchor(paths, stamp) == []
    (tmp_path / "up").unlink()
    for day in (3, 4):
        sites, now = sites_of_day(day)
        SocketlessCrawl(sites, root, now).run()
        with pytest.raises(StorageError):
            anchor(paths, stamp)
    (tmp_path / "up").touch()
    anchor(paths, stamp)
    assert stamps.read_text().split() == [f"{run['run']}.json" for run in disk.runs(root)[1:]]
    (root / "state" / "anchored").unlink()
    assert len(anchor(paths, stamp)) == 1


def test_a_command_whose_anchor_fails_ends_with_5_and_has_done_its_work(root: Path) -> None:
    ident = disk.records(root, "articles")[0]["id"]
    env = {"CITYNEWS_ANCHOR_COMMAND": "false"}
    done = citynews("remove", ident, "--reason", "asked to", "--output", root, code=5, env=env)
    assert "[anchor] command false ended with 1" in done.err
    assert disk.runs(root)[-1]["kind"] == "remove"


def test_replay_and_merge_are_anchored_too(root: Path, tmp_path: Path) -> None:
    stamps = tmp_path / "stamps"
    env = {"CITYNEWS_ANCHOR_COMMAND": f"sh -c 'basename \"$1\" >> {stamps}' stamp"}
    citynews("replay", root / "warc", "--output", tmp_path / "again", env=env)
    citynews("merge", root, "--output", tmp_path / "merged", env=env)
    ran = [disk.runs(tmp_path / name)[0]["run"] for name in ("again", "merged")]
    assert stamps.read_text().split() == [f"{run}.json" for run in ran]
    citynews("replay", root / "warc", "--output", tmp_path / "kept", env={"CITYNEWS_ANCHOR_COMMAND": "false"}, code=5)
    assert disk.runs(tmp_path / "kept")[0]["kind"] == "replay"


def test_one_flipped_byte_gives_the_findings_it_causes(root: Path) -> None:
    """In the middle of a WARC file: the range, the record, and what stands on it; not every line behind it."""
    file = next(iter(Paths(root).warc_files().values()))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    found = verify.verify(Paths(root)).damage
    assert {"range", "record"} <= {damage.kind for damage in found}
    assert len(found) <= 6, found


def test_a_source_that_was_moved_is_one_finding(root: Path, tmp_path: Path) -> None:
    citynews("replay", root / "warc", "--output", tmp_path / "again")
    shutil.move(root, tmp_path / "elsewhere")
    (found,) = verify.verify(Paths(tmp_path / "again")).damage
    assert "--source" in found.what
    assert verify.verify(Paths(tmp_path / "again"), [tmp_path / "elsewhere" / "warc"]).damage == []
    assert jsonl.KEYS
