"""Header lines, addresses, bytes and headers drawn by chance, and what crawler.values reads in them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from crawler.values import (
    bylines,
    clocks,
    counts,
    encoding,
    language,
    media,
    paging,
    persons,
    stamps,
    text,
    times,
    traps,
    urls,
    waits,
    zones,
)
from crawler.values.header import read_header
from crawler.values.hours import Hours
from crawler.values.labels import find_labels, is_label
from crawler.values.pieces import BREAK, printed
from crawler.values.sizes import readable, size

COUNT = 1500
_HOME = ZoneInfo("Asia/Shanghai")
_NOW = datetime(2024, 5, 20, 12, tzinfo=_HOME)
_PIECES = [
    "来源", "来源：", "作者：", "作者", "记者", "本报记者", "责任编辑：", "编辑", "发布时间：", "时间：",
    "更新时间：", "成文日期：", "浏览：", "浏览次数", "阅读", "点击量：", "评论", "人气", "北岸日报", "滨江网",
    "滨江", "王小明", "李雪", "欧阳明", "秦允之", "高清", "管理员", "admin", "1,791", "12345", "1.2万", "88次",
    "178次", "0", "2024-05-11", "08:42:10", "2024年5月11日", "5月11日", "05-11", "昨天", "3小时前", "9:05",
    "下午3:20", "11/05/2024", "03.05.24", "24/5/11", "May", "11,", "2024", "11", "May", "2024", "10:15", "AM", "EST",
    "GMT", "By", "by", "Jane", "Doe", "John", "Roe", "and", "Daily", "Mail", "Reporter", "|", "｜", "/", "／", "：",
    ":", "，", "。", "（", "）", "(", ")", "【", "】", "[", "]", "·", "《", "》", "文/图", "文｜", "摄影：", "原创",
    "转载自", "字号", "大", "中", "小", "电", "报導", "台北", "二〇二四年五月十一日", "民國113年5月11日", "Sat",
    "May", "11", "08:42:32", "CST", "2024", "20240511084232", "1715388150", "views", "reads", "hits", "Updated",
    "Published",
]  # fmt: skip
_WORDS = [
    "http", "https://", "http://", "HTTP://", "ftp://", "//", "www.", "m.", "example.cn", "Example.CN",
    "example.com:8080", "example.cn:80", "[::1]", "xn--fiq228c", "新闻", "/", "/n/", "/2024/05/11/",
    "/t20240511_77.html", "/list_2.html", "/index.html", "../", "./", "?", "?id=7", "&page=2", "?page=3",
    "&utm_source=x", "&spm=a.b", "&sid=0123456789abcdef0123456789abcdef", ";jsessionid=AB12", "#top", "%E6%96%B0",
    "%7e", "空格", "a", "b", "c.htm", "/a/a/a/a/", "year=2031", "&y=2040", "2030-07/", "@", "user:pw@", "7.html",
    "7_2.html", "7_3.html", "?p=1&q=2&r=3&s=4&t=5&u=6&v=7&w=8&x=9",
]  # fmt: skip
_HEADERS = (
    "120",
    " 7 ",
    "99999999",
    "Mon, 20 May 2024 05:00:00 GMT",
    "Mon, 20 May 2024 05:00:00 -0000",
    "soon",
    "",
    "-1",
)
_CHARSETS = (None, "utf-8", "gbk", "GB2312", "big5", "iso-8859-1", "utf-7", "unicode_escape", "nonsense", "shift_jis")
_TEXTS = (
    "滨江市数据局的信号灯",
    "這個國家的門與關係",
    "Signals for the ring road",
    "ринг",
    "リバーサイド",
    "강변",
    "Café £3",
    "",
)


def drawn(number: int) -> dict[str, Any]:
    """What is read in the line, the addresses and the bytes of *number*, by name."""
    rng = random.Random(number)
    glue = rng.choice([" ", "", BREAK, "　", " "])
    line = glue.join(rng.choices(_PIECES, k=rng.randint(1, 7)))
    one, other = ("".join(rng.choices(_WORDS, k=rng.randint(1, 6))) for _ in range(2))
    if rng.random() < 0.7:
        one = rng.choice(["http://www.example.cn", "https://m.example.cn/n/", "//example.com:443"]) + one
    return _line(line, rng) | _address(one, other) | _bytes(rng)


def _line(line: str, rng: random.Random) -> dict[str, Any]:
    header = read_header(line, _NOW)
    stated = {name: getattr(header, name) for name in header.__slots__}
    return stated | {
        "moments": list(times.find_moments(line, _NOW)),
        "labels": find_labels(line), "label": is_label(line), "clock": clocks.find_clock(line, 0),
        "byline": bylines.read_byline(line), "lead": bylines.byline_in_lead(line), "end": bylines.byline_at_end(line),
        "person": persons.person_name(line), "medium": media.media_name(line), "stated": media.stated_name(line),
        "count": counts.parse_count(line), "stamp": stamps.read_stamp(line, _NOW), "squash": text.squash(line),
        "printed": printed([(piece, rng.random() < 0.5) for piece in line.split(" ")]),
        "sentences": sorted(text.sentences(line)), "language": language.language_of(line * 3, rng.choice(["en", None])),
    }  # fmt: skip


def _address(one: str, other: str) -> dict[str, Any]:
    base = "https://www.example.cn/n/7.html"
    return {
        "clean": [_said(urls.clean, text) for text in (one, other)], "joined": _said(urls.clean, other, base),
        "identity": _said(urls.identity, one), "host": urls.host_of(one), "site": urls.site_of(urls.host_of(one)),
        "slash": _said(urls.other_slash, urls.clean(one) or base), "trap": _said(partial(traps.trap, now=_NOW), one),
        "inside": [urls.in_domains(one, (name,)) for name in ("example.cn", "example.com:8080", "www.example.cn:80")],
        "day": _said(stamps.date_in_path, one), "goes on": _said(paging.continues, base, base, one),
        "bare": _said(urls.bare, one, ("page", "id")),
    }  # fmt: skip


def _bytes(rng: random.Random) -> dict[str, Any]:
    written = rng.choice(_TEXTS) * 5
    codec = rng.choice(["utf-8", "gb18030", "big5", "cp1252", "utf-16"])
    named = f"<meta charset={rng.choice(_CHARSETS)}>".encode() if rng.random() < 0.5 else b""
    raw = named + written.encode(codec, "ignore") + rng.choice([b"", b"\xff\xfe\x81"])
    hours = rng.choice(["22:00-06:30", "08:00-09:00", "09:00-09:00", "25:00-1:00"])
    return {
        "decoded": encoding.decode(raw, rng.choice(_CHARSETS), rng.choice([None, None, "gbk"])),
        "wait": waits.retry_after(rng.choice(_HEADERS), _NOW.astimezone(UTC)),
        "hours": _said(lambda text: Hours.of(text).hold(_NOW), hours),
        "size": _said(lambda text: readable(size(text)), rng.choice(["10", "5 MB", "2GiB", "1.5k", "x", "-1"])),
        "zone": str(zones.named_zone(rng.choice(["EST", "CST", "IST", "BST", "ET", "XYZ", "Paris"]), _HOME)),
    }


def _said(ask: Callable[..., Any], *arguments: Any) -> Any:
    """What *ask* answers, or the name of the error that it raises."""
    try:
        return ask(*arguments)
    except ValueError as error:
        return type(error).__name__
