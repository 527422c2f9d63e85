"""An invented portal of a government on TRS: relative links, index_1.html, spans with labels, files to download."""

# ruff: noqa: E501 - markup, which does not read better when it is cut
from __future__ import annotations

from datetime import datetime
from html import escape

from harness.invented import COUNT, SIZE, WHO, Invented, Truth, articles, chinese, chunks, furniture
from harness.scripted import Answer

_COLUMNS = {"xwzx/gzdt": "工作动态", "xwzx/bmxx": "部门信息", "zwgk/zcjd": "政策解读"}


def portal() -> Invented:
    """Addresses /<column>/<YYYYMM>/t<YYYYMMDD>_<id>.html, lists index.html, index_1.html."""
    keys = list(_COLUMNS)

    def address(n: int, at: datetime, column: int, title: str) -> str:
        return f"/{keys[column]}/{at:%Y%m}/t{at:%Y%m%d}_{n}.html"

    found = articles(13, COUNT, "Asia/Shanghai", chinese, WHO[:6], address, len(keys))
    pages: dict[str, Answer] = {}
    around = furniture(found)
    menu = "".join(f'<li><a href="/{key}/index.html">{name}</a></li>' for key, name in _COLUMNS.items())

    def put(path: str, title: str, main: str) -> None:
        pages[path] = Answer(_LAYOUT.format(title=escape(title), main=main, menu=menu, around=around).encode())

    for at, truth in enumerate(found):
        put(
            truth.path,
            f"{truth.title}_{_COLUMNS[keys[truth.column]]}_云河市数据局",
            _article(truth, found, at, keys),
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
            put(f"/{key}/index{f'_{n}' if n else ''}.html", _COLUMNS[key],
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


def _article(truth: Truth, found: list[Truth], at: int, keys: list[str]) -> str:
    related = "".join(f'<li><a href="{found[n].path}">{found[n].title}</a></li>' for n in truth.related)
    neighbours = "".join(
        f'<p>{label}：<a href="{found[n].path}">{found[n].title}</a></p>' for label, n in (("上一篇", at - 1), ("下一篇", at + 1))
        if 0 <= n < len(found)
    )  # fmt: skip
    column = f'<a href="/{keys[truth.column]}/index.html">{_COLUMNS[keys[truth.column]]}</a>'
    return (
        f'<div class="dqwz">当前位置：<a href="/">首页</a> &gt; {column} &gt; 正文</div><div class="xl_con"><div class="xl_tit">{truth.title}</div>'
        f'<div class="xl_ly"><span>信息来源：{truth.source}</span><span>发布时间：{truth.at:%Y-%m-%d %H:%M}</span>'
        f'<span>浏览次数：<em id="cnt">{truth.views}</em></span><span>字号：<a href="#">大</a> <a href="#">中</a> <a href="#">小</a></span></div>'
        '<div class="xl_text"><div class="view TRS_UEDITOR trs_paper_default">'
        + "".join(f'<p style="text-indent: 2em;">{paragraph}</p>' for paragraph in truth.paragraphs)
        + f'</div></div><div class="fenxiang">分享到：<a href="#">微信</a></div><div class="sxp">{neighbours}</div>'
        f'<div class="xgwd"><h3>相关链接</h3><ul>{related}</ul></div></div>'
    )


_LAYOUT = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title><meta name="SiteName" content="云河市数据局">
</head><body><div class="top"><a href="/login.html">登录</a><a href="/en/index.html">English</a></div><div class="nav"><ul>
<li><a href="/">首页</a></li>{menu}<li><a href="/hdjl/index.html">互动交流</a></li></ul></div><div class="wrap">{main}</div>
{around}<div class="foot"><p>主办：云河市数据局 网站标识码：3300000000</p><p>备案号：云ICP备00000000号</p></div></body></html>"""
