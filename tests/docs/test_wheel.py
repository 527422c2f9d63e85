"""What `python -m build` makes, installed from a folder of wheels: no network, no git, no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.ci


def run(*command: object, cwd: Path, path: str = os.defpath) -> str:
    clean = {"PATH": path, "HOME": str(cwd), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    index = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=clean | index, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive. Skips where no package index answers."""
    folder = tmp_path_factory.mktemp("built")
    asked = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", str(folder / "probe"), "hatchling"]
    index = subprocess.run(asked, check=False, capture_output=True)
    if index.returncode:
        pytest.skip("no package index here: with one, `make test-ci` runs this")
    tools = folder / "tools"
    run(sys.executable, "-m", "venv", tools, cwd=folder)
    run(tools / "bin" / "pip", "install", "-q", "build", cwd=folder)
    source = folder / "source"  # what is committed, and no .git
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    (folder / "source.tar").write_bytes(archive)
    with tarfile.open(folder / "source.tar") as tar:
        tar.extractall(source, filter="data")
    run(tools / "bin" / "python", "-m", "build", "--outdir", folder / "dist", source, cwd=folder)
    return folder


def test_the_wheel_holds_the_package_and_says_what_it_is(built: Path) -> None:
    (wheel,) = (built / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as package:
        names = package.namelist()
        about = message_from_bytes(package.read(next(name for name in names if name.endswith("METADATA"))))
        points = package.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert {name.split("/")[0] for name in names} == {"crawler", wheel.name.rpartition("-py3")[0] + ".dist-info"}
    assert {"crawler/portals/bundled/afzhan.toml", "crawler/archive/write/formats.md", "crawler/py.typed"} <= set(names)
    assert not [name for name in names if name.endswith((".pyc", ".whl", ".warc.gz"))]
    assert about["Name"] == "citynews"
    assert about["License-Expression"] == "MIT"
    assert about["Description-Content-Type"] == "text/markdown"
    assert {"analysis", "browser"} <= set(about.get_all("Provides-Extra", []))
    assert "citynews = crawler.__main__:main" in points
    (sources,) = (built / "dist").glob("*.tar.gz")
    with tarfile.open(sources) as tar:
        assert any(name.endswith("/pyproject.toml") for name in tar.getnames())


def test_a_wheelhouse_installs_it_offline(built: Path, tmp_path: Path) -> None:
    (wheel,) = (built / "dist").glob("*.whl")
    run(sys.executable, "-m", "venv", "venv", cwd=tmp_path)
    pip = tmp_path / "venv" / "bin" / "pip"
    run(pip, "download", "-q", "--dest", "wheelhouse", wheel, cwd=tmp_path)
    run(pip, "install", "-q", "--no-index", "--find-links", "wheelhouse", "citynews", cwd=tmp_path)
    citynews = tmp_path / "venv" / "bin" / "citynews"
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    assert run(citynews, "--version", cwd=tmp_path, path=str(nothing)).startswith("citynews ")
    assert "afzhan" in run(citynews, "portals", cwd=tmp_path, path=str(nothing))
    printed = run(citynews, "demo", "--output", "output", cwd=tmp_path, path=str(nothing))
    assert "articles" in printed
    run(citynews, "verify", "--output", "output", cwd=tmp_path, path=str(nothing))
