"""Two texts side by side, paragraph by paragraph, with what differs in each marked character by character."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from rapidfuzz.distance import Indel

from crawler.analysis.browse.highlight import Pieces

#: Pairs of paragraphs, and of characters of a pair, that are compared; pages can be made to need more.
_PARAGRAPHS, _CHARACTERS = 1_000_000, 25_000_000
_ISLAND = 2  #: an equal run this short between two differences is part of them: two letters by chance say nothing


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A paragraph, or some, of either text; None where it has none there."""

    kind: Literal["same", "changed", "added", "removed"]
    old: Pieces | None
    new: Pieces | None


def rows(old: str, new: str) -> list[DiffRow]:
    """The paragraphs of both texts, in order."""
    before, after = (text.split("\n\n") if text else [] for text in (old, new))
    if len(before) * len(after) > _PARAGRAPHS:
        return list(_changed(before, after))
    found: list[DiffRow] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [DiffRow("same", [("", text)], [("", text)]) for text in before[a:b]]
        else:
            found += _changed(before[a:b], after[c:d])
    return found


def _changed(before: list[str], after: list[str]) -> Iterator[DiffRow]:
    shared = min(len(before), len(after))
    if len(before) != len(after) and shared:
        yield DiffRow("changed", *_characters("\n\n".join(before), "\n\n".join(after)))
        return
    for old, new in zip(before, after, strict=False):
        yield DiffRow("changed", *_characters(old, new))
    yield from (DiffRow("removed", [("del", text)], None) for text in before[shared:])
    yield from (DiffRow("added", None, [("ins", text)]) for text in after[shared:])


def _characters(old: str, new: str) -> tuple[Pieces, Pieces]:
    """Both with their differences marked."""
    if len(old) * len(new) > _CHARACTERS:
        return [("del", old)], [("ins", new)]
    codes = list(Indel.opcodes(old, new))
    left: Pieces = []
    right: Pieces = []
    for number, code in enumerate(codes):
        length = code.src_end - code.src_start
        island = length <= _ISLAND and 0 < number < len(codes) - 1
        same = code.tag == "equal" and not island
        _add(left, "" if same else "del", old[code.src_start : code.src_end])
        _add(right, "" if same else "ins", new[code.dest_start : code.dest_end])
    return left, right


def _add(pieces: Pieces, name: str, text: str) -> None:
    if pieces and pieces[-1][0] == name:
        pieces[-1] = (name, pieces[-1][1] + text)
    elif text:
        pieces.append((name, text))
