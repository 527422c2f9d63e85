"""`make bench` fails where a ratio is worse by a tenth than it was recorded, and only there."""

from __future__ import annotations

import json

import pytest

from benchmarks.speed.__main__ import FLOORS, worse
from benchmarks.speed.measure import Ratio, ratio


@pytest.mark.parametrize(
    ("value", "most", "fails"),
    [(2.0, True, False), (2.19, True, False), (2.21, True, True), (1.0, True, False),
     (2.0, False, False), (1.81, False, False), (1.79, False, True), (9.0, False, False)],
)  # fmt: skip
def test_a_ratio_may_be_worse_by_less_than_a_tenth(value: float, most: bool, fails: bool) -> None:
    one = Ratio("crawl", value, value, value, most)
    assert bool(worse([one], {"crawl": 2.0, "another": 1.0})) == fails


def test_a_ratio_without_a_floor_fails() -> None:
    assert "no floor" in worse([Ratio("new", 1.0, 1.0, 1.0)], {})[0]


def test_a_ratio_is_that_of_pairs() -> None:
    one = ratio("a", [2.0, 30.0, 4.0], [1.0, 10.0, 4.0])
    assert (one.value, one.least, one.most) == (2.0, 1.0, 3.0)


def test_the_floors_are_numbers_by_name() -> None:
    floors = json.loads(FLOORS.read_text("utf-8"))
    assert all(isinstance(value, float) and value > 0 for value in floors.values())
