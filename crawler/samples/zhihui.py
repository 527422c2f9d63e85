"""sample-zhihui: a mobile trade portal, in the shape of an article page of 2024."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape

from crawler.samples import markup
from crawler.samples.site import SampleResponse, Site, anchor, paginate, rows
from crawler.samples.story import Story

_LIST = re.compile(r"/news/t(\d+)/list(?:_p(\d+))?\.html")
_PAGE_SIZE = 8


class Zhihui(Site):
    """Every story, its columns at /news/tN/list.html, long ones on pages of their own (ID_2.html)."""

    name = "sample-zhihui"

    def old_path(self, story: Story) -> str:
        return f"/news/detail/{story.key}.html"

    def html(self, text: str, modified: datetime | None = None, status: int = 200) -> SampleResponse:
        """Built for every request, as its server says: no validators."""
        return SampleResponse(text.encode(), self.content_type, status, {"Cache-Control": "private"})

    def article(self, story: Story, page: int) -> str:
        pages = markup.pages(story.text)
        body = "\n".join(_block(block) for block in pages[page])
        article = self.render(
            "article.html",
            title=escape(story.title),
            info=_info(story),
            body=body,
            pager=_pager(story, page) if len(pages) > 1 else "",
            previous=_neighbour(story, "previous"),
            next=_neighbour(story, "next"),
            related="".join(f"<li>{anchor(x.url, x.title)}</li>" for x in story.links if x.kind == "related"),
            side="" if story.layout == "bare" else self._side(),
        )
        return self.render("layout.html", title=f"{escape(story.title)}-{self.data['title']}", main=article, head="")

    def other(self, path: str, query: str) -> SampleResponse | None:
        if path in ("/", "/news/"):
            return self._front()
        if (match := _LIST.fullmatch(path)) and (column := f"t{match[1]}") in self.columns:
            stories = [s for s in self.online() if s.column == column]
            return self._list(column, stories, int(match[2] or 1))
        return None

    def _front(self) -> SampleResponse:
        parts = []
        for column, title in self.columns.items():
            newest = [s for s in reversed(self.online()) if s.column == column][:5]
            more = anchor(f"/news/{column}/list.html", "更多>>", ' class="more"')
            parts.append(f"<h2>{title} {more}</h2>\n{self._items(newest)}")
        main = self.render("list.html", heading="资讯", items="\n".join(parts), pager="", side=self._side())
        return self.html(self.render("layout.html", title=self.data["title"], main=main, head=""))

    def _list(self, column: str, stories: list[Story], number: int) -> SampleResponse | None:
        if (found := paginate(stories, number, _PAGE_SIZE)) is None:
            return None
        shown, count = found
        links = [f"<span>{number}/{count}</span>"]
        if number > 1:
            target = f"/news/{column}/list.html" if number == 2 else f"/news/{column}/list_p{number - 1}.html"
            links.insert(0, anchor(target, "上一页"))
        if number < count:
            links.append(anchor(f"/news/{column}/list_p{number + 1}.html", "下一页"))
        title = self.columns[column]
        main = self.render(
            "list.html", heading=title, items=self._items(shown), pager=" ".join(links), side=self._side()
        )
        return self.html(self.render("layout.html", title=f"{title}-{self.data['title']}", main=main, head=""))

    def _items(self, stories: list[Story]) -> str:
        items = (
            f'<li><a href="{self.href(s)}"><h3>{escape(s.title)}</h3></a><span class="time">{_day(s)}</span></li>'
            for s in stories
        )
        return '<ul class="list">\n' + "\n".join(items) + "\n</ul>"

    def _side(self) -> str:
        """热门 and 排行: on every page, and of no page."""
        online = self.online()
        ranked = sorted(online, key=lambda s: (-(s.view_count or 0), s.path))[:8]
        hot = [s for s in ranked if s.column != "t1"][:5]
        return self.render(
            "side.html",
            hot="".join(f"<li>{anchor(s.path, s.title)}</li>" for s in hot),
            ranking="".join(f"<li>{anchor(s.path, s.title)} <em>{s.view_count or 0}</em></li>" for s in ranked),
        )


def _info(story: Story) -> str:
    author = f" 作者:{escape(story.author)}" if story.author else ""
    at, views = story.at, story.views or ""
    printed = f"{_day(story)} {at.hour}:{at:%M:%S}"
    if story.column == "t3":  # where the redesign has arrived, an icon stands between
        moment = f'<span>{printed}</span><i class="icon-eye"></i><span>{views}</span>'
    else:
        moment = f"{printed}{views}"
    return f'<p class="from">来源:{escape(story.source or "")}{author}</p>\n<p class="time">{moment}</p>'


def _day(story: Story) -> str:
    return f"{story.at.year}/{story.at.month}/{story.at.day}"


def _pager(story: Story, page: int) -> str:
    paths = story.pages
    parts = [anchor(paths[page - 1], "上一页")] if page else []
    parts.append(f"第{page + 1}页")
    if page + 1 < len(paths):
        parts.append(anchor(paths[page + 1], "下一页"))
    return f'<div class="page">{" ".join(parts)}</div>'


def _neighbour(story: Story, kind: str) -> str:
    return next((anchor(link.url, link.title) for link in story.links if link.kind == kind), "没有了")


def _block(block: markup.StoryBlock) -> str:
    if block.kind == "figure":
        caption, src = block.lines
        return f'<figure><img src="{src}" alt=""><figcaption>{escape(caption)}</figcaption></figure>'
    if block.kind == "table":
        cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows(block))
        return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
    if block.kind == "list":
        return "<ul>" + "".join(f"<li>{markup.inline(line)}</li>" for line in block.lines) + "</ul>"
    marked = (
        f"<strong>{markup.inline(x)}</strong>" if block.kind == "heading" else markup.inline(x) for x in block.lines
    )
    return "\n".join(f"<p>　　{line}</p>\n<p>&nbsp;</p>" for line in marked)
