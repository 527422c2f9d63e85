"""Dates, people, counts and pictures of small pages: who says what, and who wins where they differ."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crawler.extraction import Fields, Page
from crawler.extraction.page import json_ld
from harness.extracted import fields_of

CHINESE = "".join(
    f"<p>滨江市数据局第{number}批路口已换上会自己配时的信号灯，早高峰平均等候时间缩短了四分之一。</p>"
    for number in "一二三四五"
)
ENGLISH = "".join(
    f"<p>The {number} part of the plan was approved on Monday, and officials said that it should cut waiting times.</p>"
    for number in ("first", "second", "third", "fourth")
)
TITLE = "滨江三百二十处路口换上新信号灯"
HEADLINE = "Riverside switches on adaptive signals for the ring road"


def chinese(
    header: str, *, head: str = "", text: str = CHINESE, url: str = "https://www.example.cn/n/7.html"
) -> Fields:
    return read(
        f"<html lang='zh-CN'><head><title>{TITLE}</title>{head}</head><body><h1>{TITLE}</h1>{header}"
        f"<div class='content'>{text}</div></body></html>",
        url,
        "Asia/Shanghai",
    )


def english(header: str, *, head: str = "", url: str = "https://www.example.com/n/7.html", lang: str = "en") -> Fields:
    return read(
        f"<html lang='{lang}'><head><title>{HEADLINE} | The Riverside Post</title>{head}</head><body>"
        f"<h1>{HEADLINE}</h1>{header}<div class='article-body'>{ENGLISH}</div></body></html>",
        url,
        None,
    )


def read(markup: str, url: str, timezone: str | None) -> Fields:
    return fields_of(Page(markup.encode(), url=url, fetched_at=datetime(2024, 5, 20, 4, tzinfo=UTC), timezone=timezone))


def described(**said: object) -> str:
    article = json.dumps({"@type": "NewsArticle", "headline": HEADLINE, **said})
    return f"<script type='application/ld+json'>{article}</script>"


CHINESE_DATES = {
    "<div>成文日期：2024-05-08 发布日期：2024-05-11 15:02</div>": "2024-05-11T15:02:00+08:00",
    "<div>实施日期：2024-06-01 发布时间：2024-05-11 15:02</div>": "2024-05-11T15:02:00+08:00",
    "<div>报送时间：2024-05-01 发布时间：2024-05-11 15:02</div>": "2024-05-11T15:02:00+08:00",
    "<div>录入时间：2024-05-08 10:00 发布时间：2024-05-11</div>": "2024-05-11T00:00:00+08:00",
    "<div>活动时间：2024-05-18 至 2024-05-19</div>": None,
    "<div>成文日期：2024-05-08</div>": None,
    "<div>录入时间：2024-05-08 10:00</div>": "2024-05-08T10:00:00+08:00",
    "<table><tr><td>成文日期</td><td>2024-05-08</td><td>发布日期</td><td>2024-05-11</td></tr></table>": (
        "2024-05-11T00:00:00+08:00"
    ),
    "<div>2024-06-30</div>": None,  # nothing is published before it is read
    "<div>1/2</div>": None,
    "<div>发布时间：20240511084232</div>": "2024-05-11T08:42:32+08:00",
    "<div>发布时间：20240511 08:42</div>": "2024-05-11T08:42:00+08:00",
    "<div>发布时间：Sat May 11 08:42:32 CST 2024</div>": "2024-05-11T08:42:32+08:00",
    "<div class=date><b>11</b><span>2024-05</span></div>": "2024-05-11T00:00:00+08:00",
    "<div class=date><p>2024</p><p>05/11</p><p>08:42</p></div>": "2024-05-11T08:42:00+08:00",
    "<div><em class=y>2024</em><span class=d>05/11</span> <span>08:42:32</span></div>": "2024-05-11T08:42:32+08:00",
    "<time datetime='2024-05-11T08:42:32+08:00'>2024-05-11</time>": "2024-05-11T08:42:32+08:00",
    "<time datetime='2024-05-10T20:42:32Z'>2024-05-11</time>": "2024-05-11T04:42:32+08:00",
    "<time datetime='2024-05-13T08:42:32+08:00'>2024-05-11</time>": "2024-05-11T00:00:00+08:00",
    "<time datetime='Sat May 11 2024 08:42:32 GMT+0800 (CST in words)'>2024-05-11</time>": "2024-05-11T08:42:32+08:00",
    "<time title='Seen on May 11 2024 08:42:32 and filed on Friday'>2024-05-11</time>": "2024-05-11T00:00:00+08:00",
    "<div><span title='2024-05-11 08:42:32'>05-11</span></div>": "2024-05-11T08:42:32+08:00",
    "<div>发表于 <span title='2024-5-11 08:42:32'>9&nbsp;天前</span></div>": "2024-05-11T08:42:32+08:00",
}


@pytest.mark.parametrize("header", list(CHINESE_DATES))
def test_chinese_dates(header: str) -> None:
    assert chinese(header).published_at == CHINESE_DATES[header]


def test_metadata_stand_in_for_the_date_of_another_event() -> None:
    head = "<meta name='PubDate' content='2024-05-11 15:02:07'>"
    assert chinese("<div>成文日期：2024-05-08</div>", head=head).published_at == "2024-05-11T15:02:07+08:00"


def test_the_address_knows_the_year() -> None:
    found = chinese("<div>05-11 20:12</div>", url="https://www.example.cn/n/20190511/7.html")
    assert found.published_at == "2019-05-11T20:12:00+08:00"


def test_a_script_knows_when_hours_ago_was() -> None:
    head = "<script>var page = {'created_at': '2024-05-05 10:14:02', 'published_at': '2024-05-09 08:26:33'}</script>"
    assert chinese("<div>5小时前</div>", head=head).published_at == "2024-05-09T08:26:33+08:00"


def test_metadata_and_address_outvote_the_moment_of_the_visit() -> None:
    head = "<meta property='article:published_time' content='2017-11-22T14:52:08+08:00'>"
    found = chinese("<div>2019年02月01日16:33</div>", head=head, url="https://www.example.cn/2017-11-22/7.html")
    assert found.published_at == "2017-11-22T14:52:08+08:00"


ENGLISH_DATES = {
    "<p>03.11.23</p>": "2023-11-03",
    "<p>10/11/2022</p>": "2022-11-10",
    "<p><time datetime='2022-10-11'>10/11/2022</time></p>": "2022-10-11",
    "<p>Updated 1745 GMT (0145 HKT) March 14, 2024</p>": "2024-03-14",
    "<p>Published 9 March 2024, updated 10 March 2024</p>": "2024-03-09",
}


@pytest.mark.parametrize("header", list(ENGLISH_DATES))
def test_english_days(header: str) -> None:
    assert english(header).published_date == ENGLISH_DATES[header]


ADDRESSES = {
    "https://www.example.cn/szcs/2021/0509/4471.html": "2021-05-09",
    "https://www.example.cn/2021/05/09/4471.html": "2021-05-09",
    "https://www.example.cn/20210509/4471.html": "2021-05-09",
    "https://www.example.cn/2021/0509.html": "2024-05-09",  # the number of an article, perhaps
    "https://www.example.cn/2021/1309/4471.html": "2024-05-09",
}


@pytest.mark.parametrize("url", list(ADDRESSES))
def test_the_address_names_the_year_of_a_day(url: str) -> None:
    assert (chinese("<p>5月9日</p>", url=url).published_at or "")[:10] == ADDRESSES[url]


@pytest.mark.parametrize("day", ["9/3/2024", "3/9/2024"])
def test_what_may_mean_a_day_to_come_means_the_other(day: str) -> None:
    assert english(f"<p>{day}</p>").published_at == "2024-03-09T00:00:00+00:00"


def test_the_month_comes_first_in_america() -> None:
    assert english("<p>10/11/2022</p>", lang="en-US").published_date == "2022-10-11"
    assert english("<p>03/04/24</p>", lang="en-US").published_date == "2024-03-04"
    assert english("<p>03.04.24</p>", lang="en-US").published_date == "2024-04-03"
    assert english("<p>03/04/24</p>", lang="en-GB").published_date == "2024-04-03"


def test_a_time_on_the_line_below_its_day() -> None:
    assert english("<p>May 11, 2024</p><p>8:42 am</p>").published_at == "2024-05-11T08:42:00+00:00"


def test_the_attribute_of_another_element_is_not_that_of_the_day() -> None:
    header = "<p><span title='2024-05-11 06:00:00'>拍摄</span> <b>2024-05-11</b></p>"
    assert chinese(header).published_at == "2024-05-11T00:00:00+08:00"


@pytest.mark.parametrize("office", ["transport reporter", "Chief Political Correspondent", "staff writer"])
def test_a_name_with_its_office_below_the_headline(office: str) -> None:
    fields = english(f"<p>Zadie Tennick, {office}</p><p>May 11, 2024</p>")
    assert (fields.author, (fields.body or "")[:18]) == ("Zadie Tennick", "The first part of ")


def test_what_is_ambiguous_is_settled_by_the_address() -> None:
    assert english("<p>10/11/2022</p>", url="https://e.example/2022/10/11/a.html").published_date == "2022-10-11"


def test_an_attribute_names_the_seconds() -> None:
    header = "<p><span title='2024年5月11日 8:42:10 发布'>2024年5月11日</span></p>"
    assert chinese(header).published_at == "2024-05-11T08:42:10+08:00"
    event = "自2024年5月11日 8:42:10起停水，请各单位和住户提前做好储水准备并互相转告，恢复时间另行通知"
    assert chinese(f"<p><span title='{event}'>2024年5月11日</span></p>").published_at == "2024-05-11T00:00:00+08:00"


def test_the_head_of_a_column_is_no_label() -> None:
    rows = "<table><tr><th>来源</th></tr><tr><td>第三批路口</td></tr></table>"
    assert chinese(f"<div>2024-05-11</div>{rows}").source is None


def test_a_sentence_behind_a_salutation_is_no_value() -> None:
    greeting = "<p>各位用户，您好：</p><p>东门外2024年5月3日停水一天。</p>"
    fields = chinese("", text=f"{greeting}{CHINESE}")
    assert fields.published_date is None
    assert (fields.body or "").startswith("各位用户，您好：\n\n东门外2024年5月3日停水一天。")


def test_an_editor_in_an_element_named_after_authors_is_no_author() -> None:
    fields = chinese("<div>2024-05-11</div>", text=f"{CHINESE}<div class=author>网络编辑:陈小红</div>")
    assert (fields.author, fields.editor) == (None, "陈小红")


@pytest.mark.parametrize("related", ["相关新闻", "推荐阅读"])
def test_the_foot_of_a_text_is_read_before_what_its_container_holds_besides(related: str) -> None:
    links = "".join(f"<li><a href=/{n}.html>第{n}批路口的信号灯明年换完</a></li>" for n in range(9))
    foot = f"<div>[发表评论]</div><div>编辑：陈小红</div><div>{related}</div><ul>{links}</ul>"
    assert chinese("<div>2024-05-11</div>", text=f"{CHINESE}{foot}").editor == "陈小红"


@pytest.mark.parametrize(("line", "day"), [("2024-05-09 东门现场", "2024-05-09"), ("2024-05-09 东门外路口现场", None)])
def test_a_day_between_a_summary_and_the_text_may_have_a_word_beside_it(line: str, day: str | None) -> None:
    summary = "<div class=sum>滨江市三百二十处路口换上了会自己配时的新信号灯，早高峰平均等候时间缩短了四分之一。</div>"
    assert chinese(f"{summary}<div>{line}</div>").published_date == day


FOOT = "".join(f"<li><a href=/{n}.html>第{n}批路口的信号灯明年换完</a></li>" for n in range(9))


@pytest.mark.parametrize(
    ("line", "author", "editor"),
    [
        ("（责任编辑：陈小红）", None, "陈小红"),
        ("编辑 | 陈小红", None, "陈小红"),
        ("滨江日报记者 王小明", "王小明", None),
        ("编辑部地址：滨江市解放路7号", None, None),
    ],
)
def test_who_is_named_behind_the_last_paragraph(line: str, author: str | None, editor: str | None) -> None:
    fields = chinese("<div>2024-05-11</div>", text=f"{CHINESE}<p>{line}</p><div>相关新闻</div><ul>{FOOT}</ul>")
    assert (fields.author, fields.editor) == (author, editor)


def test_who_is_named_far_behind_the_last_paragraph_is_of_something_else() -> None:
    lines = [f"<div>第{n}批 路口</div>" for n in range(20)]
    text = "".join([CHINESE, *lines[:8], "<div>编辑：陈小红</div>", *lines[8:]])
    assert chinese("<div>2024-05-11</div>", text=text).editor is None


def test_a_count_behind_the_last_paragraph_is_no_text() -> None:
    text = f"{CHINESE}<div>责编：陈小红</div><div>阅读数(15878）</div><div>不感兴趣</div><ul>{FOOT}</ul>"
    fields = chinese("<div>2024-05-11</div>", text=text)
    assert fields.view_count == 15878
    assert "15878" not in (fields.body or "")


@pytest.mark.parametrize("count", ["已有0位网友发表了看法", "共12条评论", "查看 36 条跟帖"])
def test_a_link_to_the_comments_is_no_related_article(count: str) -> None:
    box = f"<h3>相关阅读</h3><ul><li><a href=/1.html>路口信号灯明年换完</a></li><li><a href=/c>{count}</a></li></ul>"
    related = chinese("<div>2024-05-11</div>", text=f"{CHINESE}<div>{box}</div>").related_links
    assert [link.title for link in related] == ["路口信号灯明年换完"]


def test_an_attribute_names_the_offset() -> None:
    header = "<p><time datetime='2023-11-18T15:21:41+01:00'>November 18, 2023</time></p>"
    assert english(header).published_at == "2023-11-18T15:21:41+01:00"


def test_a_date_behind_a_summary() -> None:
    header = (
        "<h2>The plan will cost nine million euros, officials said on Monday, and it should cut waiting times.</h2>"
        "<div><p>By Jane Doe</p><p>Traffic correspondent</p></div><div><p>Mar 9, 2024</p><p>6 min read</p></div>"
    )
    found = english(header)
    assert (found.published_date, found.author) == ("2024-03-09", "Jane Doe")


ENGLISH_AUTHORS = {
    "<p class='byline'>By Jane Doe</p>": "Jane Doe",
    "<p>By <a href='/jane'>Jane Doe</a>, <span>Staff Writer</span></p>": "Jane Doe",
    "<p>By <a href='/jane'>Jane Doe</a> and <a href='/john'>John Roe</a></p>": "Jane Doe and John Roe",
    "<div class='post_author_name'><a href='/jane'>Jane Doe</a></div>": "Jane Doe",
    "<a rel='author' href='/jane'>Jane Doe</a>": "Jane Doe",
    "<span itemprop='author'><span itemprop='name'>jdoe</span></span>": "jdoe",
    "<div>Words by Jane Doe</div>": "Jane Doe",
    "<div class='author'>Riverside News</div>": None,
    "<div class='author-bio'>Jane Doe</div>": None,
    "<div><a>Article</a> <a>Cited by (41)</a> <a>Notes (7)</a></div>": None,
    "<p>Photo by Jane Doe</p>": None,
    "<p>By The Riverside Post</p>": None,
    "<div><a href='/author/jane-doe/'>Jane Doe</a></div>": "Jane Doe",
    "<div><a href='/author/agencies/'>Agencies</a></div>": None,
    "<div><a href='/people/jane-doe/'>Jane Doe</a></div>": None,
}


@pytest.mark.parametrize("header", list(ENGLISH_AUTHORS))
def test_english_authors(header: str) -> None:
    head = "<meta property='og:site_name' content='The Riverside Post'>"
    assert english(header + "<p>March 9, 2024</p>", head=head).author == ENGLISH_AUTHORS[header]


PREVIEWS = {
    ("Written by", "Jane Doe"): "Jane Doe",
    ("Escrito por", "Jane Doe"): "Jane Doe",
    ("Written by", "jdoe7"): None,
    ("Written by", "The Riverside Post"): None,
    ("Time to read", "Jane Doe"): None,
}


@pytest.mark.parametrize("label", list(PREVIEWS))
@pytest.mark.parametrize("number", [1, 2])
def test_a_preview_names_the_author_behind_its_label(label: tuple[str, str], number: int) -> None:
    head = (
        "<meta property='og:site_name' content='The Riverside Post'>"
        f"<meta name='twitter:label{number}' content='{label[0]}'>"
        f"<meta name='twitter:data{number}' content='{label[1]}'>"
    )
    assert english("<p>March 9, 2024</p>", head=head).author == PREVIEWS[label]


BELOW_SUMMARY = {
    "Written by Dr Jane van Doe, John Roe, Mary Major": "Dr Jane van Doe, John Roe, Mary Major",
    "By April, the council said, it would know more": None,
    "Written by the council, the office, the mayor": None,
}


@pytest.mark.parametrize("line", list(BELOW_SUMMARY))
def test_a_list_of_names_below_a_summary_is_a_byline(line: str) -> None:
    summary = "<p>The plan was approved on Monday, and officials said that it should cut waiting times by a third.</p>"
    assert english(f"{summary}<div>{line}</div><div>7 minutes read</div>").author == BELOW_SUMMARY[line]


AGREEMENTS: list[tuple[str, dict[str, object], str | None]] = [
    ("By Jane Doe", {"name": "webdesk7"}, "Jane Doe"),
    ("By Jane Doe", {"name": "Sandy Uploader"}, "Jane Doe"),
    ("By Jane Doe", {"name": ["Jane Doe", "John Roe"]}, "Jane Doe, John Roe"),
    ("By Jane Doe, John Roe", {"name": "Jane Doe"}, "Jane Doe, John Roe"),
    ("", {"name": "Jane Doe"}, "Jane Doe"),
    ("", {"name": "By Jane Doe, Staff Writer"}, "Jane Doe"),
    ("", {"name": "The Riverside Post"}, None),
    ("", {"name": "webdesk7"}, None),
    ("", {"name": "https://www.example.com/jane"}, None),
]


@pytest.mark.parametrize(("byline", "author", "expected"), AGREEMENTS)
def test_who_wrote_is_agreed_upon(byline: str, author: dict[str, object], expected: str | None) -> None:
    head = described(author=author, publisher={"name": "The Riverside Post"}, datePublished="2024-03-09")
    assert english(f"<p>{byline}</p>", head=head).author == expected


CHINESE_AUTHORS = {
    "<p>2024-05-11</p><p>特约撰稿人 王小明</p>": "王小明",
    "<div>2024-05-11 <a>滨江财经网</a> 柳如圭</div>": "柳如圭",
    "<div><a>滨江财经网</a> 柳如圭 2024-05-11 22:13:09 评论0条</div>": "柳如圭",
    "<div>旧船票 发表于 2024-05-11 07:18</div>": "旧船票",
    "<div>公司新闻 发表于 2024-05-11 07:18</div>": None,
    "<div>2024-05-11</div><p>文｜王小明</p>": "王小明",
    "<div>2024-05-11</div><p>王小明</p>": "王小明",
    "<div>2024-05-11</div><p>高清</p>": None,
    "<div>2024-05-11</div><ul><li>责任编辑：</li><li>王小明</li></ul>": None,
    "<div>2024-05-11 <span class='author'>王小明</span></div>": "王小明",
    "<div id='s' style='display:none'><span id='author_baidu'>作者：王小明</span></div>": "王小明",
    "<p>原创： <em class=a>王小明</em> <em class=b>滨江新闻</em></p>": "王小明",
}


@pytest.mark.parametrize("header", list(CHINESE_AUTHORS))
def test_chinese_authors(header: str) -> None:
    assert chinese(header).author == CHINESE_AUTHORS[header]


@pytest.mark.parametrize(
    ("text", "author"),
    [
        (
            f"<p>本报讯（记者 王小明）市数据局今天公布了城市运行平台的数据目录，市民可以在网上查看。</p>{CHINESE}",
            "王小明",
        ),
        (f"{CHINESE}<p>（记者 王小明）</p>", "王小明"),
        (f"{CHINESE}<p>市民可以在网上查看目录，月底以前都可以提出意见。（王小明）</p>", "王小明"),
        (f"{CHINESE}<p>市民可以在网上查看目录，月底以前都可以提出意见。（组图）</p>", None),
    ],
)
def test_authors_in_the_text(text: str, author: str | None) -> None:
    assert chinese("<div>2024-05-11</div>", text=text).author == author


SOURCES = {
    "<h3><a>江海频道</a>　2024-05-09 21:17 &nbsp; 来源：江口文艺　<a href='#s'>发表看法</a></h3>": "江口文艺",
    "<div>2024年05月09日 17:20:11\n来源：江湾新闻网\n77人参与12评论</div>": "江湾新闻网",
    "<p><span>2024-05-09 12:35</span><span>临江政务网</span><a href='#c'>评论（<i>0</i>人参与）</a></p>": "临江政务网",
    "<p>江灣民報 (2024-05-09 18:26)</p>": "江灣民報",
    "<p>2024-05-09 来源：<a>滨江日报</a>(海外版)</p>": "滨江日报(海外版)",
    "<p>2024-05-09 图片来源：pixabay</p>": None,
    "<p>2024-05-09 资金来源：财政</p>": None,
    "<p>2024-05-09 (1307人参与)</p>": None,
    "<p>2024-05-09 <span class='source'>王小明</span></p>": None,
}


@pytest.mark.parametrize("header", list(SOURCES))
def test_sources(header: str) -> None:
    assert chinese(header).source == SOURCES[header]


VIEWS = {
    "<p>2024-05-09 <span>滨江市政府网站</span> <span>阅读 1.2万</span></p>": 12000,
    "<p>2024-05-09 阅读 174,262</p>": 174262,
    "<p>2024-05-09 本文已被阅读178次</p>": 178,
    "<p>2024-05-09 <i class='icon-eye'></i>178</p>": 178,
    "<p>2024-05-09 浏览次数：<b>178</b></p>": 178,
    "<p>2024-05-09 关注人气：178</p>": None,
    "<p>2024-05-09 网站访问量：178</p>": None,
    "<p>2024-05-09 文章：11 粉丝：12 阅读：178</p>": None,
    "<p>2024-05-09 <span>阅读7625.5万</span> <span>讨论8.9万</span></p>": None,
    "<p>2024-05-09 访问:121369 阅读全文(736)</p>": None,
    "<p>2024-05-09 列表瀏覽數：178</p>": None,
}


@pytest.mark.parametrize("header", list(VIEWS))
def test_views(header: str) -> None:
    assert chinese(header).view_count == VIEWS[header]


STATES = {
    f'{{"detail":{{"title":"{TITLE}","counters":{{"view_count":905,"comment":3}}}}}}': 905,
    f'{{"title":"{TITLE}","hits":"905"}}': 905,
    json.dumps({"title": TITLE, "viewCount": 905}): 905,
    f'{{"views":905,"text":"{"x" * 2000}","title":"{TITLE}"}}': 905,
    f'{{"views":905,"text":"{"x" * 6000}","title":"{TITLE}"}}': None,  # the headline of an article within it, perhaps
    f'[{{"title":"{TITLE}","views":905}},{{"title":"{TITLE}","views":17}}]': None,
    f'[{{"title":"{TITLE}","comments":905}},{{"title":"另一篇","views":17}}]': None,
    f'{{"views":17,"list":[{{"title":"{TITLE}"}}]}}': None,
    f'{{"title":"{TITLE}","views":0}}': None,
    f'{{"title":"{TITLE}","views":17': None,
}


@pytest.mark.parametrize("state", list(STATES))
def test_views_in_the_data_of_the_page(state: str) -> None:
    assert chinese("<div>2024-05-11</div>", head=f"<script>var state = {state};</script>").view_count == STATES[state]


def test_what_readers_see_beats_the_data_of_the_page() -> None:
    head = f'<script>var state = {{"title":"{TITLE}","views":905}};</script>'
    assert chinese("<div>2024-05-11 浏览：17</div>", head=head).view_count == 17
    assert chinese("<div>2024-05-11 浏览：</div>", head=head).view_count is None


IMAGES = {
    "<img src='/l/loading.png' data-lazy='/up/1.jpg'>": ["/up/1.jpg"],
    "<img src='#' data-url='/up/1.jpg'>": ["/up/1.jpg"],
    "<img src='#'>": [],
    "<img src='/s/1x1.png' data-echo='/up/1.jpg'>": ["/up/1.jpg"],
    "<img file='/up/1.jpg' zoomfile='/up/1.jpg' src='/static/none.gif'>": ["/up/1.jpg"],
    "<img original='/up/1.jpg' src='/images/lazy.gif'>": ["/up/1.jpg"],
    "<img srcset='/up/1-320.jpg 320w, /up/1.jpg 1024w'>": ["/up/1.jpg"],
    "<picture><source srcset='/up/1.webp'><img src='data:image/gif;base64,R0lGOD'></picture>": ["/up/1.webp"],
    "<picture><source srcset='/up/1.webp'><source srcset='/up/1.avif'><source srcset='/up/1.jpg'>"
    "<source srcset='/up/0.jpg'><img src='data:image/gif;base64,R0lGOD'></picture>": ["/up/1.webp"],
    "<amp-img src='/up/1.jpg' width=800></amp-img>": ["/up/1.jpg"],
    "<img src='/up/1.jpg' data-link='/n/9.html' alt='/x/y.jpg'>": ["/up/1.jpg"],
    "<img src='/up/city-space.jpg'>": ["/up/city-space.jpg"],
    "<div class='related'><img src='/up/2.jpg'></div><img src='/up/1.jpg'>": ["/up/1.jpg"],
}


@pytest.mark.parametrize("markup", list(IMAGES))
def test_images(markup: str) -> None:
    text = CHINESE.replace("</p>", f"</p>{markup}", 1)
    found = chinese("<div>2024-05-11</div>", text=text).images
    assert [image.url.removeprefix("https://www.example.cn") for image in found] == IMAGES[markup]


ENTITY = '{"@type":"NewsArticle","author":{"name":"Jane Doe"}}'
WRAPPED = {
    ENTITY: 1,
    f"<!-- {ENTITY} -->": 1,
    f"<!--\n{ENTITY};\n-->": 1,
    f"<![CDATA[{ENTITY}]]>": 1,
    f"//<![CDATA[\n{ENTITY}\n//]]>": 1,
    f"/* <![CDATA[ */{ENTITY}/* ]]> */": 1,
    f"\ufeff{ENTITY}": 1,
    ENTITY.replace('"}}', '",},}'): 1,
    ENTITY.replace("{", "{\n// made by a machine\n", 1): 1,
    ENTITY.replace("}}", '},"description":"it\\\'s"}'): 1,
    ENTITY.replace("}}", "}"): 1,
    ENTITY.replace('"', "&quot;"): 1,
    f'{{"@type":"WebSite"}}{ENTITY}': 2,
    "no object": 0,
    "{" * 1000: 0,
}


@pytest.mark.parametrize("source", list(WRAPPED))
def test_json_ld_in_its_wrappings(source: str) -> None:
    found = list(json_ld.entities(source))
    assert len(found) == WRAPPED[source]
    if found:
        assert found[-1]["author"]["name"] == "Jane Doe"


def test_json_ld_of_any_length() -> None:
    entity = '{"@type":"LiveBlogPosting","datePublished":"2024-03-09","liveBlogUpdate":["%s"]}' % ("x" * 600_000)
    assert next(json_ld.entities(entity))["datePublished"] == "2024-03-09"


def links(markup: str) -> list[tuple[str, str | None]]:
    return [(link.kind, link.title) for link in chinese("", text=CHINESE + markup).related_links]


ENTRIES = (
    "<li><a href=/a/1.html>江堤下的路灯修好了三十盏</a></li><li><a href=/a/2.html>数据局公布信号灯的维修电话</a></li>"
)
WAYS = "<a href=/photo/>进入新闻图片首页</a> <a href=/weibo>关注摄影师微博</a>"
FOOT = "<div class='footer'><p><a href=/about>About Riverside</a> <a href=/contact>联系我们的编辑部</a></p></div>"


def test_the_ways_to_elsewhere_are_no_related_articles() -> None:
    found = links(f"<div><h3>相关阅读</h3><ul>{ENTRIES}</ul><p>{WAYS}</p></div>")
    assert found == [("related", "江堤下的路灯修好了三十盏"), ("related", "数据局公布信号灯的维修电话")]
    assert links(f"<div><h3>推荐阅读</h3><p>{WAYS}</p></div>") == []


def test_the_foot_of_the_page_is_no_block_of_related_articles() -> None:
    assert links(f"<div><h3>推荐阅读</h3></div>{FOOT}") == []


def test_a_neighbour_whose_link_has_no_headline_has_no_title() -> None:
    assert links("<p><a href=/a/3.html>上一篇稿件</a></p>") == [("previous", None)]


def test_a_caption_with_a_day_in_brackets_names_neither_source_nor_publication() -> None:
    text = f"<p>{'本中心成立于一九九四年，是学校里最早的多学科研究机构之一，如今有研究人员三十一名。' * 2}</p>"
    fields = chinese("", text=f"{text}<div>与滨江的代表合影留念（2004年10月13日）</div>{CHINESE}")
    assert (fields.source, fields.published_date) == (None, None)


def test_a_name_below_the_tools_is_the_author() -> None:
    tools = "<div class='share-bar'><a href=#>微博</a> <a href=#>微信</a></div>"
    header = f"<div>2024年05月11日 08:41 滨江日报</div>{tools}"
    assert chinese(header, text=f"<p>秦允之</p>{CHINESE}").author == "秦允之"


def test_a_stamp_is_read_on_the_day_that_most_years_lack() -> None:
    """A year after the capture, beyond which a stamp is a mistake, is no date where the capture is of 29 February."""
    head = described(datePublished="2028-02-28T15:02:00+08:00")
    markup = (
        f"<html lang='en'><head><title>{HEADLINE}</title>{head}</head><body><h1>{HEADLINE}</h1>{ENGLISH}</body></html>"
    )
    page = Page(markup.encode(), url="https://www.example.com/n/7.html", fetched_at=datetime(2028, 2, 29, tzinfo=UTC))
    assert fields_of(page).published_at == "2028-02-28T15:02:00+08:00"


ONLY_HEADINGS = {
    "Council approves the second part of the ring road": True,
    "Traffic news": False,  # too short for a headline: a section
    "A message from the founder of this newspaper:": False,
}


@pytest.mark.parametrize("heading", list(ONLY_HEADINGS))
def test_the_only_heading_of_the_first_rank_is_the_headline(heading: str) -> None:
    """Though the <title> is written for search engines, and a heading of the text repeats words of it."""
    markup = (
        "<html lang='en'><head><title>Ring road: everything you need to know | The Riverside Post</title></head><body>"
        f"<h1>{heading}</h1><div>{ENGLISH}<h3>Ring road</h3>{ENGLISH.replace('part', 'stage')}</div></body></html>"
    )
    fields = read(markup, "https://www.example.com/n/7.html", None)
    assert (fields.title == heading) == ONLY_HEADINGS[heading]


def test_of_two_headings_of_the_first_rank_none_is_the_only_one() -> None:
    markup = (
        "<html lang='en'><head><title>Ring road opens on Monday | The Riverside Post</title></head><body>"
        "<h1>Subscribe to the letters of our newsroom today</h1>"
        f"<h2>Ring road opens on Monday</h2><div>{ENGLISH}</div><h1>Council approves the second part of a plan</h1>"
        f"<div>{ENGLISH}</div></body></html>"
    )
    fields = read(markup, "https://www.example.com/n/7.html", None)
    assert fields.title == "Ring road opens on Monday"


#: (above the text, behind it): source, author, editor, views, day or moment, change.
MERGED: dict[tuple[str, str], tuple[str | int | None, ...]] = {
    ("<p>滨江网 2024-05-11</p><p>来源：北岸日报</p>", ""): ("北岸日报", None, None, None, "2024-05-11", None),
    ("<p>来源：北岸日报</p><p>滨江网 2024-05-11</p>", ""): ("北岸日报", None, None, None, "2024-05-11", None),
    ("<p>2024-05-11</p>", "<p>来源：北岸日报</p>"): ("北岸日报", None, None, None, "2024-05-11", None),
    ("<p>滨江网 2024-05-11</p>", "<p>来源：北岸日报</p>"): ("滨江网", None, None, None, "2024-05-11", None),
    ("<p>2024-05-11</p>", "<p>滨江网 2024-05-09</p>"): (None, None, None, None, "2024-05-11", None),
    ("", "<p>滨江网 2024-05-09</p>"): (None, None, None, None, None, None),
    ("", "<p>发布时间：2024-05-09</p>"): (None, None, None, None, "2024-05-09", None),
    ("", "<p>王小明 2024-05-09 10:20</p>"): (None, "王小明", None, None, "2024-05-09T10:20:00", None),
    ("<p>2024-05-11</p>", "<p>发布时间：2024-05-11 10:20</p>"): (None, None, None, None, "2024-05-11T10:20:00", None),
    ("<p>2024-05-11 浏览：</p>", "<p>浏览：7</p>"): (None, None, None, None, "2024-05-11", None),
    ("<p>2024-05-11</p>", "<p>浏览：7</p>"): (None, None, None, 7, "2024-05-11", None),
    ("<p>2024-05-11 浏览：8</p>", "<p>浏览：7</p>"): (None, None, None, 8, "2024-05-11", None),
    ("<p>2024-05-11 更新时间：2024-05-12</p><p>更新时间：2024-05-13</p>", ""): (
        None,
        None,
        None,
        None,
        "2024-05-11",
        "2024-05-12",
    ),
    ("<p>责任编辑：李雪</p><p>编辑：秦允之</p><p>2024-05-11</p>", ""): (None, None, "李雪", None, "2024-05-11", None),
    ("<p>王小明 2024-05-11</p><p>作者：李雪</p>", ""): (None, "李雪", None, None, "2024-05-11", None),
    ("<p>2024-05-11</p>", "<p>作者：李雪</p>"): (None, "李雪", None, None, "2024-05-11", None),
    ("<p>作者：王小明 2024-05-11</p>", "<p>作者：李雪</p>"): (None, "王小明", None, None, "2024-05-11", None),
    ("<p>王小明 2024-05-11</p>", "<p>作者：李雪</p>"): (None, "王小明", None, None, "2024-05-11", None),
    ("<p>2024-05-11 08:42</p><p>2024-05-11</p>", ""): (None, None, None, None, "2024-05-11T08:42:00", None),
    ("<p>2024-05-11</p><p>2024-05-11 08:42</p>", ""): (None, None, None, None, "2024-05-11T08:42:00", None),
    ("<p>2024-05-11 08:42</p><p>2024-05-11 08:42:10</p>", ""): (None, None, None, None, "2024-05-11T08:42:10", None),
    ("<p>2024-05-11 08:42</p><p>2024-05-11 09:42:10</p>", ""): (None, None, None, None, "2024-05-11T08:42:00", None),
    ("<p>2024-05-11</p><p>2024-05-12 08:42</p>", ""): (None, None, None, None, "2024-05-11", None),
    ("<p>2024-05-11</p><p>发布时间：2024-05-12</p>", ""): (None, None, None, None, "2024-05-12", None),
    ("<p>发布时间：2024-05-11</p><p>发布时间：2024-05-12</p>", ""): (None, None, None, None, "2024-05-11", None),
}


@pytest.mark.parametrize("lines", list(MERGED))
def test_of_two_lines_the_nearer_and_the_labelled_one_counts(lines: tuple[str, str]) -> None:
    fields = chinese(lines[0], text=CHINESE + lines[1])
    moment = (fields.published_at or "").removesuffix("+08:00").removesuffix("T00:00:00") or None
    changed = (fields.modified_at or "")[:10] or None
    assert MERGED[lines] == (fields.source, fields.author, fields.editor, fields.view_count, moment, changed)


LISTED_AUTHORS = {
    "<ul class=authors><li><a href=/people/jane>Jane Doe</a></li><li><a href=/people/john>John Roe</a></li></ul>"
    "<p>3 June 2023</p>": "Jane Doe, John Roe",
    "<ul class=authors><li><a href=/people/jane>Jane Doe</a></li><li><a href=/people/jane>Jane Doe</a></li></ul>"
    "<p>3 June 2023</p>": "Jane Doe",
    "<div class=author>Jane Doe</div><p>3 June 2023</p><p>Ring road</p><div class=author>John Roe</div>": "Jane Doe",
    "<p>By Jane Doe and John Roe, CNN</p>": "Jane Doe and John Roe",
}
NAMING_METAS = (
    "<meta name=author content=admin><meta name=article.author content='Jane Doe'>",
    "<meta property=og:article:author content='Jane Doe'>",
    "<meta name=cXenseParse:author content='By Jane Doe'>",
    "<meta name=author content='The Riverside Post'><meta property=og:site_name content='The Riverside Post'>"
    "<meta name=dcterms.creator content='Jane Doe'>",
)


@pytest.mark.parametrize("header", LISTED_AUTHORS)
def test_english_authors_of_a_list(header: str) -> None:
    assert english(header).author == LISTED_AUTHORS[header]


@pytest.mark.parametrize("head", NAMING_METAS)
def test_the_first_tag_that_names_a_person_is_the_author(head: str) -> None:
    assert english("<p>3 June 2023</p>", head=head).author == "Jane Doe"


def test_a_creator_in_json_ld_is_the_author() -> None:
    assert english("", head=described(creator=["Jane Doe"], datePublished="2024-05-11")).author == "Jane Doe"


CHINESE_BYLINES = {
    "<div>滨江日报记者 王小明 2024-05-11</div>": ("滨江日报", "王小明"),
    "<div>来源：滨江晚报 滨江日报记者 王小明 2024-05-11</div>": ("滨江晚报", None),
    "<div>原创 王小明 滨江日报 <em>2024-05-11 09:12</em> 浙江</div>": ("滨江日报", "王小明"),
    "<div>2024年5月11日 星期六 滨江日报 第02版：要闻</div>": ("滨江日报", None),
    "<div>2024年5月11日（周六） 滨江日报</div>": ("滨江日报", None),
}


@pytest.mark.parametrize("header", CHINESE_BYLINES)
def test_medium_and_reporter_beside_the_day(header: str) -> None:
    fields = chinese(header)
    assert (fields.source, fields.author, fields.published_date) == (*CHINESE_BYLINES[header], "2024-05-11")


def test_the_author_alone_on_a_line_is_no_text() -> None:
    fields = chinese("", text=f"<div>2024-05-11 08:42 滨江日报</div><p>王小明</p>{CHINESE}")
    assert fields.author == "王小明"
    assert "王小明" not in (fields.body or "")


def test_a_span_of_months_is_no_day() -> None:
    fields = chinese("<p>2020.08-2024.05，滨江大学讲师</p><p>1996.09-1999.07 滨江大学</p>")
    assert fields.published_at is None


def test_the_head_of_a_column_labels_no_value() -> None:
    table = "<table><tr><th>标题</th><th>点击数</th></tr><tr><td>1</td><td>信号灯</td></tr></table>"
    fields = chinese(f"<div>2024-05-11</div>{table}")
    assert fields.view_count is None
    rows = "<table><tr><td>发布机构</td><td>滨江市数据局</td></tr><tr><td>点击数</td><td>178</td></tr></table>"
    fields = chinese(f"<div>2024-05-11</div>{rows}")
    assert (fields.source, fields.view_count) == ("滨江市数据局", 178)


def test_a_count_beside_the_copyright_is_that_of_the_site() -> None:
    fields = chinese("<div>2024-05-11</div>", text=f"{CHINESE}<p>版权所有 滨江市数据局 浏览次数：1000</p>")
    assert fields.view_count is None


@pytest.mark.parametrize(
    ("crumbs", "section"),
    [
        ("首页 | 要闻 | 交通 | 正文", ["要闻", "交通"]),
        ("新闻 | 时政 | 法治 | 地方 | 社会 | 评论", []),
        ("首页 &gt; 要闻 &gt; 交通 &gt; 路口 &gt; 信号灯 &gt; 正文页", ["要闻", "交通", "路口", "信号灯"]),
        (f"首页 &gt; 要闻 &gt; {TITLE}", ["要闻"]),
        ("您的位置是 : 首 页 &gt; 要闻 &gt; 正 文", ["要闻"]),
        ("您的位置：網站首頁 &gt; 要闻 &gt; 正文", ["要闻"]),
        ("<a href=https://www.example.cn/>滨江新闻网</a> &gt; <a href=/y/>要闻</a> &gt; 正文", ["要闻"]),
        ("<a href=/b/>滨江</a> &gt; <a href=/y/>要闻</a> &gt; 正文", ["滨江", "要闻"]),
        ("<a href=https://finance.example.cn/>财经</a> &gt; <a href=/y/>要闻</a> &gt; 正文", ["财经", "要闻"]),
        ("<a href=/>滨江新闻网</a> &gt; 正文", ["滨江新闻网"]),
        ("滨江 &gt; <a href=/>新闻网</a> &gt; 正文", ["滨江", "新闻网"]),
    ],
)
def test_a_menu_is_no_breadcrumb(crumbs: str, section: list[str]) -> None:
    assert chinese(f"<div class=crumb>{crumbs}</div><div>2024-05-11</div>").section == section


def test_keywords_hold_letters() -> None:
    assert chinese("<div>2024-05-11</div>", head="<meta name=keywords content='[\"信号灯\",\"路口\",\"[\"]'>").tags == [
        "信号灯", "路口",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("keywords", "tags"),
    [
        (f"{TITLE},信号灯", ["信号灯"]),
        (f"信号灯,滨江新闻网-要闻-{TITLE}-路口", ["信号灯"]),
        ("信号灯,滨江三百二十处,路口换上新信号灯", ["信号灯"]),
        ("滨江,三百二十处,路口,换上,新信号灯", ["滨江", "三百二十处", "路口", "换上", "新信号灯"]),
        ("滨江,三百二十处路口,换上新信号灯", ["滨江", "三百二十处路口", "换上新信号灯"]),
    ],
    ids=["whole", "with-site", "cut-at-commas", "words", "few-words"],
)
def test_the_headline_is_no_keyword(keywords: str, tags: list[str]) -> None:
    assert chinese("<div>2024-05-11</div>", head=f"<meta name=keywords content='{keywords}'>").tags == tags


def test_a_page_of_addresses_is_as_chinese_as_its_sentences() -> None:
    data = "".join(f"<dd>https://pic.example/{n}/upload/20240511/a{n}.jpg/w160h120hdp.jpg</dd>" for n in range(40))
    fields = chinese(f"<div>2024-05-11 09:12</div><dl>{data}</dl>", head="<meta name=author content='Riverside Lab'>")
    assert fields.author is None
