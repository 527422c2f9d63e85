"""Counts as pages print them: ``1,791``, ``1.2万``, ``3.4K``, ``12w+``."""

from __future__ import annotations

import re
import unicodedata

_COUNT = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,12}(?:\.\d{1,4})?)\s{0,2}(?P<unit>万|萬|亿|億|千|"
    r"[kKwWmM](?![a-zA-Z]))?\s{0,2}\+?"
)
_FACTOR = {"万": 10_000, "萬": 10_000, "w": 10_000, "亿": 10**8, "億": 10**8, "千": 1000, "k": 1000, "m": 10**6}
_LARGEST = 10**11


def parse_count(text: str) -> int | None:
    """The number that *text* states and nothing else but a unit ("次", "人", "views"); else None."""
    folded = unicodedata.normalize("NFKC", text[:64]).strip()
    match = _COUNT.match(folded)
    if not match or not re.fullmatch(
        r"\s*(?:次|人次?|人气|views?|reads?|hits?|times)?\s*", folded[match.end() :], re.IGNORECASE
    ):
        return None
    return count_of(match)


def find_count(text: str, start: int = 0) -> re.Match[str] | None:
    """The count that begins at *start* of *text* (already in NFKC); its value is :func:`count_of`."""
    return _COUNT.match(text, start)


def count_of(match: re.Match[str]) -> int | None:
    """The value of a match of :func:`find_count`; None where it is no whole number of people."""
    number, unit = match["number"].replace(",", ""), (match["unit"] or "").lower()
    if "." in number and not unit:
        return None
    value = round(float(number) * _FACTOR.get(unit, 1)) if unit else int(number)
    return value if value <= _LARGEST else None
