"""Hits of a search, their facets, and how many there are over time. Every count is exact."""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from crawler.analysis import query
from crawler.analysis.browse.columns import FACETS, Columns
from crawler.analysis.browse.highlight import terms
from crawler.analysis.browse.state import SearchState, StateError
from crawler.analysis.browse.view import IndexView
from crawler.analysis.folding import phrase
from crawler.analysis.selection import Selection
from crawler.analysis.web.periods import Unit, bins_of

SIZE = 20  #: hits on a page
SHOWN = 8  #: values of a facet next to the hits; the rest is counted, and a page of its own shows it


@dataclass(frozen=True, slots=True)
class Hits:
    """What is found: the numbers of pages, or with copies once of those that stand for each text."""

    numbers: Sequence[int]
    pages: int  #: hits, copies counted
    texts: int  #: hits, copies once


@dataclass(frozen=True, slots=True)
class Bin:
    """Hits published on the days *since* to *until*; *total*: all pages of these days."""

    since: str
    until: str
    hits: int
    total: int


def find(view: IndexView, state: SearchState) -> Hits:
    """The hits of *state*, in no order. Raises QueryError."""
    key = state.but(sort="newest")
    return view.remembered(key, lambda: _find(view, key))


def _find(view: IndexView, state: SearchState) -> Hits:
    columns, choice = view.columns, state.choice
    if choice.is_everything:
        found: Sequence[int] = columns.numbers
    else:
        if choice == Selection(query=choice.query) and choice.query is not None:
            sql, values = query.numbers(query.parse(choice.query))
        else:
            condition, values = choice.condition()
            sql = f"SELECT p.n FROM pages p WHERE {condition}"
        found = array("I", (n for (n,) in view.rows(sql, values)))
    for name, wanted in state.facets:
        if name not in columns.facets:
            raise StateError(f"{name}: no such saved query; define it as [queries.NAME] in citynews.toml")
        found = columns.facets[name].having(found, wanted)
    leaders = _leaders(view, found)
    return Hits(leaders if state.count == "texts" else found, len(found), len(leaders))


def _leaders(view: IndexView, found: Sequence[int]) -> Sequence[int]:
    """One page for each text of *found*: its origin where that is among them, else an article, else the first one."""
    group, leads = view.columns.group, view.columns.leads
    if len(set(map(group.__getitem__, found))) == len(found):
        return found
    first: dict[int, int] = {}
    for n in found:
        held = first.setdefault(group[n], n)
        if held != n and (leads[n], -n) > (leads[held], -held):
            first[group[n]] = n
    return array("I", first.values())


def ordered(view: IndexView, state: SearchState, hits: Hits, most: int | None = None) -> list[int]:
    """The numbers of *hits* in the order of *state*; the first *most* of them. Ties: what was archived first."""
    columns = view.columns
    if state.sort == "newest":
        return _newest(columns, hits.numbers, most)
    if state.sort == "oldest":  # pages without a day stand last
        moment, day, late = columns.moment, columns.day, 1 << 62
        return _first(hits.numbers, lambda n: moment[n] if day[n] else late, most)
    if state.sort == "relevance":
        ranks = _ranks(view, state)
        return _first(hits.numbers, lambda n: -ranks.get(n, 0.0), most)
    column = columns.views if state.sort == "views" else columns.growth
    return _first(hits.numbers, lambda n: -column[n], most)


def _newest(columns: Columns, numbers: Sequence[int], most: int | None) -> list[int]:
    """The first *most* of *numbers*, by the order that all pages are in already."""
    if numbers is columns.numbers:
        return list(columns.newest[:most])
    found = bytearray(columns.last + 1)
    for n in numbers:
        found[n] = 1
    return list(islice((n for n in columns.newest if found[n]), most))


def _first(numbers: Sequence[int], key: Callable[[int], float], most: int | None) -> list[int]:
    """The *most* of *numbers* with the smallest keys, in order."""
    if most is not None and most < len(numbers) // 8:
        return heapq.nsmallest(most, numbers, key=lambda n: (key(n), n))
    return sorted(numbers, key=lambda n: (key(n), n))[:most]


def _ranks(view: IndexView, state: SearchState) -> dict[int, float]:
    """n -> how well the page answers the words of the query: BM25, a word of the title counting ten times."""
    if state.text is None:
        return {}
    words = [phrase(term.text, prefix=term.prefix)[0] for term in terms(query.parse(state.text))]
    match = " OR ".join(word for word in words if word)
    if not match:
        return {}
    sql = "SELECT rowid, -bm25(search, 10.0, 1.0, 2.0, 2.0) FROM search WHERE search MATCH ?"
    return dict(view.rows(sql, [match]))


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a facet, how many hits have it, and whether it is chosen."""

    value: str | None
    hits: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """A facet of the hits: *values* the most frequent first; *more* further ones have *more_hits* together."""

    name: str
    values: list[FacetValue]
    more: int
    more_hits: int


def facets(view: IndexView, state: SearchState, hits: Hits) -> list[FacetCounts]:
    """All facets of *hits*, each cut to ``SHOWN`` values; chosen ones are always among them."""
    return [facet(view, state, hits, name, SHOWN) for name in FACETS if name in view.columns.facets]


def facet(view: IndexView, state: SearchState, hits: Hits, name: str, most: int, begin: int = 0) -> FacetCounts:
    """The values number *begin* to *begin* + *most* of the facet *name*."""
    counts: Counter[str | None] = view.remembered(
        (name, state.but(sort="newest")), lambda: view.columns.facets[name].counts(hits.numbers)
    )
    chosen = state.chosen.get(name, ())
    ranked = sorted(counts.items(), key=lambda item: (item[0] not in chosen, -item[1], item[0] is None, item[0] or ""))
    for value in chosen:
        if value not in counts:
            ranked.insert(0, (value, 0))
    shown, rest = ranked[begin : begin + most], ranked[begin + most :]
    return FacetCounts(
        name, [FacetValue(value, count, value in chosen) for value, count in shown], len(rest),
        sum(count for _, count in rest),
    )  # fmt: skip


def over_time(view: IndexView, hits: Hits) -> tuple[Unit, list[Bin], int]:
    """(unit, bins without a gap from the first hit to the last, hits without a day)."""
    counts = Counter(map(view.columns.day.__getitem__, hits.numbers))
    undated = counts.pop(0, 0)
    if not counts:
        return "day", [], undated
    found = bins_of(date.fromordinal(min(counts)).isoformat(), date.fromordinal(max(counts)).isoformat())
    bins = []
    for since, until in found.periods:
        days = range(date.fromisoformat(since).toordinal(), date.fromisoformat(until).toordinal() + 1)
        bins.append(Bin(since, until, sum(counts[d] for d in days), sum(view.columns.per_day[d] for d in days)))
    return found.unit, bins, undated


def per_day(view: IndexView, hits: Hits) -> list[Bin]:
    """The same by single days, those without hits left out."""
    counts = Counter(map(view.columns.day.__getitem__, hits.numbers))
    counts.pop(0, 0)
    days = ((date.fromordinal(day).isoformat(), day) for day in sorted(counts))
    return [Bin(text, text, counts[day], view.columns.per_day[day]) for text, day in days]
