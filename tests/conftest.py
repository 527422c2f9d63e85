"""What all tests share: sample portals on free ports, and one whole archive that is crawled once a process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from crawler.samples import NAMES, Samples
from harness.sample_sites import CHENGSHI, METRO, ZHIHUI, SampleSites
from harness.scripted import Scripted

# no deadline: on a loaded machine a test of a property would fail for its time alone
settings.register_profile("patient", settings.default, deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _no_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the operator of this machine has chosen does not reach a test."""
    for name in ("CITYNEWS_OUTPUT", "CITYNEWS_PORTALS", "CITYNEWS_CONTACT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def sample_sites(tmp_path: Path) -> Iterator[SampleSites]:
    """Sample portals of this test's own, to be changed and broken at will."""
    with Samples(dict.fromkeys(NAMES, 0)) as samples:
        yield SampleSites(samples, tmp_path / "portals")


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A server that says what the test tells it to."""
    with Scripted() as running:
        yield running


@pytest.fixture(scope="session")
def archive_with_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive after three runs with every kind of line in it. To be read only; see *copy*."""
    folder = tmp_path_factory.mktemp("lived")
    with Samples(dict.fromkeys(NAMES, 0)) as samples:
        sample_sites, one_process = SampleSites(samples, folder / "portals"), ("--jobs", 1)
        for name in NAMES:
            sample_sites.rewrite(name, add='\n[revisit]\nafter = ["0.1s", "0.2s"]\n')
        sample_sites.crawl(folder / "archive", *NAMES, more=one_process)
        one_day_passes(samples)
        sample_sites.crawl(folder / "archive", *NAMES, more=one_process)
        sample_sites.crawl(folder / "archive", *NAMES, more=one_process)
    return folder / "archive"


def one_day_passes(samples: Samples) -> None:
    """A day of the sample sites: an edit, a deletion, something new, something that breaks."""
    edited = samples.stories(METRO)[3]
    samples.change(METRO, edited.path, title=edited.title + ", corrected", text=edited.text + "\n\nA correction.")
    samples.delete(ZHIHUI, samples.stories(ZHIHUI)[5].path)
    last = samples.stories(METRO)[-1]
    samples.add(
        METRO, replace(last, path="/2025/01/02/news-of-today/", title="News of today", text=last.text + " New.")
    )
    samples.fail(CHENGSHI, samples.stories(CHENGSHI)[4].path, 503)


@pytest.fixture
def copy(archive_with_history: Path, tmp_path: Path) -> Path:
    """A copy of *archive_with_history* of this test's own."""
    return Path(shutil.copytree(archive_with_history, tmp_path / "copy"))
