"""Pages of one text in several frames: tables, boxes with and without telling names, utility classes, HTML 5."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.extraction import Fields, Page
from harness.extracted import fields_of

NOW = datetime(2026, 3, 20, 10, tzinfo=UTC)
CHINESE = "云泽市四百个公交站装上会说话的站牌"
ENGLISH = "Harbour council hands its night buses to the people who ride them"
#: Paragraphs by headline.
TEXTS = {
    CHINESE: (
        "云泽市交通局十一月六日宣布，全市四百个公交站的旧站牌已换成会说话的电子站牌，视障乘客按下按钮就能听到下一班车还有几分钟到站。",
        "承担设计的工程师黎漱石介绍，站牌每二十秒向调度中心询问一次车辆位置，断网时改用时刻表报时，并在屏幕上注明。",
        "家住槐树岭的盲人按摩师仇玉芬说，从前她要问身边的人，下雨天没人可问，现在自己按一下就知道，出门早了还能多喝一杯茶。",
        "交通局表示，明年还将在两百个乡村车站安装同样的设备，电由屋顶的太阳能板供给，阴雨天可以连续工作七天。",
        "市残联理事长提出，按钮的高度应当让坐轮椅的人也够得着，这一条已经写进第二期工程的招标文件。",
    ),
    ENGLISH: (
        "The council of Pellmouth has handed the timetable of its three night buses to a panel of forty passengers.",
        "Members were drawn by lot from the holders of season tickets, and include two nurses, a baker and a man who "
        "makes nets on the fish quay.",
        "The first change they asked for was a small one: the last bus now waits for the train from the county seat.",
        "Drivers were doubtful at first, said Rosa Tennick, who has run the depot for eleven years, but the number of "
        "complaints has fallen by half since August.",
        "The experiment costs the council four thousand pounds a year, most of it for sandwiches, and will be looked "
        "at again when the new ferry opens in the spring.",
    ),
}  # fmt: skip
_OTHERS = {
    CHINESE: ("江滩公园的夜灯换成了暖色", "老粮站改成社区食堂", "停车场先付后停引来争议", "图书馆把还书箱搬进菜场"),
    ENGLISH: ("Fish quay gets a roof at last", "Mayor to walk the sea wall", "Library opens its cellar to bats"),
}
_ADDRESS = {CHINESE: "http://www.yunze.example/zhcs/4471.html", ENGLISH: "http://www.packet.example/news/night-buses"}
_FOOT = {CHINESE: "版权所有 云泽在线 云ICP备06000000号", ENGLISH: "&copy; 2026 The Pellmouth Packet"}
_SITE = {CHINESE: "_云泽在线", ENGLISH: " - The Pellmouth Packet"}
#: What stands around headline (0), header lines (1), text (2), what follows in its box (3) and behind it (4).
FRAMES = {
    "boxes": "<div class=wrap><div class=left><h1>{0}</h1>{1}<div class=con>{2}{3}</div>{4}</div></div>",
    "table": "<table><tr><td><table><tr><td class=bt><font size=5><b>{0}</b></font></td></tr><tr><td align=center>{1}"
    "</td></tr><tr><td class=zw>{2}{3}</td></tr></table>{4}</td></tr></table>",
    "html5": "<main><article><header><h1 class=entry-title>{0}</h1>{1}</header><div class=entry-content>{2}{3}</div>"
    "</article>{4}</main>",
    "nameless": "<section class=q1><section class=q2><h2 class=x1>{0}</h2>{1}<section class=q3>{2}{3}</section>"
    "</section>{4}</section>",
    "utility": "<div class='container relative'><div class='relative prose'><h1 class='text-3xl relative'>{0}</h1>"
    "<div class='flex relative'>{1}</div><div class='relative leading-8'>{2}{3}</div></div>{4}</div>",
}


def links(title: str) -> str:
    """A list of links to other articles."""
    return "<ul>" + "".join(f"<li><a href=/n/{n}.html>{t}</a></li>" for n, t in enumerate(_OTHERS[title])) + "</ul>"


def paragraphs(title: str, first: int = 0, last: int | None = None) -> str:
    """The paragraphs *first* to *last* of the text below *title*."""
    return "".join(f"<p>{text}</p>" for text in TEXTS[title][first:last])


def framed(
    title: str, frame: str, header: str, *, text: str | None = None, inside: str = "", after: str = "",
    heading: str | None = None, head: str = "",
) -> Fields:  # fmt: skip
    """The fields of the page of *title* in *frame*, with *header* below the headline (as *heading* prints it)."""
    content = paragraphs(title) if text is None else text
    article = FRAMES[frame].format(heading or title, header, content, inside, after)
    menu = "".join(f"<a href=/{n}/>{word}</a> " for n, word in enumerate(_OTHERS[title]))
    markup = (
        f"<html lang={'zh' if title == CHINESE else 'en'}><head><meta charset=utf-8><title>{title}{_SITE[title]}"
        f"</title>{head}</head><body><div>{menu}</div>{article}<div>{links(title)}</div><div>{_FOOT[title]}</div>"
    )
    return fields_of(Page(markup.encode(), url=_ADDRESS[title], fetched_at=NOW))


def body(title: str) -> str:
    """The body of the whole text below *title*."""
    return "\n\n".join(TEXTS[title])
