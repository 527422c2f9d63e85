"""What stands in and around a text on pages of several frames: boxes, tags, comments, notes, sentences like notices."""

from __future__ import annotations

import pytest

from crawler.extraction import Page, next_page
from harness.extracted import fields_of
from harness.page_variants import CHINESE, ENGLISH, FRAMES, NOW, body, framed, links, paragraphs

HEADERS = {CHINESE: "<div>2026-03-11 09:41:27 来源：云泽晚报</div>", ENGLISH: "<div>11 March 2026</div>"}
MOMENTS = ("2026-03-11 10:02", "2026-03-11 10:40", "2026-03-12 07:30")
REMARKS = (
    "我家门口那个站牌还没换，什么时候轮到河西？问了社区也没有准话，希望能公布一个时间表出来。",
    "声音能不能小一点，晚上十一点还在报站，住一楼的人睡不着，孩子也被吵醒了两回。",
    "太阳能板装在屋顶上会不会被台风刮走？去年的广告牌就刮走了三块，砸坏一辆车。",
)
ENGLISH_REMARKS = (
    "About time too. The last bus left without me eleven times last winter and I have the receipts to prove it.",
    "Why are there no drivers on the panel? They know the road better than any of us who sit behind them.",
    "Four thousand pounds for sandwiches is a lot of sandwiches, even with a nurse and a baker on the panel.",
)
TAGS = "Tags: " + ", ".join(
    f"<a href=/t/{n}>{word}</a>" for n, word in enumerate(("buses", "nights", "nurses", "lots", "nets"))
)
BARS = "<div>Share Tweet Email Print</div>"
TITLED = {
    "<span>独家</span>{0}": {"title": CHINESE},
    "{0}<span>[2026-03-11]</span>": {"title": CHINESE},
    "{0}（2026年3月11日）": {"title": CHINESE},
    "{0} <font size=2>2026/03/11 09:41:27</font>": {"title": CHINESE},
    "{0}<em>128</em>": {"title": CHINESE},
}


def whole(title: str, *, inside: str = "", after: str = "", text: str | None = None, header: str = "") -> bool:
    """Whether the page has its headline and its text, and nothing more, in every frame."""
    read = [framed(title, frame, header + HEADERS[title], text=text, inside=inside, after=after) for frame in FRAMES]
    return {(fields.title, fields.body) for fields in read} == {(title, body(title))}


@pytest.mark.parametrize("heading", ["延伸阅读", "相关报道：", "推荐阅读"])
def test_a_box_of_links_inside_the_text(heading: str) -> None:
    box = f"<div><h4>{heading}</h4>{links(CHINESE)}</div>"
    assert whole(CHINESE, text=paragraphs(CHINESE, 0, 2) + box + paragraphs(CHINESE, 2))


FURTHER = {
    "a heading and paragraphs": "<p><strong>相关阅读：</strong></p><p><a href=/1>老粮站改成社区食堂</a></p>"
    "<p><a href=/2>图书馆把还书箱搬进菜场</a></p>",
    "one line": "<p>相关阅读：<a href=/1>老粮站改成社区食堂</a> <a href=/2>图书馆把还书箱搬进菜场</a></p>",
    "a table": "<table><tr><th>延伸阅读</th></tr><tr><td><a href=/1>老粮站改成社区食堂</a></td></tr></table>",
}


@pytest.mark.parametrize("kind", FURTHER)
def test_further_articles_between_two_paragraphs_are_no_text(kind: str) -> None:
    assert whole(CHINESE, text=paragraphs(CHINESE, 0, 1) + FURTHER[kind] + paragraphs(CHINESE, 1))


def test_what_to_see_as_well_is_no_text() -> None:
    see = "<p><em>See also: <a href=/news/bats>Library opens its cellar to bats</a></em></p>"
    assert whole(ENGLISH, text=paragraphs(ENGLISH, 0, 3) + see + paragraphs(ENGLISH, 3))


