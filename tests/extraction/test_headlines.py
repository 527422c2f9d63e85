"""What is the title of a page, kind by kind: what is no headline, what joins one, what the <title> says without it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extraction import Fields, Page
from crawler.extraction.text.title import without_site
from harness.extracted import fields_of, paragraphs

TITLE = "渔港东堤装上潮位报警灯"
P = [
    "东堤的十二盏报警灯昨晚第一次亮起，潮位高过警戒线两指时，灯光由绿转黄，堤上的人听见三声短鸣。",
    "灯是从旧航标船上拆下来改装的，每盏连着一只浮筒，不用电缆，阴天也能靠一块巴掌大的太阳能板撑五天。",
    "看堤的周阿公说，以前全凭看石阶上的青苔线估水位，去年秋天那回大潮，他是光着脚跑去敲的钟。",
    "渔港办事处准备入冬前把西堤的灯也装齐，图纸和花了多少钱都贴在码头的布告栏里。",
]
TEXT = paragraphs(P)
PUBLISHED = "<meta property='article:published_time' content='2024-05-10T07:00:00+08:00'>"
DAY = "<div>2024-05-11 08:42</div>"


def read(
    inside: str, title: str = f"{TITLE}_渔港新闻网", head: str = "", url: str = "https://n.example/a/7.html"
) -> Fields:
    page = f"<html><head><title>{title}</title>{head}</head><body>{inside}</body></html>".encode()
    return fields_of(Page(page, url=url, fetched_at=datetime(2024, 5, 12, tzinfo=UTC), charset="utf-8"))


RECORDS = "".join(
    f"<dl><dt>{TITLE}</dt><dd>https://pic.example/{n}/w950.jpg</dd><dd>2024年0{n + 1}月30日 12:15</dd>"
    f"<dd>{P[n]}</dd></dl>"
    for n in range(4)
)
SITE = "渔港新闻网"
#: kind -> (what stands in the body, <title>)
KINDS = {
    "the name of the site links to its home": (f"<h1><a href='/'>{SITE}</a></h1><h2>{TITLE}</h2>{DAY}{TEXT}", SITE),
    "the name of the site is most of the title": (
        f"<h1><a href='https://n.example/index.html'>渔港在线新闻网</a></h1><h2>{TITLE}</h2>{DAY}{TEXT}",
        "渔港在线新闻网 - 渔港",
    ),
    "a column stands above the headline": (
        f"<h3>讲座与会议通知</h3><p>{TITLE}</p>{DAY}<p>来源：渔港早报</p>{TEXT}", f"{SITE}-{TITLE}",
    ),
    "a column stands above a headline that is a lesser part of the title": (
        f"<h3>讲座与会议通知</h3><p>{TITLE}</p>{DAY}<p>来源：渔港早报</p>{TEXT}", f"渔港区人民政府办公室新闻网-{TITLE}",
    ),
    "a breadcrumb says what the title says": (f"<div>{SITE}&gt;{TITLE}</div><h2>{TITLE}</h2>{TEXT}", f"{SITE}-{TITLE}"),
    "a section of the text has a heading": (
        f"<div>简介</div><h2>安装目的</h2>{TEXT}<h2>下一步打算</h2>{TEXT}", f"{TITLE}_民生_{SITE}",
    ),
    "a sentence of the text names a day": (
        f"<div>{TEXT}</div><p>一、安装工作由谁负责</p><p>自2024年5月1日起，由渔港办事处，按图纸施工。</p>{TEXT}",
        f"{TITLE} - {SITE}",
    ),
    "two headings of one rank": (f"<h1>渔港东堤</h1><h1>装上潮位报警灯</h1>{DAY}{TEXT}", f"{TITLE}_{SITE}"),
    "a headline that is cut short": (f"<h1>渔港东堤装上潮位...</h1>{DAY}{TEXT}", f"{TITLE}_{SITE}"),
    "a template that no script has filled": (
        f"<p>{{{{item.name}}}}获得了{{{{item.gift}}}}</p><div>{TEXT}</div>", f"{TITLE} - {SITE}",
    ),
    "the data of a gallery": (f"<div>{RECORDS}</div>", f"{TITLE}_高清图集_渔港网"),
    "another article's headline below most of the text": (
        f"<div>{TEXT}</div><div><h1>渡口老人的四十年</h1><div>2024-03-01</div><p>{P[0]}</p></div>", f"{TITLE} | 渔港",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_title_is_the_headline(kind: str) -> None:
    inside, title = KINDS[kind]
    assert (read(inside, title, PUBLISHED).title or "").replace(" ", "") == TITLE


def test_headings_of_one_rank_are_joined_only_where_the_title_of_the_article_says_so() -> None:
    assert read(f"<h1>{TITLE}</h1><h1>渔港新闻网</h1>{DAY}{TEXT}", f"{TITLE}-渔港新闻网").title == TITLE
    hidden = f"<h1>渔港东堤</h1><h1 style='display:none'>装上潮位报警灯</h1>{DAY}{TEXT}"
    assert read(hidden).title == "渔港东堤"


def test_the_rest_of_a_headline_is_no_text() -> None:
    fields = read(f"<div><h1>渔港东堤</h1><h1>装上潮位报警灯</h1>{DAY}{TEXT}</div>")
    assert fields.body == "\n\n".join(P)


def test_the_headline_again_is_no_text_even_where_it_is_long() -> None:
    long = "渔港东堤装上潮位报警灯，潮水高过警戒线两指时灯光由绿转黄，堤上三声短鸣"
    fields = read(f"<div><h1>{long}</h1>{DAY}<p>{long}</p>{TEXT}</div>", f"{long}_渔港新闻网")
    assert (fields.title, fields.body) == (long, "\n\n".join(P))


@pytest.mark.parametrize("day", ["( 2024年05月11日 )", "（2024-05-11）", "[ 2024-05-11 08:42 ]"])
def test_a_day_in_brackets_behind_the_headline_is_not_of_it(day: str) -> None:
    column = "<h2>通知公告</h2><h3>通知公告</h3>"
    fields = read(f"{column}<div><h2>{TITLE} {day}</h2>{TEXT}</div>", f"渔港主页_{TITLE}_通知公告")
    assert (fields.title, fields.published_date) == (TITLE, "2024-05-11")


def test_a_guillemet_is_no_step_of_a_breadcrumb() -> None:
    headline = "Le port dit «oui» aux lampes de la digue"
    english = (
        "<p>The lamps came from an old lightship, and each of them hangs on a float without any cable at all.</p>" * 4
    )
    assert read(f"<h1>{headline}</h1>{english}", "Lampes sur la digue est | Le Courrier", PUBLISHED).title == headline


@pytest.mark.parametrize(
    ("title", "named"),
    [
        (f"{TITLE}_渔港新闻网", TITLE),
        ("跑酷_百度百科", "跑酷"),
        ("潮汐表 - 渔港天气客户端", "潮汐表"),
        ("渔港网-渔港图片频道", "渔港图片频道"),
        (f"渔港新闻网|{TITLE}", TITLE),
        (f"渔港区人民政府办公室新闻网-{TITLE}", TITLE),
        ("渔港建成潮位数据平台 - 渔港早间新闻", "渔港建成潮位数据平台"),
        ("渔港新闻网", "渔港新闻网"),
        ("", ""),
    ],
)
def test_what_a_title_says_without_the_name_of_the_site(title: str, named: str) -> None:
    assert without_site(title) == named


def test_the_days_of_the_pictures_are_not_that_of_the_gallery() -> None:
    fields = read(f"<div>{RECORDS}</div>", f"{TITLE}_高清图集", PUBLISHED)
    assert fields.published_at == "2024-05-10T07:00:00+08:00"
    assert read(f"<div>{RECORDS}</div>", f"{TITLE}_高清图集").published_at is None


#: What stands below the menu of a page whose <title> is the name of the site: the lines of the headline and the header.
UNTITLED = {
    "<table><tr><td class=title><div>江西：渡口路灯确保再亮三年</div></td></tr></table><p>2024-05-11 来源：早报</p>":
        "江西：渡口路灯确保再亮三年",
    "<p>1-10月渡口路灯结构趋稳趋优</p><div>发布日期：2024-05-11</div>": "1-10月渡口路灯结构趋稳趋优",
    "<p>2024年3月份渡口路灯主要数据的情况</p><div>发布日期：2024-05-11</div>": "2024年3月份渡口路灯主要数据的情况",
    "<div class=a><div>渡口的路灯换上了浮灯芯</div></div><p>来源：北岸早报</p><p>作者：</p><p>2024-05-11 08:42</p>":
        "渡口的路灯换上了浮灯芯",
    "<div>通知公告</div><p>关于渡口路灯换上浮灯芯的通知</p><div>时间：2024-05-11</div>": "关于渡口路灯换上浮灯芯的通知",
    "<div>渡口的路灯换上了浮灯芯</div><div>作者：王小明 文字大小：大中小</div><div>2024-05-11 08:42</div>":
        "渡口的路灯换上了浮灯芯",
    "<div>渡口的路灯换上了浮灯芯</div><table><tr><td>信息来源</td><td>北岸新闻信息网</td><td>发布日期</td>"
    "<td>2024-05-11</td><td>阅读量</td><td>9816</td></tr></table>": "渡口的路灯换上了浮灯芯",
    "<div>渡口的路灯换上了浮灯芯</div><div>来源</div><div>北岸新闻信息网</div><div>作者</div><div>王小明</div>"
    "<div>发布日期</div><div>2024-05-11</div>": "渡口的路灯换上了浮灯芯",
}  # fmt: skip


@pytest.mark.parametrize("lines", list(UNTITLED))
def test_the_headline_of_a_page_that_calls_itself_by_its_site_alone(lines: str) -> None:
    menu = "<ul><li><a href=/>首页</a></li><li><a href=/y/>要闻</a></li></ul>"
    assert read(f"{menu}{lines}<div>{TEXT}</div>", SITE).title == UNTITLED[lines]


def test_a_header_line_in_the_cells_of_a_table_is_no_text() -> None:
    cells = "<td>信息来源</td><td>北岸新闻信息网</td><td>发布日期</td><td>2024-05-11</td><td>阅读量</td><td>9816</td>"
    found = read(f"<div><h5>{TITLE}</h5><table><tr>{cells}</tr></table>{TEXT}</div>", SITE)
    assert (found.title, found.body) == (TITLE, "\n\n".join(P))
    assert (found.source, found.published_date, found.view_count) == ("北岸新闻信息网", "2024-05-11", 9816)
    cells = "<td>来源</td><td>北岸早报</td><td>日期</td><td>2024-05-12</td>"  # the second is not of use
    found = read(
        f"<div><h5>{TITLE}</h5>{DAY}<table><tr>{cells}</tr><tr><td>灯笼的数目</td><td>十二盏</td></tr></table>{TEXT}</div>"
    )
    assert (found.source, found.body) == ("北岸早报", "\n\n".join(["灯笼的数目 十二盏", *P]))


def test_the_only_heading_of_the_first_rank_goes_before_sections_that_share_the_title() -> None:
    headline, section = "Harbour Lamp Certifications and Certificates", "What are Harbour Lamps?"
    sections = f"<h2>{section}</h2>{TEXT}<h2>Best Harbour Lamp Certification</h2>{TEXT}"
    page = f"<div class=banner><h1>{headline}</h1></div><div>{TEXT}{sections}</div>"
    assert read(page, "Which of the Harbour Lamp Certifications is Best? What are they?").title == headline


def test_a_headline_that_is_escaped_twice_is_read_as_another_title_says_it() -> None:
    said = "Lamps & floats of the eastern mole"
    assert read(f"<h1>{said.replace('&', '&amp;#x26;')}</h1>{TEXT}", f"{said} | Post").title == said
    about = "Write &amp;amp; for the ampersand of a lamp"
    assert read(f"<h1>{about}</h1>{TEXT}", f"{about} | Post").title == "Write &amp; for the ampersand of a lamp"
