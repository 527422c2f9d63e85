"""docs/install.md, from an empty folder to an uninstalled program: every command, in the order of the page."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from crawler.archive.storage.lock import holder
from harness import disk
from harness.command import citynews, finish
from harness.sample_sites import METRO, SampleSites
from harness.waiting import until
from tests.docs.conftest import BIN, Demo, DocumentedPortals
from tests.docs.pages import ROOT, blocks_of

PAGE = ROOT / "docs" / "install.md"


def bash(commands: str, folder: Path, environment: Mapping[str, str], timeout: float = 60) -> str:
    """Runs *commands*; they must end with 0."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], cwd=folder, env=dict(environment), capture_output=True, text=True,
        timeout=timeout, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_the_page_as_it_stands(demo: Demo, documented: DocumentedPortals, tmp_path: Path) -> None:
    """With real environments and pip, which asks the package index for what citynews depends on."""
    folder = documented.workspace(tmp_path / "folder", demo.archive)
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(folder), **documented.environment}
    index = subprocess.run(["pip", "download", "--no-deps", "-q", "-d", str(tmp_path), "hatchling"], check=False)
    if index.returncode:
        pytest.skip("no package index here")
    for block in blocks_of(PAGE):
        if block.language != "sh":
            continue
        commands = block.text.replace("path/to/citynews", str(ROOT))
        bash(commands, folder, environment, timeout=600)
        for left in ("backup", "before-upgrade"):
            bash(f"rm -rf {left}", folder, environment)
        if (folder / "elsewhere").exists():
            (folder / "elsewhere").rename(folder / "output")
    assert not (folder / "venv").exists()
    assert disk.records(folder / "output", "articles")


@pytest.mark.ci
def test_a_backup_of_an_archive_that_is_being_written_is_whole(sample_sites: SampleSites, tmp_path: Path) -> None:
    """The command of the page, begun in the middle of a crawl: it waits for the run to end."""
    (line,) = [
        line for block in blocks_of(PAGE) for line in block.text.splitlines()
        if line.endswith("cp -a output backup") and "flock" in line
    ]  # fmt: skip
    output = tmp_path / "output"
    sample_sites.crawl(output, METRO, more=("--limit", "3"), code=None)
    crawl = sample_sites.begin(output, METRO)
    until(lambda: holder(output / ".lock") == crawl.pid, "the crawl holds the archive")
    bash(line, tmp_path, os.environ)
    assert finish(crawl).code == 0
    citynews("verify", "--output", tmp_path / "backup")
    assert disk.all_lines(tmp_path / "backup") == disk.all_lines(output)
    sample_sites.crawl(tmp_path / "backup", METRO)
