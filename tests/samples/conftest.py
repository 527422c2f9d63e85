"""The sample portals on free ports: one set for all tests that only read, a fresh one for those that break things."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crawler.samples import NAMES, Samples


@pytest.fixture(scope="session")
def samples() -> Iterator[Samples]:
    with Samples(dict.fromkeys(NAMES, 0)) as running:
        yield running


@pytest.fixture
def fresh() -> Iterator[Samples]:
    with Samples(dict.fromkeys(NAMES, 0)) as running:
        yield running
