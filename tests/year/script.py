"""What happens in the year: stories, corrections, deletions, growing counts, and the bad days. The truth of it all."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from crawler.samples import Samples, texts
from crawler.samples.story import Story
from harness.sample_sites import CHENGSHI, METRO, ZHIHUI

START = datetime(2026, 1, 1, 5, 17, tzinfo=UTC)
PORTALS = (ZHIHUI, CHENGSHI, METRO)
Kind = Literal[
    "down",
    "error",
    "counter",
    "redesign",
    "wall",
    "frozen",
    "short",
    "silent",
    "kill",
    "disk",
    "clock",
    "hourly",
    "ban",
    "maintenance",
    "login",
    "lists",
    "further",
    "definition",
    "parameters",
]
#: Those that a run has to report, and the days it may take to see them and to see their end. That texts are whole again
#: is seen on new ones only, of which National Day brings none; whom an outage silenced before may be silent longer; a
#: ban is none on a day on which a single article is asked for.
REPORTED: dict[str, tuple[int, int]] = {
    "down": (0, 0), "error": (0, 0), "counter": (3, 3), "redesign": (3, 3), "wall": (3, 3), "frozen": (7, 4),
    "short": (5, 12), "silent": (20, 3), "ban": (2, 3), "maintenance": (2, 3), "login": (2, 3), "lists": (0, 3),
}  # fmt: skip
#: What a run may report, and need not: a failing further page of a list.
OPTIONAL = frozenset({"further"})
#: Nothing of the portal's articles is to be had, whatever it says; and: what is new is not to be found.
NO_ARTICLES = frozenset({"down", "error", "wall", "ban", "maintenance", "login"})
NO_LISTS = frozenset({"lists", "further"})
MAINTENANCE = (
    "<html><head><title>系统维护公告</title></head><body><h1>系统维护公告</h1><p>尊敬的用户，为了给您提供更好的服务，本站正在"
    "进行升级，期间暂停访问，给您带来的不便敬请谅解。完成后网站将恢复正常，感谢您的理解与支持。</p></body></html>"
)
LOGIN = (
    "<html><head><title>用户登录</title></head><body><h1>用户登录</h1><form><input name=u><input name=p type=password>"
    "</form><p>请先登录后再查看内容，没有账号请注册。</p></body></html>"
)
DROPPED_AFTER = 4  #: days of changing parameters until the operator names them in the definition
WALL = (
    "<html><head><title>安全验证</title></head><body><h1>安全验证</h1><p>访问过于频繁，请完成验证后继续访问。</p>"
    "<form><input name=captcha></form></body></html>"
)
_ARTICLE = r"/detail/|/\d{4}/\d{4}/|^/20\d\d/"
_INFO = (
    (r"来源：(?:<a [^>]*>)?([^<　]*)(?:</a>)?　", r"<i class=from title='\1'></i>　"),
    (r"发布时间：([^　<]*)", r"<i class=when title='\1'></i>"),
)
CORRECTED = """
[extract]
published_at = "xpath://i[@class='when']/@title"
source = "xpath://i[@class='from']/@title"
"""
CORRECTED_AFTER = 7  #: days after a redesign until the operator has corrected the definition
#: Days without a story on the portals of one country: Spring Festival, National Day.
HOLIDAYS = ((datetime(2026, 2, 14), datetime(2026, 2, 22)), (datetime(2026, 10, 1), datetime(2026, 10, 8)))  # noqa: DTZ001 - days, whatever the zone


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that goes wrong from the day *first* to the day *last* (numbers, from 0)."""

    kind: Kind
    portal: str
    first: int
    last: int


def incidents(days: int, chance: random.Random) -> list[Incident]:
    """The bad days of a year of *days* days: the whole programme where the year is long enough.

    Down are portals without a delay: the gap that grows with each failure is a multiple of it, and real seconds pass in
    it, whatever the run's clock says. Back-off itself is judged in tests/crawl.
    """
    if days >= 360:
        return _YEAR + [Incident("kill", METRO, day, day) for day in chance.sample(range(3, days - 3), 14)]
    return _MONTH if days >= 30 else _DAYS


