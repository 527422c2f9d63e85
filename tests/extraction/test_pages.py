"""Golden pages: tests/fixtures/pages/<case>/{page.html, meta.toml, expected.json}, all of our own making.

A missing expectation is written and the run fails, until a person has read it.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from crawler.article import Refusal
from crawler.extraction import Fields, Page, counter, extract, next_page

PAGES = Path(__file__).parents[1] / "fixtures" / "pages"
CASES = sorted(path.name for path in PAGES.iterdir() if path.is_dir())


def read(case: str) -> tuple[Page, bytes | None]:
    """The page of *case*, and the answer of its counter if it has one."""
    meta = tomllib.loads((PAGES / case / "meta.toml").read_text("utf-8"))
    page = Page(
        (PAGES / case / "page.html").read_bytes(),
        url=meta["url"],
        fetched_at=meta["fetched_at"],
        charset=meta.get("charset"),
        timezone=meta.get("timezone"),
    )
    answer = meta.get("counter")
    return page, answer.encode() if answer is not None else None


def found(case: str) -> dict[str, Any]:
    """Everything that is asked of a page, as JSON data."""
    page, answer = read(case)
    asked, following = counter(page), next_page(page)
    fields = extract([page], answer)
    record: dict[str, Any] = {"refused": fields.reason} if isinstance(fields, Refusal) else asdict(fields)
    record["counter"] = {"url": asked.url, "increments": asked.increments} if asked else None
    record["next_page"] = following
    return record


@pytest.mark.parametrize("case", CASES)
def test_page(case: str) -> None:
    expected = PAGES / case / "expected.json"
    record = found(case)
    if not expected.exists():
        expected.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pytest.fail(f"{expected} was missing and has been written: read it, then run again")
    assert record == json.loads(expected.read_text("utf-8"))


@pytest.mark.parametrize("case", CASES)
def test_every_value_says_how_it_was_found(case: str) -> None:
    page, answer = read(case)
    fields = extract([page], answer)
    if isinstance(fields, Fields):
        present = {
            name for name in asdict(fields) if name != "extracted_by" and getattr(fields, name) not in (None, [])
        }
        assert present == set(fields.extracted_by)
        origins = {"rule", "json-ld", "meta", "label", "generic", "counter", "template"}
        assert set(fields.extracted_by.values()) <= origins
