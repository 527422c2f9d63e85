"""Charts: labels of the axis stay inside the drawing and apart, and the newest is there where it has room."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from lxml import html

from crawler.analysis.web.charts import WIDTH, ChartBar, ChartPoint, bars, line

CHARACTER = 7.5  #: units that a character of a label takes, at most


def spans(chart: str) -> list[tuple[float, float, str]]:
    """(left, right, text) of the labels of the time axis, in order."""
    found = []
    for text in html.fromstring(chart).iter("text"):
        label = str(text.text)
        if "-" in label:
            at, width = float(text.attrib["x"]), CHARACTER * len(label)
            left = at - {"start": 0.0, "middle": width / 2, "end": width}[str(text.attrib["text-anchor"])]
            found.append((left, left + width, label))
    return sorted(found)


@pytest.mark.parametrize("count", [*range(1, 24), 31, 60, 90, 147, 400])
def test_labels_of_bars(count: int) -> None:
    first = date(2026, 1, 1)
    found = spans(bars([ChartBar(str(first + timedelta(n)), n, "") for n in range(count)], "by day"))
    assert found[0][2] == str(first)
    assert all(left >= 0 and right <= WIDTH for left, right, _ in found)
    assert all(left >= right for (_, right, _), (left, _, _) in pairwise(found))


@pytest.mark.parametrize("ages", [(0, 1, 3, 7), (0, 7), (0, 1), (0, 6.9, 7), (3, 3), (0, 0.01, 0.02, 30)], ids=str)
def test_labels_of_a_line(ages: tuple[float, ...]) -> None:
    points = [ChartPoint(age, 100, "") for age in ages]
    labels = [(age, f"2026-10-{n + 10}") for n, age in enumerate(ages)]
    found = spans(line(points, "views", labels=labels, x_range=(ages[0], ages[-1])))
    assert all(left >= 0 and right <= WIDTH for left, right, _ in found)
    assert all(left >= right for (_, right, _), (left, _, _) in pairwise(found))
    if ages in {(0, 1, 3, 7), (0, 7), (0, 1)}:
        assert [text for _, _, text in found] == [text for _, text in labels]
