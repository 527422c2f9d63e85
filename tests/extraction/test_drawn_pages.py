"""Pages drawn by chance give the values that were recorded: a change that moves one is seen, and is told why."""

from __future__ import annotations

import pytest

from harness import drawn_pages, drawn_values

STEP = 20


@pytest.mark.parametrize("first", range(0, drawn_pages.COUNT, STEP))
def test_the_values_are_those_of_the_record(first: int) -> None:
    recorded = drawn_pages.RECORD.read_text("utf-8").splitlines()[first : first + STEP]
    drawn = [drawn_pages.line(number) for number in range(first, first + STEP)]
    moved = {
        before.split()[0]: sorted(set(after.split()) - set(before.split()))
        for before, after in zip(recorded, drawn, strict=True) if before != after
    }  # fmt: skip
    assert moved == {}, "where that is meant, `python -m harness.drawn_pages` records it again"


@pytest.mark.parametrize("first", range(0, drawn_values.COUNT, 10 * STEP))
def test_lines_addresses_and_bytes_are_read_as_recorded(first: int) -> None:
    last = min(first + 10 * STEP, drawn_values.COUNT)
    recorded = drawn_pages.VALUES.read_text("utf-8").splitlines()[first:last]
    moved = [line.split()[0] for line in recorded if line != drawn_pages.value_line(int(line.split()[0]))]
    assert moved == [], "where that is meant, `python -m harness.drawn_pages` records it again"


def test_most_drawn_pages_are_articles_and_some_are_none() -> None:
    refused = sum("refused=" in line for line in drawn_pages.RECORD.read_text("utf-8").splitlines())
    assert 0.02 * drawn_pages.COUNT < refused < 0.4 * drawn_pages.COUNT
