"""sample-metro: a city desk in English, as a well-kept CMS of today writes it."""

from __future__ import annotations

import json
import re
from datetime import datetime
from html import escape
from typing import Any

from crawler.samples import feeds, markup
from crawler.samples.site import SampleResponse, Site, anchor, paginate, rows
from crawler.samples.story import Story

_LIST = re.compile(r"/([a-z]+)/(?:page/(\d+)/)?")
_PAGE_SIZE = 12
_MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)  # strftime asks the locale


class Metro(Site):
    """Feeds, sitemaps, JSON-LD, validators. Stories of the old CMS ("classic") have no structured data."""

    name = "sample-metro"

    def old_path(self, story: Story) -> str:
        return f"/archive/{story.key}.html"

    def redirect(self, path: str, query: str) -> str | None:
        """Old addresses, and those that forgot their slash."""
        if path and not path.endswith("/") and any(s.path == path + "/" for s in self.online()):
            return path + "/" + (f"?{query}" if query else "")
        return super().redirect(path, query)

    def html(self, text: str, modified: datetime | None = None, status: int = 200) -> SampleResponse:
        """With an ETag, and as cacheable as a CDN likes it."""
        return SampleResponse(
            text.encode(), self.content_type, status, {"Cache-Control": "max-age=60"}, modified, etag=True
        )

    def article(self, story: Story, page: int) -> str:
        values = {
            "title": escape(story.title),
            "url": self.base + story.path,
            "crumbs": self._crumbs(story),
            "byline": _byline(story),
            "body": _body(story),
            "tags": "".join(f"<li>{anchor(f'/tag/{_slug(tag)}/', tag, _REL_TAG)}</li>" for tag in story.tags),
            "related": "".join(f"<li>{anchor(x.url, x.title)}</li>" for x in story.links if x.kind == "related"),
            "previous": _neighbour(story, "previous"),
            "next": _neighbour(story, "next"),
            "side": self._side(),
        }
        classic = story.layout == "classic"
        head = "" if classic else self.render("head.html", **values, **self._structured(story))
        main = self.render("classic.html" if classic else "article.html", **values)
        return self.render("layout.html", title=f"{escape(story.title)} | {self.data['title']}", main=main, head=head)

    def other(self, path: str, query: str) -> SampleResponse | None:
        if found := feeds.answer(self, path):
            return found
        stories, online = [], self.online()
        if path.startswith("/tag/"):
            stories = [s for s in online if path in {f"/tag/{_slug(tag)}/" for tag in s.tags}]
            return self._list(path, "Tagged", stories, 1) if stories else None
        if path == "/":
            return self._list("/news/", "Latest", online, 1)
        if match := _LIST.fullmatch(path):
            column = match[1]
            stories = [s for s in online if column in ("news", s.column)]
            title = self.columns.get(column, "News")
            return self._list(f"/{column}/", title, stories, int(match[2] or 1)) if stories else None
        return None

    def _list(self, stem: str, title: str, stories: list[Story], number: int) -> SampleResponse | None:
        if (found := paginate(stories, number, _PAGE_SIZE)) is None:
            return None
        shown, count = found
        pager = [f"<span>Page {number} of {count}</span>"]
        if number > 1:
            pager.insert(0, anchor(stem if number == 2 else f"{stem}page/{number - 1}/", "Newer", ' rel="prev"'))
        if number < count:
            pager.append(anchor(f"{stem}page/{number + 1}/", "Older", ' rel="next"'))
        main = self.render(
            "list.html",
            heading=title,
            items="\n".join(map(self._card, shown)),
            pager=" ".join(pager),
            side=self._side(),
        )
        page = self.render("layout.html", title=f"{title} | {self.data['title']}", main=main, head="")
        return self.html(page, self.age(*stories))

    def _card(self, story: Story) -> str:
        teaser = story.body.partition("\n")[0][:140]
        return (
            f'<article class="card"><h2>{anchor(self.href(story), story.title)}</h2>'
            f"<p>{escape(teaser)}…</p><time>{_day(story.at)}</time></article>"
        )

    def _crumbs(self, story: Story) -> str:
        links = [anchor("/", "Home"), anchor("/news/", "News"), anchor(f"/{story.column}/", self.columns[story.column])]
        return " › ".join(links)

    def _structured(self, story: Story) -> dict[str, str]:
        """Values of head.html: meta tags and JSON-LD say the same, as they should."""
        article: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "mainEntityOfPage": self.base + story.path,
            "headline": story.title,
            "datePublished": story.at.isoformat(),
            "publisher": {"@type": "Organization", "name": self.data["title"], "url": self.base + "/"},
            "articleSection": story.section[-1],
            "inLanguage": "en-US",
            "isAccessibleForFree": True,
        }
        if story.modified:
            article["dateModified"] = story.modified.isoformat()
        if story.author:
            article["author"] = [{"@type": "Person", "name": name} for name in story.author.split(", ")]
        if story.images:
            article["image"] = [self.base + image.url for image in story.images]
        if story.tags:
            article["keywords"] = list(story.tags)
        ld = json.dumps(article, ensure_ascii=False, indent=1).replace("</", "<\\/")
        modified = (
            f'<meta property="article:modified_time" content="{story.modified.isoformat()}">' if story.modified else ""
        )
        description = escape(story.body.partition("\n")[0])
        return {"ld": ld, "published": story.at.isoformat(), "modified": modified, "description": description}

    def _side(self) -> str:
        ranked = sorted(self.online(), key=lambda s: (-(s.view_count or 0), s.path))[:6]
        return self.render("side.html", ranked="".join(f"<li>{anchor(s.path, s.title)}</li>" for s in ranked))


