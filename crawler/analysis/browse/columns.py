"""Columns of pages in memory, as numbers: what facets, sorting and folding look at for every hit."""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from crawler.analysis.selection import Selection
from crawler.archive.storage.errors import DamagedError

#: Facet -> SQL over ``pages p`` that gives its value; null is a value.
_SCALAR = {
    "portal": "p.portal",
    "place": "(SELECT t.place FROM portals t WHERE t.portal = p.portal)",
    "portal_kind": "(SELECT t.kind FROM portals t WHERE t.portal = p.portal)",
    "source": "p.source_norm",
    "author": "p.author",
    "section": "p.section",
    "language": "p.language",
    "month": "substr(p.published_date, 1, 7)",
    "fetched": "substr(p.first_fetched_at, 1, 7)",
    "kind": "p.kind",
    "state": "p.state",
    "views": "CASE WHEN p.views IS NULL THEN 'no' ELSE 'yes' END",
    "revised": "CASE WHEN p.revisions > 0 THEN 'yes' ELSE 'no' END",
    "copied": "CASE WHEN p.group_size > 1 THEN 'yes' ELSE 'no' END",
}
#: Facet -> SQL that gives (n, value) of those a page may have several of; a page without has none.
_SEVERAL = {
    "tag": "SELECT p.n, t.value FROM pages p, json_each(p.tags) t WHERE p.tags <> '[]' ORDER BY p.n",
    "portal_tag": "SELECT p.n, g.value FROM pages p JOIN portals t ON t.portal = p.portal, json_each(t.tags) g"
    " ORDER BY p.n",
    "origin": "SELECT DISTINCT p.n, c.origin_portal FROM copies c JOIN pages p ON p.id = c.copy_id"
    " WHERE c.direction IS NOT NULL ORDER BY p.n, c.origin_portal",
}
SAVED = "saved"  #: the facet of saved queries: which of them a page matches
FACETS = (SAVED, *_SCALAR, *_SEVERAL)
#: Facets whose values are words of ours, which have labels.
NAMED = frozenset({"portal_kind", "kind", "state", "views", "revised", "copied"})
#: Facets that a page may have several values of: their counts add up to more than the hits.
SEVERAL = frozenset({SAVED, *_SEVERAL})
_STEP = 10_000  #: rows read at a time
_NONE = -(1 << 62)  #: sorts before every moment and count
_NUMBERS = (
    f"coalesce(unixepoch(p.published_local), unixepoch(p.published_date), {_NONE})",
    f"coalesce(cast(julianday(p.published_date) + 0.5 AS INTEGER) - {1721425}, 0)",  # days as date.toordinal counts
    f"coalesce(p.views, {_NONE})",
    f"coalesce(p.views - p.views_first, {_NONE})",
    "CASE WHEN p.id = p.group_id THEN p.n ELSE coalesce((SELECT g.n FROM pages g WHERE g.id = p.group_id), p.n) END",
    "coalesce(p.id = p.group_origin, p.kind = 'article')",
)


@dataclass(slots=True)
class Facet:
    """The values of a facet: *codes* holds a number for each page, an index into *values*; 0 is null."""

    values: list[str | None]
    codes: array[int]

    def counts(self, hits: Iterable[int]) -> Counter[str | None]:
        """Value -> how many of *hits* have it."""
        found = Counter(map(self.codes.__getitem__, hits))
        return Counter({self.values[code]: count for code, count in found.items()})

    def having(self, hits: Iterable[int], wanted: Sequence[str | None]) -> array[int]:
        """Those of *hits* that have one of *wanted*."""
        codes = self.codes
        right = {code for code, value in enumerate(self.values) if value in wanted}
        return array("I", (n for n in hits if codes[n] in right))


