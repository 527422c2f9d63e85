"""What is asked for, as it stands in an address: the same address asks the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, Self, cast, get_args
from urllib.parse import urlencode

from crawler.analysis import query
from crawler.analysis.browse.columns import FACETS
from crawler.analysis.selection import Selection

Sort = Literal["newest", "oldest", "relevance", "views", "growth"]
Count = Literal["pages", "texts"]
SORTS: tuple[Sort, ...] = get_args(Sort)
COUNTS: tuple[Count, ...] = get_args(Count)
#: A parameter that names facets for pages without a value of them.
WITHOUT = "without"
_MOST = 2000  #: characters of a query


class StateError(ValueError):
    """The address asks for something that is not there to be asked."""


@dataclass(frozen=True, slots=True)
class SearchState:
    """A search. *facets*: name -> values, of which one must hold; None is the absence of a value."""

    q: str = ""
    field: str = ""  #: one of query.FIELDS; "" for all
    since: str | None = None
    until: str | None = None
    facets: tuple[tuple[str, tuple[str | None, ...]], ...] = ()
    sort: Sort = "newest"
    count: Count = "pages"
    page: int = 1
    fetched_since: str | None = None

    @classmethod
    def of(cls, parameters: Iterable[tuple[str, str]]) -> Self:
        """The state that *parameters* of an address say. Raises StateError."""
        single: dict[str, str] = {}
        facets: dict[str, list[str | None]] = {}
        for name, value in parameters:
            if name in FACETS and value:
                facets.setdefault(name, []).append(value)
            elif name == WITHOUT and value in FACETS:
                facets.setdefault(value, []).append(None)
            elif value:
                single[name] = value
        page = single.get("page", "1")
        if not re.fullmatch(r"[1-9]\d{0,6}", page):
            raise StateError(f"page={page}: not a number from 1 up")
        q = single.get("q", "").strip()
        if len(q) > _MOST:
            raise StateError(f"a query of {len(q)} characters; here at most {_MOST}: use `citynews search`")
        return cls(
            q,
            _one_of(single, "field", ("", *query.FIELDS)),
            _day(single, "since"),
            _day(single, "until"),
            tuple(sorted((name, tuple(dict.fromkeys(values))) for name, values in facets.items())),
            cast(Sort, _one_of(single, "sort", SORTS)),
            cast(Count, _one_of(single, "count", COUNTS)),
            int(page),
            _day(single, "fetched_since"),
        )

    @property
    def text(self) -> str | None:
        """The query as `citynews search` takes it."""
        if not self.q:
            return None
        return f"{self.field}:({self.q})" if self.field else self.q

    @property
    def choice(self) -> Selection:
        """Query and days, as the filters of all commands."""
        return Selection(since=self.since, until=self.until, query=self.text, fetched_since=self.fetched_since)

    @property
    def chosen(self) -> Mapping[str, tuple[str | None, ...]]:
        return dict(self.facets)

    def parameters(self) -> list[tuple[str, str]]:
        """The parameters of the address; what is as by default is left out."""
        plain = {
            "q": self.q,
            "field": self.field,
            "since": self.since,
            "until": self.until,
            "fetched_since": self.fetched_since,
        }
        found = [(name, value) for name, value in plain.items() if value]
        for name, values in self.facets:
            found += [(WITHOUT, name) if value is None else (name, value) for value in values]
        default = SearchState()
        found += [
            (name, getattr(self, name)) for name in ("sort", "count") if getattr(self, name) != getattr(default, name)
        ]
        return found + ([("page", str(self.page))] if self.page > 1 else [])

    def address(self, path: str = "/search", **more: str) -> str:
        """The address of this state."""
        pairs = [*self.parameters(), *more.items()]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def within(self, since: str, until: str) -> SearchState:
        """The same, of these days."""
        return replace(self, since=since, until=until, page=1)

    def but(self, **changes: object) -> SearchState:
        """The same with *changes*, from its first page on."""
        return replace(self, **({"page": 1} | changes))  # type: ignore[arg-type] # names of fields

    def toggled(self, facet: str, value: str | None) -> SearchState:
        """The same with *value* of *facet* chosen, or no longer."""
        chosen = dict(self.facets)
        values = chosen.pop(facet, ())
        left = tuple(other for other in values if other != value) if value in values else (*values, value)
        if left:
            chosen[facet] = left
        return replace(self, facets=tuple(sorted(chosen.items())), page=1)


def _one_of(given: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = given.get(name, allowed[0])
    if value not in allowed:
        raise StateError(f"{name}={value}: one of {', '.join(key or 'nothing' for key in allowed)}")
    return value


def _day(given: Mapping[str, str], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise StateError(f"{name}={value}: not a day such as 2026-11-23") from None
