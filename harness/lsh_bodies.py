"""Band keys of bodies that were never written: for the tables of the LSH index."""

from __future__ import annotations

import random


def rows(count: int) -> list[tuple[list[int], int]]:
    """(keys, doc) of *count* bodies: eight keys each, of which some are shared by a few, one by very many."""
    chance = random.Random(5)
    return [([chance.randrange(-200, 200) for _ in range(7)] + [999], chance.getrandbits(60)) for _ in range(count)]
