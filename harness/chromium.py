"""A real browser, where there is one: a test that needs it is skipped loudly, and fails on CI."""

from __future__ import annotations

import os

import pytest

from crawler.crawl.rendering.browser import NoBrowserError, executable


def need() -> None:
    """Skips the test where no Chromium can be started; on CI nothing is skipped."""
    try:
        executable()
    except NoBrowserError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no browser: {error}")
