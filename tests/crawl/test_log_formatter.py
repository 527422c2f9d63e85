"""What a crawl logs of items and errors."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy import Spider

from crawler.assembly import Visit
from crawler.crawl.logging import ShortLogFormatter
from crawler.portals import parse

PORTAL = parse(
    'name = "one"\ntitle = "一"\nhome = "https://one.example/"\ndomains = ["one.example"]\nlanguage = "zh"\n'
    'timezone = "Asia/Shanghai"\n[discover]\npages = ["https://one.example/"]\narticle_urls = ["/a/"]\n',
    "one.toml",
)


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        (Visit(PORTAL, asked="https://one.example/a/1"), "https://one.example/a/1"),
        ({"asked": "https://one.example/a/2"}, "https://one.example/a/2"),  # of a spider of an operator's own
        ({"title": "一"}, {"title": "一"}),
        ("text", "text"),
    ],
)
def test_an_error_names_the_address_of_an_item_whatever_its_class(item: Any, shown: Any) -> None:
    entry = ShortLogFormatter().item_error(item, ValueError("x"), None, Spider("one"))
    assert entry["args"] == {"item": shown}
