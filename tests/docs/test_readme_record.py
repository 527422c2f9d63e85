"""The record in the README is the one that the demo prints, but for what differs from run to run."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from crawler.values.urls import article_id
from tests.docs.conftest import Demo
from tests.docs.pages import ROOT, blocks_of

GAP = "\n\n[...]\n\n"


def test_record(demo: Demo) -> None:
    (block,) = [each for each in blocks_of(ROOT / "README.md") if each.language == "json"]
    shown, printed = json.loads(block.text), demo.record
    wanted = as_shown(printed, shown)
    assert shown == wanted, "put this into the README:\n" + json.dumps(wanted, ensure_ascii=False, indent=2)
    begin, end = shown["body"].split(GAP)
    assert printed["body"].startswith(begin + "\n\n")
    assert printed["body"].endswith(end)


def as_shown(printed: Any, shown: Any) -> Any:
    """*printed* with what may differ (port, times, run, places, the middle of the body) as *shown* has it."""
    here, there = (urlsplit(record["url"]).netloc for record in (printed, shown))
    record = json.loads(json.dumps(printed, ensure_ascii=False).replace(here, there))
    record["id"] = article_id(record["url"])
    for name in ("body", "fetched_at", "run", "warc"):
        record[name] = shown[name]
    for capture, like in zip(record["captures"], shown["captures"], strict=True):
        capture |= {"record_id": like["record_id"], "fetched_at": like["fetched_at"]}
    return record


def test_the_shown_record_agrees_with_itself() -> None:
    (block,) = [each for each in blocks_of(ROOT / "README.md") if each.language == "json"]
    shown = json.loads(block.text)
    assert shown["id"] == article_id(shown["url"])
    assert shown["captures"][0]["record_id"] == shown["warc"]["record_id"]
    assert shown["captures"][0]["fetched_at"] == shown["fetched_at"]
    assert shown["warc"]["file"] == f"{shown['fetched_at'][:7]}/{shown['run']}-00000.warc.gz"