def test_the_word_for_the_writer_below_the_headline_is_no_text() -> None:
    assert whole(ENGLISH, header="<p>Words: Rosa Quill</p>")


def test_a_long_notice_behind_the_words_that_end_a_text() -> None:
    notice = "声明：" + "云泽在线所刊登的内容出于传递信息的目的，读者据此操作风险自担。" * 9
    assert whole(CHINESE, inside=f"<p>网友评论</p><p>{notice}</p>")


def test_paragraphs_in_boxes_of_their_own_go_on_behind_a_box_of_links() -> None:
    boxes = [f"<div class=para>{paragraphs(CHINESE, n, n + 1)}</div>" for n in range(5)]
    box = f"<div><h4>相关阅读</h4>{links(CHINESE)}</div>"
    assert whole(CHINESE, text="".join([*boxes[:3], box, *boxes[3:]]))
    assert whole(CHINESE, text=paragraphs(CHINESE, 0, 4) + box + f"<div><p>{body(CHINESE).split()[-1]}</p></div>")


def test_a_box_inside_a_text_has_two_links_at_least() -> None:
    entries = "<li><a href=/1.html>老粮站改成社区食堂</a></li><li><a href=/2.html>停车场先付后停</a></li>"
    box = f"<div><h4>相关阅读</h4><ul>{entries}</ul></div>"
    assert whole(CHINESE, text=paragraphs(CHINESE, 0, 4) + box + paragraphs(CHINESE, 4))


def test_entries_of_a_list_go_on_behind_a_box_of_links() -> None:
    stops = [f"<li>第{n}站 槐树岭</li>" for n in range(9)]
    text = f"{paragraphs(CHINESE)}<ul>{''.join(stops[:5])}<li><div><h4>相关阅读</h4>{links(CHINESE)}</div></li>"
    fields = framed(CHINESE, "boxes", HEADERS[CHINESE], text=f"{text}{''.join(stops[5:])}</ul>")
    assert (fields.body or "").endswith("第8站 槐树岭")


def test_what_follows_a_box_of_links_in_another_shape_is_not_of_the_text() -> None:
    box = f"<div><h4>相关阅读</h4>{links(CHINESE)}</div>"
    assert whole(CHINESE, inside=f"{box}<section><em>云泽在线每天早上七点送到你的手机，全年免费。</em></section>")


def test_a_box_of_links_below_a_summary_does_not_hide_it() -> None:
    summary = "Forty passengers now decide when the last bus leaves."
    header = f"{HEADERS[ENGLISH]}<div class=sub><h2>{summary}</h2><h3>Related articles</h3>{links(ENGLISH)}</div>"
    assert (framed(ENGLISH, "boxes", header).body or "").split("\n\n")[0] == summary


def test_sections_of_a_text_may_repeat_most_of_it() -> None:
    kinds = ("城区", "乡村", "车站", "码头")
    sections = "".join(
        f"<p>{kind}的站牌由{kind}公司负责换装，今年年底前完成。</p>{paragraphs(CHINESE, 1)}" for kind in kinds
    )
    fields = framed(CHINESE, "boxes", HEADERS[CHINESE], text=paragraphs(CHINESE, 0, 1) + sections)
    assert (fields.body or "").count("年底前完成") == len(kinds)


@pytest.mark.parametrize("second", ["{0}", "<div class=phone>{0}</div>"])
def test_a_copy_of_the_text_is_left_out(second: str) -> None:
    assert whole(CHINESE, text=f"<div>{paragraphs(CHINESE)}</div>" + second.format(paragraphs(CHINESE)))


@pytest.mark.parametrize("label", ["作者", "供稿单位"])
def test_a_label_below_the_text_takes_its_value_with_it(label: str) -> None:
    assert whole(CHINESE, inside=f"<div class=group><label>{label}：</label><div class=value>新闻中心</div></div>")


