"""Further pages of a list, and lists of their own."""

from __future__ import annotations

import pytest

from crawler.values.paging import continues

SITE = "https://x.example"


@pytest.mark.parametrize(
    ("root", "current", "url"),
    [
        ("/news/", "/news/", "/news/index_2.html"),
        ("/news/", "/news/index_2.html", "/news/index_3.html"),
        ("/news/t12/list.html", "/news/t12/list.html", "/news/t12/list_p2.html"),
        ("/news/t12/list.html", "/news/t12/list_p2.html", "/news/t12/list_p9.html"),
        ("/n/", "/n/", "/n/page/2/"),
        ("/n/?a=1", "/n/?a=1", "/n/?a=1&page=2"),
        ("/list-5-1.html", "/list-5-1.html", "/list-5-2.html"),
        ("/list/1", "/list/1", "/list/2"),
        ("/", "/", "/?page=2"),
        ("/a.html", "/a.html", "/a_2.html"),
    ],
)
def test_a_further_page(root: str, current: str, url: str) -> None:
    assert continues(SITE + root, SITE + current, SITE + url)


@pytest.mark.parametrize(
    ("root", "current", "url"),
    [
        ("/news/t12/list.html", "/news/t12/list_p2.html", "/news/t14/list.html"),
        ("/n/?a=1", "/n/?a=1", "/n/?a=2&page=2"),
        ("/list-5-1.html", "/list-5-1.html", "/list-7-1.html"),
        ("/", "/", "/news/"),
        ("/", "/", "/list/1"),
        ("/news/", "/news/", "/news/"),
        ("/2026/", "/2026/", "/2025/"),
    ],
)
def test_a_list_of_its_own(root: str, current: str, url: str) -> None:
    assert not continues(SITE + root, SITE + current, SITE + url)


def test_another_host_is_another_list() -> None:
    assert not continues("https://x.example/n/", "https://x.example/n/", "https://y.example/n/page/2/")
