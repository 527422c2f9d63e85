"""Headings, names and cells that look like links or boxes of the page, and are of the text; and those that are not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extraction import Page
from harness.extracted import fields_of

NOW = datetime(2024, 5, 12, tzinfo=UTC)
TITLE = "南渡口的水表换成了远传的"
P = [
    "南渡口四百户人家的水表在三月里换成了远传的，抄表员老周从此不用再爬六楼，每月省下九天。",
    "换表的头一个星期，有十一户说水费比上月多，自来水公司派人逐户核过，多出来的是旧表没有走的字。",
    "住在渡口巷尾的裁缝林阿婆把旧表要了回去，说那是她结婚那年装的，放在柜子上当摆设。",
    "公司说，剩下的三个片区在雨季之前换完，旧表拆下来的铜由街道统一收走，钱用来修巷口的路灯。",
]
INFO = "<div class=info>2024-05-11 08:42:10 来源：南岸早报</div>"


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def text_of(inside: str) -> list[str]:
    page = (
        f"<html><head><meta charset=utf-8><title>{TITLE}_南岸新闻网</title></head><body><ul><li><a href=/>首页</a></li>"
        f"</ul><h1>{TITLE}</h1>{INFO}<div class=con>{inside}</div></body></html>"
    )
    fields = fields_of(Page(page.encode(), url="https://news.example/a/240511.html", fetched_at=NOW))
    return (fields.body or "").split("\n\n")


@pytest.mark.parametrize(
    "heading",
    [
        "<h2 id=h-share-your-water>共用水表怎么算</h2>",
        "<h3 id=toc-heading-2>共用水表怎么算</h3>",
        "<h2 id=related-comments class=part>共用水表怎么算</h2>",
        "<h3><button aria-expanded=true>共用水表怎么算<svg><path></path></svg></button></h3>",
        "<h2 class=accordion><button><span>共用水表怎么算</span></button></h2>",
        "<h3><a href=https://meters.example.org/shared>共用水表怎么算</a></h3>",
        "<h3>2. <a href=/topic/meters>共用水表怎么算</a></h3>",
    ],
)
def test_a_heading_of_the_text_is_kept(heading: str) -> None:
    wanted = "2. 共用水表怎么算" if "2. " in heading else "共用水表怎么算"
    assert text_of(f"{paragraphs(P[:2])}{heading}{paragraphs(P[2:])}") == [*P[:2], wanted, *P[2:]]


@pytest.mark.parametrize(
    "inset",
    [
        "<h3><a href=/s/7.html>江堤下的九天</a></h3>",
        "<h3><a href=https://m.news.example/s/7.html>江堤下的九天</a></h3>",
        "<h2 class=share-title>分享到</h2>",
        "<div><button>展开全文</button></div>",
        "<ul>"
        + "".join(f"<li><h3>{n}. <a href=/s/{n}>江堤下挖泥的九天里的第{n}天</a></h3></li>" for n in range(1, 5))
        + "</ul>",
    ],
)
def test_what_leads_away_is_no_heading_of_the_text(inset: str) -> None:
    assert text_of(f"{paragraphs(P[:2])}{inset}{paragraphs(P[2:])}") == P


def test_the_name_of_an_entry_that_says_more_is_kept() -> None:
    places = [("东门水站", "东门外大街十一号，朝南的院子"), ("江桥水站", "江桥路口往西第二个路口，红色的门")]
    entries = "".join(f"<li><a href=https://w.example.org/{n}>{name}</a><br>{where}</li>" for n, (name, where) in
                      enumerate(places))  # fmt: skip
    body = text_of(f"{paragraphs(P[:2])}<ul>{entries}</ul>{paragraphs(P[2:])}")
    assert body == [*P[:2], *(part for place in places for part in place), *P[2:]]


def test_an_entry_that_is_a_link_and_a_day_is_not() -> None:
    entries = "".join(f"<li><a href=/s/{n}>江堤下的第{n}天</a><br>2024-05-0{n} 08:42</li>" for n in range(1, 5))
    assert "江堤下的第1天" not in text_of(f"{paragraphs(P[:2])}<ul>{entries}</ul>{paragraphs(P[2:])}")


def test_the_cells_of_a_table_of_data_are_kept_though_they_are_links() -> None:
    rows = "".join(f"<tr><td><a href=https://w.example.org/{n}>第{n}水厂</a></td><td>{n}3万吨</td></tr>" for n in "123")
    table = f"<table><tr><th>水厂</th><th>日产量</th></tr>{rows}</table>"
    body = text_of(f"{paragraphs(P[:2])}{table}{paragraphs(P[2:])}")
    assert body == [*P[:2], "水厂 日产量", *(f"第{n}水厂 {n}3万吨" for n in "123"), *P[2:]]
    assert "第1水厂" not in "".join(text_of(f"{paragraphs(P[:2])}{table.replace('th>', 'td>')}{paragraphs(P[2:])}"))


NOTICE = "".join(
    f"<p>第{n}条 本站在读者的设备里存放小文本文件，用来记住字号和语言，读者可以在设置里逐项关掉，关掉后仍能看全文。</p>"
    for n in "一二三四五六七八"
)
RULES = "".join(
    f"<p>【{n}】发言请与本文有关，不要写别人的电话和住址，与本文无关的一律不显示，由此引起的争执由发言的人自己负责。</p>"
    for n in (1, 2)
)


@pytest.mark.parametrize(
    "behind",
    [
        f"<div class=otPcCenter><div class='ot-pc-scrollbar'><h2>设置</h2>{NOTICE}</div></div>",
        f"<div id=cookieBox><div>{NOTICE}</div></div>",
        f"<form action=/say><fieldset><div>{RULES}</div><textarea></textarea></fieldset></form>",
    ],
)
def test_long_rules_behind_the_text_are_not_of_it(behind: str) -> None:
    assert text_of(f"{paragraphs(P)}</div>{behind}<div>") == P
    assert text_of(f"{paragraphs(P)}{behind}") == P


def test_a_form_around_the_whole_page_holds_the_text() -> None:
    assert text_of(f"<form id=form1 runat=server><div>{paragraphs(P)}</div></form>") == P