@pytest.mark.parametrize(
    "note",
    [
        "打印本页 | 关闭窗口",
        "【打印】【关闭窗口】",
        "来源:云泽日报  作者:厉洁 肖林",
        "“掌”握云泽鲜闻 （扫描左侧二维码关注）",
        "更多交通消息！欢迎扫描下方二维码下载客户端",
    ],
)
def test_notes_below_the_text(note: str) -> None:
    assert whole(CHINESE, inside=f"<p>{note}</p>")


OTHER = "".join(f"<p>{text}</p>" for text in REMARKS * 2)


@pytest.mark.parametrize("tag", ["h1", "h2"])
def test_another_article_below_one_whose_headline_is_of_a_lower_rank(tag: str) -> None:
    assert framed(
        CHINESE,
        "nameless",
        HEADERS[CHINESE],
        after=f"<div><{tag}>江滩公园的夜灯换成了暖色</{tag}><i>2026-03-02</i><div>{OTHER}</div></div>",
    ).body == body(CHINESE)


@pytest.mark.parametrize("header", ["2026-03-02 08:00", "来源：云泽晚报 2026-03-02", "发布时间：2026年3月2日"])
def test_another_article_whose_headline_is_of_a_lower_rank(header: str) -> None:
    other = f"<section><h3>江滩公园的夜灯换成了暖色</h3><p>{header}</p>{OTHER}</section>"
    assert whole(CHINESE, after=other)


def test_headings_of_the_first_rank_in_boxes_head_the_parts_of_a_text() -> None:
    parts = [f"<div><h1>第{n}批站牌装在哪里</h1>{paragraphs(CHINESE, n, n + 1)}</div>" for n in range(1, 5)]
    fields = framed(CHINESE, "boxes", HEADERS[CHINESE], text="".join([paragraphs(CHINESE, 0, 1), *parts]))
    assert (fields.body or "").count("批站牌装在哪里") == len(parts)
    other = f"<div><h1>江滩公园的夜灯换成了暖色</h1><div>{OTHER}</div></div>"
    assert framed(CHINESE, "boxes", HEADERS[CHINESE], after=other).body == body(CHINESE)


@pytest.mark.parametrize(("name", "another"), [("t", True), ("s", False)])
def test_a_flat_page_has_another_article_where_the_headings_are_named_alike(name: str, *, another: bool) -> None:
    flat = f"<h2 class=t>{CHINESE}</h2>{HEADERS[CHINESE]}{paragraphs(CHINESE)}"
    second = f"<h2 class={name}>江滩公园的夜灯换成了暖色</h2><div>2026-03-02 08:00</div>{OTHER}"
    markup = f"<html lang=zh><title>{CHINESE}_云泽在线</title><body><div>{flat}{second}</div>"
    page = Page(markup.encode(), url="http://www.yunze.example/zhcs/4471.html", fetched_at=NOW, charset="utf-8")
    assert (fields_of(page).body == body(CHINESE)) is another


def test_another_article_below_a_text_without_a_headline() -> None:
    other = f"<div><h1>江滩公园的夜灯换成了暖色</h1><div>2026-03-02 08:00</div><div>{OTHER}</div></div>"
    text = f"<html lang=zh><title>云泽在线</title><body><div><div>{paragraphs(CHINESE)}</div>{other}</div>"
    page = Page(text.encode(), url="http://www.yunze.example/zhcs/4471.html", fetched_at=NOW, charset="utf-8")
    assert fields_of(page).body == body(CHINESE)


