"""Dates and times in running text, Chinese first: every moment that is printed, in order, with its exactness.

All patterns are tried at a position by one compiled alternation of bounded parts, so time is linear in the text. What a
form means is decided by the function of its group.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from crawler.values.clocks import CLOCK, Clock, find_clock
from crawler.values.moments import Moment, from_datetime, make
from crawler.values.months import month_number
from crawler.values.pieces import folded, plain
from crawler.values.zones import named_zone

_SEP = r"\s?[-‐‑–/.．年]\s?"
_SEP2 = r"\s?[-‐‑–/.．月]\s?"
_WORD = r"[^\W\d_]{3,14}"
_CN = "[〇○ＯO零一二三四五六七八九十]"
_FORMS = re.compile(
    rf"""
      (?<!\d)(?P<y>(?:19|20)\d\d)(?:{_SEP}|\s(?=\d\d\s?[/月-]\s?\d\d(?!\d)))(?P<m>\d{{1,2}}){_SEP2}(?P<d>\d{{1,2}})(?!\d*[-/]\d|\d{{2,3}}\.\d)\s?[日号號]?
    | (?<![\d.:/-])(?P<cardd>\d{{1,2}})[日号]?[\x1f\n]\s?(?P<cardy>(?:19|20)\d\d)
      \s?[-/.年]\s?(?P<cardm>\d{{1,2}})(?!\d|\s?[-/.月]\s?\d)\s?月?
    | (?<![\d.:/-])(?P<cutm>\d{{1,2}})\s?[-/.月]\s?(?P<cutd>\d{{1,2}})[日号]?
      [\x1f\n]\s?(?P<cuty>(?:19|20)\d\d)(?!\d|\s?[-/.月]\s?\d)年?
    | (?<![\d.])(?P<roc>(?:民[國国]\s?)?1[01]\d|民[國国]\s?\d{{2}})\s?[年/.-]\s?(?P<rm>\d{{1,2}})
      \s?[月/.-]\s?(?P<rd>\d{{1,2}})(?!\d)\s?日?
    | (?<![\d.-])(?P<short>(?P<y2>\d\d)(?P<sep2>[-/.年])(?P<m2>\d{{1,2}})[-/.月](?P<d2>\d{{1,2}}))(?![\d./-]\d)日?
    | (?<![\d.])(?P<rev>\d{{1,2}}(?P<rs>[./-])\d{{1,2}}(?P=rs)(?:19|20)\d\d)(?!\d\d)
    | (?<![\d-])(?P<md>\d{{1,2}})\s?月\s?(?P<mday>\d{{1,2}})\s?[日号號]
    | (?<![\d.:/-])(?P<md2>\d{{1,2}})[-/](?P<mday2>\d{{1,2}}?)(?=\s{{1,4}}\d{{1,2}}[:：]\d\d|\d\d[:：]\d\d)
    | (?<![\d.:/-])(?P<md3>[01]\d)-(?P<mday3>[0-3]\d)(?=\s*$|\x1f)
    | (?P<cy>[二一]{_CN}{{3}})年(?P<cm>{_CN}{{1,2}})月(?P<cd>{_CN}{{1,3}})日
    | (?P<cn>今天|今日|昨天|昨日|前天)(?=\s{{0,4}}(?:[上下中]午|晚上|凌晨)?\d{{1,2}}[:：点])
    | (?P<ago>\d{{1,3}})\s?(?P<unit>秒钟?|分钟|分鐘|个?小时|個?小時|天|周|個?月|个月)\s?(?:之?前)
    | (?<![\w])(?P<eago>\d{{1,3}}|an?)\s(?P<eunit>second|minute|min|hour|day|week)s?\sago\b
    | (?P<java>(?<![^\W\d_])(?P<ja1>[A-Za-z]{{3}})\s(?P<jad>\d{{1,2}})\s(?P<jah>\d\d):(?P<jam>\d\d):(?P<jas>\d\d)
      \s(?P<jaz>[A-Z]{{2,5}})(?P<jao>[+-]\d\d:?\d\d)?\s(?P<jay>(?:19|20)\d\d))
    | (?P<en>(?<![^\W\d_])(?P<en1>{_WORD})\.?\s{{0,3}}(?P<end>\d{{1,2}})(?:\x1f?(?:st|nd|rd|th)\x1f?)?
      \s?,?\s{{0,3}}(?P<eny>(?:19|20)\d\d))
    | (?P<yen>(?<!\d)(?P<yeny>(?:19|20)\d\d)[\s,./-]{{1,2}}(?P<yen1>[A-Za-z]{{3,9}})\.?[\s/-](?P<yend>\d{{1,2}})
      (?:st|nd|rd|th)?(?!\s?[\d,:]|\w))
    | (?P<eu>(?<!\d)(?P<eud>\d{{1,2}})(?:\x1f?(?:st|nd|rd|th)\x1f?|\.|º)?(?:\s{{1,3}}|[-/]|(?<=\.))(?:of\s|de\s)?
      (?P<eu1>{_WORD})\.?(?:,?\s{{0,3}}|[-/])(?:de\s|del\s)?(?P<euy>(?:19|20)\d\d))
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: One of these stands in every text that holds a moment: looking for them costs a tenth of looking for the moment.
_MAY_HOLD = re.compile(
    r"(?:19|20)\d\d|\d\s?[-/.年月]\s?\d|\d\s?(?:秒|分|个|個|小时|天|周)|[今昨前][天日]|民[國国]|"
    r"[一二][〇○ＯO零一二三四五六七八九十]|\bago\b|ago[A-Z]"
)
#: How each of these forms begins: they are tried at such a place alone, not at every letter. A word as long as the name
#: of a month stands before a digit.
_BEGINS = re.compile(r"[\d民二一今昨前]|(?<![^\W\d_])[^\W\d_]{3,14}\.?\s{0,3}\d|(?<!\w)[Aa][Nn]?\s")
_AGO = {
    "秒": "seconds",
    "分": "minutes",
    "小": "hours",
    "天": "days",
    "周": "weeks",
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
}
_BACK = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2}