_YEAR = [
    Incident("ban", METRO, 20, 28),
    Incident("maintenance", CHENGSHI, 55, 58),
    Incident("login", ZHIHUI, 90, 93),
    Incident("definition", ZHIHUI, 140, 140),
    Incident("definition", CHENGSHI, 160, 160),
    Incident("lists", ZHIHUI, 170, 188),
    Incident("further", ZHIHUI, 189, 189),
    Incident("parameters", ZHIHUI, 205, 230),
    Incident("down", CHENGSHI, 40, 41),
    Incident("disk", METRO, 60, 60),
    Incident("error", CHENGSHI, 80, 82),
    Incident("hourly", METRO, 100, 100),
    Incident("counter", CHENGSHI, 120, 126),
    Incident("down", METRO, 150, 150),
    Incident("redesign", CHENGSHI, 190, 190 + CORRECTED_AFTER - 1),
    Incident("disk", METRO, 210, 210),
    Incident("frozen", METRO, 230, 245),
    Incident("clock", METRO, 250, 250),
    Incident("short", ZHIHUI, 262, 271),
    Incident("wall", ZHIHUI, 300, 304),
    Incident("hourly", METRO, 320, 320),
    Incident("error", METRO, 330, 331),
    Incident("silent", ZHIHUI, 338, 358),
]
_MONTH = [
    Incident("ban", CHENGSHI, 4, 7),
    Incident("maintenance", ZHIHUI, 10, 12),
    Incident("definition", ZHIHUI, 14, 14),
    Incident("lists", ZHIHUI, 20, 22),
    Incident("further", ZHIHUI, 23, 23),
    Incident("parameters", ZHIHUI, 24, 29),
    Incident("down", METRO, 6, 7),
    Incident("kill", METRO, 9, 9),
    Incident("disk", METRO, 12, 12),
    Incident("redesign", CHENGSHI, 15, 15 + CORRECTED_AFTER - 1),
    Incident("kill", METRO, 18, 18),
    Incident("hourly", METRO, 23, 23),
    Incident("counter", CHENGSHI, 25, 28),
]
_DAYS = [Incident("kill", METRO, 2, 2), Incident("down", METRO, 3, 3)]


