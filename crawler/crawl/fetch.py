"""Fetches one live page, under the rules of a crawl, into a temporary archive."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from crawler import portals
from crawler.archive.records import jsonl
from crawler.archive.records.jsonl import Json
from crawler.archive.storage.layout import Paths
from crawler.article import Refusal
from crawler.config import Config
from crawler.crawl.options import CrawlOptions
from crawler.crawl.session import crawl
from crawler.exit_codes import UsageError
from crawler.portals import Portal
from crawler.values import urls

T = TypeVar("T")


def fetch(
    url: str,
    portal: Portal | None,
    *,
    config: Config,
    timezone: str | None,
    allow_hosts: Sequence[str],
    make: Callable[[Path, Json, Portal], T],
) -> T | Refusal:
    """What *make* makes of (the archive's folder, the record, the portal) of the page at *url*; or why there is none.

    The archive is gone afterwards.
    """
    asked = urls.clean(url)
    if asked is None:
        raise UsageError(f"{url}: not an http(s) address")
    with tempfile.TemporaryDirectory(prefix="citynews-extract-") as folder:
        options = CrawlOptions(
            config=replace(config, output=Path(folder)), allow_hosts=tuple(allow_hosts), quiet=True, only=(asked,)
        )
        chosen = portal or _any(asked, timezone)
        report = crawl([chosen], options)
        paths = Paths(Path(folder))
        for file in paths.stream_files("articles"):
            for _, line in jsonl.whole_lines(file):
                return make(Path(folder), jsonl.decode(line), chosen)
        stats = next(iter(report.portals.values()), {})
        reasons = [*stats.get("drops", {}), *stats.get("failures", {})]
        return Refusal(reasons[0] if reasons else "no-answer")


def _any(url: str, timezone: str | None) -> Portal:
    """A portal for a page of no portal: its host alone, no rules."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    chinese = host.endswith(".cn")
    return portals.minimal(
        "page",
        title=host,
        home=f"{parts.scheme}://{host}/",
        domain=host,
        language="zh" if chinese else "und",
        timezone=timezone or ("Asia/Shanghai" if chinese else "UTC"),
        article_urls=".",
    )
