"""An invented portal of a WordPress kind, in English: feed, sitemap index, categories, tags, authors."""

# ruff: noqa: E501 - markup, which does not read better when it is cut
from __future__ import annotations

import re
from html import escape

from harness.invented import COUNT, EN_WHO, Invented, Truth, articles, chunks, english, furniture
from harness.scripted import Answer

_COLUMNS = ("mobility", "energy", "data")


def portal() -> Invented:
    """Addresses /<YYYY>/<MM>/<slug>/, lists /category/<column>/page/<n>/."""
    found = articles(
        12, COUNT, "Europe/London", english, EN_WHO,
        lambda n, at, column, title: f"/{at:%Y/%m}/{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')}/", 3,
    )  # fmt: skip
    pages: dict[str, Answer] = {}
    around = furniture(found)

    def put(path: str, title: str, main: str, head: str = "") -> None:
        pages[path] = Answer(
            _LAYOUT.format(title=escape(title), main=main, head=head, side=side, around=around).encode()
        )

    side = "".join(f'<li><a href="{x.path}">{escape(x.title)}</a></li>' for x in found[-6:])
    side += "".join(f'<li><a href="/tag/{t}/">{t.title()}</a></li>' for t in ("lamps", "buses", "water"))
    for at, truth in enumerate(found):
        put(truth.path, f"{truth.title} - Quayside Smart Cities", _article(truth, found, at),
            f'<meta property="og:type" content="article"><meta property="article:published_time" content="{truth.at.isoformat()}">')  # fmt: skip
    lists = [
        ("/", found),
        *((f"/category/{c}/", [x for x in found if x.column == n]) for n, c in enumerate(_COLUMNS)),
    ]
    for base, listed in lists:
        split = chunks(listed, 10)
        for n, part in enumerate(split, 1):
            cards = "".join(_card(x) for x in part)
            links = "".join(
                f'<a class="page-numbers" href="{base}page/{p}/">{p}</a>' for p in range(2, len(split) + 1) if p != n
            )
            onward = f'<a class="next page-numbers" href="{base}page/{n + 1}/">Next</a>' if n < len(split) else ""
            put(base if n == 1 else f"{base}page/{n}/", "Quayside Smart Cities",
                f'<div class="posts">{cards}</div><nav class="navigation pagination">{links}{onward}</nav>')  # fmt: skip
    for tag in ("lamps", "buses", "water"):
        put(f"/tag/{tag}/", tag, "".join(_card(x) for x in found[3:9]))
    for name in ("ada-pine", "tom-reed"):
        put(f"/author/{name}/", name, f"<h1>{name}</h1>" + "".join(_card(x) for x in found[9:14]))
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


def _card(truth: Truth) -> str:
    return (
        f'<article class="post-card"><h2 class="entry-title"><a href="{truth.path}">{escape(truth.title)}</a></h2>'
        f"<time datetime='{truth.at.isoformat()}'>{truth.at:%B %d, %Y}</time><p>{truth.paragraphs[0][:150]}</p></article>"
    )


def _article(truth: Truth, found: list[Truth], at: int) -> str:
    related = "".join(f'<li><a href="{found[n].path}">{escape(found[n].title)}</a></li>' for n in truth.related)
    previous, following = (found[n] if 0 <= n < len(found) else None for n in (at - 1, at + 1))
    nav = "".join(
        f'<div class="nav-{kind}"><a href="{x.path}" rel="{rel}"><span class="meta-nav">{label}:</span> {escape(x.title)}</a></div>'
        for kind, rel, label, x in (("previous", "prev", "Previous", previous), ("next", "next", "Next", following)) if x
    )  # fmt: skip
    column = _COLUMNS[truth.column]
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


_LAYOUT = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="UTF-8"><title>{title}</title>
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
