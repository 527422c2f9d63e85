"""Search queries: what a user types, as conditions over the pages of a SQLite store.

    交通 规划                both, anywhere
    "smart city"            these words side by side
    交通 OR 出行             one of them
    交通 -高速, 交通 NOT 高速   without
    title:交通 (A OR B)      in one field: title, body, source, author

A term is found as ``folding.holds`` says; Latin words and numbers are whole words, ``smart*`` finds what begins so.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.analysis.folding import fold, holds, phrase

FIELDS = ("title", "body", "source", "author")
Field = Literal["title", "body", "source", "author"]
_COLUMNS = {"title": "q.title", "body": "w.body", "source": "q.source", "author": "q.author"}
_LEXEMES = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<minus>-(?=\S))|(?:(?P<field>title|body|source|author):(?=\S))"
    r'|["“”](?P<quoted>[^"“”]*)["“”]?(?P<star>\*?)|(?P<word>[^\s()"“”]+))'
)


MOST_TERMS = 500  #: of a query; SQLite allows expressions of a thousand steps
DEEPEST = 50  #: brackets, NOTs and fields within each other

#: What would be read otherwise without quotes.
_QUOTED = re.compile(r'[\s()"]|^-|\*$|^(?:title|body|source|author):')


class QueryError(ValueError):
    """A query that cannot be understood; the message says why."""


@dataclass(frozen=True, slots=True)
class Term:
    """Text that must stand in one of the fields."""

    text: str  #: folded
    prefix: bool = False
    field: Field | None = None  #: None: any

    def __str__(self) -> str:
        shown = f"{self.field}:" if self.field else ""
        text = f'"{self.text}"' if _QUOTED.search(self.text) else self.text
        return f"{shown}{text}{'*' if self.prefix else ''}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " AND ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts holds."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " OR ".join(str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Query

    def __str__(self) -> str:
        return f"NOT ({self.part})" if isinstance(self.part, And | Or) else f"NOT {self.part}"


Query = Term | And | Or | Not


def parse(text: str) -> Query:
    """What *text* asks for. Raises QueryError."""
    reader = _Reader(text)
    found = reader.either()
    if reader.kind != "end":
        raise QueryError("a closing bracket without an opening one")
    return found


class _Reader:
    """One lexeme after the other."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._terms = text, 0, 0
        self.kind, self.value, self.star = "", "", False
        self.advance()

    def advance(self) -> None:
        match = _LEXEMES.match(self._text, self._at)
        if match is None:
            self.kind = "end"
            return
        self._at = match.end()
        self.star = bool(match["star"])
        self.kind = next(
            name for name in ("open", "close", "minus", "field", "quoted", "word") if match[name] is not None
        )
        self.value = match[self.kind]
        if self.kind == "word" and self.value in {"AND", "OR", "NOT"}:
            self.kind = self.value

    def either(self, depth: int = 0) -> Query:
        parts = [self.both(depth)]
        while self.kind == "OR":
            self.advance()
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self, depth: int) -> Query:
        parts = [self.one(depth)]
        while self.kind not in {"OR", "close", "end"}:
            if self.kind == "AND":
                self.advance()
            parts.append(self.one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def one(self, depth: int, field: Field | None = None) -> Query:
        kind, value, star = self.kind, self.value, self.star
        if depth > DEEPEST:
            raise QueryError(f"more than {DEEPEST} brackets, NOTs and fields within each other")
        if kind in {"NOT", "minus"}:
            self.advance()
            return Not(self.one(depth + 1, field))
        if kind == "field":
            self.advance()
            return self.one(depth + 1, value)  # type: ignore[arg-type] # the lexeme names no other field
        if kind == "open":
            self.advance()
            found = self.either(depth + 1)
            if self.kind != "close":
                raise QueryError("an opening bracket without a closing one")
            self.advance()
            return found if field is None else within(found, (field,))
        if kind in {"quoted", "word"}:
            self.advance()
            if kind == "word" and len(value) > 1 and value.endswith("*"):
                value, star = value[:-1], True
            folded = fold(value).strip()
            if not folded:
                raise QueryError("an empty pair of quotes")
            self._terms += 1
            if self._terms > MOST_TERMS:
                raise QueryError(f"more than {MOST_TERMS} terms; ask in parts")
            return Term(folded, star, field)
        raise QueryError(f"nothing to search for {'at the end' if kind == 'end' else f'before {value}'}")


def within(query: Query, fields: Sequence[Field]) -> Query:
    """*query* with one of *fields* for all terms that name none; no fields: *query* as it is."""
    if isinstance(query, Term):
        if query.field or not fields:
            return query
        terms = tuple(Term(query.text, query.prefix, field) for field in fields)
        return terms[0] if len(terms) == 1 else Or(terms)
    if isinstance(query, Not):
        return Not(within(query.part, fields))
    return type(query)(tuple(within(part, fields) for part in query.parts))


def matches(query: Query, texts: dict[str, str]) -> bool:
    """Whether *query* holds for *texts*, field -> folded text: what a search must find, without an index."""
    if isinstance(query, Term):
        names = (query.field,) if query.field else FIELDS
        return any(holds(texts[name], query.text, prefix=query.prefix) for name in names)
    if isinstance(query, Not):
        return not matches(query.part, texts)
    test = all if isinstance(query, And) else any
    return test(matches(part, texts) for part in query.parts)


def condition(query: Query) -> tuple[str, list[object]]:
    """(SQL condition over ``pages p``, its parameters). ``prepare`` must have been called for the connection."""
    if isinstance(query, Term):
        return _term(query)
    if isinstance(query, Not):
        sql, values = condition(query.part)
        return f"NOT ({sql})", values
    found = [condition(part) for part in query.parts]
    joint = " AND " if isinstance(query, And) else " OR "
    return f"({joint.join(sql for sql, _ in found)})", [value for _, values in found for value in values]


def numbers(query: Query) -> tuple[str, list[object]]:
    """(SELECT of the ``n`` of the pages that *query* finds, its parameters).

    The rows of pages are wide: where a term that must hold has hits in the index, only these are looked at.
    """
    parts = query.parts if isinstance(query, And) else (query,)
    for part in parts:
        words, exact = phrase(part.text, prefix=part.prefix) if isinstance(part, Term) else (None, False)
        if isinstance(part, Term) and words is not None and exact:
            found = [condition(other) for other in parts if other is not part]
            sql = " AND ".join(["true", *(sql for sql, _ in found)])
            hits = "WITH hits AS MATERIALIZED (SELECT rowid AS n FROM search WHERE search MATCH ?)"
            values = [_match(part, words), *(value for _, fragment in found for value in fragment)]
            return f"{hits} SELECT p.n FROM hits p WHERE {sql}", values
    sql, values = condition(query)
    return f"SELECT p.n FROM pages p WHERE {sql}", values


def _match(term: Term, words: str) -> str:
    return f"{{{term.field or ' '.join(FIELDS)}}} : {words}"


def _term(term: Term) -> tuple[str, list[object]]:
    words, exact = phrase(term.text, prefix=term.prefix)
    match = [] if words is None else [_match(term, words)]
    if words is not None and exact:
        return "p.n IN (SELECT rowid FROM search WHERE search MATCH ?)", list(match)
    columns = ", ".join(_COLUMNS[name] for name in ((term.field,) if term.field else FIELDS))
    look = "q.n IN (SELECT rowid FROM search WHERE search MATCH ?) AND " if match else ""
    return (
        "p.n IN (SELECT q.n FROM pages q JOIN versions w ON w.id = q.id AND w.revision = q.revision"
        f" WHERE {look}citynews_holds(?, ?, {columns}))",
        [*match, term.text, int(term.prefix)],
    )


def prepare(db: sqlite3.Connection) -> None:
    """Teaches *db* the function that ``condition`` uses."""
    db.create_function("citynews_holds", -1, _holds, deterministic=True)


def _holds(term: str, prefix: int, *texts: str | None) -> bool:
    return any(text is not None and holds(fold(text), term, prefix=bool(prefix)) for text in texts)