@pytest.mark.parametrize("heading", ["Read more", "Related articles", "More on this story"])
def test_an_english_box_of_links_inside_the_text(heading: str) -> None:
    box = f"<div><h4>{heading}</h4>{links(ENGLISH)}</div>"
    assert whole(ENGLISH, text=paragraphs(ENGLISH, 0, 2) + box + paragraphs(ENGLISH, 2))


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        (CHINESE, "未经许可转载他人文章要付赔偿，法院去年判了九件。"),
        (CHINESE, "免责声明四个字写在站牌背面，谁也看不见。"),
        (CHINESE, "分享到朋友圈的照片里，站牌的蓝光格外显眼，点赞的有三千人。"),
        (CHINESE, "网友可以拨打举报电话12345反映站牌损坏，值班员会在两小时内回复。"),
        (ENGLISH, "All rights reserved for the last bus were sold in 1987, to a firm that no longer exists."),
        (ENGLISH, "Subscribe to nothing, the baker told the panel, until the small print has been read twice."),
    ],
)
def test_a_sentence_that_begins_like_a_notice_between_paragraphs_is_text(title: str, sentence: str) -> None:
    text = paragraphs(title, 0, 2) + f"<p>{sentence}</p>" + paragraphs(title, 2)
    assert all(sentence in (framed(title, frame, HEADERS[title], text=text).body or "") for frame in FRAMES)


@pytest.mark.parametrize(
    "notice",
    [
        "未经本网许可，请勿转载，违者必究。",
        "声明：转载文章如有侵权，请联系我们删除。",
        "扫码关注微信公众号",
    ],
)
def test_a_notice_that_speaks_for_the_site_is_none(notice: str) -> None:
    assert whole(CHINESE, text=paragraphs(CHINESE, 0, 2) + f"<p>{notice}</p>" + paragraphs(CHINESE, 2))


def test_tags_that_are_links_are_no_paragraph_and_a_paragraph_of_links_is_one() -> None:
    assert whole(ENGLISH, inside=f"<p>{TAGS}</p>")
    linked = "The <a href=/1>Anchor</a>, the <a href=/2>Bell</a>, the <a href=/3>Crown</a> and the <a href=/4>Dog</a>."
    read = framed(ENGLISH, "boxes", HEADERS[ENGLISH], inside=f"<p>{linked}</p>").body or ""
    assert read.endswith("the Crown and the Dog.")


def test_a_bar_of_tools_above_the_text_is_none_of_it() -> None:
    assert whole(ENGLISH, header=BARS)


@pytest.mark.parametrize("frame", list(FRAMES))
def test_comments_with_their_heading_are_no_text(frame: str) -> None:
    remarks = "".join(
        f"<li><b>读者</b> <i>{at}</i><p>{text}</p></li>" for at, text in zip(MOMENTS, REMARKS, strict=True)
    )
    assert framed(
        CHINESE, frame, HEADERS[CHINESE], inside=f"<div><h3>网友说</h3><ul>{remarks}</ul></div>"
    ).body == body(CHINESE)
    days = ("11 March 2026 at 10:02", "11 March 2026, 10:40", "March 12, 2026 at 07:30")
    remarks = "".join(
        f"<li><b>Anon</b> <i>{at}</i><p>{text}</p>" for at, text in zip(days, ENGLISH_REMARKS, strict=True)
    )
    inside = f"<div><h3>3 thoughts</h3><ol>{remarks}</ol></div>"
    assert framed(ENGLISH, frame, HEADERS[ENGLISH], inside=inside).body == body(ENGLISH)


@pytest.mark.parametrize("heading", list(TITLED))
@pytest.mark.parametrize("frame", ["boxes", "nameless"])
def test_what_stands_in_the_heading_beside_the_headline(heading: str, frame: str) -> None:
    assert framed(CHINESE, frame, HEADERS[CHINESE], heading=heading.format(CHINESE)).title == CHINESE


def test_a_day_that_a_title_of_the_page_has_belongs_to_the_headline() -> None:
    dated = f"{CHINESE}（2026年3月11日）"
    head = f"<meta property=og:title content='{dated}'>"
    assert framed(CHINESE, "boxes", HEADERS[CHINESE], heading=dated, head=head).title == dated


