"""How much of a text changed from one version to the next."""

from __future__ import annotations

from rapidfuzz.distance import LCSseq


def count(old_title: str | None, old_body: str | None, title: str | None, body: str | None) -> tuple[int, int]:
    """(characters added, characters removed) from the old title and body to the new ones."""
    added = removed = 0
    for old, new in ((old_title or "", title or ""), (old_body or "", body or "")):
        common = LCSseq.similarity(old, new)
        added, removed = added + len(new) - common, removed + len(old) - common
    return added, removed
