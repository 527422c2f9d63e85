"""What full-text search compares: texts folded, terms within them, and the tokens that find them in an index.

A text is folded: NFKC, lower case, runs of white space as one space. A term is found where it stands in the folded
text; where it begins or ends with a letter or digit that is not Chinese, Japanese or Korean, no such character may
stand before or behind it (whole words). That is ``holds``, the definition of a hit; tokens only make it quick.

The index holds words between spaces, for SQLite's tokenizer ``ascii``: of each run of Chinese characters its pairs, and
the last character alone (基站 stands for 基站, 站), so that a phrase of pairs is a substring and one character is a
prefix.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

_SPACE = re.compile(r"\s+")
_CJK = (
    "\u1100-\u11ff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa"
    "\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48c"
    "\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb\uf900-\ufaff\U00016fe0-\U00018cff\U0001aff0-\U0001b2fb"
    "\U00020000-\U0003fffd"
)
_RUN = re.compile(f"[{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")
#: A run of Chinese characters, or a word of letters and digits of other scripts.
_PIECES = re.compile(f"[{_CJK}]+|[^\\W_{_CJK}]+")
#: Most texts: Latin letters, digits, usual Chinese characters, and what stands between words.
_PLAIN = re.compile("[\x00-\xa9\u2000-\u206f\u3000-\u3004\u3008-\u3020\u4e00-\u9fa5]*")
_PLAIN_RUN = re.compile("[\u4e00-\u9fa5]+")
_PLAIN_WORD = re.compile("([a-z0-9]+)")
#: Full-width punctuation of Chinese texts, which NFKC takes 30 times as long for.
_WIDE = tuple((chr(ord(mark) + 0xFEE0), mark) for mark in ",:;?!()")


def fold(text: str) -> str:
    """*text* as it is compared."""
    if not text.isascii():
        for wide, mark in _WIDE:
            text = text.replace(wide, mark)
        text = unicodedata.normalize("NFKC", text)
        return _SPACE.sub(" ", text.lower().replace("ς", "σ"))  # lower() makes either of Σ
    return _SPACE.sub(" ", text.lower())


def holds(folded: str, term: str, *, prefix: bool = False) -> bool:
    """Whether *term*, folded, stands in the *folded* text; with *prefix* its last word may go on."""
    before, behind = is_word(term[:1]), is_word(term[-1:]) and not prefix
    at = folded.find(term)
    while at >= 0:
        end = at + len(term)
        if not (before and at and is_word(folded[at - 1])) and not (behind and is_word(folded[end : end + 1])):
            return True
        at = folded.find(term, at + 1)
    return False


def is_word(character: str) -> bool:
    """Whether *character* (or none) is part of a word that is found as a whole: a letter or digit, and not Chinese."""
    return character.isalnum() and not _IS_CJK.match(character)


def tokens(text: str | None) -> str:
    """*text* as the index holds it: tokens, separated by spaces."""
    if not text:
        return ""
    folded = fold(text)
    return " ".join(_plain_tokens(folded) if _PLAIN.fullmatch(folded) else _tokens(folded))


def _tokens(folded: str) -> Iterator[str]:
    for piece in _PIECES.findall(folded):
        if _RUN.match(piece):
            yield from (piece[n : n + 2] for n in range(len(piece)))
        else:
            yield piece


def _plain_tokens(folded: str) -> Iterator[str]:
    """The same of a text that is ``_PLAIN``, several tokens at a time."""
    for number, part in enumerate(_PLAIN_WORD.split(folded)):
        if number % 2:
            yield part
        elif runs := _PLAIN_RUN.findall(part):
            yield _pairs(runs)


def _pairs(runs: list[str]) -> str:
    """The pairs of characters of *runs*, and the last of each alone: put together as bytes, ten times as fast."""
    first = " ".join(runs).encode("utf-16-le")
    second = ("  ".join([run[1:] for run in runs]) + " ").encode("utf-16-le")  # the character behind, or a space
    found = bytearray(b" \0" * (len(first) // 2 * 3))
    found[0::6], found[1::6] = first[0::2], first[1::2]
    found[2::6], found[3::6] = second[0::2], second[1::2]
    return found.decode("utf-16-le")


def phrase(term: str, *, prefix: bool = False) -> tuple[str | None, bool]:
    """(FTS5 phrase that finds at least every text with *term*, whether it finds no other). None: no word, no phrase.

    *term* is folded.
    """
    pieces = _PIECES.findall(term)
    if not pieces:
        return None, False
    exact = len(pieces) == 1 and pieces[0] == term
    found: list[str] = []
    for piece in pieces[:-1]:
        found += _tokens(piece)
    last, ends = pieces[-1], term.endswith(pieces[-1])
    star = False
    if not _RUN.match(last):
        found.append(last)
        star = prefix and ends
    elif not ends:
        found += _tokens(last)
    elif len(last) > 1:
        found += map("".join, pairwise(last))
    else:
        found.append(last)
        star = True
    return f'"{" ".join(found)}"' + (" *" if star else ""), exact
