"""Header lines in every order, with other names and other elements: a value stays or becomes null, never wrong."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from crawler.extraction import Fields, Page, extract

TEXT = "".join(
    f"<p>滨江市数据局第{number}批路口已换上会自己配时的信号灯，早高峰平均等候时间缩短了四分之一。</p>"
    for number in "一二三四五"
)
#: Field -> what states it: (label, value), and the value of the record.
STATED = {
    "published_at": (("发布时间：", "2024-05-11 08:42:32"), "2024-05-11T08:42:32+08:00"),
    "source": (("来源：", "滨江日报"), "滨江日报"),
    "author": (("作者：", "王小明"), "王小明"),
    "editor": (("责任编辑：", "李四"), "李四"),
    "view_count": (("浏览次数：", "1307"), 1307),
}
#: What stands in header lines as well and states nothing of these.
NOISE = (
    "<a href='#c'>评论</a>",
    "<span>12人参与</span>",
    "字号：<a>大</a> <a>中</a> <a>小</a>",
    "<a href='#s'>分享</a>",
    "<a href='#f'>收藏本文</a>",
    "活动时间：2024-06-01 14:00",
    "成文日期：2024-05-08",
    "关注人气：88",
    "题图/赵五",
)
NAMES = ("info", "meta", "a1", "xx-y", "left", "t_source", "font12", "clearfix")


def item(dice: random.Random, label: str, value: str) -> str:
    """A labelled value: in one text, or label and value in elements of their own."""
    tag, name = dice.choice(("span", "em", "i", "b", "font", "li")), dice.choice(NAMES)
    kind = dice.randrange(5)
    if kind == 0:
        return f"{label}{value}"
    if kind == 1:
        return f"<{tag} class={name}>{label}{value}</{tag}>"
    if kind == 2:
        return f"<{tag}>{label}</{tag}><a href='/x'>{value}</a>"
    if kind == 3:
        return f"{label}<{tag} class={name}>{value}</{tag}>"
    return f"<{tag} class={name}>{label} {value}</{tag}>"


def line(dice: random.Random, fields: list[str], noise: int) -> str:
    """The header of *fields* in any order, parted in any way; elements alone may be glued."""
    items = [item(dice, *STATED[name][0]) for name in fields] + dice.sample(NOISE, noise)
    dice.shuffle(items)
    apart = dice.choice((" ", "  ", "&nbsp;&nbsp;", " | ", "\n", "　", " · ", "</p><p>", "<br>"))
    glued = dice.random() < 0.3 and all(item.startswith("<") and item.endswith(">") for item in items)
    return ("" if glued else apart).join(items)


def read(header: str) -> Fields:
    page = Page(
        f"<html><head><title>滨江三百二十处路口换上新信号灯</title></head><body><h1>滨江三百二十处路口换上新信号灯</h1>"
        f"<div class='{NAMES[0]}'><p>{header}</p></div><div class='content'>{TEXT}</div></body></html>".encode(),
        url="https://www.example.cn/n/7.html",
        fetched_at=datetime(2024, 5, 20, tzinfo=UTC),
        timezone="Asia/Shanghai",
    )
    found = extract([page])
    assert isinstance(found, Fields)
    return found


def test_the_line_that_is_not_changed() -> None:
    found = read("  ".join(label + value for (label, value), _ in STATED.values()))
    assert {name: getattr(found, name) for name in STATED} == {name: right for name, (_, right) in STATED.items()}


@pytest.mark.parametrize("seed", range(40))
def test_no_change_makes_a_value_wrong(seed: int) -> None:
    dice = random.Random(seed)
    null = 0
    for _ in range(15):
        fields = dice.sample(list(STATED), dice.randrange(1, len(STATED) + 1))
        header = line(dice, fields, dice.randrange(4))
        found = read(header)
        for name, (_, right) in STATED.items():
            value = getattr(found, name)
            if name in fields:
                assert value in (right, None), (name, value, header)
                null += value is None
            else:
                assert value is None, (name, value, header)
    assert null == 0  # null is allowed; none is needed so far
