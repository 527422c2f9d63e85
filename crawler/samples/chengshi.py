"""sample-chengshi: DedeCMS of 2010 that is still alive: tables, <br>, a wrong charset, a script that counts clicks."""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from urllib.parse import parse_qs, quote, unquote_to_bytes

from crawler.samples import markup
from crawler.samples.site import SampleResponse, Site, anchor, paginate
from crawler.samples.story import Story

_LIST = re.compile(r"/([a-z]+)/(?:(?:index|list_(\d+)_(\d+))\.html)?")
_PAGE_SIZE = 10


class Chengshi(Site):
    """Says gb2312 in its meta tag and nothing in its header, and sends GB18030."""

    name = "sample-chengshi"
    charset = "gb18030"
    content_type = "text/html"

    def __init__(self, base: str = "") -> None:
        super().__init__(base)
        self._asked: Counter[str] = Counter()

    def old_path(self, story: Story) -> str:
        return f"/html/{story.key}.html"

    def neighbours(self, story: Story, online: list[Story]) -> list[Story]:
        """Those of its own column."""
        return [s for s in online if s.column == story.column]

    def article(self, story: Story, page: int) -> str:
        related = "<br>\n".join(f"·{anchor(x.url, x.title)}" for x in story.links if x.kind == "related")
        article = self.render(
            "article.html",
            title=escape(story.title),
            crumbs=f"{anchor('/', '首页')} &gt; {anchor(f'/{story.column}/', story.section[-1])} &gt; 正文",
            info=_info(story),
            body="\n".join(_block(block) for block in markup.blocks(story.text)),
            editor=f"责任编辑：{escape(story.editor)}" if story.editor else "&nbsp;",
            tags=_tags(story),
            previous=_neighbour(story, "previous"),
            next=_neighbour(story, "next"),
            related=related,
            side=self._side(),
        )
        head = f'<meta name="keywords" content="{escape(",".join(story.tags))}">' if story.tags else ""
        title = "_".join((escape(story.title), *story.section, self.data["title"]))
        return self.render("layout.html", title=title, main=article, head=head)

    def other(self, path: str, query: str) -> SampleResponse | None:
        if path == "/":
            return self._front()
        if path == "/plus/count.php":
            return self._count(query)
        if path == "/tags.php":
            return self._tagged(query)
        if not (match := _LIST.fullmatch(path)) or (column := match[1]) not in self.columns:
            return None
        if match[2] and int(match[2]) != self._number(column):
            return None
        stories = [s for s in self.online() if s.column == column]
        return self._list(column, stories, int(match[3] or 1))

    def _count(self, query: str) -> SampleResponse:
        """plus/count.php: asking is clicking. Without view=yes, or for an unknown aid, it answers nothing."""
        asked = parse_qs(query)
        aid = asked.get("aid", [""])[-1]
        story = next((s for s in self.online() if s.key == aid and s.view_count is not None), None)
        if story is None:
            return self.html("")
        with self._lock:
            clicks = (story.view_count or 0) + self._asked[aid]
            self._asked[aid] += 1
        return self.html(f"document.write('{clicks}');\r\n" if asked.get("view") == ["yes"] else "")

    def _tagged(self, query: str) -> SampleResponse | None:
        tag = unquote_to_bytes(query.strip("/")).decode("gb18030", "replace")
        stories = [s for s in reversed(self.online()) if tag in s.tags]
        return self._listing(f"标签：{tag}", stories, "") if stories else None

    def _front(self) -> SampleResponse:
        parts = []
        for column, title in self.columns.items():
            newest = [s for s in reversed(self.online()) if s.column == column][:6]
            parts.append(
                f"<tr><td class=bar><b>{title}</b> {anchor(f'/{column}/', '更多')}</td></tr>{self._rows(newest)}"
            )
        main = self.render("list.html", crumbs="首页", items="\n".join(parts), pager="", side=self._side())
        return self.html(self.render("layout.html", title=self.data["title"], main=main, head=""))

    def _list(self, column: str, stories: list[Story], number: int) -> SampleResponse | None:
        if (found := paginate(stories, number, _PAGE_SIZE)) is None:
            return None
        shown, count = found
        stem = f"/{column}/list_{self._number(column)}"
        pages = (str(n) if n == number else anchor(f"{stem}_{n}.html", str(n)) for n in range(1, count + 1))
        pager = f"共 {count} 页 {len(stories)} 条 " + " ".join(pages)
        if number < count:
            pager += f" {anchor(f'{stem}_{number + 1}.html', '下一页')} {anchor(f'{stem}_{count}.html', '末页')}"
        return self._listing(self.columns[column], shown, pager)

    def _listing(self, title: str, stories: list[Story], pager: str) -> SampleResponse:
        crumbs = f"{anchor('/', '首页')} &gt; {escape(title)}"
        main = self.render("list.html", crumbs=crumbs, items=self._rows(stories), pager=pager, side=self._side())
        return self.html(self.render("layout.html", title=f"{escape(title)}_{self.data['title']}", main=main, head=""))

    def _rows(self, stories: list[Story]) -> str:
        row = "<tr><td>· {} <font color=#999999>[{:%m-%d}]</font></td></tr>"
        return "\n".join(row.format(anchor(self.href(s), s.title, " target=_blank"), s.at) for s in stories)

    def _number(self, column: str) -> int:
        return list(self.columns).index(column) + 1

    def _side(self) -> str:
        newest = self.online()[-8:]
        hot = sorted(self.online(), key=lambda s: (-(s.view_count or 0), s.path))[:8]
        columns = (newest[::-1], hot)
        latest, clicked = ("<br>\n".join(f"·{anchor(s.path, s.title)}" for s in part) for part in columns)
        return self.render("side.html", latest=latest, clicked=clicked)


def _info(story: Story) -> str:
    clock = "" if story.precision == "day" else " %H:%M"
    parts = [f"来源：{_source(story)}"]  # the label stands even where nothing follows it
    if story.author:
        parts.append(f"作者：{escape(story.author)}")
    parts.append(f"发布时间：{story.at.strftime('%Y年%m月%d日' + clock)}")
    if story.modified:
        parts.append(f"更新时间：{story.modified.strftime('%Y年%m月%d日' + clock)}")
    if story.view_count is not None:
        script = f'<script src="/plus/count.php?view=yes&aid={story.key}&mid=1" type="text/javascript"></script>'
        parts.append(f"点击：{script} 次")
    return "　".join(parts)


def _source(story: Story) -> str:
    if story.source and story.source_url:
        return anchor(story.source_url, story.source, " target=_blank")
    return escape(story.source or "")


def _tags(story: Story) -> str:
    links = (anchor(f"/tags.php?/{quote(tag.encode('gb18030'))}/", tag) for tag in story.tags)
    return f"标签：{' '.join(links)}" if story.tags else "&nbsp;"


def _neighbour(story: Story, kind: str) -> str:
    return next((anchor(link.url, link.title) for link in story.links if link.kind == kind), "没有了")


def _block(block: markup.StoryBlock) -> str:
    """A block as text and <br>: this portal knows no paragraphs."""
    assert block.kind not in ("table", "break"), "no layout for it here"
    if block.kind == "figure":
        return f'<center><img src="{block.lines[1]}" width="480" border="0"></center><br>'
    strong = block.kind == "heading"
    lines = (f"<b>{markup.inline(line)}</b>" if strong else markup.inline(line) for line in block.lines)
    return "\n".join(f"　　{line}<br><br>" for line in lines)
