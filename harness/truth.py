"""An archive whose truth is known: three generated portals, crawled under a moved clock over weeks.

Reprints between the portals (some archived before what they copy), corrections, formulas in titles, times to the day
only, pages without a date, pages without a count, pages that vanish. Articles are given to the real pipelines as if
they had been read, so that what is compared is the archive's side alone.
"""

from __future__ import annotations

import html
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import time_machine

from crawler.archive.warc.exchange import Exchange, request_of
from crawler.archive.write.writer import ArchiveWriter
from crawler.article import EXTRACTED, Article, Link, Precision
from crawler.assembly import Visit
from crawler.pipelines.chain import chain
from crawler.portals import Portal, parse
from crawler.values.urls import article_id

FIRST = date(2026, 9, 1)
_ZONES = {"north": "Asia/Shanghai", "south": "Asia/Shanghai", "west": "Europe/Berlin"}
_TITLES = {"north": "北方智慧网", "south": "南方城市报", "west": "West City News"}
#: Place and its code, kind and tags of each portal; west states nothing.
DESCRIBED: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "north": ("北京市", "CN-110000", "government", ("its", "smart-city")),
    "south": ("深圳市", "CN-440300", "media", ("智慧城市", "its-2", "smart-city")),
}
_WORDS = (
    "交通", "数字孪生", "外交", "会计", "香", "人民政府", "5G基站", "智慧城市", "车路协同", "公共交通", "香港",
    "数据要素", "规划", "发布会", "人民", "政府采购", "会", "计划", "AI", "smart city", "open data", "Straße",
    "２０２６年", "C++", "e-bus",
)  # fmt: skip
_ENDS = ("。", "，", "、", "；", " ", "：", "（试行）", "，")
_FORMULAS = (
    '=HYPERLINK("http://example.org","看")',
    "+1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "\u3000=1+1",
    "=cmd|' /C calc'!A0",
)


@dataclass(slots=True)
class Story:
    """One page, as its portal has it."""

    portal: str
    path: str
    title: str
    body: str
    published_on: int  #: day of the simulation on which it is there
    published_at: str | None
    published_date: str | None
    precision: Precision | None
    source: str | None = None
    source_url: str | None = None
    views: tuple[int, int] | None = None  #: at first, and more a day
    gone: int = 10_000  #: day from which on it is not there
    corrections: dict[int, str] = field(default_factory=dict)  #: day -> what is added to the body
    copy_of: Story | None = None
    links: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://{self.portal}.example{self.path}"

    @property
    def id(self) -> str:
        return article_id(self.url)

    def body_on(self, day: int) -> str:
        return self.body + "".join(f"\n\n{text}" for at, text in self.corrections.items() if at <= day)

    def views_on(self, day: int) -> int | None:
        return None if self.views is None else self.views[0] + self.views[1] * (day - self.published_on)


@dataclass(slots=True)
class Truth:
    """What stands in the archive after the days that have passed."""

    stories: list[Story]
    portals: dict[str, Portal]
    seen: dict[str, Story] = field(default_factory=dict)  #: url -> story, of archived pages
    bodies: dict[str, list[str]] = field(default_factory=dict)  #: url -> its versions
    counts: dict[str, list[int]] = field(default_factory=dict)  #: url -> view counts seen
    visits: Counter[str] = field(default_factory=Counter)
    vanished: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)

    def days(self) -> Counter[tuple[str, str | None]]:
        """(portal, day of publication) -> archived pages."""
        return Counter((s.portal, s.published_date) for url, s in self.seen.items() if url not in self.removed)

    def pairs(self) -> set[tuple[str, str]]:
        """(copy, origin) of the archived pages."""
        return {(s.url, s.copy_of.url) for s in self.seen.values() if s.copy_of and s.copy_of.url in self.seen}


def invent(count: int, days: int, seed: int = 1) -> Truth:
    """About *count* stories over *days* days."""
    rng = random.Random(seed)
    stories: list[Story] = []
    for number in range(count):
        stories.append(_story(rng, number, days, stories))
    for story in stories:
        story.links = [other.url for other in rng.sample(stories, min(4, len(stories))) if other is not story]
        story.links.append(f"https://{story.portal}.example/nowhere/{len(story.links)}.html")
    return Truth(stories, {name: _portal(name) for name in _TITLES})


