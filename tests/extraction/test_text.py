"""What is the headline and the text of a page: kinds of pages that once came out wrong, each with pages of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crawler.article import Refusal
from crawler.extraction import Fields, Page, extract
from harness.extracted import fields_of

NOW = datetime(2024, 5, 12, tzinfo=UTC)
TITLE = "北岸水厂昨夜完成管网并网"
P = [
    "北岸水厂的两条输水管昨夜十一点接入城区管网，东门外一带的水压在今晨六点前恢复到平时的水平。",
    "施工队在江堤下挖了九天，每天只能在退潮后的四个小时里干活，挖出来的泥要用小船运到对岸。",
    "住在东门外的退休教师秦允之说，以前五楼的水要半夜才上得来，今早她头一回在七点钟洗了菜。",
    "水厂表示，第三条管线的图纸已经画好，等枯水期一到就动工，费用由市里和水厂各出一半。",
]
INFO = "<div class=info>2024-05-11 08:42:10 来源：北岸早报</div>"
MENU = (
    "<ul>" + "".join(f"<li><a href=/{n}/>{name}</a></li>" for n, name in enumerate(["首页", "要闻", "民生"])) + "</ul>"
)


def html(inside: str, title: str = f"{TITLE}_北岸新闻网", head: str = "") -> bytes:
    meta = f"<meta charset=utf-8><title>{title}</title>{head}"
    return f"<html><head>{meta}</head><body>{MENU}{inside}<p>北岸新闻网 版权所有</p></body></html>".encode()


def read(inside: str, **more: str) -> Fields:
    return fields_of(Page(html(inside, **more), url="https://news.example/a/240511.html", fetched_at=NOW))


def reason(page: bytes, url: str = "https://news.example/x") -> str | None:
    found = extract([Page(page, url=url, fetched_at=NOW)])
    return found.reason if isinstance(found, Refusal) else None


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


REMARKS = [
    "我家住在六楼，今早的水还是小，是不是要再等第三条管线，有没有人知道哪一天开工。",
    "支持，夜里施工没有吵到孩子，就是江堤上的路灯最好早一点修好，走路的人多。",
    "希望把图纸贴在小区门口，让大家看看管子从哪里过，以后挖沟也好避开它。",
]
TEASERS = "".join(
    f"<li><div>{n}小时前</div><h3><a href=/s/{n}>第{n}路公交改走江桥新线</a></h3><p>{P[n % 4]}</p></li>"
    for n in range(9)
)
COMMENTS = "".join(f"<dl><dt>2024/05/11 1{n}:20 读者{n}</dt><dd>{REMARKS[n % 3]}</dd></dl>" for n in range(5))
KINDS = {
    "headline again behind the text": f"<h1>{TITLE}</h1>{INFO}<div>{paragraphs(P)}<p>{TITLE}</p></div>",
    "headline again in the middle": f"<h1>{TITLE}</h1>{INFO}<div>{paragraphs(P[:2])}<b>{TITLE}</b>"
    f"{paragraphs(P[2:])}</div>",
    "related box behind the lead": f"<h1>{TITLE}</h1>{INFO}<div><div><p>{P[0]}</p></div><div><b>相关新闻</b><ul>"
    f"<li><a href=/1>江堤下的九天</a><li><a href=/2>水压表的故事</a></ul></div><div>{paragraphs(P[1:])}</div></div>",
    "boxes that are placed relative": f"<h1>{TITLE}</h1>{INFO}"
    + "".join(f"<div class='relative mb-4'><p>{paragraph}</p></div>" for paragraph in P),
    "text in noscript": f"<h1>{TITLE}</h1>{INFO}<div><noscript>{paragraphs(P)}</noscript></div>",
    "text in an open button": f"<h1>{TITLE}</h1>{INFO}<button>展开<div>{paragraphs(P)}</div>",
    "text in one link": f"<h1>{TITLE}</h1>{INFO}<a href=/full>{paragraphs(P)}</a>",
    "stream below": f"<div><h1>{TITLE}</h1>{INFO}<div>{paragraphs(P)}</div></div><ul>{TEASERS}</ul>",
    "comments below": f"<div><h1>{TITLE}</h1>{INFO}<div>{paragraphs(P)}<div>{COMMENTS}</div></div></div>",
    "copies for three screens": f"<h1>{TITLE}</h1>{INFO}" + f"<div class=d>{paragraphs(P)}</div>" * 3,
    "second article": f"<div><div><h1>{TITLE}</h1>{INFO}<div>{paragraphs(P)}</div></div><div><h1>渡口老人的四十年</h1>"
    f"<div>2024-03-01</div><p>{'渡口还在的时候，江上有七条船，他的那条排在第四。' * 9}</p></div></div>",
    "second article under a lesser heading": f"<h1>{TITLE}</h1>{INFO}<div>{paragraphs(P)}</div><div>"
    "<h2>渡口老人的四十年</h2><div>发布时间：2024-03-01 来源：北岸晚报</div><p>"
    f"{'渡口还在的时候，江上有七条船，他的那条排在第四。' * 9}</p></div>",
    "statement in two languages": f"<h1>{TITLE}</h1>{INFO}<div>{paragraphs(P[:2])}{paragraphs(P[2:])}</div><div>"
    "特别声明：以上内容（如有图片或视频亦包括在内）由北岸号的用户上传并发布，本平台只提供存储的地方，不代表本平台的观点。<br>"
    "Notice: The content above, including its pictures, was uploaded and posted by a user of Beian, which is a platform"
    " for media of all kinds and only provides the room to store it.</div>",
    "bubbles": f"<h1>{TITLE}<i class=n>24</i></h1>{INFO}<div>"
    + "".join(f"<p>{paragraph}<span class=n>{n + 3}</span></p>" for n, paragraph in enumerate(P))
    + "</div>",
    "cloud of tags": f"<h1>{TITLE}</h1>{INFO}<div>{paragraphs(P)}</div><div>"
    + " 、 ".join(f"<a href=/t/{n}>标签词语{n}</a>" for n in range(90))
    + "</div>",
    "flag in the headline": f"<h1><span>独家</span> {TITLE}</h1>{INFO}<div>{paragraphs(P)}</div>",
    "day in the headline": f"<h1>{TITLE} <span>(2024年05月11日)</span></h1>{INFO}<div>{paragraphs(P)}</div>",
    "headline on two lines": f"<h1>北岸水厂昨夜<div>完成管网并网</div></h1>{INFO}<div>{paragraphs(P)}</div>",
    "behind an early end": f"<p>今日导读</p></body></html><div><h1>{TITLE}</h1>{INFO}<div>{paragraphs(P)}</div></div>",
}


@pytest.mark.parametrize("kind", KINDS)
def test_headline_and_text_are_whole(kind: str) -> None:
    fields = read(KINDS[kind])
    body = (fields.body or "").replace(f"\n\n{TITLE}", "")  # the headline said again is of no weight
    assert (fields.title or "").replace(" ", "") == TITLE
    assert body.split("\n\n") == P
    assert fields.published_date == "2024-05-11"


def test_a_sentence_about_a_notice_is_text_and_a_notice_is_none() -> None:
    notice = "未经本网授权，不得转载本网的任何文字和图片。"
    about = "三、拨打举报电话。同一处漏水报了三次仍没有人来，可以打市纪委的举报电话，一周之内会有书面的答复。"
    fields = read(f"<h1>{TITLE}</h1>{INFO}<div>{paragraphs([*P[:2], about, *P[2:], notice])}</div>")
    assert (fields.body or "").split("\n\n") == [*P[:2], about, *P[2:]]


def test_short_lines_of_one_shape_are_a_text() -> None:
    verse = [
        "这个月没有买衣服",
        "翻出了三件旧毛衣",
        "一件是外婆织的",
        "袖口已经散了线",
        "我学着把它收好",
        "用的是同色的棉线",
        "第二件起了球",
    ]
    fields = read(f"<h1>{TITLE}</h1><div>2024-05-11</div><div>{paragraphs(verse)}</div><div>{P[0]}</div>")
    assert (fields.body or "").split("\n\n")[: len(verse)] == verse


def test_captions_of_picture_data_are_text_once() -> None:
    records = "".join(
        f"<dl><dt>{TITLE}<dd>http://img.example/{n}.jpg<dd>2024年05月11日 08:4{n}<dd>{P[n // 2]}</dl>" for n in range(6)
    )
    fields = read(f"<h1>{TITLE}</h1><div id=data>{records}</div>")
    assert (fields.body or "").split("\n\n") == P[:3]


def test_the_text_that_a_script_shows_is_that_of_the_data() -> None:
    data = '{"@type":"NewsArticle","headline":"%s","datePublished":"2024-05-11T08:42:10+08:00"%s}'
    script = '<script type="application/ld+json">' + data + "</script>"
    shell = f"<h1>{TITLE}</h1><div id=app></div>"
    joined = r"\n".join(P)
    assert reason(html(shell, head=script % (TITLE, ""))) == "text-missing"
    fields = read(shell, head=script % (TITLE, f', "articleBody": "{joined}"'))
    assert (fields.body, fields.extracted_by["body"]) == ("\n\n".join(P), "json-ld")


@pytest.mark.parametrize(("shown", "origin"), [(1, "json-ld"), (3, "generic")])
def test_a_teaser_of_the_text_in_the_data_is_not_the_text(shown: int, origin: str) -> None:
    texts = [f"第{n}条，{text}" for n, text in enumerate(P * 2)]
    data = {"@type": "NewsArticle", "headline": TITLE, "datePublished": "2024-05-11", "articleBody": "\n".join(texts)}
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    fields = read(f"<h1>{TITLE}</h1>{INFO}<div>{paragraphs(texts[:shown])}</div>", head=script)
    assert fields.extracted_by["body"] == origin
    assert (fields.body or "").count("\n\n") + 1 == (shown if origin == "generic" else len(texts))


LINKS = "".join(
    f"<li><a href=/n/{n}.html>第{n}条消息：江桥南岸开工</a><span>05-1{n % 9}</span></li>" for n in range(30)
)
NO_ARTICLES = {
    "home": (html(f"<h2>要闻</h2><ul>{LINKS}</ul><h2>民生</h2><ul>{TEASERS}</ul>", "北岸新闻网"), "list"),
    "channel": (html(f"<h1>民生</h1><ul>{TEASERS}</ul>", "民生_北岸新闻网"), "list"),
    "home of entries": (html(f"<h2>真实评价，听用户的心声</h2><div>2024-05-11</div>{paragraphs(P[:2])}" + "".join(
        f"<div><h3>第{n}位用户的来信</h3><div>2024-04-0{n}</div><p>{P[n % 3]}{n}</p></div>" for n in range(1, 9)
    ) + f"<ul>{TEASERS}{TEASERS.replace('，', '：')}</ul>", "北岸服务，用心为您"), "list"),
    "topic with a day in its metadata": (html(f"<h1>北岸 江桥开工</h1><p>{P[0]}{P[1]}</p><ul>{LINKS[:300]}</ul>",
        "江桥开工_北岸专题", "<meta name=publishdate content=2024-05-11>"), "list"),
    "topic": (html(f"<div><img src=banner.jpg></div>{paragraphs(P[:2])}<ul>{LINKS[:300]}</ul>", "江桥_专题"),
              "list"),
    "a page of metadata alone": (f"<meta charset=utf-8><title>{TITLE}</title><meta property=og:type content=article>"
        "<meta property=article:published_time content=2024-05-11><div id=app></div>".encode(), "text-missing"),
    "a page of a type alone": (f"<meta charset=utf-8><title>{TITLE}</title><meta property=og:type content=article>"
        "<div id=app></div>".encode(), "empty"),
    "login": (html("<h1>用户登录</h1><form>用户名<input>密码<input type=password>忘记密码 注册</form>", "登录"),
              "login"),
    "login in one word": (html("<h1>Sign in</h1><form><input name=u><input type=password></form>", "Sign in"), "login"),
    "login in unknown words": (html("<h1>Prisijungti</h1><form>Vardas<input>Slapta\u017eodis<input type=Password>"
                                    "<p>Pamir\u0161ote? Susisiekite su mumis, pad\u0117sime.</form>", "X"), "login"),
    "wall": (html("<h1>请稍候</h1><p>系统检测到异常流量，请拖动滑块完成验证，通过后将继续访问。</p>", "安全检查"),
             "bot-wall"),
    "error": (html("<h1>抱歉</h1><p>您要看的文章已被删除或者不存在。</p>", "提示"), "error-page"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40 + b"<p>text<div>", "not-html"),
    "pdf": (b"%PDF-1.7\n<p>" + b"text " * 200, "not-html"),
    "gzip": (b"\x1f\x8b\x08\x00" + bytes(range(256)) * 40 + b"<html><p>", "not-html"),
    "json": (b'{"html": "<p>' + "停水。".encode() * 99 + b'</p>"}', "not-html"),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_ARTICLES)
def test_what_is_no_article_is_told_by_name(kind: str) -> None:
    page, name = NO_ARTICLES[kind]
    path = {"home": "", "home of entries": "", "topic": "zt/jq/"}.get(kind, "x")
    assert reason(page, f"https://news.example/{path}") == name


def test_an_article_beside_a_form_that_asks_for_a_password_is_one() -> None:
    box = "<form>Name<input name=u>Pass<input type=password></form>"
    fields = read(f"{box}<h1>{TITLE}</h1><div>{paragraphs(P)}</div>")
    assert (fields.body or "").split("\n\n") == P


def test_a_headline_and_a_few_words_without_a_day_are_an_article() -> None:
    page = html("<h1>A note</h1><p>Short and without a day.</p>", "A note")
    assert reason(page, "https://news.example/a/4") is None


def test_control_characters_in_a_document_do_not_make_it_binary() -> None:
    page = html(f"<h1>{TITLE}\x00</h1><div>2024-05-11</div>{paragraphs(P)}".replace("。", "。\x07\x00"))
    assert reason(page) is None


def test_an_article_of_one_sentence_among_menus_is_none_of_these() -> None:
    fields = read(
        f"<ul>{LINKS}</ul><article><h1>{TITLE}</h1><div>北岸早报 2024年5月11日 08:02</div><p>{P[0]}</p></article>"
        f"<ul>{LINKS}</ul>"
    )
    assert fields.body == P[0]


def test_a_lesser_heading_that_shares_a_part_of_the_title_is_the_headline() -> None:
    entries = [f"第{n}路口的信号灯为什么要自己配时" for n in "一二三四五六七八"]
    text = f"<div><h3>《北岸研究》2024年第4期</h3>{paragraphs([*entries, *P])}</div>"
    fields = read(text, title="北岸新闻网-2024年第4期")
    assert fields.title == "《北岸研究》2024年第4期"
    assert (fields.body or "").split("\n\n") == [*entries, *P]


def test_words_of_the_headline_below_the_text_are_no_headline() -> None:
    fields = read(f"<h3>{TITLE}</h3>{INFO}<div>{paragraphs(P * 3)}</div><h1>{TITLE}</h1><p>请关注北岸新闻网。</p>")
    assert (fields.body or "").startswith(P[0])


BOXES = {
    "<blockquote class=social-embed><p>{}</p></blockquote>": True,
    "<blockquote class=share-bar><div><p>{}</p></div></blockquote>": True,
    "<div class=share-bar><p>{}</p></div>": False,
}


@pytest.mark.parametrize("box", list(BOXES))
def test_a_quoted_post_is_text_whatever_its_box_is_called(box: str) -> None:
    text = f"{paragraphs(P[:2])}{box.format(REMARKS[2])}{paragraphs(P[2:])}"
    fields = read(f"<h1>{TITLE}</h1>{INFO}<div class=content>{text}</div>")
    assert (REMARKS[2] in (fields.body or "")) is BOXES[box]


LINKED = {
    "<div class=job-title><a href=/job/7.html>渡轮轮机员</a></div>": "渡轮轮机员",  # named so
    "<div><a href=/job/7.html>渡轮轮机员招聘启事-江口航运</a></div>": "渡轮轮机员招聘启事-江口航运",
    "<div><a href=/job/7.html>江口航运临江分公司</a></div>": None,
}


@pytest.mark.parametrize("heading", list(LINKED))
def test_a_headline_may_be_a_link(heading: str) -> None:
    title = "渡轮轮机员-江口航运股份有限公司临江分公司"
    if "招聘" in heading:
        title = "渡轮轮机员招聘启事-江口航运临江分公司"
    contact = "<div>简历请寄到：hr@jiangkou-ferry.example</div>"
    fields = read(f"{heading}{contact}<div>发布时间：2024-05-05</div>{paragraphs(P)}", title=title)
    assert fields.title == LINKED[heading] or (LINKED[heading] is None and "@" not in (fields.title or ""))


@pytest.mark.parametrize(
    ("box", "lines", "sentences", "named"),
    [
        ("article-content", 60, 4, True),
        ("article-content", 60, 5, False),
        ("article-content", 58, 1, False),
        ("wrapper", 60, 1, False),
    ],
    ids=["named", "long-dialog", "near", "unnamed"],
)
def test_a_text_of_few_words_in_a_box_named_after_it_and_a_dialog_far_below(
    box: str, lines: int, sentences: int, *, named: bool
) -> None:
    links = "".join(f"<li><a href=/{n}.html>民生 {n}</a></li>" for n in range(lines - 3))
    rules = "".join(f"<p>{n}.余额由钱包充值得到，按照一比一的比例进行支付金额的抵扣。</p>" for n in range(sentences))
    dialog = f"<div class=dialog-content><p>余额说明：</p>{rules}</div>"
    text = f"<div class={box}><p>今夜停水</p><p>明早六点恢复 请各户备水</p></div>"
    found = read(f"<div><h1>{TITLE}</h1>{INFO}{text}</div><ul>{links}</ul>{dialog}")
    assert (found.body == "今夜停水\n\n明早六点恢复 请各户备水") is named


@pytest.mark.parametrize(
    ("behind", "heading"),
    [
        (" <span>[</span><a href=/edit?s=1>编辑</a><span>]</span>", "沿革"),
        ("<a href=#n1>[注 1]</a>", "沿革"),
        ("<sup>[<a href=#n1>1</a>]</sup>", "沿革"),
        (" [一九五八年]", "沿革 [一九五八年]"),
        (" <a href=/1958/>见</a>[旧厂]", "沿革 见[旧厂]"),
    ],
)
def test_a_link_in_square_brackets_behind_a_heading_is_a_tool(behind: str, heading: str) -> None:
    found = read(f"<h1>{TITLE}</h1>{INFO}<div>{paragraphs(P[:2])}<h3>沿革{behind}</h3>{paragraphs(P[2:])}</div>")
    assert (found.body or "").split("\n\n") == [*P[:2], heading, *P[2:]]
