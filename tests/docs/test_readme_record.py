"""The records in the READMEs are parts of the one that the demo prints, but for what differs from run to run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.docs.conftest import Demo
from tests.docs.pages import ROOT, blocks_of

GAP = "[...]"
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_record(page: Path, demo: Demo) -> None:
    (block,) = [block for block in blocks_of(page) if block.language == "json"]
    shown, printed = json.loads(block.text), demo.record
    wanted = as_shown(printed, shown)
    assert shown == wanted, f"put this into {page.name}:\n" + json.dumps(wanted, ensure_ascii=False, indent=2)
    assert [name for name in printed if name in shown] == list(shown), "keys in another order than printed"
    begin, end = shown["body"].split(GAP)
    assert printed["body"].startswith(begin)
    assert printed["body"].endswith(end)
    assert shown["warc"].keys() <= printed["warc"].keys()


def as_shown(printed: Any, shown: Any) -> Any:
    """The keys of *shown* as *printed* has them, but for what may differ: port, places, the middle of the body."""
    here, there = (urlsplit(record["url"]).netloc for record in (printed, shown))
    record = json.loads(json.dumps(printed, ensure_ascii=False).replace(here, there))
    return {name: record[name] for name in shown} | {name: shown[name] for name in ("body", "warc")}


def test_the_chinese_page_gives_the_same_commands_and_the_same_record() -> None:
    """Comments and the title of the example portal are in its own language; nothing else differs."""
    english, chinese = (list(blocks_of(page)) for page in READMES)
    assert [block.language for block in english] == [block.language for block in chinese]
    for one, other in zip(english, chinese, strict=True):
        if one.language == "toml":
            keys = [[line.partition(" = ")[0] for line in block.text.splitlines()] for block in (one, other)]
            assert keys[0] == keys[1]
        else:
            assert commands(one.text) == commands(other.text), other.name


def commands(text: str) -> list[str]:
    """The lines of a block without comments."""
    return [line.partition("  #")[0].rstrip() for line in text.splitlines()]
