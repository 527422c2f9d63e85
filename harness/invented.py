"""Invented portals of families that the samples are not of: pages made from words, with the truth.

They are as wide as real pages: menus, side lists, rankings, tags, authors, downloads, foot notes. Nothing in them is real.
"""

# ruff: noqa: E501 - markup and lists of words, which do not read better when they are cut
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from harness.scripted import Answer, Scripted

COUNT = 44  #: articles of a portal
SIZE = 12  #: articles of a page of a list
PLACES = ["云河", "澄江", "望川", "柳州桥", "青屿", "宁溪", "临渡", "雁洲", "长汀埠", "松岭"]
THINGS = [
    "智慧路灯",
    "公交优先信号",
    "数字停车",
    "电子证照",
    "充电桩",
    "城市体检",
    "供水管网",
    "桥梁监测",
    "积水预警",
    "一网统管",
]
ACTS = [
    "上线试运行",
    "完成第二期建设",
    "覆盖全部主干道",
    "接受公众评议",
    "公布首份年报",
    "向社区开放",
    "通过专家验收",
    "节能三成",
    "扩大试点",
    "更换控制系统",
]
WHO = ["市数据局", "市交通局", "城建集团", "云河日报社", "澄江晚报", "住房和城乡建设局", "智慧城市研究会"]
NAMES = ["陈望", "林溪", "周渡", "吴岭", "郑桥"]
EN_THINGS = [
    "street lamps",
    "bus lanes",
    "water meters",
    "parking sensors",
    "charging points",
    "traffic signals",
    "flood gauges",
]
EN_ACTS = [
    "learn to wait for the night bus",
    "pass their second winter",
    "report their own faults",
    "cut the city's bill",
    "",
]
EN_ACTS = [act for act in EN_ACTS if act] + ["go public after a long trial", "win over the harbour quarter"]
EN_PLACES = ["Alder Quay", "Brockmoor", "Castle Fen", "Dunmere", "Eastlow", "Fallow Hill"]
EN_WHO = ["Alder Quay Gazette", "Brockmoor Council", "Fenland Data Trust", "Dunmere Transit"]


@dataclass(slots=True)
class Truth:
    """What one article states."""

    number: int
    path: str
    title: str
    at: datetime
    source: str | None
    views: int
    paragraphs: list[str]
    column: int
    related: list[int] = field(default_factory=list)

    @property
    def body(self) -> str:
        return "\n\n".join(self.paragraphs)


@dataclass(slots=True)
class Invented:
    """A portal: its articles, oldest first, and its pages (address with query -> page)."""

    name: str
    articles: list[Truth]
    pages: dict[str, Answer]
    robots: str = "User-agent: *\nDisallow: /plus/search\n"
    dynamic: dict[str, Callable[[], bytes]] = field(default_factory=dict)

    def serve(self, server: Scripted) -> None:
        """Puts the portal onto *server*; ``{base}`` in its pages becomes the server's address."""
        for path, answer in self.pages.items():
            assert isinstance(answer.body, bytes)
            server.pages[path] = Answer(
                answer.body.replace(b"{base}", server.base.encode()), answer.status, answer.headers
            )
        server.pages["/robots.txt"] = Answer(self.robots.replace("{base}", server.base).encode())


def chinese(random: Random, number: int) -> tuple[str, list[str]]:
    """A headline and paragraphs that no other article has."""
    place, thing, act = random.choice(PLACES), random.choice(THINGS), random.choice(ACTS)
    title = f"{place}{thing}{act} 第{number}处点位投入使用"
    paragraphs = [
        f"{random.choice(NAMES)}介绍，{place}的{random.choice(THINGS)}自今年{random.randint(1, 12)}月起{random.choice(ACTS)}，"
        f"目前已接入{random.randint(100, 9999)}个点位，每天处理{random.randint(2, 90)}万条数据。"
        f"{random.choice(WHO)}表示，下一步将在{random.choice(PLACES)}推广这一做法，并把{random.choice(THINGS)}纳入统一平台。"
        for _ in range(random.randint(4, 9))
    ]
    return title, paragraphs


def english(random: Random, number: int) -> tuple[str, list[str]]:
    """A headline and paragraphs that no other article has."""
    thing, act, place = random.choice(EN_THINGS), random.choice(EN_ACTS), random.choice(EN_PLACES)
    title = f"{place} {thing.title()} {act.capitalize()}, Site {number}"
    paragraphs = [
        f"The {random.choice(EN_THINGS)} of {place} were counted again in week {random.randint(1, 52)}, and the council "
        f"of {random.choice(EN_PLACES)} says that {random.randint(40, 990)} of them now {random.choice(EN_ACTS)}. "
        f"Residents had asked for it {random.randint(2, 30)} times, the {random.choice(EN_WHO)} wrote."
        for _ in range(random.randint(4, 9))
    ]
    return title, paragraphs


def articles(
    seed: int, count: int, zone: str, write: Callable[[Random, int], tuple[str, list[str]]],
    sources: list[str], address: Callable[[int, datetime, int, str], str], columns: int,
) -> list[Truth]:  # fmt: skip
    """The truth of *count* articles, oldest first; each is related to three older ones."""
    random = Random(seed)
    at = datetime(2025, 9, 1, 8, 5, tzinfo=ZoneInfo(zone))
    found: list[Truth] = []
    for n in range(count):
        at += timedelta(hours=random.randint(5, 70), minutes=random.randint(1, 59))
        title, paragraphs = write(random, n + 1)
        number, column = 3001 + 7 * n, n % columns
        truth = Truth(
            number, address(number, at, column, title), title, at, random.choice(sources), random.randint(12, 9000),
            paragraphs, column,
        )  # fmt: skip
        truth.related = random.sample(range(n), min(3, n)) if n else []
        found.append(truth)
    return found


def chunks(found: list[Truth], size: int) -> list[list[Truth]]:
    """Newest first, in pages of *size*."""
    newest = found[::-1]
    return [newest[n : n + size] for n in range(0, len(newest), size)]


def furniture(found: list[Truth]) -> str:
    """What stands around an article on real pages: a ranking with pictures, partners elsewhere, scripts, hidden menus."""
    ranking = "".join(
        f'<li class="rank{n}"><em>{n}</em><a href="{x.path}" target="_blank"><img src="/t/{x.number}.jpg" alt=""><span>'
        f"{x.title}</span></a><i>{x.views}</i></li>"
        for n, x in enumerate(sorted(found, key=lambda article: -article.views)[:24], 1)
    )
    partners = "".join(
        f'<li><a href="https://partner-{n}.example.org/" target="_blank" rel="nofollow"><span>{place} No. {n}</span></a></li>'
        for n, place in enumerate((EN_PLACES * 12)[:64], 1)
    )
    script = "".join(f'var slot{n}={{"id":"{n * 7919}","size":[{n},250],"lazy":true}};' for n in range(120))
    menus = "".join(
        f'<div class="menu-panel"><h4>{place}</h4><ul>'
        + "".join(
            f'<li class="menu-item"><a href="https://{place[:4].lower().strip()}.example.net/{n}/"><b>{n}</b> {place} desk</a></li>'
            for n in range(1, 9)
        )
        + "</ul></div>"
        for place in EN_PLACES
    )
    return (
        f'<div class="ranking"><h4>TOP</h4><ol>{ranking}</ol></div><div class="friendlink"><ul>{partners}</ul></div>'
        f'<div class="nav-panels" style="display:none">{menus}</div><script>{script}</script>'
    )
