"""Guarantee 4: whatever is done to an archive behind its back is found, and a whole one is never accused."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.cli import run
from harness import damage, disk
from harness.command import CHECKOUT, citynews, finish, start
from harness.sample_sites import METRO, SampleSites
from harness.waiting import until


def verify(root: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and the words of `citynews verify`, in this process: it starts nothing and forgets everything."""
    code = run(["verify", "--output", str(root)])
    return code, "".join(capsys.readouterr())


def try_damages(
    archive_with_history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int, times: int
) -> None:
    chance = random.Random(seed)
    missed = []
    for _ in range(times):
        root = Path(shutil.copytree(archive_with_history, tmp_path / "damaged", dirs_exist_ok=False))
        what = chance.choice(damage.KINDS)(root, chance)
        before = disk.snapshot(root)
        code, said = verify(root, capsys)
        if code != 4:
            missed.append((code, what, said))
        assert disk.snapshot(root) == before, "verify wrote"
        shutil.rmtree(root)
    assert missed == []


def test_a_whole_archive_is_whole_and_stays_untouched(archive_with_history: Path) -> None:
    before = disk.snapshot(archive_with_history)
    done = citynews("verify", "--output", archive_with_history, "--json")
    assert done.summary["damage"] == done.summary["recoverable"] == []
    checked = done.summary["checked"]
    assert {name: checked[name] for name in disk.STREAMS} == {
        n: len(disk.lines(archive_with_history, n)) for n in disk.STREAMS
    }
    assert checked["runs"] == 3
    assert disk.snapshot(archive_with_history) == before


