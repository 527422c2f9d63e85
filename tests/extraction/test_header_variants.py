"""Header lines of Chinese and English pages in several frames: every value, and nothing that is none."""

from __future__ import annotations

from typing import Any

import pytest

from harness.page_variants import CHINESE, ENGLISH, FRAMES, body, framed

CHINESE_HEADERS: dict[str, dict[str, object]] = {
    "<div class=i>2026-03-11 09:41:27 来源：云泽晚报 作者：黎漱石 浏览：1204次</div>":
        {"source": "云泽晚报", "author": "黎漱石", "published_at": "2026-03-11T09:41:27+08:00", "view_count": 1204},
    "<div class=i><span>云泽晚报</span> <span>2026-03-11 09:41:27</span> <span>仇玉芬</span></div>":
        {"source": "云泽晚报", "published_at": "2026-03-11T09:41:27+08:00", "author": "仇玉芬"},
    "<div class=i><span>仇玉芬</span><span>2026年03月11日 09:41</span><span>阅读 1.2万</span></div>":
        {"author": "仇玉芬", "published_at": "2026-03-11T09:41:00+08:00", "view_count": 12000},
    "<div><a href=/u/88>漱石听涛</a> 发表于 2026-03-11 09:41</div>":
        {"author": "漱石听涛", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>由 漱石听涛 发布于 2026-03-11 09:41 | 1,204 次阅读</div>":
        {"author": "漱石听涛", "published_at": "2026-03-11T09:41:00+08:00", "view_count": 1204},
    "<div>【云泽日报】（2026-03-11 09:41） 记者 黎漱石</div>":
        {"source": "云泽日报", "author": "黎漱石", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>发布时间：2026-03-11 09:41:27　信息来源：云泽市交通局　<a href=javascript:>【打印】</a> <a href=javascrip"
    "t:>【关闭】</a> 字体：【<a>大</a> <a>中</a> <a>小</a>】</div>":
        {"source": "云泽市交通局", "published_at": "2026-03-11T09:41:27+08:00", "author": None},
    "<div>稿件来源： 云泽发布 | 作者：黎漱石、仇玉芬 | 发布时间： 2026-03-11 | 浏览次数： 1204 次</div>":
        {"source": "云泽发布", "author": "黎漱石、仇玉芬", "published_date": "2026-03-11", "view_count": 1204},
    "<ul><li>日期：2026-03-11</li><li>来源：云泽发布</li><li>作者：黎漱石</li><li>点击：1204</li></ul>":
        {"source": "云泽发布", "author": "黎漱石", "published_date": "2026-03-11", "view_count": 1204},
    "<div><i class=icon-user></i>漱石听涛 <i class=icon-time></i>2026-03-11 <i class=icon-eye></i"
    ">1204 <i class=icon-comment></i>17</div>":
        {"author": "漱石听涛", "published_date": "2026-03-11", "view_count": 1204},
    "<div>09:41 2026/03/11 云泽商报</div>": {"source": "云泽商报", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>2026年3月11日09时41分 来源：<a href=http://www.x.example/>云泽广播电视台</a> <a href=#c>我要评论</a></"
    "div>":
        {"source": "云泽广播电视台", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>来源：云泽发布<em>分享到：</em><a>微信</a><a>微博</a> 2026-03-11 09:41</div>":
        {"source": "云泽发布", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>来源：云泽发布 77人参与 12评论 2026-03-11 09:41</div>":
        {"source": "云泽发布", "published_at": "2026-03-11T09:41:00+08:00", "view_count": None},
    "<div>作者：阿肯 類別：觀察 清單瀏覽數：30 2026-03-11 09:41</div>":
        {"author": "阿肯", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>責任編輯：黎漱石 ｜ 撰文：仇玉芬 ｜ 出版：2026-03-11 09:41</div>":
        {"author": "仇玉芬", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>記者黎漱石／雲澤報導</div><div>2026/03/11 09:41</div>":
        {"author": "黎漱石", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>雲澤民報 黎漱石 2026-03-11 09:41</div>":
        {"source": "雲澤民報", "author": "黎漱石", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>2026-03-11 09:41 云泽财经网 黎漱石</div>":
        {"source": "云泽财经网", "author": "黎漱石", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>云泽财经网 黎漱石 2026-03-11 09:41</div>":
        {"source": "云泽财经网", "author": "黎漱石", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>2026-03-11 09:41 来源:云泽财经网 编辑:仇玉芬</div>":
        {"source": "云泽财经网", "author": None, "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>来源：云泽市政府网站 阅读：1204 发布：2026-03-11</div>":
        {"source": "云泽市政府网站", "view_count": 1204, "published_date": "2026-03-11"},
    "<div>云泽政务网 评论（17） 2026-03-11 09:41</div>":
        {"source": "云泽政务网", "published_at": "2026-03-11T09:41:00+08:00", "view_count": None},
    "<div><span class=source>云泽政务网</span><span class=time>2026-03-11 09:41:27</span><span cla"
    "ss=pv>1204阅读</span></div>":
        {"source": "云泽政务网", "published_at": "2026-03-11T09:41:27+08:00", "view_count": 1204},
    "<div><span>昨天 09:41</span></div>": {"published_at": "2026-03-19T09:41:00+08:00"},
    "<div>3小时前 · 来自 云泽客户端</div>": {"source": "云泽客户端"},
    "<div>更新时间：2026-03-15 10:00 发布时间：2026-03-11 09:41</div>": {"published_at": "2026-03-11T09:41:00+08:00"},
    "<div>索引号：YZ-2026-0031　成文日期：2026-03-02　发布日期：2026-03-11　发布机构：云泽市交通局</div>":
        {"published_date": "2026-03-11"},
    "<div>www.yunze-online.example  2026-03-11 09:41  来源：</div>":
        {"source": None, "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>2026-03-11　来源：本站　作者：admin　点击：1204</div>":
        {"author": None, "published_date": "2026-03-11", "view_count": 1204},
    "<div>[日期：2026-03-11] 来源：云泽青年报 作者：黎漱石 [字体：<a>大</a> <a>中</a> <a>小</a>]</div>":
        {"source": "云泽青年报", "author": "黎漱石", "published_date": "2026-03-11"},
    "<div>黎漱石/云泽晚报/2026-03-11 09:41</div>":
        {"source": "云泽晚报", "author": "黎漱石", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>时间:2026-03-11 09:41 访问量:<script>document.write('')</script> 来源:交通局办公室</div>":
        {"source": "交通局办公室", "published_at": "2026-03-11T09:41:00+08:00", "view_count": None},
    "<div>本文已被阅读1204次 2026-03-11</div>": {"view_count": 1204, "published_date": "2026-03-11"},
    "<div>关注人气：88 博文：120 访问：99213 2026-03-11 09:41</div>":
        {"view_count": None, "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>点赞 12 收藏 5 转发 3 阅读量 1204 2026-03-11</div>": {"view_count": 1204, "published_date": "2026-03-11"},
    "<div>稿源：云泽新闻网 ｜ 编辑：仇玉芬 ｜ 2026-03-11 09:41:27 ｜ 打印 ｜ 关闭</div>":
        {"source": "云泽新闻网", "author": None, "published_at": "2026-03-11T09:41:27+08:00"},
    "<div>发布人：仇玉芬 发布时间：2026-03-11 09:41 点击次数：1204</div>":
        {"published_at": "2026-03-11T09:41:00+08:00", "view_count": 1204},
    "<div>作者：黎漱石　摄影：仇玉芬　2026-03-11</div>": {"author": "黎漱石", "published_date": "2026-03-11"},
    "<div>撰稿：黎漱石　审核：仇玉芬　2026-03-11</div>": {"author": "黎漱石", "published_date": "2026-03-11"},
    "<div>供稿：交通局办公室　2026-03-11</div>": {"published_date": "2026-03-11"},
    "<div><span>星期三</span> <span>2026.03.11</span> <span>第A03版</span> <span>来源 云泽晚报</span></d"
    "iv>":
        {"source": "云泽晚报", "published_date": "2026-03-11"},
    "<div>2026-03-11 09:41:27.0 云泽新闻</div>": {"published_at": "2026-03-11T09:41:27+08:00"},
    "<div>时间：26-03-11 作者：黎漱石</div>": {"author": "黎漱石", "published_date": "2026-03-11"},
    "<div>阅读(1204) 评论(3) 2026-03-11 09:41 黎漱石</div>":
        {"view_count": 1204, "author": "黎漱石", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>📅 2026-03-11　👁 1204　✍ 黎漱石</div>": {"published_date": "2026-03-11"},
    "<div class=author-info><img src=/a.png><span class=name>黎漱石</span><span class=desc>云泽晚报首"
    "席记者</span></div><div class=t>2026-03-11 09:41</div>":
        {"author": "黎漱石", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>来源： 云泽日报　　作者： 本报记者 黎漱石　　发布时间： 2026-03-11 09:41</div>":
        {"source": "云泽日报", "author": "黎漱石", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>来源：云泽日报 2026年3月11日 星期三 09:41</div>":
        {"source": "云泽日报", "published_at": "2026-03-11T09:41:00+08:00"},
    "<div>来源：新华网-云泽频道 2026-03-11</div>": {"source": "新华网-云泽频道", "published_date": "2026-03-11"},
    "<div>来源：云泽日报（数字报） 时间：2026-03-11</div>":
        {"source": "云泽日报(数字报)", "published_date": "2026-03-11"},
    "<div><a href=/author/1>黎漱石</a><a href=/author/2>仇玉芬</a> 2026-03-11</div>":
        {"author": "黎漱石、仇玉芬", "published_date": "2026-03-11"},
}  # fmt: skip

ENGLISH_HEADERS: dict[str, dict[str, object]] = {
    "<p class=byline>By <a href=/people/rosa>Rosa Tennick</a></p><p>11 March 2026</p>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div class=meta>March 11, 2026 | Rosa Tennick</div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div class=post-meta>Posted on <time datetime=2026-03-11T08:00:00Z>March 11, 2026</time>"
    " by <span class=vcard>Rosa Tennick</span> in <a href=/news/>News</a></div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div>By ROSA TENNICK, Transport Correspondent</div><div>Published: 08:15, 11 March 2026 "
    "| Updated: 10:40, 12 March 2026</div>":
        {"author": "ROSA TENNICK", "published_date": "2026-03-11"},
    "<div class=author><img src=/r.jpg><a href=/author/rosa-tennick>Rosa Tennick</a><span>Sta"
    "ff writer</span></div><time>Mar 11, 2026</time>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div>Words by Rosa Tennick, photographs by Ned Garrow</div><div>11.03.26</div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div>Rosa Tennick and Ned Garrow<br>Wed 11 Mar 2026 08.15 GMT</div>": {"published_date": "2026-03-11"},
    "<div><span class=art-auth>Rosa Tennick</span><span>·</span><span>5 min read</span><span>"
    "·</span><span>Mar 11, 2026</span></div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div>Last updated: 14 March 2026. First published: 11 March 2026</div>": {"published_date": "2026-03-11"},
    "<div>Share Tweet Email Print</div><div>By Rosa Tennick | The Pellmouth Packet</div><div>"
    "March 11, 2026 at 8:15 a.m. EST</div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div>Submitted by rtennick on Wed, 03/11/2026 - 08:15</div>": {"published_date": "2026-03-11"},
    "<div class=info><b>Author:</b> Rosa Tennick <b>Date:</b> 11 March 2026 <b>Views:</b> 1,2"
    "04</div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11", "view_count": 1204},
    "<div>1730 GMT (1830 CET) March 11, 2026</div>": {"published_at": "2026-03-11T17:30:00+00:00"},
    "<div>Wednesday, March 11th, 2026, 8:15 am</div><div>Rosa Tennick, Pellmouth</div>":
        {"published_date": "2026-03-11"},
    "<div>Story by Rosa Tennick</div><div>Updated 12 March 2026</div><div>Published 11 March "
    "2026</div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div><a rel=author href=/rosa>Rosa Tennick</a> <span>|</span> <a href='mailto:rosa@pellm"
    "outhpacket.example'>rosa@pellmouthpacket.example</a></div><div>2026-03-11</div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div>11 Mar 2026, by Rosa Tennick, 1204 views, 3 comments</div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11", "view_count": 1204},
    "<div>Written By: Rosa Tennick - Edited By: Ned Garrow - March 11, 2026</div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div>(Pellmouth, March 11, 2026)</div>": {"published_date": "2026-03-11", "author": None},
    "<div>Reported by Rosa Tennick for the Packet</div><div>11/03/2026 <time datetime=2026-03"
    "-11T08:00></time></div>":
        {"published_date": "2026-03-11"},
    "<div class=contributor>Rosa Tennick, <em>Pellmouth University</em></div><div>Published: "
    "March 11, 2026 8.15am GMT</div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
    "<div>Published March 11, 2026 8:15am <span>•</span> Updated: 2 days ago</div><div class="
    "author-name>Rosa Tennick</div>":
        {"author": "Rosa Tennick", "published_date": "2026-03-11"},
}  # fmt: skip

MORE_CHINESE_HEADERS: dict[str, dict[str, object]] = {
    "<div><span>2026年3月11日 09:41</span><span>·</span><span>字数 1680</span><span>阅读 12分钟</span></div>": {
        "published_at": "2026-03-11T09:41:00+08:00", "view_count": None
    },
    "<div>2026-03-11 字数 1680 阅读 12分钟</div>": {"published_date": "2026-03-11", "view_count": None},
    "<div>2026-03-11 <em>1204</em>人浏览 <em>12</em>人评论</div>": {"view_count": 1204},
    "<div>2026/03/11 09:41　記者 仇玉芬　雲澤時報</div>": {"author": "仇玉芬", "source": "雲澤時報"},
    "<div>来源：《云泽日报》 作者：仇玉芬 时间：2026-03-11</div>": {"source": "《云泽日报》", "author": "仇玉芬"},
    "<div>网站总访问量：8812001　今日访问：1204</div>": {"view_count": None},
    "<div>粉丝 1204 · 2026-03-11</div>": {"published_date": "2026-03-11", "view_count": None},
    "<div>截至2026年3月20日 发布：2026-03-11</div>": {"published_date": "2026-03-11"},
}  # fmt: skip

MORE_ENGLISH_HEADERS: dict[str, dict[str, object]] = {
    "<div>Rosa Tennick in Pellmouth</div><div>Wed 11 Mar 2026</div>": {"author": "Rosa Tennick"},
    "<div>Rosa Tennick <span>@rtennick</span></div><div>Mar 11, 2026</div>": {"author": "Rosa Tennick"},
    "<div>Text: Rosa Tennick / Photos: Ned Garrow</div><div>11 March 2026</div>": {"author": "Rosa Tennick"},
    "<div>Text: Old Harbour</div><div>11 March 2026</div>": {"author": None},
    "<div>Guest post by Rosa Tennick</div><div>11 March 2026</div>": {"author": "Rosa Tennick"},
    "<div>A bus on the quay, March 11, 2026. © Agency / Ned Garrow</div>": {"author": None},
    "<div>Mar 11<sup class=th>th</sup>, 2026 2:00 pm | Comments</div>": {"published_date": "2026-03-11"},
    "<div class='entry-meta social-comments'>By Rosa Tennick • 03/11/26 5:19pm</div>": {"author": "Rosa Tennick"},
    "<div>02/03/2026</div><div>Updated: 3 February 2026</div>": {"published_date": "2026-02-03"},
    "<div class=meta><a href=https://post.example/@rosa>Rosa Tennick</a></div><div>Mar 11, 2026</div>": {
        "author": "Rosa Tennick"
    },
    "<div class=meta><a href=https://post.example/@quay>Fish Quay News</a></div><div>Mar 11, 2026</div>": {
        "author": None
    },
    "<div>New York and Cape Cod</div><div>11 March 2026</div>": {"author": None},
}


@pytest.mark.parametrize("header", list(MORE_CHINESE_HEADERS))
def test_more_chinese_header_lines(header: str) -> None:
    fields: Any = framed(CHINESE, "boxes", header)
    assert {name: getattr(fields, name) for name in MORE_CHINESE_HEADERS[header]} == MORE_CHINESE_HEADERS[header]


@pytest.mark.parametrize("header", list(MORE_ENGLISH_HEADERS))
def test_more_english_header_lines(header: str) -> None:
    fields: Any = framed(ENGLISH, "boxes", header)
    assert {name: getattr(fields, name) for name in MORE_ENGLISH_HEADERS[header]} == MORE_ENGLISH_HEADERS[header]


@pytest.mark.parametrize("header", list(CHINESE_HEADERS))
def test_chinese_header_lines(header: str) -> None:
    stated(CHINESE, header, CHINESE_HEADERS[header])


@pytest.mark.parametrize("header", list(ENGLISH_HEADERS))
def test_english_header_lines(header: str) -> None:
    stated(ENGLISH, header, ENGLISH_HEADERS[header])


def stated(title: str, header: str, expected: dict[str, object]) -> None:
    """The header means the same in two of the frames, and neither title nor text hold any of it."""
    frames = list(FRAMES)
    for turn in (len(header) % len(frames), (len(header) + 2) % len(frames)):
        fields: Any = framed(title, frames[turn], header)
        assert {name: getattr(fields, name) for name in expected} == expected
        assert (fields.title, fields.body) == (title, body(title))


@pytest.mark.parametrize(("lines", "author"), [(24, "Rosa Tennick"), (26, None)])
def test_a_header_line_stands_near_below_the_headline(lines: int, author: str | None) -> None:
    between = "".join(f"<p>{'abcdefghijk'[number % 11]}{number} harbour note</p>" for number in range(lines))
    apart = "<p>One more harbour note</p>" * 6  # or it stands directly above the text
    fields = framed(ENGLISH, "boxes", f"{between}<div>By Rosa Tennick, 11 March 2026</div>{apart}")
    assert (fields.author, fields.published_at is None) == (author, author is None)