class Year:
    """The sites of *samples* through their days. ``state`` is the truth: what stood where at the run of a day."""

    def __init__(self, samples: Samples, days: int, seed: int = 1) -> None:
        self.samples = samples
        self._chance = random.Random(seed)
        self.incidents = incidents(days, random.Random(seed + 1))
        self._number = 0
        self._recent: dict[str, list[str]] = {name: [] for name in PORTALS}  # paths, oldest first
        self._taken: list[tuple[int, str, Story]] = []  # what was taken down, and the day it comes back
        self.online: dict[tuple[str, str], Story] = {}  #: (portal, path) -> what stands there now
        self.gone: set[tuple[str, str]] = set()
        self.counted = {"stories": 0, "corrections": 0, "deletions": 0, "returns": 0, "copies": 0}
        for name in PORTALS:
            for story in samples.stories(name):
                self.online[name, story.path] = story

    def now(self, day: int) -> datetime:
        """When the run of *day* begins; a few minutes later each day, so that an age is clearly come or not."""
        return START + timedelta(days=day, minutes=7 * (day % 60))

    def at(self, day: int, *kinds: Kind) -> list[Incident]:
        """The incidents of *kinds* that hold on *day*."""
        return [
            incident for incident in self.incidents if incident.first <= day <= incident.last and incident.kind in kinds
        ]

    def pass_day(self, day: int) -> None:
        """What happened on the sites between the run of the day before and that of *day*."""
        for portal in PORTALS:
            self._publish(portal, day)
            self._correct(portal)
            self._take_down(portal, day)
            self._count(portal)
        for when, portal, story in [pair for pair in self._taken if pair[0] == day]:
            self._put(portal, story)
            self._taken.remove((when, portal, story))
            self.gone.discard((portal, story.path))
            self.counted["returns"] += 1

    # -- what is published -------------------------------------------------------------------------------------------

    def _publish(self, portal: str, day: int) -> None:
        for _ in range(self._rhythm(portal, day)):
            self._number += 1
            at = self.now(day) - timedelta(minutes=self._chance.randint(10, 20 * 60))
            for frozen in self.at(day, "frozen"):
                at = self.now(frozen.first) - timedelta(hours=9) if frozen.portal == portal else at
            story = texts.story(portal, self._number, at, self._chance)
            if any(short.portal == portal for short in self.at(day, "short")):
                story = replace(story, text=story.text.partition("\n\n")[0][:60] + "。")
            self._put(portal, story)
            self._recent[portal].append(story.path)
            self.counted["stories"] += 1
        if portal == CHENGSHI and day % 14 == 9:
            self._copy(day)

    def _rhythm(self, portal: str, day: int) -> int:
        """How many stories *portal* publishes on *day*."""
        if any(incident.portal == portal for incident in self.at(day, "silent")):
            return 0
        local = self.now(day).astimezone(ZoneInfo(texts.site(portal)["timezone"]))
        weekend = local.weekday() >= 5
        if portal == METRO:
            return self._chance.randint(0, 1) if weekend else self._chance.randint(1, 3)
        if any(first <= local.replace(tzinfo=None) < last + timedelta(days=1) for first, last in HOLIDAYS):
            return 0
        if portal == ZHIHUI:
            return 0 if weekend else self._chance.randint(1, 3)
        return int(self._chance.random() < (0.1 if weekend else 0.7))

    def _copy(self, day: int) -> None:
        """Something of the other trade portal, retitled, its first sentence cut away."""
        candidates = [p for p in self._recent[ZHIHUI][-6:] if (ZHIHUI, p) in self.online]
        if not candidates:
            return
        self._number += 1
        original = self.online[ZHIHUI, candidates[0]]
        like = texts.story(CHENGSHI, self._number, self.now(day) - timedelta(hours=1), self._chance)
        copied = replace(
            like, text=original.text.partition("。")[2], source="智慧城市网", source_url=None, copy_of=original.path
        )
        if len(copied.body) >= 150:
            self._put(CHENGSHI, copied)
            self.counted["copies"] += 1

    # -- what becomes of it ------------------------------------------------------------------------------------------

    def _correct(self, portal: str) -> None:
        if self._chance.random() < 0.25 and (path := self._some(portal, 25)):
            story = self.online[portal, path]
            stop = "." if portal == METRO else "。"
            unsaid = [
                sentence for sentence in texts.sentences(portal) if sentence not in story.text
            ]  # who repeats corrects nothing
            added = self._chance.choice(unsaid) + stop
            self._put(portal, replace(story, text=f"{story.text}\n\n{added}"))
            self.counted["corrections"] += 1

    def _take_down(self, portal: str, day: int) -> None:
        if self._chance.random() < 0.03 and (path := self._some(portal, 12)):
            story = self.online.pop((portal, path))
            self.samples.delete(portal, path)
            self.gone.add((portal, path))
            self.counted["deletions"] += 1
            if self._chance.random() < 0.5:
                self._taken.append((day + self._chance.randint(2, 9), portal, story))

    def _count(self, portal: str) -> None:
        """View counts grow, fast at first. Old ones are left alone: nobody looks at them any more."""
        for path in self._recent[portal][-60:]:
            story = self.online.get((portal, path))
            if story is not None and story.view_count is not None:
                grown = story.view_count + self._chance.randint(1, 90)
                self._put(portal, replace(story, views=str(grown)))

    def _some(self, portal: str, newest: int) -> str | None:
        there = [path for path in self._recent[portal][-newest:] if (portal, path) in self.online]
        return self._chance.choice(there) if there else None

    def _put(self, portal: str, story: Story) -> None:
        self.samples.add(portal, story)
        self.online[portal, story.path] = story

    # -- the bad days ------------------------------------------------------------------------------------------------

    def trouble(self, day: int) -> None:
        """Puts every portal into the state of *day*."""
        for portal in PORTALS:
            self.samples.heal(portal)
            self.samples.restyle(portal)
        self._misbehave(day)
        for incident in self.at(day, "down", "error", "counter", "redesign", "wall"):
            if incident.kind == "down":
                self.samples.down(incident.portal)
            elif incident.kind == "error":
                self.samples.fail(incident.portal, "", 503)
            elif incident.kind == "counter":
                self.samples.fail(incident.portal, r"count\.php", 404)
            elif incident.kind == "wall":
                self.samples.wall(incident.portal, _ARTICLE, WALL)
        for incident in self.incidents:
            if incident.kind == "redesign" and day >= incident.first:  # it stays; the operator corrects the definition
                self.samples.restyle(incident.portal, *_INFO)

    def _misbehave(self, day: int) -> None:
        """Bans, outages that answer 200, failing lists and changing parameters of *day*."""
        for incident in self.at(day, "ban", "maintenance", "login", "lists", "further", "parameters"):
            if incident.kind == "ban":
                self.samples.fail(incident.portal, _ARTICLE, 403)
            elif incident.kind in {"maintenance", "login"}:
                self.samples.wall(incident.portal, _ARTICLE, MAINTENANCE if incident.kind == "maintenance" else LOGIN)
            elif incident.kind == "parameters":
                self.samples.restyle(
                    incident.portal, (r'href="(/(?:Tech_)?news/detail/\d+\.html)"', rf'href="\1?x=d{day}"')
                )
            else:
                self.samples.fail(incident.portal, r"/news/$|/list" if incident.kind == "lists" else r"/list_p\d", 404)
