"""What the world does to a command's streams and files ends in a sentence and an exit code, never in a traceback."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import disk
from harness.command import CITYNEWS
from harness.sample_sites import METRO, SampleSites

(PROGRAM,) = CITYNEWS
#: One of each kind of command that prints: a page, a table, a report, lines of JSON.
COMMANDS = [
    "portals",
    *(
        pytest.param(command, marks=pytest.mark.ci)
        for command in (
            "verify --json",
            "--help",
            "portals --json",
            "schema",
            "config --sample",
            "status",
            "health",
            "verify",
        )
    ),
]


def shell(line: str, root: Path, *, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs *line* with bash; $C is the command, $A the archive."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("CITYNEWS_")}
    env |= {"C": PROGRAM, "A": str(root), "CITYNEWS_OUTPUT": str(root)}
    return subprocess.run(["bash", "-c", line], env=env, cwd=cwd, capture_output=True, text=True, check=False)


@functools.cache
def usual_code(command: str, root: Path) -> int:
    """The exit code of *command* where its output is read."""
    return shell(f"$C {command} >/dev/null 2>&1", root).returncode


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("redirect", "code"),
    [
        ("| head -c 1 >/dev/null; exit ${PIPESTATUS[0]}", None),
        ("| true; exit ${PIPESTATUS[0]}", None),
        (">&-", None),
        ("2>&-", None),
        (">&- 2>&- <&-", None),
        ("2>/dev/full", None),
        (">/dev/full", 5),
    ],
)
def test_nobody_reads_what_is_printed(
    archive_with_history: Path, command: str, redirect: str, code: int | None
) -> None:
    usual = usual_code(command, archive_with_history)
    done = shell(f"$C {command} {redirect}", archive_with_history)
    assert "Traceback" not in done.stderr
    assert done.returncode == (usual if code is None else code), done.stderr
    if code == 5:
        assert "stdout cannot be written: No space left on device" in done.stderr


@pytest.mark.parametrize(
    "redirect",
    [
        ">&- 2>&- <&-",
        pytest.param("2>/dev/full >/dev/full", marks=pytest.mark.ci),
        pytest.param("2>&1 | true; exit ${PIPESTATUS[0]}", marks=pytest.mark.ci),
    ],
)
def test_a_crawl_that_nobody_listens_to_archives_everything(
    sample_sites: SampleSites, tmp_path: Path, redirect: str
) -> None:
    output = tmp_path / "archive"
    words = " ".join(sample_sites.arguments(output, METRO))
    done = shell(f"$C {words} {redirect}", output)
    assert done.returncode == 0, done.stderr
    assert {record["id"] for record in disk.records(output, "articles")} == sample_sites.ids(METRO)
    assert shell("$C verify", output).returncode == 0, "nothing that was printed went into a file of the archive"


@pytest.mark.parametrize(
    "command",
    [
        "verify", "export $N.csv",
        *(
            pytest.param(command, marks=pytest.mark.ci)
            for command in ("show 0123456789abcdef0123456789abcdef", "diff $A $A", "pack -o $N.wacz",
                            "search a --index $N.sqlite3")
        ),
    ],
)  # fmt: skip
def test_a_file_that_may_not_be_read_is_named(copy: Path, command: str) -> None:
    lines = next((copy / "articles").glob("*/*.jsonl"))
    lines.chmod(0)
    drop = "setpriv --bounding-set=-dac_override,-dac_read_search " if os.geteuid() == 0 else ""
    if drop and shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed here")
    done = shell(f"{drop}$C {command.replace('$N', str(copy.parent / 'written'))}", copy)
    assert done.returncode == 5, done.stderr
    assert done.stderr.splitlines()[-1] == f"citynews: {lines}: Permission denied"


@pytest.mark.ci
def test_a_read_only_archive_is_read_and_not_written(copy: Path) -> None:
    mount = "unshare -m -- bash -c 'mount --bind $A $A && mount -o remount,ro,bind $A && $C %s'"
    if shell(mount % "--version", copy).returncode:
        pytest.skip("no mount namespace here")
    for command in ("verify", "status", "show --help", "health", "repair --dry-run"):
        done = shell(mount % command, copy)
        assert (done.returncode, done.stderr) == (shell(f"$C {command}", copy).returncode, ""), command
    next((copy / "warc").glob("*/*.cdxj")).write_bytes(b"")
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*") if path.name != ".lock"}
    done = shell(mount % "repair --dry-run", copy)
    assert (done.returncode, done.stderr) == (4, "")
    assert shell("$C repair --dry-run", copy).stdout == done.stdout
    assert before == {path: path.stat().st_mtime_ns for path in copy.rglob("*") if path.name != ".lock"}
    for command in ("reindex", "seal", "repair"):
        done = shell(mount % command, copy)
        assert (done.returncode, len(done.stderr.splitlines())) == (5, 1), done.stderr
        assert "Read-only file system" in done.stderr


def test_a_file_system_without_flock_is_a_sentence(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import errno, fcntl, os\n"
        "def flock(fd, operation): raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))\n"
        "fcntl.flock = flock\n"
    )
    done = shell(f"PYTHONPATH={tmp_path} $C reindex", copy)
    assert done.returncode == 5
    assert "flock" in done.stderr
    assert "Traceback" not in done.stderr
