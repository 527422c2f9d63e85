"""Small pages on which one condition decides: headings, feet, lists of links, page bars, files, second articles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extraction import Fields, Page, next_page
from crawler.extraction.fields.pagination import count_pages
from harness.extracted import fields_of

NOW = datetime(2024, 5, 20, 4, tzinfo=UTC)
HERE = "https://www.example.cn/n/7.html"
SENTENCE = "滨江市数据局的路口已换上会自己配时的信号灯，早高峰平均等候时间缩短了四分之一。"
PARAGRAPHS = "".join(f"<p>{SENTENCE.replace('路口', f'{side}侧路口')}</p>" for side in "东南西北")
TITLE = "滨江三百二十处路口换上新信号灯"


def read(inside: str, title: str = TITLE) -> Fields:
    markup = f"<meta charset=utf-8><title>{title}</title>{inside}"
    return fields_of(Page(markup.encode(), url=HERE, fetched_at=NOW))


@pytest.mark.parametrize(("heading", "alike"), [(TITLE, True), ("滨江换上新灯", False)])
def test_a_heading_that_says_nearly_what_the_title_says(heading: str, *, alike: bool) -> None:
    found = read(
        f"<h1>{heading}</h1><h1>滨江频道的新闻栏目</h1><div>{PARAGRAPHS}</div>",
        "滨江三百二十处的路口换上了新信号灯 滨江",
    )
    assert (found.title == heading) is alike


@pytest.mark.parametrize("people", ["责任编辑：李雪", "作者：李雪"])
def test_a_moment_behind_a_name_at_the_foot_is_that_of_publication(people: str) -> None:
    found = read(f"<h1>{TITLE}</h1><div>{PARAGRAPHS}<p>{people} 2024-05-11 13:36</p></div>")
    assert found.published_at == "2024-05-11T13:36:00+08:00"
    assert read(f"<h1>{TITLE}</h1><div>{PARAGRAPHS}<p>灯亮 2024-05-11 13:36</p></div>").published_at is None


def test_a_heading_of_the_second_rank_heads_a_page_that_is_called_after_its_site() -> None:
    below = f"<p>导语栏目</p><div>{PARAGRAPHS}</div>"
    assert read(f"<h2>{TITLE}</h2>{below}", "滨江网").title == TITLE
    shared = "路口换上新信号灯的滨江三百 两年间的变化"
    assert read(f"<h2>{shared}</h2>{below}", "滨江网-路口换上新信号灯的滨江三百").title == shared


def test_a_line_of_short_links_is_a_list_and_one_of_long_ones_is_text() -> None:
    def line(name: str) -> str:
        return "又有" + "、".join(f"<a href=/{n}.html>{name.format(n)}</a>" for n in range(4)) + "等校"

    body = read(f"<h1>{TITLE}</h1><div>{PARAGRAPHS}<p>{line('第{}小学')}</p>{PARAGRAPHS[:-4]}。</p></div>").body or ""
    assert "小学" not in body
    long = (
        read(f"<h1>{TITLE}</h1><div>{PARAGRAPHS}<p>{line('滨江市第{}实验小学北校区')}</p>{PARAGRAPHS}</div>").body or ""
    )
    assert "北校区" in long


def test_the_pages_of_a_bar_that_calls_a_script_are_those_that_it_names() -> None:
    def pages(bar: str) -> int:
        return count_pages(Page(f"<p>滨江</p><div>{bar}</div>".encode(), url=HERE, fetched_at=NOW))

    assert pages("<a href='javascript:goPage(2)'>下一页</a> 共 5 页") == 5
    assert pages("共 5 页") == 1


def test_a_link_may_say_to_screen_readers_alone_that_it_turns_the_page() -> None:
    bar = "<a href=7_2.html aria-label='Next page'>Go</a>"
    page = Page(f"<p>滨江</p><div>{bar}</div>".encode(), url=HERE, fetched_at=NOW)
    assert next_page(page) == "https://www.example.cn/n/7_2.html"
    page = Page(f"<p>滨江</p><div>{bar.replace(' aria-label', ' data-label')}</div>".encode(), url=HERE, fetched_at=NOW)
    assert next_page(page) is None


@pytest.mark.parametrize(
    ("href", "said", "title"),
    [("/files/download?file=list.xls", "下载", "下载"), ("/down/list.xls", "下载", "list.xls"),
     ("/files/download?file=list.xls", "名单", "名单"), ("/files/download?file=list.xls", "", None)],
)  # fmt: skip
def test_what_a_file_is_called(href: str, said: str, title: str | None) -> None:
    found = read(f"<h1>{TITLE}</h1><div>{PARAGRAPHS}<p>附件：<a href='{href}'>{said}</a></p></div>")
    assert [(file.title, file.type) for file in found.attachments or []] == [(title, "xls")]


def test_a_second_article_whose_heading_stands_in_a_box_of_its_own() -> None:
    other = PARAGRAPHS.replace("路口", "渡口")
    second = f"<div><div class=head><h1>渡口老人的四十年</h1></div><div>2024-03-01</div><div>{other}</div></div>"
    found = read(f"<div><h1>{TITLE}</h1><div>2024-05-11</div><div>{PARAGRAPHS}</div></div>{second}")
    assert "渡口" not in (found.body or "")


OTHER = PARAGRAPHS.replace("路口", "渡口")
HEAD = "渡口老人守水尺的四十年"


@pytest.mark.parametrize(
    ("second", "another"),
    [
        (f"<article><header><h2>{HEAD}</h2><time>2024-03-01</time></header>{OTHER}</article>", True),
        (f"<article><p>往期</p><h2>{HEAD}</h2><time>2024-03-01</time>{OTHER}</article>", False),
        (f"<div><h2>{HEAD}</h2><time>2024-03-01</time>{OTHER}</div>", False),
        (f"<div><h2>{HEAD}</h2><p>By Mary Major, March 1, 2024</p>{OTHER}</div>", True),
        (f"<div><h3>{HEAD}</h3><p>2024-03-01 来源：江岸周报</p>{OTHER}</div>", True),
        (f"<div><div>{HEAD}</div><p>2024-03-01 10:22 来源：江岸周报</p><div>{OTHER}</div></div>", True),
        (f"<div><div>{HEAD}</div><p>By Mary Major, March 1, 2024</p><div>{OTHER}</div></div>", True),
        (f"<div><div>{HEAD}</div><p>2024-03-01 10:22</p><div>{OTHER}</div></div>", False),
        (f"<div><div>{HEAD}</div><p>2024-03-01 来源：江岸周报</p><div>{OTHER}</div></div>", False),
        (f"<div><div>老人</div><p>2024-03-01 10:22 来源：江岸周报</p><div>{OTHER}</div></div>", False),
        (f"<div><div><a href=/h>{HEAD}</a></div><p>2024-03-01 10:22 来源：江岸周报</p><div>{OTHER}</div></div>", False),
        (f"<div>{HEAD}</div><p>2024-03-01 10:22 来源：江岸周报</p>{OTHER}", False),
    ],
    ids=["article", "behind-a-line", "h2-and-day", "h2-and-byline", "h3-and-source", "header-line", "byline", "moment",
         "day-and-source", "short", "linked", "no-box"],
)  # fmt: skip
def test_a_second_article_by_its_header_line_and_its_box(second: str, *, another: bool) -> None:
    found = read(f"<h1>{TITLE}</h1><div>2024-05-11 08:42</div><div>{PARAGRAPHS}{second}</div>")
    assert ("渡口" not in (found.body or "")) is another
    assert found.published_at == "2024-05-11T08:42:00+08:00"