def live(truth: Truth, root: Path, days: range | list[int], seed: int = 2) -> Iterator[int]:
    """One crawl a day of *days*; yields the day when its run has finished."""
    rng = random.Random(seed)
    for day in days:
        moment = datetime(FIRST.year, FIRST.month, FIRST.day, 20, tzinfo=UTC) + timedelta(days=day)
        with time_machine.travel(moment, tick=False):
            crawl(truth, root, day, moment, rng)
        yield day


def crawl(truth: Truth, root: Path, day: int, moment: datetime, rng: random.Random, *, die: bool = False) -> None:
    """Visits what is new, and some of what is known. *die*: in its middle, as if killed."""
    archive = ArchiveWriter(root)
    process = chain(archive)
    names = {name: archive.define(name, portal.text) for name, portal in truth.portals.items()}
    assert names
    due = [
        s
        for s in truth.stories
        if s.published_on <= day and s.url not in truth.removed and _is_due(truth, archive, s, rng)
    ]
    for number, story in enumerate(due):
        visit = _visit(truth, archive, story, day, moment + timedelta(seconds=number))
        process(visit)
        if die and number > len(due) // 2:
            archive.commit()
            archive.abandon()
            return
        _note(truth, story, day)
    archive.close({"exit_code": 0, "signal": None, "problems": {}})


def _is_due(truth: Truth, archive: ArchiveWriter, story: Story, rng: random.Random) -> bool:
    if story.url not in truth.seen:
        return story.url not in truth.vanished
    if archive.index.article(story.id) is None and not story.corrections:
        return False  # a copy: visited again only where it is corrected
    return rng.random() < (0.9 if story.corrections or story.gone < 10_000 else 0.25)


def _note(truth: Truth, story: Story, day: int) -> None:
    truth.visits[story.url] += 1
    if day >= story.gone:
        truth.vanished.add(story.url)
        return
    truth.seen[story.url] = story
    versions = truth.bodies.setdefault(story.url, [])
    if not versions or versions[-1] != story.body_on(day):
        versions.append(story.body_on(day))
    if (views := story.views_on(day)) is not None:
        truth.counts.setdefault(story.url, []).append(views)


def _visit(truth: Truth, archive: ArchiveWriter, story: Story, day: int, moment: datetime) -> Visit:
    portal, gone = truth.portals[story.portal], day >= story.gone
    body = story.body_on(day)
    text = "".join(f"<p>{html.escape(part)}</p>" for part in body.split("\n\n"))
    title = html.escape(story.title)
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{text}</body></html>"
    host = f"{story.portal}.example"
    exchange = Exchange.rebuilt(
        url=story.url,
        started_at=moment,
        request=request_of(story.url, "GET", (("Host", host),), b""),
        status=404 if gone else 200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        payload=b"not here" if gone else page.encode(),
    )
    visit = Visit(portal, story.url, [archive.capture(exchange)])
    if not gone:
        visit.result = _article(story, portal, body, story.views_on(day))
    return visit


def _article(story: Story, portal: Portal, body: str, views: int | None) -> Article:
    how: dict[str, str | None] = dict.fromkeys(EXTRACTED, "generic")
    how |= {"view_count": "label" if views is not None else None, "source": "label" if story.source else None}
    return Article(
        story.id, portal.name, story.url, story.url, title=story.title, source=story.source,
        source_url=story.source_url, published_at=story.published_at, published_date=story.published_date,
        published_precision=story.precision, view_count=views, view_count_raw=None if views is None else str(views),
        body=body, language=portal.language, tags=["标签", "tag"], section=["首页", "新闻"],
        related_links=[Link(url, f"见 {url}", "related") for url in story.links], page_urls=[story.url],
        extracted_by=how,  # type: ignore[arg-type] # null where a field is absent
    )  # fmt: skip


