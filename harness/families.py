"""Three invented portals: of a DedeCMS kind in GB2312, of a WordPress kind in English, of a government's TRS kind."""

# ruff: noqa: E501 - markup and lists of words, which do not read better when they are cut
from __future__ import annotations

import re
from datetime import datetime
from html import escape

from harness.invented import (
    EN_PLACES,
    EN_WHO,
    WHO,
    Invented,
    Truth,
    articles,
    chinese,
    chunks,
    english,
)  # fmt: skip
from harness.scripted import Answer

COUNT = 44
SIZE = 12


def furniture(found: list[Truth]) -> str:
    """What stands around an article on real pages: a ranking with pictures, partners elsewhere, scripts, hidden menus."""
    ranking = "".join(
        f'<li class="rank{n}"><em>{n}</em><a href="{x.path}" target="_blank"><img src="/t/{x.number}.jpg" alt=""><span>'
        f"{x.title}</span></a><i>{x.views}</i></li>"
        for n, x in enumerate(sorted(found, key=lambda each: -each.views)[:24], 1)
    )
    partners = "".join(
        f'<li><a href="https://partner-{n}.example.org/" target="_blank" rel="nofollow"><span>{place} No. {n}</span></a></li>'
        for n, place in enumerate((EN_PLACES * 12)[:64], 1)
    )
    script = "".join(f'var slot{n}={{"id":"{n * 7919}","size":[{n},250],"lazy":true}};' for n in range(120))
    menus = "".join(
        f'<div class="menu-panel"><h4>{place}</h4><ul>'
        + "".join(
            f'<li class="menu-item"><a href="https://{place[:4].lower().strip()}.example.net/{n}/"><b>{n}</b> {place} desk</a></li>'
            for n in range(1, 9)
        )
        + "</ul></div>"
        for place in EN_PLACES
    )
    return (
        f'<div class="ranking"><h4>TOP</h4><ol>{ranking}</ol></div><div class="friendlink"><ul>{partners}</ul></div>'
        f'<div class="nav-panels" style="display:none">{menus}</div><script>{script}</script>'
    )


# -- DedeCMS: gb2312 declared, columns in columns, articles of several pages, a counter script -----------------------------

_DEDE_COLUMNS = {"jiaotong": "智慧交通", "nengyuan": "智慧能源", "zhengwu": "数字政务"}


def dedecms() -> Invented:
    """Addresses /a/<column>/<YYYYMM>/<id>.html, lists /a/<column>/list_<n>_<page>.html."""
    keys = list(_DEDE_COLUMNS)
    found = articles(
        11, COUNT, "Asia/Shanghai", chinese, WHO,
        lambda n, at, column, title: f"/a/{keys[column]}/{at:%Y%m}/{n}.html", len(keys),
    )  # fmt: skip
    pages: dict[str, Answer] = {}
    around = furniture(found)

    def put(path: str, title: str, main: str) -> None:
        text = _DEDE_LAYOUT.format(title=escape(title), main=main, menu=menu, side=side, around=around)
        pages[path] = Answer(text.encode("gb18030"), headers={"Content-Type": "text/html"})

    menu = "".join(f'<li><a href="/a/{key}/"><span>{name}</span></a></li>' for key, name in _DEDE_COLUMNS.items())
    side = "".join(f'<li><a href="{x.path}">{x.title}</a></li>' for x in found[-12:]) + "".join(
        f'<li><span>[图]</span><a href="/soft/{n}.html">路灯控制软件 {n}.0 下载</a></li>' for n in range(41, 49)
    )
    for at, truth in enumerate(found):
        parts = [truth.paragraphs] if at % 5 else [truth.paragraphs[:3], truth.paragraphs[3:]]
        stem = truth.path.removesuffix(".html")
        for number, said in enumerate(parts, 1):
            path = truth.path if number == 1 else f"{stem}_{number}.html"
            put(path, f"{truth.title}_云河智慧城市网", _dede_article(truth, found, at, said, number, len(parts), keys))
        count = f"/plus/count.php?view=yes&aid={truth.number}&mid=1"
        pages[count] = Answer(f"document.write('{truth.views}');\r\n".encode(), headers={"Content-Type": "text/html"})
    for number, key in enumerate(keys, 1):
        listed = chunks([x for x in found if x.column == number - 1], SIZE)
        for n, part in enumerate(listed, 1):
            rows = "".join(
                f'<li><a href="{x.path}" class="title">{x.title}</a><span class="info"><small>日期：</small>{x.at:%Y-%m-%d}'
                f' <small>点击：</small>{x.views}</span><p class="intro">{x.paragraphs[0][:46]}...</p></li>'
                for x in part
            )
            stem = f"/a/{key}/list_{number}_"
            bar = "".join(f'<li><a href="{stem}{p}.html">{p}</a></li>' for p in range(1, len(listed) + 1) if p != n)
            bar += f'<li><a href="{stem}{n + 1}.html">下一页</a></li>' if n < len(listed) else ""
            main = f'<ul class="e2">{rows}</ul><div class="dede_pages"><ul class="pagelist">{bar}</ul></div>'
            for path in (f"/a/{key}/", f"{stem}1.html") if n == 1 else (f"{stem}{n}.html",):
                put(path, f"{_DEDE_COLUMNS[key]}_云河智慧城市网", main)
    newest = "".join(f'<li><a href="{x.path}">{x.title}</a></li>' for x in found[::-1][:14])
    put("/", "云河智慧城市网", f'<div class="flashnews"><ul>{newest}</ul></div>')
    for n in range(41, 49):
        put(
            f"/soft/{n}.html",
            f"路灯控制软件 {n}.0",
            f"<h2>路灯控制软件 {n}.0 下载</h2><p>软件大小：{n} MB 授权：免费</p>",
        )
    return Invented("dedecms", found, pages)


