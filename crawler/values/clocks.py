"""The time of day that follows a date, with its half of the day and its zone."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Minutes and seconds have two digits: what follows them without a space is another value ("8:42:3240172").
CLOCK = re.compile(
    r"(?P<cn>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间)?\s?(?P<h>\d{1,2})\s?(?:[:：点點時时]|"
    r"(?<=\d)[.h](?=\d\d(?:[ap]m)?\b))\s?(?P<min>[0-5]\d|\d(?![\d:：]))"
    r"(?:\s?[:：分]\s?(?P<s>[0-5]\d)(?:\s?秒)?(?:\.\d{1,7}(?=\D|$))?)?(?:\s?分)?\s?(?P<ap>[ap]\.?\s?m\b\.?|"
    r"[ap]m(?=[A-Z]))?",
    re.IGNORECASE,
)
#: What may stand between a date and its time: a weekday, "at", a bar, brackets.
_GAP = re.compile(
    r"(?:[\s,，·•|/T_(（\[—–-]|at\b|HKT\b|um\b|às\b|à\b|@|上午(?=\s?\d)|下午(?=\s?\d)"
    r"|[(（]?(?:星期|周|週)[一二三四五六日天][)）]?|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|"
    r"sun)(?:day)?\b){0,8}?"
    r"(?=(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间)?\s?\d{1,2}\s?[:：点點時时.h])",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"\s{0,2}(?:(?P<utc>Z\b)|(?P<sign>[+-])(?P<oh>\d{2}):?(?P<om>\d{2})\b|[(（]?(?:GMT|"
    r"UTC)\s?(?P<gs>[+-])\s?(?P<gh>\d{1,2})(?::?(?P<gm>[0-5]\d))?[)）]?"
    r"|[(（]?(?P<name>[A-Z]{1,4}T|UTC|WIB|MSK|北京时间|(?<=\()Paris|(?<=\()London)\b[)）]?)"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day."""

    hour: int
    minute: int
    second: int | None
    offset: int | None  #: minutes east of UTC
    zone: str | None
    start: int
    end: int


def find_clock(text: str, position: int) -> Clock | None:
    """The time of day that stands at *position* of *text*, after white space and a weekday; None where none does."""
    gap = _GAP.match(text, position)
    match = CLOCK.match(text, gap.end() if gap else position)
    if match is None:
        return None
    hour = _hour(int(match["h"]), match["cn"], (match["ap"] or "")[:1].lower())
    if hour > 24:
        return None
    offset, zone, end = _zone(text, match.end())
    return Clock(hour, int(match["min"]), int(match["s"]) if match["s"] else None, offset, zone, match.start(), end)


def _hour(hour: int, half: str | None, meridiem: str) -> int:
    if meridiem == "p" or half in ("下午", "傍晚", "晚上", "晚间"):
        return hour + 12 if hour < 12 else hour
    if meridiem == "a" or half in ("凌晨", "上午"):
        return 0 if hour == 12 else hour
    return hour + 12 if half == "中午" and hour < 3 else hour


def _zone(text: str, position: int) -> tuple[int | None, str | None, int]:
    match = _ZONE.match(text, position)
    if match is None:
        return None, None, position
    if match["utc"]:
        return 0, None, match.end()
    if match["sign"]:
        minutes = int(match["oh"]) * 60 + int(match["om"])
        return (minutes if match["sign"] == "+" else -minutes), None, match.end()
    if match["gs"]:
        minutes = int(match["gh"]) * 60 + int(match["gm"] or 0)
        return (minutes if match["gs"] == "+" else -minutes), None, match.end()
    return None, match["name"], match.end()
