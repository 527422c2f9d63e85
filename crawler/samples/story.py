"""A story: what was written, and the truth of its record as far as its page states it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from crawler.samples import markup

Precision = Literal["second", "minute", "day"]
_FOLDER = Path(__file__).parent
_SUFFIXES = {"K": 1_000, "M": 1_000_000}


@dataclass(frozen=True, slots=True)
class StoryLink:
    """A neighbour or a related article: absolute path on the same portal, or an absolute address elsewhere."""

    url: str
    title: str
    kind: Literal["related", "previous", "next"]


@dataclass(frozen=True, slots=True)
class StoryImage:
    """A picture of the article: absolute path and the caption printed below it."""

    url: str
    caption: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article. Fields that the page does not state are None or empty; to alter one, ``dataclasses.replace`` it."""

    portal: str
    path: str
    title: str
    text: str  #: in the markup of :mod:`crawler.samples.markup`; *body* is what an extractor makes of it
    at: datetime  #: when it was published, with its zone
    precision: Precision  #: the finest the page states
    column: str  #: the list it stands in
    section: tuple[str, ...] = ()  #: the breadcrumb as printed
    source: str | None = None
    source_url: str | None = None
    author: str | None = None  #: as printed; only "By A and B" is "A, B", as in its JSON-LD
    editor: str | None = None
    modified: datetime | None = None
    views: str | None = None  #: as printed; on sample-chengshi what the counter answers when first asked
    tags: tuple[str, ...] = ()
    links: tuple[StoryLink, ...] = ()  #: previous, next and related, as printed
    see_also: tuple[tuple[str, str], ...] = ()  #: related articles elsewhere: (address, title)
    copy_of: str | None = None  #: "portal/key" of the story whose text this is, under another title
    exact: bool = True  #: for a copy: whether the text is the same to the last sign
    layout: Literal["", "bare", "classic"] = ""  #: bare: nothing related, no side lists; classic: no JSON-LD
    moved: bool = False  #: lists still name its old address, which redirects

    @property
    def key(self) -> str:
        """The id or slug in its path."""
        return self.path.rstrip("/").rpartition("/")[2].partition(".")[0]

    @property
    def body(self) -> str:
        """The text as an ideal extractor returns it: paragraphs separated by a blank line, pages joined."""
        return markup.plain(self.text)

    @property
    def images(self) -> tuple[StoryImage, ...]:
        """The pictures of the article, by path. sample-chengshi prints no captions."""
        figures = (block.lines for block in markup.blocks(self.text) if block.kind == "figure")
        return tuple(
            StoryImage(src, (caption or None) if self.portal != "sample-chengshi" else None) for caption, src in figures
        )

    @property
    def pages(self) -> tuple[str, ...]:
        """The paths of all its pages."""
        stem, dot, suffix = self.path.rpartition(".")
        count = len(markup.pages(self.text))
        return (self.path, *(f"{stem}_{n}{dot}{suffix}" for n in range(2, count + 1)))

    @property
    def published_at(self) -> str:
        """ISO 8601 with offset, cut to what is printed."""
        return _cut(self.at, self.precision).isoformat()

    @property
    def published_date(self) -> str:
        """The day, in the portal's zone."""
        return self.at.date().isoformat()

    @property
    def modified_at(self) -> str | None:
        """ISO 8601 with offset, as precise as *published_at*."""
        return _cut(self.modified, self.precision).isoformat() if self.modified else None

    @property
    def view_count(self) -> int | None:
        """The number that *views* stands for."""
        if self.views is None:
            return None
        factor = _SUFFIXES.get(self.views[-1].upper(), 1)
        number = self.views.replace(",", "").rstrip("KMkm")
        return round(float(number) * factor)


def folder(portal: str) -> Path:
    """Where the texts and templates of *portal* are."""
    return _FOLDER / portal


def read(portal: str) -> list[Story]:
    """The stories of *portal* as written, oldest first; their links are added by the site."""
    site = tomllib.loads((folder(portal) / "site.toml").read_text("utf-8"))
    entries = raw(portal)
    stories = [_story(portal, site, key, entry) for key, entry in entries.items()]
    return sorted(stories, key=lambda story: (story.at, story.path))


def raw(portal: str) -> dict[str, dict[str, Any]]:
    """Key -> the entry of stories/*.toml."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((folder(portal) / "stories").glob("*.toml")):
        for key, entry in tomllib.loads(path.read_text("utf-8")).items():
            assert key not in found, f"{path.name}: a second story {key}"
            found[key] = entry | {"column": path.stem}
    return found


def _story(portal: str, site: dict[str, Any], key: str, entry: dict[str, Any]) -> Story:
    entry = dict(entry)
    text: str = entry.pop("text", "")
    if "copy_of" in entry:
        origin, _, original = entry["copy_of"].partition("/")
        entry["exact"] = not text
        text = (raw(origin)[original]["text"].strip() + "\n\n" + text).strip()
    zone = ZoneInfo(site["timezone"])
    at: datetime = entry.pop("at").replace(tzinfo=zone)
    modified = entry.pop("modified").replace(tzinfo=zone) if "modified" in entry else None
    column = site["columns"][entry["column"]]
    if "publisher" in site and entry.get("layout") != "classic":
        entry.setdefault("source", site["publisher"])  # JSON-LD states it where the byline does not
    return Story(
        portal=portal,
        path=at.strftime(site["path"]).format(key=key, column=entry["column"]),
        at=at,
        modified=modified,
        precision=entry.pop("precision", site["precision"]),
        text=text,
        section=(*site["breadcrumb"], column) if "breadcrumb" in site else (),
        tags=tuple(entry.pop("tags", ())),
        see_also=tuple((url, title) for url, title in entry.pop("see_also", ())),
        **entry,
    )


def _cut(moment: datetime, precision: Precision) -> datetime:
    if precision == "day":
        return moment.replace(hour=0, minute=0, second=0)
    return moment - timedelta(seconds=moment.second) if precision == "minute" else moment
