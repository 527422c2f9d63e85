"""A real browser, where there is one: a test that needs it is skipped and says so; `make test-ci` fails it."""

from __future__ import annotations

import os

import pytest

from crawler.crawl.rendering.browser import NoBrowserError, executable


def need() -> None:
    """Skips the test where no Chromium can be started; with CITYNEWS_NEEDS_BROWSER set it fails."""
    try:
        executable()
    except NoBrowserError as error:
        if os.environ.get("CITYNEWS_NEEDS_BROWSER"):
            raise
        pytest.skip(f"no browser: {error}")