def _dede_article(
    truth: Truth, found: list[Truth], at: int, part: list[str], number: int, count: int, keys: list[str]
) -> str:
    stem = truth.path.removesuffix(".html")
    column = f'<a href="/a/{keys[truth.column]}/">{_DEDE_COLUMNS[keys[truth.column]]}</a>'
    bar = ""
    if count > 1:
        onward = f'<li><a href="{stem.rpartition("/")[2]}_{number + 1}.html">下一页</a></li>' if number < count else ""
        bar = f'<div class="dede_pages"><ul class="pagelist"><li><a>共{count}页: </a></li>{onward}</ul></div>'
    neighbours = "".join(
        f"<li>{label}：<a href='{found[n].path}'>{found[n].title}</a> </li>" if 0 <= n < len(found) else
        f"<li>{label}：没有了 </li>" for label, n in (("上一篇", at - 1), ("下一篇", at + 1))
    )  # fmt: skip
    related = "".join(f'<li><a href="{found[n].path}">{found[n].title}</a></li>' for n in truth.related)
    return (
        f'<div class="place"><strong>当前位置:</strong> <a href="/">主页</a> &gt; {column} &gt; </div>'
        f'<div class="viewbox"><div class="title"><h2>{truth.title}</h2></div><div class="info"><small>时间:</small>'
        f"{truth.at:%Y-%m-%d %H:%M}<small>来源:</small>{truth.source}<small>点击:</small>"
        f'<script src="/plus/count.php?view=yes&aid={truth.number}&mid=1" type="text/javascript"></script>次</div>'
        '<div class="content"><table width="100%"><tr><td>'
        + "".join(f"<div>　　{each}</div>\n" for each in part)
        + f'</td></tr></table></div>{bar}<div class="boxoff"><strong>------分隔线----------------------------</strong></div>'
        f'<div class="handle"><div class="context"><ul>{neighbours}</ul></div><div class="actbox"><ul><li>'
        '<a href="/plus/stow.php">收藏</a></li><li><a href="/plus/recommend.php">推荐</a></li></ul></div></div></div>'
        f'<div class="likeart"><dl class="tbox"><dt><strong>相关文章</strong></dt><dd><ul class="d4">{related}</ul></dd></dl></div>'
    )


