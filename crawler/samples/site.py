"""What the three portals have in common: state, neighbours, redirects, and how an address finds its page."""

from __future__ import annotations

import struct
import tomllib
import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape
from string import Template
from threading import RLock
from typing import Any

from crawler.samples import markup
from crawler.samples.story import Story, StoryLink, folder, read

_SITE_AGE = datetime(2024, 1, 1, tzinfo=UTC)  # Last-Modified of what is no article


@dataclass(frozen=True, slots=True)
class SampleResponse:
    """An answer before headers of the connection are added."""

    body: bytes
    content_type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    modified: datetime | None = None  #: sent as Last-Modified
    etag: bool = False


class Site(ABC):
    """A portal: stories and the pages made of them. Safe to ask from many threads."""

    name: str
    charset = "utf-8"
    content_type = "text/html; charset=utf-8"

    def __init__(self, base: str = "") -> None:
        self.base = base
        self.data: dict[str, Any] = tomllib.loads((folder(self.name) / "site.toml").read_text("utf-8"))
        self.columns: dict[str, str] = self.data["columns"]
        self._lock = RLock()
        self._stories = {story.path: story for story in read(self.name)}
        self._touched: dict[str, int] = {}
        self._gone: set[str] = set()
        self._templates = {p.name: Template(p.read_text("utf-8")) for p in folder(self.name).glob("*.html")}

    # ---- what stands on the portal

    def stories(self) -> list[Story]:
        """The truth of every article that is online now, oldest first."""
        with self._lock:
            return [self.with_links(story) for story in self.online()]

    def online(self) -> list[Story]:
        """The stories as written, without their links, oldest first."""
        with self._lock:
            return sorted(self._stories.values(), key=lambda story: (story.at, story.path))

    def put(self, story: Story) -> None:
        """Publish *story*, or what it has become."""
        with self._lock:
            self._touched[story.path] = self._touched.get(story.path, 0) + 1
            self._stories[story.path] = story
            self._gone.difference_update(story.pages)

    def get(self, path: str) -> Story:
        """The story at *path*. Raises KeyError."""
        return self._stories[path]

    def remove(self, path: str) -> None:
        """Take the story at *path* down: 410 from now on, and in no list."""
        with self._lock:
            self._gone.update(self._stories.pop(path).pages)

    def with_links(self, story: Story) -> Story:
        """*story* with its neighbours and related articles as printed on its page."""
        online = self.online()
        peers = self.neighbours(story, online)
        here = peers.index(story)
        links = [StoryLink(p.path, p.title, "previous") for p in peers[max(here - 1, 0) : here]]
        links += [StoryLink(p.path, p.title, "next") for p in peers[here + 1 : here + 2]]
        if story.layout != "bare":
            links += [StoryLink(p.path, p.title, "related") for p in self._related(story, online)]
            links += [StoryLink(url, title, "related") for url, title in story.see_also]
        return replace(story, links=tuple(links))

    def neighbours(self, story: Story, online: list[Story]) -> list[Story]:
        """Among whom previous and next are counted."""
        return online

    def _related(self, story: Story, online: list[Story], count: int = 4) -> list[Story]:
        """The following ones of the same column, round the corner."""
        column = [s for s in online if s.column == story.column]
        here = column.index(story)
        return [*column[here + 2 :], *column[: max(here - 1, 0)]][:count]

    # ---- from an address to a page

    def page(self, path: str, query: str) -> SampleResponse:
        """The answer to a request for *path*. What the portal does not know is 404, what it took down 410."""
        with self._lock:  # no edit while a page is made
            if path in self._gone:
                return self.error(410)
            if target := self.redirect(path, query):
                return SampleResponse(b"", self.content_type, 301, {"Location": target})
            return self._file(path) or self._text(path) or self.other(path, query) or self.error(404)

    def _file(self, path: str) -> SampleResponse | None:
        if path == "/robots.txt":
            return SampleResponse(self.data["robots"].lstrip().replace("{base}", self.base).encode(), "text/plain")
        if path.endswith(".png"):
            return SampleResponse(_picture(path), "image/png", modified=_SITE_AGE)
        if path.endswith(".css"):
            return SampleResponse((folder(self.name) / "style.css").read_bytes(), "text/css", modified=_SITE_AGE)
        return None

    def _text(self, path: str) -> SampleResponse | None:
        for story in self.online():
            if path in story.pages:
                return self.html(self.article(self.with_links(story), story.pages.index(path)), self.age(story))
        if note := self.data["pages"].get(path):
            return self.html(self.render("layout.html", title=escape(note["title"]), main=note["html"], head=""))
        return None

    @abstractmethod
    def article(self, story: Story, page: int) -> str:
        """The HTML of page *page* (from 0) of *story*."""

    @abstractmethod
    def other(self, path: str, query: str) -> SampleResponse | None:
        """Lists, feeds, counters: whatever the portal has besides articles and notes."""

    @abstractmethod
    def old_path(self, story: Story) -> str:
        """Where *story* stood before the portal was rebuilt."""

    def redirect(self, path: str, query: str) -> str | None:
        """Where *path* has moved to."""
        return next((s.path for s in self.online() if path == self.old_path(s)), None)

    def href(self, story: Story) -> str:
        """The address by which lists name *story*."""
        return self.old_path(story) if story.moved else story.path

    def html(self, text: str, modified: datetime | None = None, status: int = 200) -> SampleResponse:
        """*text* in the portal's encoding and under its headers."""
        return SampleResponse(text.encode(self.charset), self.content_type, status, modified=modified)

    def error(self, status: int) -> SampleResponse:
        """The portal's own error page."""
        note = self.data["errors"]
        main = note["html"].replace("{status}", str(status))
        return self.html(self.render("layout.html", title=escape(note["title"]), main=main, head=""), status=status)

    def age(self, *stories: Story) -> datetime:
        """When the newest of *stories* changed last; an edit counts as a minute: no page reads a clock."""
        moments = [(s.modified or s.at) + timedelta(minutes=self._touched.get(s.path, 0)) for s in stories]
        return max(moments, default=_SITE_AGE)

    def render(self, template: str, **values: object) -> str:
        """*template* filled; the values are HTML."""
        return self._templates[template].substitute({"site": self.data["title"], "base": self.base, **values})


def paginate(stories: Sequence[Story], number: int, size: int) -> tuple[list[Story], int] | None:
    """Page *number* (from 1) of *stories*, newest first, and how many pages there are; None beyond the last."""
    ordered = list(reversed(stories))
    count = max(1, -(-len(ordered) // size))
    if not 1 <= number <= count:
        return None
    return ordered[(number - 1) * size : number * size], count


def anchor(url: str, text: str, attributes: str = "") -> str:
    """A link in HTML; *attributes* are HTML already."""
    return f'<a href="{escape(url)}"{attributes}>{escape(text, quote=False)}</a>'


def rows(block: markup.StoryBlock) -> list[list[str]]:
    """The cells of a table block, as HTML."""
    return [[markup.inline(cell) for cell in line.split("\t")] for line in block.lines]


def _picture(path: str) -> bytes:
    """A small PNG in a colour of its own, so that pictures weigh nothing in the package and still are pictures."""
    seed = zlib.crc32(path.encode())
    width, height = 64, 36
    row = b"\0" + bytes((seed & 255, seed >> 8 & 255, seed >> 16 & 255)) * width
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * height)),
        (b"IEND", b""),
    )
    packed = (struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)