@dataclass(slots=True)
class MultiFacet:
    """The values of a facet of which a page may have several: those of page n lie at starts[n] to starts[n + 1]."""

    values: list[str | None]
    codes: array[int]
    starts: array[int]

    def counts(self, hits: Iterable[int]) -> Counter[str | None]:
        found: Counter[int] = Counter()
        codes, starts = self.codes, self.starts
        for n in hits:
            found.update(codes[starts[n] : starts[n + 1]] or (0,))
        return Counter({self.values[code]: count for code, count in found.items()})

    def having(self, hits: Iterable[int], wanted: Sequence[str | None]) -> array[int]:
        codes, starts = self.codes, self.starts
        right = {code for code, value in enumerate(self.values) if value in wanted}
        return array("I", (n for n in hits if not right.isdisjoint(codes[starts[n] : starts[n + 1]] or (0,))))


class _Codes(dict[str | None, int]):
    """Value -> number, given when a value is first asked for; 0 is null."""

    def __init__(self) -> None:
        super().__init__({None: 0})

    def __missing__(self, value: str | None) -> int:
        self[value] = number = len(self)
        return number


class Columns:
    """The columns of all pages of *db*, by their number n. *saved*: title of a saved query -> what it chooses."""

    def __init__(self, db: sqlite3.Connection, saved: Mapping[str, Selection] | None = None) -> None:
        codes = [array("I", [0]) for _ in _SCALAR]  # n begins with 1
        known = [_Codes() for _ in _SCALAR]
        numbers = [array("q", [0]) for _ in _NUMBERS]
        asked = ", ".join((*_SCALAR.values(), *_NUMBERS))
        cursor = db.cursor()
        cursor.row_factory = None
        cursor.execute(f"SELECT p.n, {asked} FROM pages p ORDER BY p.n")
        self.last = 0
        while rows := cursor.fetchmany(_STEP):
            found, *columns = zip(*rows, strict=True)
            if found[0] != self.last + 1 or found[-1] != self.last + len(found):
                raise DamagedError(
                    f"the pages of the index are not numbered in a row near {self.last}; delete the index"
                )
            self.last = found[-1]
            for place, seen, column in zip(codes, known, columns, strict=False):
                place.extend(map(seen.__getitem__, column))
            for number, column in zip(numbers, columns[len(codes) :], strict=True):
                number.extend(column)
        size = self.last + 1
        self.facets: dict[str, Facet | MultiFacet] = {
            name: Facet(list(seen), place) for name, seen, place in zip(_SCALAR, known, codes, strict=True)
        }
        self.facets["section"] = _joined(self.facets["section"])
        for name, sql in _SEVERAL.items():
            self.facets[name] = _several(cursor.execute(sql), size)
        if saved:
            self.facets[SAVED] = _several(sorted(_matching(cursor, saved)), size)
        self.moment, self.day, self.views, self.growth, self.group, self.leads = numbers
        self.numbers = range(1, size)
        moment = self.moment
        self.newest = array("I", sorted(self.numbers, key=lambda n: -moment[n]))  #: all pages, the newest first
        self.per_day = Counter(self.day[1:])  #: ordinal -> pages published on that day; 0: without a day


def _matching(cursor: sqlite3.Cursor, saved: Mapping[str, Selection]) -> Iterator[tuple[int, str]]:
    """(n, title) of every page and each query that finds it."""
    for title, choice in saved.items():
        condition, values = choice.condition()
        for (n,) in cursor.execute(f"SELECT p.n FROM pages p WHERE {condition}", values):
            yield n, title


def _joined(sections: Facet | MultiFacet) -> Facet:
    """Breadcrumbs as one text each; an empty one is null."""
    assert isinstance(sections, Facet)
    values = [None if value is None else " / ".join(orjson.loads(value)) or None for value in sections.values]
    codes: dict[str | None, int] = {None: 0}
    new = [codes.setdefault(value, len(codes)) for value in values]
    return Facet(list(codes), array("I", map(new.__getitem__, sections.codes)))


def _several(rows: Iterable[tuple[int, str]], size: int) -> MultiFacet:
    known: dict[str | None, int] = {None: 0}
    codes, starts, at = array("I"), array("I", bytes(4)), 0
    for n, value in rows:
        while at < n:
            starts.append(len(codes))
            at += 1
        codes.append(known.setdefault(value, len(known)))
    starts.extend([len(codes)] * (size + 1 - len(starts)))
    return MultiFacet(list(known), codes, starts)