_REL_TAG = ' rel="tag"'


def _byline(story: Story) -> str:
    parts = [f'<span class="by">By {escape(story.author.replace(", ", " and "))}</span>'] if story.author else []
    parts.append(f'<span class="published">Published {_moment(story, story.at)}</span>')
    if story.modified:
        parts.append(f'<span class="updated">Updated {_moment(story, story.modified)}</span>')
    if story.views:
        parts.append(f'<span class="views">{story.views} views</span>')
    parts.append(f'<span class="read">{max(1, len(story.body.split()) // 180)} min read</span>')
    if story.source and story.source_url:
        parts.append(f'<span class="source">Source: {anchor(story.source_url, story.source)}</span>')
    return "\n".join(parts)


def _moment(story: Story, at: datetime) -> str:
    return _day(at) if story.precision == "day" else f"{_day(at)}, {at:%I:%M} {'AM' if at.hour < 12 else 'PM'} {at:%Z}"


def _day(at: datetime) -> str:
    return f"{_MONTHS[at.month - 1]} {at.day}, {at.year}"


def _slug(tag: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", tag.lower()).strip("-")


def _neighbour(story: Story, kind: str) -> str:
    found = next((link for link in story.links if link.kind == kind), None)
    label, rel = ("Previous story", "prev") if kind == "previous" else ("Next story", "next")
    return f"<p>{label}: {anchor(found.url, found.title, f' rel={rel}')}</p>" if found else ""


def _body(story: Story) -> str:
    """The text; after its second block the newsletter box pushes itself in."""
    parts = [_block(block) for block in markup.blocks(story.text)]
    if story.layout != "classic" and len(parts) > 4:
        parts.insert(2, _NEWSLETTER)
    return "\n".join(parts)


def _block(block: markup.StoryBlock) -> str:
    if block.kind == "figure":
        caption, src = block.lines
        return f'<figure><img src="{src}" alt="" width="640"><figcaption>{escape(caption)}</figcaption></figure>'
    if block.kind == "table":
        first, *rest = rows(block)
        head = "".join(f"<th>{cell}</th>" for cell in first)
        body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rest)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    lines = [markup.inline(line) for line in block.lines]
    if block.kind == "list":
        return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"
    if block.kind == "quote":
        return "<blockquote>" + "".join(f"<p>{line}</p>" for line in lines) + "</blockquote>"
    tag = "h2" if block.kind == "heading" else "p"
    return "\n".join(f"<{tag}>{line}</{tag}>" for line in lines)


_NEWSLETTER = (
    '<aside class="newsletter"><h3>The Morning Line</h3><p>What the city is doing today, in your inbox at six.</p>'
    '<form action="/newsletter/" method="get"><input type="email" name="email" placeholder="Your e-mail">'
    "<button>Sign up</button></form></aside>"
)
