"""Behind the commands of the documentation: the demo's archive, and sample portals under the names it uses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from crawler.samples import NAMES, Samples
from tests.docs.pages import recipe

SEED = "sample-zhihui"
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Demo:
    """What `make demo` printed, and the archive it made."""

    printed: str
    archive: Path

    @property
    def record(self) -> Any:
        """The record that it printed whole."""
        return json.loads("{" + self.printed.partition("\n{")[2].partition("\n}\n")[0] + "}")


@dataclass(frozen=True, slots=True)
class DocumentedPortals:
    """A sample portal under the names that the documentation uses, and the environment that leads to it."""

    folder: Path
    environment: dict[str, str]
    page: bytes  #: one article of it, as saved

    def workspace(self, folder: Path, archive: Path | None) -> Path:
        """Puts into *folder* what a reader of the documentation would have there."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        (folder / "page.html").write_bytes(self.page)
        if archive is not None:
            shutil.copytree(archive, folder / "output")
        return folder


def run(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs *command* in *folder*, with this environment's programs first."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CITYNEWS_")}
    path = f"{BIN}{os.pathsep}{clean.get('PATH', '')}"
    return subprocess.run(
        command, cwd=folder, env=clean | environment | {"PATH": path}, capture_output=True, text=True, timeout=300,
        check=False, encoding="utf-8",
    )  # fmt: skip


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    (command,) = recipe("demo")
    done = run(command.split(), folder, {})
    assert done.returncode == 0, done.stderr
    return Demo(done.stdout, folder / "output")


@pytest.fixture(scope="session")
def documented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentedPortals]:
    folder = tmp_path_factory.mktemp("documented")
    with Samples(dict.fromkeys(NAMES, 0)) as samples:
        files = {path.stem: path for path in samples.write_definitions(tmp_path_factory.mktemp("definitions"))}
        text = files[SEED].read_text("utf-8")
        given = folder / "portals"
        given.mkdir()
        for name, path in (("afzhan", given / "afzhan.toml"), ("example", folder / "example.toml")):
            path.write_text(text.replace(f'name = "{SEED}"', f'name = "{name}"'), "utf-8")
        host = samples.base[SEED].partition("//")[2]
        # `scrapy` reads its settings from scrapy.cfg: those of the product, with the sample portals
        (folder / "scrapy.cfg").write_text("[settings]\ndefault = documented_settings\n", "utf-8")
        (folder / "documented_settings.py").write_text(
            f"from crawler.settings import *\nCITYNEWS_PORTALS = ['portals']\nCITYNEWS_ALLOW_HOSTS = ['{host}']\n",
            "utf-8",
        )
        yield DocumentedPortals(folder, {"CITYNEWS_PORTALS": "portals", "CITYNEWS_ALLOW_HOSTS": host}, _page(samples))


def _page(samples: Samples) -> bytes:
    with urlopen(samples.base[SEED] + samples.stories(SEED)[-1].path, timeout=60) as answer:
        body: bytes = answer.read()
    return body
