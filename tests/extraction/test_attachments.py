"""Files that articles link: in the text, in a block of their own, through handlers; nothing of the page around it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.article import Attachment
from crawler.extraction import Fields, Page, extract
from crawler.extraction.fields.attachments import find_attachments
from crawler.extraction.text.reading import reading_of

TEXT = "<p>滨江市数据局今天公布了城市运行平台的数据目录，市民可以在网上查看。</p>" * 3
BASE = "https://www.example.cn/n/7.html"


def attachments(inside: str = "", behind: str = "") -> list[tuple[str, str | None, str | None]]:
    page = Page(
        f"<html><head><title>滨江市公布数据目录</title></head><body>"
        f"<div class='nav'><a href='/help.pdf'>使用帮助</a></div>"
        f"<h1>滨江市公布数据目录</h1><div class='info'>2024-05-11 来源：滨江日报</div>"
        f"<div class='content'>{TEXT}{inside}</div>{behind}"
        f"<div class='footer'><a href='/price.pdf'>广告刊例</a></div></body></html>".encode(),
        url=BASE,
        fetched_at=datetime(2024, 5, 12, tzinfo=UTC),
    )
    reading = reading_of(page)
    return [
        (attachment.url, attachment.title, attachment.type)
        for attachment in find_attachments(reading, reading.body.node)
    ]


HOST = "https://www.example.cn"


def test_they_stand_in_the_record() -> None:
    page = Page(
        f"<title>滨江市公布数据目录</title><h1>滨江市公布数据目录</h1><p>2024-05-11 来源：滨江日报</p><div>{TEXT}"
        f"<p>附件：<a href='/up/1.pdf'>数据目录</a></p></div>".encode(),
        url=BASE,
        fetched_at=datetime(2024, 5, 12, tzinfo=UTC),
    )
    found = extract([page])
    assert isinstance(found, Fields)
    assert found.attachments == [Attachment(f"{HOST}/up/1.pdf", "数据目录", "pdf")]
    assert found.extracted_by["attachments"] == "generic"


INSIDE = {
    "<p>附件：<a href='/up/1.pdf'>数据目录</a></p>": [(f"{HOST}/up/1.pdf", "数据目录", "pdf")],
    "<p><a href='/up/1.DOCX?x=1'>申报表.docx</a></p>": [(f"{HOST}/up/1.DOCX?x=1", "申报表.docx", "docx")],
    "<p><a href='a%20b.xls'>点击下载</a></p>": [(f"{HOST}/n/a%20b.xls", "a b.xls", "xls")],
    "<p><a href='/up/2.zip' title='照片'>下载</a></p>": [(f"{HOST}/up/2.zip", "照片", "zip")],
    "<p><a href='/system/_content/download.jsp?urltype=news&amp;wbfileid=2'>附件【目录.xlsx】</a></p>": [
        (f"{HOST}/system/_content/download.jsp?urltype=news&wbfileid=2", "附件【目录.xlsx】", "xlsx")
    ],
    "<p><a href='/download?file=%E7%9B%AE%E5%BD%95.wps'>目录</a></p>": [
        (f"{HOST}/download?file=%E7%9B%AE%E5%BD%95.wps", "目录", "wps")
    ],
    "<p><a href='/attach/9'>附件2：申报指南</a></p>": [(f"{HOST}/attach/9", "附件2：申报指南", None)],
    "<p><a href='/up/3.pdf'>一</a> <a href='/up/3.pdf'>二</a></p>": [(f"{HOST}/up/3.pdf", "一", "pdf")],
    "<p><a href='/n/8.html'>附近的新闻</a> <a href='/pdf/'>目录</a> <a href='javascript:void(0)'>附件</a></p>": [],
    "<p><a href='/up/map.jpg'>地图</a></p>": [],
    "<p><a href='/up/map.jpg'>附件：地图</a></p>": [(f"{HOST}/up/map.jpg", "附件：地图", "jpg")],
    "<div style='display:none'><a href='/up/4.pdf'>草稿</a></div>": [],
}


@pytest.mark.parametrize("markup", list(INSIDE))
def test_in_the_text(markup: str) -> None:
    assert attachments(markup) == INSIDE[markup]


@pytest.mark.parametrize(
    "block",
    [
        "<div class='attachment'><a href='/up/1.pdf'>数据目录</a></div>",
        "<div id='fujian_list'><ul><li><a href='/up/1.pdf'>数据目录</a></li></ul></div>",
        "<div><h3>附件下载</h3><ul><li><a href='/up/1.pdf'>数据目录</a></li></ul></div>",
        "<div><p>附件：<a href='/up/1.pdf'>数据目录</a></p></div>",
    ],
)
def test_in_a_block_behind_the_text(block: str) -> None:
    assert attachments(behind=block) == [(f"{HOST}/up/1.pdf", "数据目录", "pdf")]


@pytest.mark.parametrize(
    "block",
    [
        "<div class='related'><h3>相关新闻</h3><ul><li><a href='/up/5.pdf'>上月的目录</a></li></ul></div>",
        "<div class='sidebar'><a href='/up/5.pdf'>广告价格</a></div>",
        "<div class='share'><a href='/n/7.pdf'>保存为 PDF</a></div>",
    ],
)
def test_not_of_the_article(block: str) -> None:
    assert attachments(behind=block) == []


def test_a_title_is_cut_where_it_is_a_text() -> None:
    (found,) = attachments(f"<p>附件：<a href='/up/1.pdf'>{'数据目录' * 99}</a></p>")
    assert found[1] == ("数据目录" * 99)[:300]