_DEDE_LAYOUT = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312" />
<title>{title}</title><link href="/templets/default/style/dedecms.css" rel="stylesheet" /></head><body class="articleview">
<div class="header_top"><div class="w960 center"><a href="/member/">登录</a> <a href="/member/reg_new.php">注册</a>
<a href="/data/rssmap.html">订阅</a></div></div><div class="module blue mT10 wrapper w963"><ul>{menu}
<li><a href="/about/contact.html">联系我们</a></li></ul></div><div class="w960 center clear mt1"><div class="pleft">{main}</div>
<div class="pright"><div class="hot mt1"><dl class="tbox light"><dt class="light"><strong>栏目热点</strong></dt><dd class="light">
<ul class="c1 ico2">{side}</ul></dd></dl></div></div></div>{around}<div class="footer w960"><p>Powered by DedeCMS 版权所有 云河智慧城市网
更新时间：2025年12月31日 总访问量：771203</p></div></body></html>"""

# -- WordPress: English, feed, sitemap index, categories, tags, authors ----------------------------------------------------

_WP_COLUMNS = ("mobility", "energy", "data")


def wordpress() -> Invented:
    """Addresses /<YYYY>/<MM>/<slug>/, lists /category/<column>/page/<n>/."""
    found = articles(
        12, COUNT, "Europe/London", english, EN_WHO,
        lambda n, at, column, title: f"/{at:%Y/%m}/{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}/", 3,
    )  # fmt: skip
    pages: dict[str, Answer] = {}
    around = furniture(found)

    def put(path: str, title: str, main: str, head: str = "") -> None:
        pages[path] = Answer(
            _WP_LAYOUT.format(title=escape(title), main=main, head=head, side=side, around=around).encode()
        )

    side = "".join(f'<li><a href="{x.path}">{escape(x.title)}</a></li>' for x in found[-6:])
    side += "".join(f'<li><a href="/tag/{t}/">{t.title()}</a></li>' for t in ("lamps", "buses", "water"))
    for at, truth in enumerate(found):
        put(truth.path, f"{truth.title} - Quayside Smart Cities", _wp_article(truth, found, at),
            f'<meta property="og:type" content="article"><meta property="article:published_time" content="{truth.at.isoformat()}">')  # fmt: skip
    lists = [
        ("/", found),
        *((f"/category/{c}/", [x for x in found if x.column == n]) for n, c in enumerate(_WP_COLUMNS)),
    ]
    for base, listed in lists:
        split = chunks(listed, 10)
        for n, part in enumerate(split, 1):
            cards = "".join(_wp_card(x) for x in part)
            links = "".join(
                f'<a class="page-numbers" href="{base}page/{p}/">{p}</a>' for p in range(2, len(split) + 1) if p != n
            )
            onward = f'<a class="next page-numbers" href="{base}page/{n + 1}/">Next</a>' if n < len(split) else ""
            put(base if n == 1 else f"{base}page/{n}/", "Quayside Smart Cities",
                f'<div class="posts">{cards}</div><nav class="navigation pagination">{links}{onward}</nav>')  # fmt: skip
    for tag in ("lamps", "buses", "water"):
        put(f"/tag/{tag}/", tag, "".join(_wp_card(x) for x in found[3:9]))
    for name in ("ada-pine", "tom-reed"):
        put(f"/author/{name}/", name, f"<h1>{name}</h1>" + "".join(_wp_card(x) for x in found[9:14]))
    for n in range(1, 6):
        put(f"/product/lamp-controller-mark-{n}/", f"Lamp controller mark {n}",
            f"<h1>Lamp controller mark {n}</h1><p class='price'>&pound;{n}90.00</p><p>A controller for street lamps.</p>")  # fmt: skip
    xml = {"Content-Type": "application/xml; charset=utf-8"}
    urls = "".join(f"<url><loc>{{base}}{x.path}</loc></url>" for x in found)
    pages["/wp-sitemap.xml"] = Answer(_SITEMAPS.encode(), headers=xml)
    pages["/wp-sitemap-posts-post-1.xml"] = Answer(_URLSET.format(urls).encode(), headers=xml)
    items = "".join(
        f"<item><title>{escape(x.title)}</title><link>{{base}}{x.path}</link></item>" for x in found[::-1][:10]
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Quayside</title><link>{{base}}/</link>{items}</channel></rss>'
    pages["/feed/"] = Answer(feed.encode(), headers={"Content-Type": "application/rss+xml"})
    return Invented("wordpress", found, pages, "User-agent: *\nDisallow: /wp-admin/\nSitemap: {base}/wp-sitemap.xml\n")


def _wp_card(truth: Truth) -> str:
    return (
        f'<article class="post-card"><h2 class="entry-title"><a href="{truth.path}">{escape(truth.title)}</a></h2>'
        f"<time datetime='{truth.at.isoformat()}'>{truth.at:%B %d, %Y}</time><p>{truth.paragraphs[0][:150]}</p></article>"
    )


def _wp_article(truth: Truth, found: list[Truth], at: int) -> str:
    related = "".join(f'<li><a href="{found[n].path}">{escape(found[n].title)}</a></li>' for n in truth.related)
    previous, following = (found[n] if 0 <= n < len(found) else None for n in (at - 1, at + 1))
    nav = "".join(
        f'<div class="nav-{kind}"><a href="{x.path}" rel="{rel}"><span class="meta-nav">{label}:</span> {escape(x.title)}</a></div>'
        for kind, rel, label, x in (("previous", "prev", "Previous", previous), ("next", "next", "Next", following)) if x
    )  # fmt: skip
    column = _WP_COLUMNS[truth.column]
    return (
        f'<nav class="breadcrumbs"><a href="/">Home</a> &raquo; <a href="/category/{column}/">{column.title()}</a></nav>'
        f'<article id="post-{truth.number}" class="post-{truth.number} post type-post hentry"><header class="entry-header">'
        f'<h1 class="entry-title">{escape(truth.title)}</h1><div class="entry-meta"><span class="posted-on">'
        f'<time class="entry-date published" datetime="{truth.at.isoformat()}">{truth.at:%B %d, %Y}</time></span>'
        f' <span class="post-views">{truth.views:,} views</span></div><p class="entry-source">Source: {truth.source}</p></header>'
        '<div class="entry-content">' + "".join(f"<p>{paragraph}</p>" for paragraph in truth.paragraphs) + "</div>"
        '<div class="sharedaddy"><a href="https://social.example.com/s">Share</a></div></article>'
        f'<section class="related-posts"><h3>Related posts</h3><ul>{related}</ul></section>'
        f'<nav class="post-navigation">{nav}</nav><div id="comments"><h3>2 thoughts</h3><p>Well said, I walk there.</p></div>'
    )


_WP_LAYOUT = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="UTF-8"><title>{title}</title>
<meta property="og:site_name" content="Quayside Smart Cities"><link rel="alternate" type="application/rss+xml" href="/feed/">
<link rel="stylesheet" href="/wp-content/themes/quay/style.css">{head}</head><body><header class="site-header">
<a class="custom-logo" href="/">Quayside</a><nav class="main-navigation"><ul><li><a href="/category/mobility/">Mobility</a></li>
<li><a href="/category/energy/">Energy</a></li><li><a href="/category/data/">Data</a></li><li><a href="/about/">About</a></li>
<li><a href="/product/lamp-controller-mark-1/">Lamp controller mark 1 for street lamps</a></li>
<li><a href="/product/lamp-controller-mark-2/">Lamp controller mark 2 for street lamps</a></li>
<li><a href="/author/ada-pine/">Ada Pine</a></li></ul></nav></header><main id="main">{main}</main><aside class="widget-area">
<h3>Latest</h3><ul>{side}</ul><h3>Newsletter</h3><form><input name="mail"></form></aside>{around}<footer class="site-footer"><p>Quayside Smart
Cities, 1 Harbour Road. Published since 2011.</p></footer></body></html>"""
_SITEMAPS = """<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>
<loc>{base}/wp-sitemap-posts-post-1.xml</loc></sitemap></sitemapindex>"""
_URLSET = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'