def find_moments(text: str, now: datetime) -> Iterator[Moment]:
    """Every moment in *text*, in order; *now* (aware, in the page's zone) completes what names no year or is relative.

    Positions are those of the NFKC form of *text*.
    """
    text = folded(text)
    if not _MAY_HOLD.search(text):
        return
    position = 0
    while begin := _BEGINS.search(text, position):
        match = _FORMS.match(text, begin.start())
        day = _day(match, now) if match else None
        if match is None or day is None:
            position = begin.start() + 1
            continue
        moment = day if day.hour is not None else _with_clock(text, day, match)
        if moment.yearless:
            moment = _in_the_past(moment, now)
        yield moment
        position = max(moment.end, match.end())


def first_moment(text: str, now: datetime) -> Moment | None:
    """The first of :func:`find_moments`."""
    return next(find_moments(text, now), None)


def _with_clock(text: str, day: Moment, match: re.Match[str]) -> Moment:
    """*day* with the time that follows it, or directly precedes it ("10:00am, 20 Jan 2020")."""
    clock = find_clock(text, match.end())
    start, end = match.start(), match.end()
    if clock is not None:
        end = clock.end
    else:
        clock = _clock_before(text, match.start())
        start = clock.start if clock else start
    raw = plain(text[start:end].strip())
    if clock is None:
        return replace(day, raw=raw, start=start, end=end)
    made = make(
        day.day.year,
        day.day.month,
        day.day.day,
        raw,
        (start, end),
        (clock.hour, clock.minute, clock.second),
        clock.offset,
        clock.zone,
        yearless=day.yearless,
    )
    return replace(made, others=day.others) if made else day


#: "1745 GMT (0145 HKT) ", before the day.
_ZULU = re.compile(
    r"(?<!\d)(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)\s(?P<zone>[A-Z]{2,4})(?:\s?\([^()]{1,16}\))?[\s,|]{1,3}$"
)


def _clock_before(text: str, end: int) -> Clock | None:
    window = text[max(0, end - 24) : end]
    begin = end - len(window)
    if (zulu := _ZULU.search(window)) and named_zone(zulu["zone"], UTC):
        return Clock(
            int(zulu["h"]), int(zulu["m"]), None, None, zulu["zone"], begin + zulu.start(), begin + zulu.end("zone")
        )
    for match in CLOCK.finditer(window):
        if window[match.start() - 1 : match.start()].isdigit():
            continue
        tail = window[match.end() :]
        if not tail.strip(" ,，·|-") or re.fullmatch(r"\s?(?:on|,)\s", tail):
            clock = find_clock(window, match.start())
            return replace(clock, start=clock.start + end - len(window)) if clock else None
    return None


def _in_the_past(moment: Moment, now: datetime) -> Moment:
    """A moment without a year lies in the year before *now*, at most a day ahead of it (zones differ)."""
    if moment.day <= now.date() + timedelta(days=1):
        return moment
    try:
        return replace(moment, day=moment.day.replace(year=moment.day.year - 1))
    except ValueError:  # 29 February
        return moment


def _day(match: re.Match[str], now: datetime) -> Moment | None:
    reader = _READERS[next(name for name in _READERS if match[name] is not None)]
    moment = reader(match, now)
    return replace(moment, start=match.start(), end=match.end(), raw=plain(match[0].strip())) if moment else None


_EARLIEST = 1990  #: no page was published before; a year of two digits is a later one


def _of_readings(readings: list[tuple[int, int, int]], now: datetime) -> Moment | None:
    """The first of *readings* (year, month, day) that is a day of the web up to a year ahead.

    The others next to it.
    """
    days = []
    for year, month, day in readings:
        moment = make(year, month, day)
        if moment and year >= _EARLIEST and moment.day <= now.date() + timedelta(days=366):
            days.append(moment.day)
    return _of_days(days, now)


