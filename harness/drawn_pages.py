"""Pages drawn by chance from what portals put on theirs, and what extraction makes of each, as it was recorded.

    python -m harness.drawn_pages

writes the record (drawn-pages.txt and drawn-values.txt in tests/fixtures) again; its difference in version control says
how many values of how many pages a change has moved. Nobody has judged the values one by one: they hold what no other
test does.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from crawler.article import Refusal
from crawler.extraction import Fields, Page, count_pages, counter, explain, extract, next_page, render, structure
from harness import drawn_values

_FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures"
RECORD, VALUES = _FIXTURES / "drawn-pages.txt", _FIXTURES / "drawn-values.txt"
COUNT = 400
NOW = datetime(2024, 5, 20, 4, tzinfo=UTC)
_TITLES = (
    "滨江三百二十处路口换上新信号灯",
    "北岸水厂昨夜完成管网并网",
    "关于公布数据目录的通知",
    "【独家】渡口老人的四十年",
    "Riverside switches on adaptive signals for the ring road",
    "Harbour bridge to close for three nights",
)
_HAN = (
    "滨江市数据局第{}批路口已换上会自己配时的信号灯，早高峰平均等候时间缩短了四分之一。",
    "施工队在江堤下挖了{}天，每天只能在退潮后的四个小时里干活，挖出来的泥要用小船运到对岸。",
    "住在东门外的退休教师秦允之说，以前{}楼的水要半夜才上得来，今早她头一回在七点钟洗了菜。",
    "“第{}条管线的图纸已经画好”，水厂表示，等枯水期一到就动工，费用由市里和水厂各出一半。",
    "三、拨打举报电话。同一处漏水报了{}次仍没有人来，可以打市里的举报电话，一周之内会有书面的答复。",
)
_LATIN = (
    "The {} part of the plan was approved on Monday, and officials said that it should cut waiting times.",
    "Nobody had counted the {} days of ice before that winter, said the engineer who wrote the list by hand.",
    "Cookies were sold at all {} stands of the fair, and the website of the council had the list by noon.",
    "“We waited {} hours for the ferry,” the teacher said; it never came, and so they walked over the bridge.",
)
_HEADERS = (
    "<div class=info>2024-05-11 08:42:10 来源：北岸早报 作者：王小明 浏览：{n}</div>",
    "<div>发布时间：2024年5月{d}日 9:05 <span>责任编辑：李雪</span> <span>点击：{n}次</span></div>",
    "<p>成文日期：2024-05-08 发布日期：2024-05-{d} 15:02</p><p>滨江日报</p>",
    "<div><span class=source>滨江日报</span><span class=author>王小明</span><time datetime='2024-05-"
    "{d}T08:00:00+08:00'>5月{d}日</time></div>",
    "<table><tr><td>来源</td><td>滨江晚报</td><td>日期</td><td>2024-05-{d}</td></tr></table>",
    "<div>{d}<br>2024-05</div>",
    "<div>3小时前 阅读 {n}</div>",
    "<p>05-{d} 10:20</p>",
    "<p>By <a rel=author href=/p/doe>Jane Doe</a> and John Roe | May {d}, 2024 10:15 AM EST</p>",
    "<div class=byline>Jane Doe, Health Editor</div><div>Published: {d}/05/2024 | Updated: 14 May 2024 9:20pm</div>",
    "<p>Posted on {d} May 2024 by admin &middot; {n} views</p>",
    "<div>03.05.24</div>",
    "<div class=share-bar><a href=#>微博</a> <a href=#>微信</a></div><p>王小明</p>",
    "<span class='icon-eye'></span><span>{n}</span> <em>2024-05-{d}</em>",
    "<p>文｜王小明　编辑｜李雪</p>",
    "<p>【记者王小明／滨江报導】</p>",
    "<div>2024-05-{d} 08:42:32{n} 滨江网</div>",
    "<p>滨江民报 (2024-05-{d} 18:26)</p>",
    "<div>人气：{n} 文章：12 粉丝 88</div>",
    "",
)
_INSETS: tuple[str, ...] = (
    "<div><b>相关新闻</b><ul><li><a href=/1.html>江堤下的九天</a><li><a href=/2.html>水压表的故事</a></ul></div>",
    "<figure><img src=/i/{n}.jpg><figcaption>江堤上的施工队。王小明摄</figcaption></figure>",
    "<p><img data-original=/i/b{n}.png src=/blank.gif alt='江边的信号灯'></p><p>图为新的信号灯</p>",
    "<table><tr><th>路口</th><th>等候</th></tr><tr><td>东门</td><td>{n}秒</td></tr><tr><td>西门</td><t"
    "d>9秒</td></tr></table>",
    "<blockquote><p>水来了，人就来了。</p></blockquote>",
    "<ul><li>第一条 修灯</li><li>第二条 修路</li></ul>",
    "<h2>一、为什么换灯</h2>",
    "<h3>More on this topic</h3><ul><li><a href=/m/1>Signals of the past, a history</a></ul>",
    "<pre>for i in range({n}):\n    lamp(i)</pre>",
    "<p><strong>水厂</strong>说：<em>快了</em>。<a href=/b/{n}>目录</a></p>",
    "<div class=ad>广告：买灯送泡，三天包换。</div>",
    "<p style='display:none'>隐藏的一句话在这里，没有人看得见它的内容。</p>",
    "<p>附件：<a href=/f/list{n}.xlsx>目录.xlsx</a></p>",
    "<p>（记者 王小明）</p>",
    "<p>微信扫一扫 分享到朋友圈</p>",
    "<div class='relative related'><p>这一段在名字奇怪的盒子里，但它仍然是正文的一部分，读者都能看见。</p></div>",
)
_TAILS: tuple[str, ...] = (
    "<p>责任编辑：李雪</p>",
    "<p>版权声明：未经本网授权，不得转载本网的任何文字和图片。</p>",
    "<p>上一篇：<a href=/n/6.html>江桥开工</a></p><p>下一篇：<a href=/n/8.html>没有了</a></p>",
    "<p><a href=/n/6.html>上一篇稿件</a> <a href=/n/8.html>下一篇：桥头的书店搬家</a></p>",
    "<div><h3>相关阅读</h3><ul><li><a href=/a/1.html>江堤下的路灯修好了三十盏</a><li><a href=/a/2.htm"
    "l>数据局公布维修电话</a></ul></div>",
    "<div><h4>热点推荐</h4><ol><li><a href=/h/1>十大热点新闻之一</a><li><a href=/h/2>十大热点新闻之二</a></ol></div>",
    "<div class=pages><a href=7.html>1</a> <a href=7_2.html>2</a> <a href=7_3.html>3</a> <a href=7_2."
    "html>下一页</a></div>",
    "<div>共3页 <b>1</b> <a href='?page=2'>2</a> <a href='?page=3'>3</a></div>",
    "<script>createPageHTML(3, 0, '7', 'html');</script>",
    "<script>document.write('<script src=/e/public/ViewClick/?classid=1&id={n}&addclick=1></'+'script>')</script>",
    '<script>var art = {{"title": "{t}", "views": {n}, "pubTime": "2024-05-{d} 07:30:00"}};</script>',
    "<ul>{teasers}</ul>",
    "<div id=c>{comments}</div>",
    "<div class=tags>标签：<a href=/t/1>路灯</a> <a href=/t/2>水厂</a></div>",
    "<div><h1>渡口老人的四十年</h1><div>2024-03-01</div><p>渡口还在的时候，江上有七条船，他的那"
    "条排在第四，谁都认得。</p><p>如今桥修好了，船都拖上了岸，他还是每天去江边走一走，看看水位"
    "，记在本子上。</p></div>",
    "<footer><p><a href=/about>关于我们</a> <a href=/map>Site Map</a></p><p>版权所有 滨江新闻网 备案"
    "号12345</p></footer>",
    "<noscript>请打开脚本</noscript>",
    "<form>登录<input type=password></form>",
)
_HEADS: tuple[str, ...] = (
    "<meta name=keywords content='路灯,水厂'>",
    "<meta property='og:title' content='{t}'>",
    "<meta property='og:type' content=article>",
    "<meta name=author content='Jane Doe'>",
    "<meta property='article:published_time' content='2024-05-{d}T00:42:10Z'>",
    "<meta property='article:modified_time' content='2024-05-14T02:00:00Z'>",
    "<link rel=canonical href=https://www.example.cn/n/7.html>",
    "<base href=https://www.example.cn/n/>",
    "<meta name=publishdate content='2024-05-{d}'>",
    "<meta property='og:site_name' content='滨江新闻网'>",
    '<script type=application/ld+json>{{"@type":"NewsArticle","headline":"{t}","datePublished":"2024-'
    '05-{d}T08:42:10+08:00","author":[{{"name":"Jane Doe"}},{{"name":"王小明"}}],"publisher":{{"name":"滨'
    '江新闻网"}}}}</script>',
    '<script type=application/ld+json>{{"@type":"BreadcrumbList","itemListElement":[{{"name":"要闻"}},{'
    '{"name":"城建"}}]}}</script>',
)
_CRUMBS = (
    "<div class=crumb><a href=/>首页</a> &gt; <a href=/y/>要闻</a> &gt; 正文</div>",
    "<p>当前位置：首页 | 城建 | 稿件</p>",
    "",
)
_URLS = (
    "https://www.example.cn/n/7.html",
    "https://www.example.cn/2024/05/11/7.html",
    "https://www.example.cn/",
    "https://www.example.cn/zt/deng/",
    "https://www.example.com/blog/signals-for-the-ring-road/",
    "http://www.example.cn/show.php?id=70531",
)


def draw(number: int) -> Page:
    """The page *number*: the same in every process."""
    rng = random.Random(number)
    pick = rng.choice

    def some(of: Sequence[str], most: int) -> list[str]:
        return rng.sample(of, rng.randint(0, most))

    title = pick(_TITLES)
    words = {"n": rng.randint(2, 40_000), "d": rng.randint(10, 19), "t": title}
    sentences = _LATIN if title.isascii() else _HAN
    paragraphs = [pick(sentences).format(rng.randint(2, 99)) for _ in range(rng.randint(0, 9))]
    teasers = "".join(
        f"<li><h3><a href=/s/{n}>第{n}路公交改走江桥新线</a></h3><p>{pick(_HAN).format(n)}</p>" for n in range(8)
    )
    comments = "".join(f"<dl><dt>2024/05/11 1{n}:20 读者{n}<dd>{pick(_HAN).format(n)}</dl>" for n in range(4))
    document = pick(["{t}_滨江新闻网", "{t} | The Riverside Post", "{t}", "滨江新闻网", "要闻_{t}_频道_滨江新闻网"])
    heading = pick(["<h1>{t}</h1>", "<h2 class=title>{t}</h2>", "<div class=bt>{t}</div>", "<p>{t}</p>", "",
                    "<h1><a href=/n/7.html>{t}</a></h1>", "<h1>{t}<span>（2024-05-11）</span></h1>"])  # fmt: skip
    wrap: Callable[[str], str] = pick([
        lambda text: f"<p>{text}</p>", lambda text: f"<div>{text}</div>", lambda text: f"{text}<br><br>",
        lambda text: f"<p class='share mb-4'>{text}</p>", lambda text: f"<section><p>{text}</p></section>",
    ])  # fmt: skip
    parts = [wrap(text) for text in paragraphs]
    for inset in some(_INSETS, 4):
        parts.insert(rng.randint(0, len(parts)), inset.format(**words))
    header = "".join(each.format(**words) for each in rng.sample(_HEADERS, rng.randint(1, 3)))
    box = pick(["<div class=content>{}</div>", "<article>{}</article>", "<div>{}</div>", "<table><tr><td>{}</table>"])
    tail = "".join(each.format(**words, teasers=teasers, comments=comments) for each in some(_TAILS, 6))
    head = "".join(each.format(**words) for each in some(_HEADS, 5))
    source = (
        f"<html lang={pick(['zh-CN', 'en', 'en-US'])}><head><meta charset=utf-8>"
        f"<title>{document.format(**words)}</title>"
        f"{head}</head><body><ul><li><a href=/>首页</a><li><a href=/y/>要闻</a></ul>{pick(_CRUMBS)}"
        f"{heading.format(**words)}{header}{box.format(''.join(parts))}{tail}</body></html>"
    )
    zone = pick(["Asia/Shanghai", "Europe/London", None])
    return Page(source.encode(), url=pick(_URLS), fetched_at=NOW, charset="utf-8", timezone=zone)


def values(number: int) -> dict[str, object]:
    """Everything that extraction says of the page *number*, by name."""
    page = draw(number)
    found = extract([page])
    said: dict[str, object] = {"next": next_page(page), "pages": count_pages(page), "counter": counter(page)}
    if isinstance(found, Refusal):
        return said | {"refused": found.reason}
    text, explained = structure([page]), explain(page)
    assert not isinstance(text, Refusal)
    said |= {field.name: getattr(found, field.name) for field in fields(Fields)}
    return said | {"markdown": render(text, "markdown"), "html": render(text, "html"), "explained": explained}


def line(number: int) -> str:
    """The record of the page *number*: its values by name, each as the beginning of a digest."""
    return f"{number} " + " ".join(f"{name}={_digest(value)}" for name, value in sorted(values(number).items()))


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def value_line(number: int) -> str:
    """The record of what crawler.values reads in the drawn texts of *number*."""
    return f"{number} {_digest(drawn_values.drawn(number))}"


def main() -> int:
    RECORD.write_text("".join(f"{line(number)}\n" for number in range(COUNT)), "utf-8")
    VALUES.write_text("".join(f"{value_line(number)}\n" for number in range(drawn_values.COUNT)), "utf-8")
    sys.stdout.write(f"{RECORD} and {VALUES} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