# -- a government on TRS: relative links, index_1.html, spans with labels, files to download ------------------------------

_TRS_COLUMNS = {"xwzx/gzdt": "工作动态", "xwzx/bmxx": "部门信息", "zwgk/zcjd": "政策解读"}


def government() -> Invented:
    """Addresses /<column>/<YYYYMM>/t<YYYYMMDD>_<id>.html, lists index.html, index_1.html."""
    keys = list(_TRS_COLUMNS)

    def address(n: int, at: datetime, column: int, title: str) -> str:
        return f"/{keys[column]}/{at:%Y%m}/t{at:%Y%m%d}_{n}.html"

    found = articles(13, COUNT, "Asia/Shanghai", chinese, WHO[:6], address, len(keys))
    pages: dict[str, Answer] = {}
    around = furniture(found)
    menu = "".join(f'<li><a href="/{key}/index.html">{name}</a></li>' for key, name in _TRS_COLUMNS.items())

    def put(path: str, title: str, main: str) -> None:
        pages[path] = Answer(_TRS_LAYOUT.format(title=escape(title), main=main, menu=menu, around=around).encode())

    for at, truth in enumerate(found):
        put(
            truth.path,
            f"{truth.title}_{_TRS_COLUMNS[keys[truth.column]]}_云河市数据局",
            _trs_article(truth, found, at, keys),
        )
    for number, key in enumerate(keys):
        split = chunks([x for x in found if x.column == number], SIZE)
        for n, part in enumerate(split):
            rows = "".join(
                f'<li><a href=".{x.path.removeprefix("/" + key)}" title="{x.title}">{x.title}</a><span>{x.at:%Y-%m-%d}</span></li>'
                for x in part
            )
            onward = f'<a href="index_{n + 1}.html">下一页</a>' if n + 1 < len(split) else "下一页"
            bar = "".join(
                f'<a href="index{f"_{p}" if p else ""}.html">{p + 1}</a>' for p in range(len(split)) if p != n
            )
            put(f"/{key}/index{f'_{n}' if n else ''}.html", _TRS_COLUMNS[key],
                f'<ul class="list_con">{rows}</ul><div class="page">{bar}{onward}</div>')  # fmt: skip
    newest = "".join(f'<li><a href="{x.path}">{x.title}</a></li>' for x in found[::-1][:9])
    files = "".join(
        f'<li><a href="/zwgk/xz/P0202505{n}.pdf">附件{n}：数据开放目录清单（下载）</a></li>' for n in range(10, 16)
    )
    services = "".join(
        f'<li><a href="/bsfw/detail_{n}.html">办理公共数据授权运营事项第{n}类</a></li>' for n in range(1, 7)
    )
    put(
        "/",
        "云河市数据局",
        f'<div class="sy_news"><ul>{newest}</ul></div><ul class="fj">{files}</ul><ul class="bs">{services}</ul>',
    )
    for n in range(1, 7):
        put(
            f"/bsfw/detail_{n}.html",
            f"办理事项第{n}类",
            f"<h2>办理事项第{n}类</h2><table><tr><td>受理条件</td><td>见目录</td></tr></table>",
        )
    return Invented("government", found, pages)


