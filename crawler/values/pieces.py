"""A printed line as a text that still knows where its elements end.

The elements of a line are separated by :data:`BREAK`, a control character that no page text holds and that patterns
take for white space. What an element states ends where the element ends; a list of names runs on over several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawler.values.text import COLLAPSE, nfkc

BREAK = "\x1f"  #: the "unit separator" of ASCII

#: Between the links of a list of names: the list is one value.
_LISTED = re.compile(
    rf"\s?{BREAK}?(\s?[、,，&]\s?|\s(?i:and|und|et|och|og|y)\s){BREAK}?(?=\S)|{BREAK}(和|与|及){BREAK}(?=\S)"
)
#: A name of two ideographs is padded with a wide space to the width of three.
_PADDED = re.compile("(?<![\u3400-\u9fff])([\u3400-\u9fff])\u3000+([\u3400-\u9fff])(?![\u3400-\u9fff])")
_BREAKS = re.compile(rf" ?{BREAK}[{BREAK} ]*")
#: A bracket glued to the element before it goes on with what that says: "滨江日报(海外版)".
_BRACKET = re.compile(rf"(?<=\w){BREAK}(?=[(（][^()（）\d]{{1,8}}[)）])")


def printed(pieces: Iterable[tuple[str, bool]]) -> str:
    """The text of a line in NFKC, from its *pieces*: (text, whether it begins in an element of its own)."""
    joined = "".join([(BREAK + text) if apart else text for text, apart in pieces])
    if BREAK in joined:
        joined = _BRACKET.sub("", joined)
    text = folded(COLLAPSE.sub(" ", joined)).strip(f" {BREAK}")
    return _LISTED.sub(_with_spaces, _BREAKS.sub(BREAK, text)) if BREAK in text else text


def _with_spaces(match: re.Match[str]) -> str:
    """The separator of a list, with a space wherever white space or an element separated it from the names."""
    if BREAK not in match[0]:
        return match[0]
    sign = (match[1] or match[2]).strip()
    return f"{sign} " if sign in {",", "，"} else f" {sign} " if sign.isascii() else sign


def folded(text: str) -> str:
    """*text* in NFKC; a wide space parts two values as an element does, but for one within a name."""
    if "\u3000" in text:
        text = _PADDED.sub(r"\1\2", text).replace("\u3000", BREAK)
    return nfkc(text)


def plain(text: str) -> str:
    """*text* without breaks, as one line."""
    return " ".join(text.replace(BREAK, " ").split()) if BREAK in text else text
