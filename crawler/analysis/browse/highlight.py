"""Where the words of a query stand in a text, for the eye; what is a hit is decided elsewhere (``folding.holds``)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from crawler.analysis import query
from crawler.analysis.folding import fold, is_word

Pieces = list[tuple[str, str]]  #: ("mark" or "", text) in a row
_BEFORE, _LENGTH, _PASSAGES = 40, 110, 3


def terms(asked: query.Query) -> Iterator[query.Term]:
    """The terms of *asked* that a hit may hold: not those behind NOT."""
    if isinstance(asked, query.Term):
        yield asked
    elif not isinstance(asked, query.Not):
        for part in asked.parts:
            yield from terms(part)


def mark(text: str, asked: query.Query | None, field: str) -> Pieces:
    """*text*, of the field *field*, with the terms of *asked* marked."""
    return _cut(text, _places(text, asked, field), 0, len(text))


def passages(text: str, asked: query.Query | None) -> list[Pieces]:
    """A few places of a body around the terms of *asked*; its beginning where none stands in it."""
    places = _places(text, asked, "body")
    found: list[Pieces] = []
    reached = 0
    for begin, end in places:
        if found and begin < reached:
            continue
        first = max(0, begin - _BEFORE, reached)
        reached = min(len(text), max(end, first + _LENGTH))
        found.append(_cut(text, places, first, reached))
        if len(found) == _PASSAGES:
            break
    return found or [[("", text[: 2 * _LENGTH])]]


def _cut(text: str, places: list[tuple[int, int]], first: int, last: int) -> Pieces:
    pieces: Pieces = []
    at = first
    for begin, end in places:
        if end <= at or begin >= last:
            continue
        pieces += [("", text[at:begin]), ("mark", text[max(begin, at) : min(end, last)])]
        at = min(end, last)
    return [piece for piece in (*pieces, ("", text[at:last])) if piece[1]]


def _places(text: str, asked: query.Query | None, field: str) -> list[tuple[int, int]]:
    """Where terms stand in *text*, merged, in order."""
    if asked is None or not text:
        return []
    folded, origin = _folded(text)
    found = []
    for term in terms(asked):
        if term.field not in {None, field}:
            continue
        at = folded.find(term.text)
        while at >= 0:
            end = at + len(term.text)
            inside = is_word(term.text[0]) and at > 0 and is_word(folded[at - 1])
            goes_on = is_word(term.text[-1]) and not term.prefix and is_word(folded[end : end + 1])
            if not inside and not goes_on:
                found.append((origin[at], origin[end]))
            at = folded.find(term.text, at + 1)
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _folded(text: str) -> tuple[str, list[int]]:
    """*text* folded, and for each place in it (one more than characters) the place in *text* it comes from."""
    parts: list[str] = []
    origin: list[int] = []
    begin = 0
    while begin < len(text):
        end = begin + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        part = fold(text[begin:end])
        if not (part == " " and parts and parts[-1] == " "):
            parts.append(part)
            origin += [begin] * len(part)
        begin = end
    return "".join(parts), [*origin, len(text)]