def _of_days(days: list[date], now: datetime) -> Moment | None:
    """The first of *days*, the others next to it; what lies ahead counts only where nothing else is meant."""
    days = list(dict.fromkeys(days))
    days = [day for day in days if day <= now.date() + timedelta(days=1)] or days
    return Moment(days[0], "", others=tuple(days[1:])) if days else None


def _short(match: re.Match[str], now: datetime) -> Moment | None:
    """Two digits for the year: it comes first ("16-10-24"), else last, the day or the month before it."""
    first, second, third = (int(match[name]) for name in ("y2", "m2", "d2"))
    readings = [(_year_of_two(first, now), second, third)]
    if match["sep2"] in "./-" and len(match["d2"]) == 2:
        readings.append((_year_of_two(third, now), second, first))
        if match["sep2"] == "/":
            readings.append((_year_of_two(third, now), first, second))
    return _of_readings(readings, now)


def _year_of_two(number: int, now: datetime) -> int:
    year = 2000 + number
    return year if year <= now.year + 1 else year - 100


def _reversed(match: re.Match[str], now: datetime) -> Moment | None:
    """The year last: the day comes first; with slashes, or where no such day exists, perhaps the month."""
    first, second, year = (int(n) for n in re.split(r"[./-]", match["rev"]))
    day_first = make(year, second, first)
    month_first = make(year, first, second) if match["rs"] == "/" or day_first is None else None
    return _of_days([moment.day for moment in (day_first, month_first) if moment], now)


def _java(match: re.Match[str], _now: datetime) -> Moment | None:
    """What Java prints for a date: "Sat May 11 08:42:32 CST 2024"."""
    month = month_number(match["ja1"])
    clock = (int(match["jah"]), int(match["jam"]), int(match["jas"]))
    offset = None
    if shift := match["jao"]:
        offset = (int(shift[1:3]) * 60 + int(shift[-2:])) * (1 if shift[0] == "+" else -1)
    return make(int(match["jay"]), month, int(match["jad"]), "", (0, 0), clock, offset, match["jaz"]) if month else None


def _yearless(month: str, day: str, now: datetime) -> Moment | None:
    years = (now.year, now.year - 1)  # 29 February is in one of them, or in none
    return next((moment for year in years if (moment := make(year, int(month), int(day), yearless=True))), None)


def _chinese(match: re.Match[str], _now: datetime) -> Moment | None:
    digits = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "O": 0, "Ｏ": 0}
    year = int("".join(str(digits.get(c, 0)) for c in match["cy"]))

    def small(text: str) -> int:
        tens, ten, ones = text.rpartition("十")
        return (digits.get(tens, 1) if ten else 0) * (10 if ten else 0) + (digits.get(ones, 0) if ones else 0)

    return make(year, small(match["cm"]), small(match["cd"]))


def _ago(match: re.Match[str], now: datetime, count: str, unit: str) -> Moment | None:
    name = _AGO.get(unit.lstrip("个個")[:1].lower())
    if name is None:
        return None
    number = int(count) if count.isdigit() else 1
    moment = now - timedelta(**{name: number})
    return replace(from_datetime(moment, match[0], "day" if name in ("days", "weeks") else "minute"), relative=True)


def _named(day: str, month: str, year: str) -> Moment | None:
    number = month_number(month)
    return make(int(year), number, int(day)) if number else None


def _spoken(match: re.Match[str], now: datetime) -> Moment | None:
    day: date = now.date() - timedelta(days=_BACK[match["cn"]])
    return make(day.year, day.month, day.day)


_READERS: dict[str, Callable[[re.Match[str], datetime], Moment | None]] = {
    "y": lambda m, now: make(int(m["y"]), int(m["m"]), int(m["d"])),
    "roc": lambda m, now: make(1911 + int(re.sub(r"\D", "", m["roc"])), int(m["rm"]), int(m["rd"])),
    "cardd": lambda m, now: make(int(m["cardy"]), int(m["cardm"]), int(m["cardd"])),
    "cutm": lambda m, now: make(int(m["cuty"]), int(m["cutm"]), int(m["cutd"])),
    "short": _short,
    "rev": _reversed,
    "md": lambda m, now: _yearless(m["md"], m["mday"], now),
    "md2": lambda m, now: _yearless(m["md2"], m["mday2"], now),
    "md3": lambda m, now: _yearless(m["md3"], m["mday3"], now),
    "cy": _chinese,
    "cn": _spoken,
    "ago": lambda m, now: _ago(m, now, m["ago"], m["unit"]),
    "eago": lambda m, now: _ago(m, now, m["eago"], m["eunit"]),
    "java": _java,
    "en": lambda m, now: _named(m["end"], m["en1"], m["eny"]),
    "yen": lambda m, now: _named(m["yend"], m["yen1"], m["yeny"]),
    "eu": lambda m, now: _named(m["eud"], m["eu1"], m["euy"]),
}
