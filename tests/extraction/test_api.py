"""What assembly relies on: pages joined, counters read, next pages and next articles, portal rules first."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from crawler.article import Link, Refusal
from crawler.extraction import Fields, Page, count_pages, counter, extract, next_page, read_counter
from crawler.portals.model import Portal
from crawler.portals.sections import Counter
from crawler.values.page_series import follows

NOW = datetime(2024, 5, 12, tzinfo=UTC)
URL = "https://www.example.cn/news/1234.html"
PARAGRAPHS = [
    f"第{n}段：滨江市数据局今天公布了城市运行平台的第{n}批数据目录，市民可以在网上查看，也可以在大厅自助打印。"
    for n in "一二三四五六七八"
]


def article(paragraphs: list[str], extra: str = "", title: str = "滨江市公布数据目录 市民可网上查看") -> bytes:
    text = "".join(f"<p>{p}</p>" for p in paragraphs)
    return (
        f"<html><head><meta charset=utf-8><title>{title}-滨江信息网</title></head><body><h1>{title}</h1>"
        f"<div class='info'>2024-05-11 08:00 来源：滨江日报</div><div "
        f"class='content'>{text}</div>{extra}</body></html>"
    ).encode()


def page(body: bytes, url: str = URL, portal: Portal | None = None) -> Page:
    return Page(body, url=url, fetched_at=NOW, portal=portal)


def fields(*pages: Page, answer: bytes | None = None) -> Fields:
    found = extract(pages, answer)
    assert isinstance(found, Fields)
    return found


def test_pages_are_joined_in_order_without_loss_or_doubling() -> None:
    first = page(article(PARAGRAPHS[:3]))
    second = page(article(PARAGRAPHS[2:5]), "https://www.example.cn/news/1234_2.html")
    third = page(article(PARAGRAPHS[5:]), "https://www.example.cn/news/1234_3.html")
    assert fields(first, second, third).body == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("last", "kept"),
    [
        ("编码以激光刻在部件上，扫码可知厂家、批次和荷载等级。", True),
        ("居民扫码即可核验，全程不到一分钟。", True),
        ("扫码关注滨江发布公众号", False),
        ("手机扫码阅读", False),
        ("长按识别或扫码", False),
    ],
)
def test_a_sentence_about_codes_is_not_a_call_to_scan_one(last: str, kept: bool) -> None:
    body = fields(page(article([*PARAGRAPHS[:3], last]))).body
    assert (last in str(body)) == kept


@pytest.mark.parametrize(
    ("here", "there", "follow"),
    [
        ("https://e.cn/a/12.html", "https://e.cn/a/12_2.html", True),
        ("https://e.cn/a/12_2.html", "https://e.cn/a/12_3.html", True),
        ("https://e.cn/a/12.html", "https://e.cn/a/12_1.html", True),
        ("https://e.cn/a/12_2.html", "https://e.cn/a/12_4.html", False),
        ("https://e.cn/a/12.html", "https://e.cn/a/13.html", False),
        ("https://e.cn/a/12.html", "https://f.cn/a/12_2.html", False),
        ("https://e.cn/a?id=12", "https://e.cn/a?id=12&page=2", True),
        ("https://e.cn/a?id=12&page=2", "https://e.cn/a?id=12&page=3", True),
        ("https://e.cn/a?id=12", "https://e.cn/a?id=13", False),
        ("https://e.cn/a/", "https://e.cn/a/2", True),
    ],
)
def test_only_the_next_page_of_one_series_follows(here: str, there: str, follow: bool) -> None:
    assert follows(here, there) is follow


@pytest.mark.parametrize(("name", "pages"), [("pagination", 3), ("box", 1), ("pagination comments", 1)])
def test_numbers_that_lead_nowhere_count_pages_where_their_box_is_named_so(name: str, pages: int) -> None:
    numbers = " ".join(f'<a href="#">{number}</a>' for number in (1, 2, 3))
    assert count_pages(page(article(PARAGRAPHS, f'<div class="{name}">{numbers}</div>'))) == pages


def test_next_page_is_never_the_next_article() -> None:
    bar = '<div><a href="1234_2.html">下一页</a><a href="1235.html">下一篇：水库演习</a></div>'
    assert next_page(page(article(PARAGRAPHS, bar))) == "https://www.example.cn/news/1234_2.html"
    named = '<a href="1234_2.html"><img src="/i/l.gif"><img src="/i/n.gif" alt="下一页"></a>'
    assert next_page(page(article(PARAGRAPHS, named))) == "https://www.example.cn/news/1234_2.html"
    assert next_page(page(article(PARAGRAPHS, '<a href="1235.html">下一页</a>'))) is None
    assert next_page(page(article(PARAGRAPHS, '<a href="1235.html">下一篇</a>'))) is None


def test_a_page_that_states_its_count_asks_for_none() -> None:
    script = "<script src='/plus/count.php?view=yes&aid=7&mid=1'></script>"
    stated = article(PARAGRAPHS, script).replace("来源：滨江日报".encode(), "来源：滨江日报 阅读：77".encode())
    assert counter(page(stated)) is None
    asked = counter(page(article(PARAGRAPHS, script)))
    assert asked is not None
    assert asked.url == "https://www.example.cn/plus/count.php?view=yes&aid=7&mid=1"
    assert asked.increments


@pytest.mark.parametrize(
    ("markup", "url", "increments"),
    [
        (
            "<script src='/e/public/ViewClick/?classid=1&id=2&addclick=1'></script>",
            "/e/public/ViewClick/?classid=1&id=2",
            False,
        ),
        ("<script src='/e/public/ViewClick/?classid=1&id=2&down=5'></script>", None, False),
        (
            "<script src='/jiehun/plus/count.php?view=yes&amp;aid=2&amp;mid=1'></script>",
            "/jiehun/plus/count.php?view=yes&aid=2&mid=1",
            True,
        ),
        ("<script src='/api.php?op=count&id=5&modelid=1'></script>", "/api.php?op=count&id=5&modelid=1", True),
        ("<script src='/Common/GetHits.aspx?id=9'></script>", "/Common/GetHits.aspx?id=9", True),
        (
            '<script>_showDynClicks("wbnews", 22, 33)</script>',
            "/system/resource/code/news/click/dynclicks.jsp?clickid=33&owner=22&clicktype=wbnews",
            False,
        ),
        (
            "<span class='WP_VisitCount' url='/_visitcountdisplay?siteId=1&type=3&articleId=4'></span>",
            "/_visitcountdisplay?siteId=1&type=3&articleId=4",
            False,
        ),
        ("<span class='WP_VisitCount' url='/_visitcountdisplay?siteId=1&type=1'></span>", None, False),
        ("<script src='/include/hits.php?type=news&id=4'></script>", "/include/hits.php?type=news&id=4", True),
        ("<script src='/item/GetHits.asp?m=1&ID=9'></script>", "/item/GetHits.asp?m=1&ID=9", True),
        (
            "<script src='/index.php?s=api&amp;c=api&amp;m=show_hits&amp;id=7'></script>",
            "/index.php?s=api&c=api&m=show_hits&id=7",
            True,
        ),
        ('<script src="/?m=api&c=Ajax&a=arcclick&aid=3"></script>', "/?m=api&c=Ajax&a=arcclick&aid=3", True),
        ("<script>Cms.viewCount('/cms', '31')</script>", "/cms/content_view.jspx?contentId=31", True),
        (
            "<script>$.getJSON('/content_view.jspx?contentId=12', show)</script>",
            "/content_view.jspx?contentId=12",
            True,
        ),
        (
            "<script src='/wp-admin/admin-ajax.php?action=postviews&postviews_id=8'></script>",
            "/wp-admin/admin-ajax.php?action=postviews&postviews_id=8",
            True,
        ),
        (
            "<script>var hits = 'count.php', url = '/down.php?hits=2'</script><script src='/plus/count.php?aid=2'>"
            "</script><script src='/plus/count.php?view=yes&aid=3'></script>",
            "/plus/count.php?view=yes&aid=3",
            True,
        ),
        ("<p>no counter</p>", None, False),
    ],
)
def test_families_are_known_by_their_markup(markup: str, url: str | None, increments: bool) -> None:
    asked = counter(page(article(PARAGRAPHS, markup)))
    assert (asked and (asked.url, asked.increments)) == (url and (f"https://www.example.cn{url}", increments))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le", "cp037"])
def test_a_counter_is_found_in_every_encoding(encoding: str) -> None:
    markup = "<script src='/Common/GetHits.aspx?id=9'></script>" * 2
    body = article(PARAGRAPHS, markup).decode().replace("charset=utf-8", f"charset={encoding}")
    sent = body.encode(encoding, "replace")
    asked = counter(Page(sent, url=URL, fetched_at=NOW, charset=encoding))
    assert asked is not None
    assert asked.url == "https://www.example.cn/Common/GetHits.aspx?id=9"


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (b"document.write('815');\r\n", "815"),
        (b'document.write("7")', "7"),
        (b"$('#hits').html('123');", "123"),
        (b" 598 \n", "598"),
        (b"[12,3,0,1,0]", "12"),
        (b'{"code":0,"data":{"views":41}}', "41"),
        (b'{"count":"7"}', "7"),
        (b'cb({"hits": 9});', "9"),
        (b"jQuery123([5,6])", "5"),
        (b"", None),
        (b"<html>404</html>", None),
        (b"error 500", None),
        (b"true", None),
        (b"[]", None),
        (b'{"status":"ok"}', None),
        (b"-5", None),
        (b"\xff\xfe\x00", None),
        (b"document.write('<b>5</b>')", None),
        (b"[" * 100000, None),
        (b"document.getElementById('h').innerHTML='44';", "44"),
        (b'{"code":403,"msg":"no"}', None),
    ],
)
def test_answers_are_read_by_their_shape(answer: bytes, count: str | None) -> None:
    assert read_counter(answer) == count


def portal(**extract_rules: str) -> Portal:
    return Portal.model_validate(
        {
            "name": "example",
            "title": "滨江信息网",
            "home": "https://www.example.cn/",
            "domains": ("example.cn",),
            "language": "zh",
            "timezone": "Asia/Shanghai",
            "discover": {"feeds": ("https://www.example.cn/rss",)},
            "extract": extract_rules,
            "counter": {"url": "/count?id={id}", "id": r"news/(\d+)", "increments": True},
        }
    )


def test_rules_of_the_portal_go_first() -> None:
    body = (
        "<html><head><meta charset=utf-8><title>错的标题-滨江信息网</title></head><body><h1>错的标题</h1><b "
        "id=t>对的标题</b>"
        "<i id=s>来源：对的来源</i><i id=d>2024年5月9日 7:08:09</i><i id=v>阅读 12</i><div "
        "id=b><p>只有这一句。</p></div>"
        "<ul id=r><li><a href=/x.html>相关的一篇</a></li></ul><a id=n href='/news/1234_2.html'>more</a></body></html>"
    ).encode()
    rules = portal(
        title="#t", source="#s", published_at="#d", view_count="#v::text", body="#b", related_links="#r", next_page="#n"
    )
    found = fields(page(body, portal=rules))
    assert (found.title, found.source, found.body) == ("对的标题", "对的来源", "只有这一句。")
    assert (found.published_at, found.published_precision) == ("2024-05-09T07:08:09+08:00", "second")
    assert found.view_count == 12
    assert found.related_links == [Link("https://www.example.cn/x.html", "相关的一篇", "related")]
    assert {found.extracted_by[name] for name in ("title", "source", "body", "published_at", "view_count")} == {"rule"}
    assert next_page(page(body, portal=rules)) == "https://www.example.cn/news/1234_2.html"


def test_a_rule_may_select_an_element_within_a_line() -> None:
    body = "<meta charset=utf-8><title>滨江</title><h1>滨江的灯</h1><p>导语：<span class=b>只有这一句。</span> 完</p>"
    found = fields(page(body.encode(), portal=portal(body="span.b")))
    assert (found.body, found.extracted_by["body"]) == ("导语：只有这一句。 完", "rule")


def test_the_counter_of_the_portal_goes_first() -> None:
    asked = counter(page(article(PARAGRAPHS), portal=portal()))
    assert asked is not None
    assert (asked.url, asked.increments) == ("https://www.example.cn/count?id=1234", True)
    assert fields(page(article(PARAGRAPHS)), answer=b"55").view_count == 55


def test_a_counter_whose_placeholder_is_not_on_the_page_is_not_asked() -> None:
    pattern = r"news/(?:(\d+)|list)"
    named = portal().model_copy(
        update={"counter": Counter.model_validate({"url": "/count?id={id}", "id": pattern, "increments": True})}
    )
    assert counter(page(article(PARAGRAPHS), portal=named)) is not None
    elsewhere = "https://www.example.cn/news/list"  # the pattern matches, what it is to give does not
    assert counter(page(article(PARAGRAPHS), elsewhere, named)) is None


def test_the_same_bytes_give_the_same_fields_in_any_process() -> None:
    program = (
        "import sys; from datetime import datetime, UTC; from crawler.extraction import Page, extract;"
        "print(extract([Page(sys.stdin.buffer.read(), url='https://www.example.cn/news/1234.html',"
        "fetched_at=datetime(2024, 5, 12, tzinfo=UTC))]))"
    )
    body = article(
        PARAGRAPHS,
        "<h3>相关新闻</h3><ul>"
        + "".join(f"<li><a href='/n/{n}.html'>第{n}条相关新闻的标题</a></li>" for n in range(9))
        + "</ul>",
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=body,
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
    assert b"related" in answers.pop()


def test_no_pages_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one page"):
        extract([])


def test_one_sentence_is_an_article_and_a_shell_is_none() -> None:
    assert fields(page(article(["今晚停水。"]))).body == "今晚停水。"
    assert extract([page(b"<html><body><div id=app></div></body></html>")]) == Refusal("empty")


def test_rows_are_paragraphs_and_repeated_words_stay() -> None:
    table = "<table><tr><th>区县</th><th>办件量</th></tr><tr><td>东岸区</td><td>3200</td></tr></table>"
    body = article([*PARAGRAPHS[:2], "谢谢。"]).replace(b"</div></body>", f"{table}</div></body>".encode())
    further = page(article([*PARAGRAPHS[2:4], "谢谢。"]), "https://www.example.cn/news/1234_2.html")
    joined = fields(page(body), further).body
    assert joined is not None
    assert joined.split("\n\n") == [
        *PARAGRAPHS[:2], "谢谢。", "区县 办件量", "东岸区 3200", *PARAGRAPHS[2:4], "谢谢。",
    ]  # fmt: skip