@pytest.mark.parametrize("frame", list(FRAMES))
@pytest.mark.parametrize("again", ["<h2>{0}</h2>", "<p><b>{0}</b></p>", "<h3>{0}</h3>"])
def test_the_headline_said_again_within_the_text(frame: str, again: str) -> None:
    for title in (CHINESE, ENGLISH):
        text = paragraphs(title, 0, 3) + again.format(title) + paragraphs(title, 3)
        fields = framed(title, frame, HEADERS[title], text=text)
        assert fields.title == title
        assert all(paragraph in (fields.body or "") for paragraph in body(title).split("\n\n"))


def test_the_header_line_may_stand_below_the_headline_said_again() -> None:
    again = f"<h2>{CHINESE}</h2><p>摄影：王小明 编辑：陈小红 2026-03-11 09:41:27</p>"
    fields = framed(CHINESE, "boxes", "", inside=again)
    assert fields.published_at == "2026-03-11T09:41:27+08:00"


def test_the_publisher_in_json_ld_is_no_author() -> None:
    said = (
        '{"@type":"NewsArticle","author":{"name":"The Pellmouth Packet"},"publisher":{"name":"The Pellmouth Packet"}}'
    )
    head = f"<script type=application/ld+json>{said}</script>"
    assert framed(ENGLISH, "boxes", HEADERS[ENGLISH], head=head).author is None


@pytest.mark.parametrize("frame", list(FRAMES))
@pytest.mark.parametrize(
    "appeal",
    [
        "Follow the Packet on Facebook and sign up for our weekly newsletter.",
        "Get the best of the Packet in your inbox every morning. Sign up for our newsletter.",
    ],
)
def test_an_appeal_to_readers_is_no_text(frame: str, appeal: str) -> None:
    for text in (paragraphs(ENGLISH, 0, 2) + f"<p>{appeal}</p>" + paragraphs(ENGLISH, 2), None):
        inside = "" if text else f"<p><em>{appeal}</em></p>"
        assert framed(ENGLISH, frame, HEADERS[ENGLISH], text=text, inside=inside).body == body(ENGLISH)


@pytest.mark.parametrize("frame", list(FRAMES))
def test_a_notice_of_short_paragraphs_is_whole(frame: str) -> None:
    short = (
        "各有关单位：",
        "根据市政府工作安排，现将有关事项通知如下：",
        "一、更换时间为三月十二日至四月三十日。",
        "特此通知。",
    )
    fields = framed(CHINESE, frame, HEADERS[CHINESE], text="".join(f"<p>{text}</p>" for text in short))
    assert fields.body == "\n\n".join(short)


@pytest.mark.parametrize("frame", list(FRAMES))
def test_one_short_sentence_below_a_long_headline_is_the_text(frame: str) -> None:
    sentence = "The N2 will not call at Quay Street on Friday."
    assert framed(ENGLISH, frame, HEADERS[ENGLISH], text=f"<p>{sentence}</p>").body == sentence


def test_the_moment_behind_the_headline_is_that_of_publication() -> None:
    fields = framed(CHINESE, "nameless", "", heading=f"{CHINESE} <font size=2>2026/03/11 09:41:27</font>")
    assert fields.published_at == "2026-03-11T09:41:27+08:00"


@pytest.mark.parametrize("mark", ["&gt;", "»"])
def test_a_link_that_only_points_on_leads_from_a_further_page_only_where_that_is_known(mark: str) -> None:
    def linking(here: str, there: str) -> Page:
        markup = f"<h1>{CHINESE}</h1><div>{paragraphs(CHINESE)}<p><a href=/n/{there}.html>{mark}</a></p></div>"
        return Page(markup.encode(), url=f"http://yunze.example/n/{here}.html", fetched_at=NOW)

    further = linking("1234_2", "1234_3")
    assert (next_page(further), next_page(further, further=True)) == (None, "http://yunze.example/n/1234_3.html")
    first = linking("1234", "1234_2")
    assert next_page(first) == next_page(first, further=True) == "http://yunze.example/n/1234_2.html"
    assert next_page(linking("1234", "1235"), further=True) is None