def _portal(name: str) -> Portal:
    return parse(
        f'name = "{name}"\ntitle = "{_TITLES[name]}"\nhome = "https://{name}.example/"\ndomains = ["{name}.example"]\n'
        f'language = "{"en" if name == "west" else "zh"}"\ntimezone = "{_ZONES[name]}"\n'
        f"{_description(name)}"
        f"[discover]\npages = [\"https://{name}.example/\"]\narticle_urls = ['/a/\\d+']\n",
        name,
    )


def _description(name: str) -> str:
    if name not in DESCRIBED:
        return ""
    place, code, kind, tags = DESCRIBED[name]
    listed = ", ".join(f'"{tag}"' for tag in tags)
    return f'place = {{ name = "{place}", code = "{code}" }}\nkind = "{kind}"\ntags = [{listed}]\n'


def _story(rng: random.Random, number: int, days: int, known: list[Story]) -> Story:
    portal = rng.choice(sorted(_TITLES))
    published_on = min(rng.randrange(days), rng.randrange(days))
    moment = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=ZoneInfo(_ZONES[portal])) + timedelta(
        days=published_on, hours=rng.choice((1, 3, 7, 9, 15, 23)), minutes=rng.randrange(60), seconds=rng.randrange(60)
    )
    precision: Precision | None = rng.choice(("second", "second", "minute", "day", None))
    story = Story(
        portal, f"/a/{number}.html", f"{_text(rng, 1).strip()}{number}",
        _text(rng, rng.randrange(3, 7)) + f"第{number}篇。", published_on, *_published(moment, precision),
        source=rng.choice((None, "新华社", "本网讯", " 新华社 ", _TITLES[portal])),
        views=None if rng.random() < 0.15 else (rng.randrange(5, 400), rng.randrange(40)),
    )  # fmt: skip
    if number % 23 == 7:
        story.title = f"{_FORMULAS[number // 23 % len(_FORMULAS)]} {number}".strip()
    originals = [story for story in known if story.copy_of is None and story.portal != portal and not story.corrections]
    if originals and rng.random() < 0.2:
        story = _reprint(rng, story, rng.choice(originals))
        if number % 3 == 0:  # a copy that its portal corrects stays a copy
            story.corrections = {story.published_on + 5: f"更正：转载 {number} 时有误。"}
        return story
    if rng.random() < 0.1:
        story.corrections = {
            published_on + rng.randrange(2, 20): f"更正：{number} 的数字有误。",
            published_on + 25: "再次更正。",
        }
    elif rng.random() < 0.05:
        story.gone = published_on + rng.randrange(3, 25)
    return story


def _reprint(rng: random.Random, story: Story, original: Story) -> Story:
    """*story* as a copy of *original*, sometimes on its portal's list before it."""
    later = datetime.fromisoformat(original.published_at or "2026-09-01T00:00:00+08:00") + timedelta(
        hours=rng.choice((2, 30))
    )
    text = original.body if rng.random() < 0.7 else original.body + "（转载时有删节）"
    published_on = max(0, original.published_on + rng.choice((-1, 0, 1, 2)))
    return replace(
        story, title=original.title, body=text, published_on=published_on, copy_of=original, corrections={},
        source=_TITLES[original.portal], source_url=f"https://{original.portal}.example/",
        published_at=later.isoformat(), published_date=later.date().isoformat(), precision="second",
    )  # fmt: skip


def _published(moment: datetime, precision: Precision | None) -> tuple[str | None, str | None, Precision | None]:
    if precision is None:
        return None, None, None
    if precision == "day":
        moment = moment.replace(hour=0, minute=0, second=0)
    elif precision == "minute":
        moment = moment.replace(second=0)
    return moment.isoformat(), moment.date().isoformat(), precision


def _text(rng: random.Random, paragraphs: int) -> str:
    return "\n\n".join(
        "".join(
            rng.choice(_WORDS)
            + "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(rng.randrange(4)))
            + rng.choice(_ENDS)
            for _ in range(rng.randrange(8, 25))
        ).strip()
        for _ in range(paragraphs)
    )
