"""Two values of a field, old and new, one under the other; of a body only the paragraphs that differ."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any

import orjson

WIDTH = 120  #: characters of a value
CONTEXT = 30  #: characters before the place where two values part
PARAGRAPHS = 8  #: places of a body, shown
#: Pairs of paragraphs between the first and the last that differ. Pages can be made to need more: they are one place.
COMPARED = 1_000_000


def side_by_side(name: str, old: Any, new: Any) -> Iterator[str]:
    """The lines that show how field *name* differs."""
    yield f"  {name}"
    if name != "body" or not isinstance(old, str) or not isinstance(new, str):
        yield from _pair(old, new)
        return
    parts = paragraphs([old, new])
    for part in parts[:PARAGRAPHS]:
        yield f"    paragraph {part['at']}:"
        before, after = part["old"], part["new"]
        if len(before) == len(after):
            for pair in zip(before, after, strict=True):
                yield from _pair(*pair)
            continue
        yield from (f"    - {_cut(sentence)}" for sentence in before)
        yield from (f"    + {_cut(sentence)}" for sentence in after)
    if len(parts) > PARAGRAPHS:
        yield f"    ... and {len(parts) - PARAGRAPHS} more places; --json has them all"


def paragraphs(bodies: list[str | None]) -> list[dict[str, Any]]:
    """Where two bodies, old and new, differ: {"at": paragraph of the old one, from 1, "old": [...], "new": [...]}."""
    old, new = ((body or "").split("\n\n") if body else [] for body in bodies)
    head = _same(old, new)
    tail = _same(old[head:][::-1], new[head:][::-1])
    before, after = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(before) * len(after) > COMPARED:
        return [{"at": head + 1, "old": before, "new": after}]
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [
        {"at": head + begin + 1, "old": before[begin:end], "new": after[first:last]}
        for kind, begin, end, first, last in found
        if kind != "equal"
    ]


def _same(old: list[str], new: list[str]) -> int:
    """How many paragraphs both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _pair(old: Any, new: Any) -> Iterator[str]:
    before, after = _around(_text(old), _text(new))
    yield f"    - {before}"
    yield f"    + {after}"


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}..."


def _text(value: object) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text.replace("\n", " ")


def _around(before: str, after: str) -> tuple[str, str]:
    """Both texts from shortly before they part, cut to a line's width."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    begin = max(0, same - CONTEXT)
    cut = [("..." if begin else "") + text[begin : begin + WIDTH] for text in (before, after)]
    return cut[0], cut[1]
