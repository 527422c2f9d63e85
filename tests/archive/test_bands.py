"""The tables of band keys: what is found does not depend on how many there are, or on the order of insertion."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crawler.archive import bands
from crawler.archive.bands import MOST_OF_A_KEY, Bands
from crawler.archive.database import Database


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that are full after a few bodies, so that a few hundred go through all of them."""
    monkeypatch.setattr(bands, "YOUNG", 32)
    monkeypatch.setattr(bands, "RATIO", 2)


def rows(count: int) -> list[tuple[list[int], int]]:
    """(keys, doc) of *count* bodies: eight keys each, of which some are shared by a few, one by very many."""
    chance = random.Random(5)
    return [([chance.randrange(-200, 200) for _ in range(7)] + [999], chance.getrandbits(60)) for _ in range(count)]


def filled(path: Path, inserted: list[tuple[list[int], int]]) -> Bands:
    database = Database(path, bands.TABLES)
    found = Bands(database)
    for number, (keys, doc) in enumerate(inserted):
        found.insert(keys, doc)
        if number % 50 == 0:
            found.settle()
    return found


@pytest.mark.usefixtures("small")
def test_every_order_finds_the_same(tmp_path: Path) -> None:
    inserted = rows(300)
    truth: dict[int, set[int]] = {}
    for keys, doc in inserted:
        for key in keys:
            truth.setdefault(key, set()).add(doc)
    expected = {key: sorted(docs)[:MOST_OF_A_KEY] for key, docs in truth.items()}
    keys = sorted(truth)
    forward = filled(tmp_path / "one", inserted)
    backward = filled(tmp_path / "two", [*inserted[::-1], *inserted[:20]])
    held = [forward._db.one(f"SELECT count(*) FROM near_{level}")[0] for level in range(bands.LEVELS)]
    assert sum(count > 0 for count in held) >= 2, held
    assert forward.holders(keys) == expected
    assert backward.holders(keys) == expected
    assert forward.holders([123456]) == {}


@pytest.mark.usefixtures("small")
def test_a_merge_that_is_rolled_back_has_not_been(tmp_path: Path) -> None:
    inserted = rows(40)
    found = filled(tmp_path / "one", inserted[:15])
    found._db.commit()
    before = found.holders(range(-200, 1000))
    for keys, doc in inserted[15:]:
        found.insert(keys, doc)
    assert found.holders(range(-200, 1000)) != before
    found._db.rollback()
    again = Bands(found._db)
    assert again.holders(range(-200, 1000)) == before
