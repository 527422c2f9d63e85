"""An archive that a newer version wrote: refused with exit code 2, and not a byte of it changed."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from crawler.archive.runs import run_file
from harness.command import run_in_process
from harness.socketless_sites import past_archive


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return past_archive(tmp_path_factory.mktemp("past") / "archive")


def newer_run(root: Path) -> None:
    path = max((root / "runs").glob("*.json"))
    values = orjson.loads(path.read_bytes()) | {"schema": "citynews/run/2", "news": 1}
    values.pop("sha256")
    path.write_bytes(run_file._signed(values))


def newer_line(root: Path) -> None:
    path = max((root / "articles").rglob("*.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-1], lines[-1].replace(b"citynews/article/2", b"citynews/article/3")]))


def newer_decision(root: Path) -> None:
    """The last decision of the newest WARC file, as a newer program would have written it."""
    path = max((root / "warc").rglob("*.warc.gz"))
    data = path.read_bytes()
    start = data.rindex(b"\x1f\x8b\x08")
    while b"citynews/decision/1" not in (member := gzip.decompress(data[start:])):
        start = data.rindex(b"\x1f\x8b\x08", 0, start)
        data = data[: data.index(b"\x1f\x8b\x08", start + 3)] if data.find(b"\x1f\x8b\x08", start + 3) > 0 else data
    path.write_bytes(data[:start] + gzip.compress(member.replace(b"citynews/decision/1", b"citynews/decision/2")))


def newer_decisions(root: Path) -> None:
    """Every decision, and with them the offsets of all records: the CDXJ is of no use any more."""
    path = max((root / "warc").rglob("*.warc.gz"))
    data, members = path.read_bytes(), []
    while data:
        unpacker = zlib.decompressobj(31)
        members.append(unpacker.decompress(data))
        data = unpacker.unused_data
    changed = (member.replace(b"citynews/decision/1", b"citynews/decision/2") for member in members)
    path.write_bytes(b"".join(map(gzip.compress, changed)))


def everything(root: Path) -> dict[str, str]:
    files = [path for path in root.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("change", [newer_run, newer_line, newer_decision, newer_decisions])
@pytest.mark.parametrize("command", ["crawl", "repair", "reindex", "seal"])
def test_no_writer_touches_it(past: Path, tmp_path: Path, change: Callable[[Path], None], command: str) -> None:
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    change(root)
    before = everything(root)
    more = ["afzhan", "--max-minutes", "0.001"] if command == "crawl" else []
    code, said = run_in_process(command, *more, "--output", str(root))
    assert code == 2, said
    assert "is newer than this program" in said
    assert everything(root) == before


@pytest.mark.parametrize("change", [newer_run, newer_decision])
def test_verify_says_what_it_cannot_read(past: Path, tmp_path: Path, change: Callable[[Path], None]) -> None:
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    change(root)
    code, said = run_in_process("verify", "--output", str(root))
    assert code == 2, said
    assert "is newer than this program" in said


def test_readers_say_what_they_cannot_read(past: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    path = max((root / "articles").rglob("*.jsonl"))
    ident = orjson.loads(path.read_bytes().splitlines()[-1])["id"]
    newer_line(root)
    code, said = run_in_process("show", ident, "--output", str(root))
    assert code == 2, said
    assert "citynews/article/3 is newer than this program" in said
    code, said = run_in_process("verify", "--output", str(root))
    assert code != 0
    assert "citynews/article/3" in said


@pytest.mark.parametrize(
    "command", [("status",), ("health",), ("search", "a"), ("export", "rows.csv"), ("changes", "--since", "start")]
)
def test_readers_of_run_files_say_so(
    past: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    newer_run(root)
    code, said = run_in_process(*command, "--output", str(root))
    assert code == 2, said
    assert f"{max((root / 'runs').glob('*.json'))}: citynews/run/2 is newer than this program" in said


@pytest.mark.parametrize("change", [newer_run, newer_line, newer_decision])
def test_an_input_of_a_merge_is_refused(past: Path, tmp_path: Path, change: Callable[[Path], None]) -> None:
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    change(root)
    before = everything(root)
    code, said = run_in_process("merge", str(root), "--output", str(tmp_path / "merged"))
    assert code == 2, said
    assert "is newer than this program" in said
    assert everything(root) == before
    assert not (tmp_path / "merged").exists(), "a command that failed leaves no archive behind"


def test_the_file_of_a_newer_line_is_named(past: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    root = Path(shutil.copytree(past, tmp_path / "archive"))
    newer_line(root)
    for command in (("pack", "-o", "a.wacz"), ("export", "rows.csv"), ("diff", str(past))):
        code, said = run_in_process(*command, *([str(root)] if command[0] == "diff" else ["--output", str(root)]))
        assert code == 2, said
        assert max((root / "articles").rglob("*.jsonl")).name in said, command