@pytest.mark.ci
def test_sixty_damages_are_found(
    archive_with_history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try_damages(archive_with_history, tmp_path, capsys, seed=1, times=60)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_five_hundred_damages_are_found(
    archive_with_history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    try_damages(archive_with_history, tmp_path, capsys, seed=seed, times=50)


@pytest.mark.parametrize("which", [pytest.param(0, marks=pytest.mark.ci), -1], ids=["first", "last"])
def test_every_byte_of_a_run_file_counts(copy: Path, capsys: pytest.CaptureFixture[str], which: int) -> None:
    """No run after the last one holds its sha256; it must be able to speak for itself."""
    file = sorted((copy / "runs").glob("*.json"))[which]
    whole = file.read_bytes()
    chance = random.Random(5)
    for place in chance.sample(range(len(whole)), 12):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert verify(copy, capsys)[0] == 4, f"byte {place} of {file.name}: {whole[place - 20 : place + 20]!r}"


def test_the_finding_names_file_and_place(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = copy / "articles" / METRO / next((copy / "articles" / METRO).iterdir()).name
    lines = file.read_bytes().splitlines(keepends=True)
    offset = sum(map(len, lines[:7]))
    record = json.loads(lines[7])
    lines[7] = json.dumps(record | {"title": record["title"] + "!"}, ensure_ascii=False, separators=(",", ":")).encode()
    file.write_bytes(b"".join([*lines[:7], lines[7] + b"\n", *lines[8:]]))
    code, said = verify(copy, capsys)
    assert code == 4
    assert f"articles/{METRO}/{file.name}:{offset}:" in said
    assert "content_hash" in said


def test_a_forged_line_with_a_forged_run_file_is_found(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A forger who corrects the ranges and the chain too still lacks the decision in the WARC."""
    import hashlib  # noqa: PLC0415

    last = disk.runs(copy)[-1]
    file = copy / next(entry["path"] for entry in last["files"] if entry["path"].startswith("observations/"))
    line = json.loads(file.read_bytes().splitlines()[-1]) | {"observed_at": "2026-11-01T00:00:00.000000Z"}
    data = file.read_bytes() + json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    file.write_bytes(data)
    for entry in last["files"]:
        if copy / entry["path"] == file:
            entry["end"] = len(data)
            entry["sha256"] = hashlib.sha256(data[entry["start"] :]).hexdigest()
    last.pop("sha256")
    signature = hashlib.sha256(json.dumps(last, indent=2, ensure_ascii=False).encode()).hexdigest()
    forged = json.dumps({**last, "sha256": signature}, indent=2, ensure_ascii=False) + "\n"
    (copy / "runs" / f"{last['run']}.json").write_text(forged, "utf-8")
    code, said = verify(copy, capsys)
    assert code == 4
    assert "no decision" in said
    assert "runs/" not in said, "the forgery should be perfect but for the decision"


def test_an_unfinished_run_is_no_damage_but_damage_beside_it_is(
    sample_sites: SampleSites, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "archive"
    sample_sites.crawl(output, METRO)
    sample_sites.rewrite(METRO, ("delay = 0", "delay = 0.2"), add='\n[revisit]\nafter = ["0.1s"]\n')
    process = sample_sites.begin(output, METRO)
    lines = len(disk.lines(output, "observations"))
    until(lambda: len(disk.lines(output, "observations")) > lines)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    before = disk.snapshot(output)
    code, said = verify(output, capsys)
    assert (code, "recoverable" in said) == (0, True), said
    assert disk.snapshot(output) == before
    file = next((output / "articles" / METRO).iterdir())
    data = bytearray(file.read_bytes())
    data[len(data) // 3] ^= 1
    file.write_bytes(data)
    assert verify(output, capsys)[0] == 4


@pytest.mark.ci
def test_readers_never_see_damage_while_a_run_writes(sample_sites: SampleSites, tmp_path: Path) -> None:
    output = tmp_path / "archive"
    sample_sites.crawl(output, METRO)
    sample_sites.rewrite(METRO, ("delay = 0", "delay = 0.05"), add='\n[revisit]\nafter = ["0.1s"]\n')
    process = sample_sites.begin(output, METRO)
    looks = []
    program = (
        "import sys, io, contextlib\nfrom crawler.cli import run\nfor line in sys.stdin:\n"
        "    said = io.StringIO()\n    with contextlib.redirect_stdout(said):\n"
        f"        code = run(['verify', '--output', {str(output)!r}])\n"
        "    print(code, said.getvalue().replace(chr(10), ' | '), flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True, cwd=CHECKOUT) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        while process.poll() is None:
            reader.stdin.write("\n")
            reader.stdin.flush()
            looks.append(reader.stdout.readline())
        reader.stdin.close()
    assert finish(process).code == 0
    assert len(looks) >= 3  # however busy the machine is
    assert [look for look in looks if not look.startswith("0 ")] == []


def test_other_checkers_agree(archive_with_history: Path) -> None:
    """warcio and fastwarc find nothing wrong with any WARC file, and every digest is there to be checked."""
    files = sorted((archive_with_history / "warc").glob("*/*.warc.gz"))
    warcio = Path(sys.executable).with_name("warcio")
    checked = finish(start("check", "-v", *files, command=[str(warcio)]))
    assert checked.code == 0, checked.out
    assert "digest pass" in checked.out
    assert "fail" not in checked.out
    for file in files:
        count = 0
        for record in ArchiveIterator(str(file), parse_http=False):
            assert record.verify_block_digest(consume=False)
            record.parse_http()
            count += record.record_type in (WarcRecordType.response, WarcRecordType.revisit)
            if record.record_type == WarcRecordType.response:
                assert record.verify_payload_digest()
        index = file.with_name(file.name.removesuffix(".warc.gz") + ".cdxj").read_bytes().splitlines()
        assert len(index) == count > 0
        assert index == sorted(index)


def test_no_archive_is_wrong_usage_and_an_empty_folder_is_whole(tmp_path: Path) -> None:
    citynews("verify", "--output", tmp_path / "nowhere", code=2)
    (tmp_path / "empty").mkdir()
    citynews("verify", "--output", tmp_path / "empty")
    assert not list((tmp_path / "empty").iterdir())
