"""Golden pairs: a page as it was, and what was read on it; in the form of tests/fixtures/pages."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crawler import extraction
from crawler.article import Refusal
from crawler.assembly import Visit
from crawler.extraction import Page
from crawler.portals import Portal

FOLDER = "golden"  #: the folder next to definitions that holds their golden pages, one folder per portal


@dataclass(frozen=True, slots=True)
class Golden:
    """A page that was kept, and the values that it must give."""

    folder: Path
    page: Page
    expected: dict[str, Any]


def write(folder: Path, visit: Visit) -> None:
    """Keeps the first page of *visit* in *folder*: page.html, meta.toml, expected.json (read without any rules)."""
    page = visit.page
    assert isinstance(page, Page)
    zone = visit.portal.timezone
    again = Page(page.raw, url=page.url, fetched_at=page.fetched_at, charset=page.charset, timezone=zone)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "page.html").write_bytes(page.raw)
    meta = [
        f"url = {json.dumps(page.url)}",
        f"fetched_at = {page.fetched_at.isoformat()}",
        f"timezone = {json.dumps(zone)}",
    ]
    meta += [f"charset = {json.dumps(page.charset)}"] if page.charset else []
    (folder / "meta.toml").write_text("\n".join(meta) + "\n", "utf-8")
    text = json.dumps(found(again), ensure_ascii=False, indent=1) + "\n"
    (folder / "expected.json").write_text(text, "utf-8")


def found(page: Page) -> dict[str, Any]:
    """Everything that is asked of a page, as JSON data."""
    asked, following = extraction.counter(page), extraction.next_page(page)
    fields = extraction.extract([page])
    record: dict[str, Any] = {"refused": fields.reason} if isinstance(fields, Refusal) else asdict(fields)
    record["counter"] = {"url": asked.url, "increments": asked.increments} if asked else None
    record["next_page"] = following
    return record


def read(folder: Path, portal: Portal) -> Iterator[Golden]:
    """The golden pairs in *folder*, each page as one of *portal*. What is no pair is left out."""
    for case in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not all((case / name).is_file() for name in ("page.html", "meta.toml", "expected.json")):
            continue
        meta = tomllib.loads((case / "meta.toml").read_text("utf-8"))
        page = Page(
            (case / "page.html").read_bytes(), url=meta["url"], fetched_at=meta["fetched_at"],
            charset=meta.get("charset"), portal=portal,
        )  # fmt: skip
        yield Golden(case, page, json.loads((case / "expected.json").read_text("utf-8")))
