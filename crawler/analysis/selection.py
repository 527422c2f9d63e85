"""The filters of pages that export, search and browse share. Days are those of publication, as printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import orjson

from crawler.analysis import query
from crawler.portals import code_prefix

PageKind = Literal["article", "copy"]


#: The tags of a portal with a comma around each, whether a list is JSON text or DuckDB's.
_TAGS = "',' || replace(replace(replace(replace(CAST(t.tags AS VARCHAR), '\"', ''), ' ', ''), '[', ''), ']', '') || ','"
_Test = tuple[str, list[object]]


def _portals(tests: Sequence[_Test]) -> _Test:
    """A test of a page: its portal, ``t``, passes one of *tests*."""
    sql = " OR ".join(sql for sql, _ in tests)
    return (f"p.portal IN (SELECT t.portal FROM portals t WHERE {sql})", [value for _, more in tests for value in more])


def _in_place(place: str) -> _Test:
    """A test of a portal: the name of its place begins with *place*, or it lies in what has this code."""
    prefix = code_prefix(place)
    if prefix is None:
        return "substr(t.place, 1, ?) = ?", [len(place), place]
    return "substr(t.place_code, 1, ?) = ?", [len(prefix), prefix]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is chosen; the empty one is everything."""

    portals: tuple[str, ...] = ()
    since: str | None = None  #: published on this day (YYYY-MM-DD) or later; a page without a day is left out
    until: str | None = None  #: published on this day or before
    source: str | None = None  #: source_norm, or source as stated
    query: str | None = None  #: as `citynews search` takes it
    kind: PageKind | None = None
    places: tuple[str, ...] = ()  #: of a portal's place: how its name begins, or a code that holds it
    portal_kinds: tuple[str, ...] = ()
    portal_tags: tuple[str, ...] = ()  #: a portal has one of them
    fetched_since: str | None = None  #: first fetched on this day (UTC) or later

    @property
    def is_everything(self) -> bool:
        return self == Selection()

    def as_json(self) -> str:
        """The choice as meta keeps it: only what is chosen."""
        return orjson.dumps({name: value for name, value in asdict(self).items() if value}).decode()

    def condition(self) -> tuple[str, list[object]]:
        """(SQL condition over ``pages p`` of a SQLite store, its parameters), the query included. Raises QueryError."""
        sql, values = self.filters()
        if self.query is not None:
            more, further = query.condition(query.parse(self.query))
            sql, values = f"{sql} AND {more}", values + further
        return sql, values

    def filters(self) -> tuple[str, list[object]]:
        """The same without the query, in SQL that DuckDB understands too."""
        tests: list[tuple[str, list[object]]] = []
        if self.portals:
            tests.append((f"p.portal IN ({', '.join('?' for _ in self.portals)})", list(self.portals)))
        if self.since:
            tests.append(("p.published_date >= ?", [self.since]))
        if self.until:
            tests.append(("p.published_date <= ?", [self.until]))
        if self.source:
            tests.append(("(p.source_norm = ? OR p.source = ?)", [self.source, self.source]))
        if self.kind:
            tests.append(("p.kind = ?", [self.kind]))
        if self.places:
            tests.append(_portals([_in_place(place) for place in self.places]))
        if self.portal_kinds:
            tests.append(_portals([("t.kind = ?", [kind]) for kind in self.portal_kinds]))
        if self.portal_tags:
            tests.append(_portals([(f"instr({_TAGS}, ?) > 0", [f",{tag},"]) for tag in self.portal_tags]))
        if self.fetched_since:
            tests.append(("p.first_fetched_at >= ?", [self.fetched_since]))
        return " AND ".join(["true", *(sql for sql, _ in tests)]), [value for _, values in tests for value in values]
