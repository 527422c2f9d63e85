"""An invented portal of a DedeCMS kind: gb2312 declared, columns in columns, articles of several pages, a counter script."""

# ruff: noqa: E501 - markup, which does not read better when it is cut
from __future__ import annotations

from html import escape

from harness.invented import COUNT, SIZE, WHO, Invented, Truth, articles, chinese, chunks, furniture
from harness.scripted import Answer

_COLUMNS = {"jiaotong": "智慧交通", "nengyuan": "智慧能源", "zhengwu": "数字政务"}


def portal() -> Invented:
    """Addresses /a/<column>/<YYYYMM>/<id>.html, lists /a/<column>/list_<n>_<page>.html."""
    keys = list(_COLUMNS)
    found = articles(
        11, COUNT, "Asia/Shanghai", chinese, WHO,
        lambda n, at, column, title: f"/a/{keys[column]}/{at:%Y%m}/{n}.html", len(keys),
    )  # fmt: skip
    pages: dict[str, Answer] = {}
    around = furniture(found)

    def put(path: str, title: str, main: str) -> None:
        text = _LAYOUT.format(title=escape(title), main=main, menu=menu, side=side, around=around)
        pages[path] = Answer(text.encode("gb18030"), headers={"Content-Type": "text/html"})

    menu = "".join(f'<li><a href="/a/{key}/"><span>{name}</span></a></li>' for key, name in _COLUMNS.items())
    side = "".join(f'<li><a href="{x.path}">{x.title}</a></li>' for x in found[-12:]) + "".join(
        f'<li><span>[图]</span><a href="/soft/{n}.html">路灯控制软件 {n}.0 下载</a></li>' for n in range(41, 49)
    )
    for at, truth in enumerate(found):
        parts = [truth.paragraphs] if at % 5 else [truth.paragraphs[:3], truth.paragraphs[3:]]
        stem = truth.path.removesuffix(".html")
        for number, said in enumerate(parts, 1):
            path = truth.path if number == 1 else f"{stem}_{number}.html"
            put(path, f"{truth.title}_云河智慧城市网", _article(truth, found, at, said, number, len(parts), keys))
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
                put(path, f"{_COLUMNS[key]}_云河智慧城市网", main)
    newest = "".join(f'<li><a href="{x.path}">{x.title}</a></li>' for x in found[::-1][:14])
    put("/", "云河智慧城市网", f'<div class="flashnews"><ul>{newest}</ul></div>')
    for n in range(41, 49):
        put(
            f"/soft/{n}.html",
            f"路灯控制软件 {n}.0",
            f"<h2>路灯控制软件 {n}.0 下载</h2><p>软件大小：{n} MB 授权：免费</p>",
        )
    return Invented("dedecms", found, pages)


def _article(
    truth: Truth, found: list[Truth], at: int, part: list[str], number: int, count: int, keys: list[str]
) -> str:
    stem = truth.path.removesuffix(".html")
    column = f'<a href="/a/{keys[truth.column]}/">{_COLUMNS[keys[truth.column]]}</a>'
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
        + "".join(f"<div>　　{paragraph}</div>\n" for paragraph in part)
        + f'</td></tr></table></div>{bar}<div class="boxoff"><strong>------分隔线----------------------------</strong></div>'
        f'<div class="handle"><div class="context"><ul>{neighbours}</ul></div><div class="actbox"><ul><li>'
        '<a href="/plus/stow.php">收藏</a></li><li><a href="/plus/recommend.php">推荐</a></li></ul></div></div></div>'
        f'<div class="likeart"><dl class="tbox"><dt><strong>相关文章</strong></dt><dd><ul class="d4">{related}</ul></dd></dl></div>'
    )


_LAYOUT = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312" />
<title>{title}</title><link href="/templets/default/style/dedecms.css" rel="stylesheet" /></head><body class="articleview">
<div class="header_top"><div class="w960 center"><a href="/member/">登录</a> <a href="/member/reg_new.php">注册</a>
<a href="/data/rssmap.html">订阅</a></div></div><div class="module blue mT10 wrapper w963"><ul>{menu}
<li><a href="/about/contact.html">联系我们</a></li></ul></div><div class="w960 center clear mt1"><div class="pleft">{main}</div>
<div class="pright"><div class="hot mt1"><dl class="tbox light"><dt class="light"><strong>栏目热点</strong></dt><dd class="light">
<ul class="c1 ico2">{side}</ul></dd></dl></div></div></div>{around}<div class="footer w960"><p>Powered by DedeCMS 版权所有 云河智慧城市网
更新时间：2025年12月31日 总访问量：771203</p></div></body></html>"""
