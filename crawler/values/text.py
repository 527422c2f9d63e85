"""Text as a record may hold it: NFC, no control characters, no separators that break a line of JSON."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

#: Characters that no value holds: C0 and C1 controls (but for the white space handled below) and lone surrogates.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
#: White space as HTML collapses it; U+0085, U+2028 and U+2029 would end a line for some readers of JSON lines.
_SPACES = "\t\n\r\f\v\x85\u2028\u2029"
#: All but a single space, which would be replaced by itself at most places.
COLLAPSE = re.compile(f" [ {_SPACES}]+|[{_SPACES}][ {_SPACES}]*")
_ANY_SPACE = re.compile(r"\s+")
_EDGES = " \t\n\r\f\v\xa0\u3000\u2002\u2003\u2009\u200b\u200c\u2060\ufeff"
_ALNUM = re.compile(r"[^\W_]+")
_LOWER = bytes(range(256)).lower()
_NO_ALNUM = bytes(code for code in range(128) if not chr(code).isalnum())
#: The full-width forms that Chinese prose is full of, and what NFKC makes of each.
_WIDE = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "，：；！？（）％～\u3000\xa0…")
#: All that is not ASCII in most English texts; none of it is a letter, whatever NFKC makes of it.
_MARKS = "’“”‘—–…\xa0"
_PROSE = re.compile(r"。$|[。！？；].*[^。！？）)”\s]|，.*，|[a-z]{2}\. [A-Z].*\.")
_SENTENCE_ENDS = re.compile(r"[。！？!?；\n]|\.(?:\s|$)")
_FEW = 8  #: places that are each counted for
#: The Chinese, Japanese and Korean characters: whole rows (see :func:`in_rows`), and those of rows that have others.
_CJK_ROWS = bytes([*range(0x34, 0x4D), *range(0x4E, 0xA0), 0xF9, 0xFA, *range(0xAC, 0xD7)])
_OTHER_CJK = re.compile("[\u3040-\u30ff\u4d00-\u4dbf\ud700-\ud7af]")


def paragraph(text: str) -> str:
    """*text* as one paragraph of a body: white space collapsed as a browser does, edges stripped, NFC."""
    text = text.strip(_EDGES)
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():  # no control character, no white space but the space
        text = _FORBIDDEN.sub("", text)
        return COLLAPSE.sub(" ", text).strip(_EDGES)
    return COLLAPSE.sub(" ", text) if "  " in text else text


def paragraphs(texts: Sequence[str]) -> Sequence[str]:
    """:func:`paragraph` of each of *texts*; asked of all together, since hardly any of many short ones changes."""
    joined = "|".join(texts)
    plain = joined.isprintable() and (joined.isascii() or unicodedata.is_normalized("NFC", joined))
    spaced = "  " in joined or "| " in joined or " |" in joined or joined[:1] == " " or joined[-1:] == " "
    return texts if plain and not spaced else [*map(paragraph, texts)]


def line(text: str) -> str:
    """*text* as a short value (a title, a name): as :func:`paragraph`, and every run of white space is one space."""
    tidy = paragraph(text)
    return tidy if tidy.isprintable() else _ANY_SPACE.sub(" ", tidy).strip(_EDGES)


def optional_line(text: object) -> str | None:
    """:func:`line` of a value out of foreign data: None for anything but a string with a visible character."""
    return (line(text) or None) if isinstance(text, str) else None


def nfkc(text: str) -> str:
    """*text* in NFKC.

    ``unicodedata.normalize``, thirty times as fast where only full-width punctuation stands in the way, as in Chinese
    prose. The same, since the form decomposes each character by itself before it composes any.
    """
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        return text
    for wide, plain in _WIDE:
        if wide in text:
            text = text.replace(wide, plain)
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


def squash(text: str) -> str:
    """Letters and digits only, folded (NFKC, lower case): two texts of one squash say the same."""
    plain = text
    if not text.isascii() and " " in text:
        for mark in _MARKS:
            if mark in plain:
                plain = plain.replace(mark, "")
    if plain.isascii():
        return plain.encode().translate(_LOWER, _NO_ALNUM).decode()
    return "".join(_ALNUM.findall(nfkc(text).lower()))


def sentences(text: str | None) -> frozenset[str]:
    """The sentences of *text*, each squashed; what is shorter than eight letters says nothing."""
    parts = _SENTENCE_ENDS.split(text or "")
    return frozenset(plain for part in parts if len(plain := squash(part)) >= 8)


def reads_as_prose(text: str) -> bool:
    """Whether *text* is a sentence: all have one of a few marks, which are looked for in a tenth of the time."""
    marked = ". " in text or "，" in text or "。" in text or "；" in text or "！" in text or "？" in text
    return marked and _PROSE.search(text) is not None


def numbers_at(joined: str, places: Sequence[int]) -> set[int]:
    """Which of the texts that NULs separate in *joined*, by number, have one of *places*: the first one is 0."""
    if len(places) <= _FEW:
        return {joined.count("\0", 0, place) for place in places}
    ends = list(accumulate(len(text) + 1 for text in joined.split("\0")))
    return {bisect_right(ends, place) for place in places}


def cjk_length(text: str) -> int:
    """How many Chinese, Japanese or Korean characters *text* holds."""
    return 0 if text.isascii() else in_rows(text, _CJK_ROWS) + len(_OTHER_CJK.findall(text))


def in_rows(text: str, rows: bytes) -> int:
    """How many characters of *text* lie in *rows*: row 0x4E is U+4E00 to U+4EFF. None of them is one of surrogates."""
    high = text.encode("utf-16-le", "surrogatepass")[1::2]
    return len(high) - len(high.translate(None, rows))
