"""Golden pages (harness/golden_pages.py). A missing expectation is written and fails, until a person has read it."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from crawler.extraction import Fields, extract
from harness.golden_pages import CASES, PAGES, found, meta_of, portal_of, read


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


@pytest.mark.parametrize("case", [case for case in CASES if "family" in meta_of(case)])
def test_a_family_tells_articles_from_lists(case: str) -> None:
    meta = meta_of(case)
    portal = portal_of(meta)
    assert portal is not None
    assert portal.is_article(meta["url"])
    assert not portal.is_list(meta["url"])
    assert all(portal.is_list(url) for url in meta.get("lists", []))
    assert "." in {p.pattern for p in portal.discover.article_urls} or not any(
        portal.is_article(url) for url in meta.get("lists", [])
    )