def _trs_article(truth: Truth, found: list[Truth], at: int, keys: list[str]) -> str:
    related = "".join(f'<li><a href="{found[n].path}">{found[n].title}</a></li>' for n in truth.related)
    neighbours = "".join(
        f'<p>{label}：<a href="{found[n].path}">{found[n].title}</a></p>' for label, n in (("上一篇", at - 1), ("下一篇", at + 1))
        if 0 <= n < len(found)
    )  # fmt: skip
    column = f'<a href="/{keys[truth.column]}/index.html">{_TRS_COLUMNS[keys[truth.column]]}</a>'
    return (
        f'<div class="dqwz">当前位置：<a href="/">首页</a> &gt; {column} &gt; 正文</div><div class="xl_con"><div class="xl_tit">{truth.title}</div>'
        f'<div class="xl_ly"><span>信息来源：{truth.source}</span><span>发布时间：{truth.at:%Y-%m-%d %H:%M}</span>'
        f'<span>浏览次数：<em id="cnt">{truth.views}</em></span><span>字号：<a href="#">大</a> <a href="#">中</a> <a href="#">小</a></span></div>'
        '<div class="xl_text"><div class="view TRS_UEDITOR trs_paper_default">'
        + "".join(f'<p style="text-indent: 2em;">{paragraph}</p>' for paragraph in truth.paragraphs)
        + f'</div></div><div class="fenxiang">分享到：<a href="#">微信</a></div><div class="sxp">{neighbours}</div>'
        f'<div class="xgwd"><h3>相关链接</h3><ul>{related}</ul></div></div>'
    )


_TRS_LAYOUT = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title><meta name="SiteName" content="云河市数据局">
</head><body><div class="top"><a href="/login.html">登录</a><a href="/en/index.html">English</a></div><div class="nav"><ul>
<li><a href="/">首页</a></li>{menu}<li><a href="/hdjl/index.html">互动交流</a></li></ul></div><div class="wrap">{main}</div>
{around}<div class="foot"><p>主办：云河市数据局 网站标识码：3300000000</p><p>备案号：云ICP备00000000号</p></div></body></html>"""

PORTALS = {"dedecms": dedecms, "wordpress": wordpress, "government": government}
