"""Addresses of one kind have one shape, and the patterns of a draft find them and nothing else."""

from __future__ import annotations

import re

import pytest

from crawler.drafting.url_patterns import patterns, shape_of
from crawler.portals import parse

SITE = "https://news.example.org"
KINDS = {
    "dated columns": (
        ["/zhengce/2024/0315/1003.html", "/qiye/2023/1231/7.html"],
        ["/zhengce/list_1_2.html", "/zhengce/", "/tags.php?/a/", "/soft/2024/0315/9/10.html"],
    ),
    "numbers and letters": (
        ["/xwdt/202411/t20241123_5512.html", "/gzdt/202301/t20230102_17.html"],
        ["/xwdt/index_1.html", "/xwdt/202411/"],
    ),
    "words of a title": (
        ["/2024/05/lamps-of-the-harbour-are-counted/", "/2023/11/solar/"],
        ["/tag/lamps/", "/author/ada-pine/", "/2024/05/", "/category/energy/page/2/"],
    ),
    "words without a date": (
        ["/lamps-of-the-harbour-are-counted/", "/six-buses-learn-to-wait-for-the-train/"],
        ["/about/", "/contact-us/", "/category/energy/"],
    ),
    "a query": (
        ["/index.php?m=home&c=View&aid=31", "/index.php?m=home&c=View&aid=7"],
        ["/index.php?m=home&c=Lists&tid=3", "/index.php"],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_patterns_find_their_kind_alone(kind: str) -> None:
    wanted, others = ([SITE + path for path in paths] for paths in KINDS[kind])
    found = patterns({shape_of(url) for url in wanted}, others)
    assert len(found) <= 2
    for url in wanted:
        assert any(re.search(pattern, url) for pattern in found), (url, found)
    for url in others:
        assert not any(re.search(pattern, url) for pattern in found), (url, found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_definition_takes_them(kind: str) -> None:
    found = patterns({shape_of(SITE + path) for path in KINDS[kind][0]}, [])
    text = f'name = "x"\ntitle = "x"\nhome = "{SITE}/"\ndomains = ["example.org"]\nlanguage = "en"\ntimezone = "UTC"\n'
    written = ", ".join(f"'{pattern}'" for pattern in found)
    portal = parse(f'{text}[discover]\npages = ["{SITE}/"]\narticle_urls = [{written}]\n', "x")
    assert all(portal.is_article(SITE + path) for path in KINDS[kind][0])
