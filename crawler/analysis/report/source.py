"""What the sections ask: the tables as of one run, with the filters of the report; and where numbers lead."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from crawler.analysis.export.job import OF_CHOSEN
from crawler.analysis.report import queries
from crawler.analysis.report.section import Cell
from crawler.analysis.selection import Selection
from crawler.analysis.web.labels import LABELS, Language
from crawler.analysis.web.render import number

#: Tables, besides pages, that the sections ask.
_ASKED = ("versions", "visits", "copies")


@dataclass(slots=True)
class ReportSource:
    """The tables in *db*; numbers lead to the pages of *browse*, the address of `citynews browse`."""

    db: sqlite3.Connection
    choice: Selection
    browse: str
    lang: Language
    titles: dict[str, str] = field(default_factory=dict)  #: portal -> what it is called
    _has_aged: bool = False

    def narrow(self) -> None:
        """Puts the chosen part of the tables before the whole ones: queries stay the same. Raises QueryError."""
        self.titles = dict(self.rows("SELECT portal, coalesce(title, portal) FROM portals"))
        if self.choice.is_everything:
            return
        self._name_portals()
        condition, values = self.choice.condition()
        self.db.execute("CREATE TEMP TABLE chosen (id TEXT PRIMARY KEY) WITHOUT ROWID")
        self.db.execute(f"INSERT INTO chosen SELECT p.id FROM main.pages p WHERE {condition}", values)
        for name in ("pages", *_ASKED):
            self.db.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM main.{name} WHERE {OF_CHOSEN[name]}")
        self.db.execute("CREATE UNIQUE INDEX temp.pages_id ON pages (id)")

    def _name_portals(self) -> None:
        """Names the portals that place, kind and tags mean: links lead to a search for these."""
        described = Selection(
            portals=self.choice.portals, places=self.choice.places, portal_kinds=self.choice.portal_kinds,
            portal_tags=self.choice.portal_tags,
        )  # fmt: skip
        if described != Selection(portals=self.choice.portals):
            sql, values = described.filters()
            portals = [name for (name,) in self.rows(f"SELECT p.portal FROM main.portals p WHERE {sql}", values)]
            self.choice = replace(self.choice, portals=tuple(portals))

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        cursor = self.db.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, values).fetchall()

    def aged(self, rest: str) -> tuple[str, list[tuple[Any, ...]]]:
        """A query over views by age that begins with ``queries.AGED`` and goes on with *rest*, and its rows."""
        if not self._has_aged:
            self.db.execute(f"CREATE TEMP TABLE aged AS {queries.AGED} SELECT * FROM aged")
            self._has_aged = True
        return f"{queries.AGED},{rest}", self.rows(f"WITH {rest}")

    def title(self, portal: str) -> str:
        """What *portal* is called."""
        return self.titles.get(portal, portal)

    def label(self, key: str, **parts: object) -> str:
        text = LABELS[key][self.lang == "en"] if key in LABELS else key
        return text.format(**parts) if parts else text

    def at(self, path: str, **parameters: object) -> str:
        """The address *path* in browse."""
        return self.browse + path + (f"?{urlencode(parameters)}" if parameters else "")

    def href(self, **parameters: str | None) -> str:
        """The search in browse with the filters of the report and *parameters*; None: pages without a value."""
        chosen = self.choice
        pairs: list[tuple[str, str]] = [("portal", name) for name in chosen.portals if "portal" not in parameters]
        plain = {"q": chosen.query, "since": chosen.since, "until": chosen.until, "source": chosen.source,
                 "kind": chosen.kind, "fetched_since": chosen.fetched_since}  # fmt: skip
        pairs += [(name, value) for name, value in plain.items() if value and name not in parameters]
        pairs += [("without", name) if value is None else (name, value) for name, value in parameters.items()]
        return f"{self.browse}/search?{urlencode(pairs)}"

    def count(self, value: int | None, **parameters: str | None) -> Cell:
        """A number of pages that leads to them."""
        return Cell(value, self.href(**parameters) if value else None)

    def share(self, part: int, whole: int, **parameters: str | None) -> Cell:
        """A share in percent, that leads to the pages it leaves out; the value is the number."""
        shown = f"{100 * part / whole:.1f} %" if whole else "–"
        return Cell(part, self.href(**parameters) if part < whole else None, shown)

    def said(self, value: int) -> str:
        return number(value)
