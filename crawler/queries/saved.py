"""The saved queries of the operator's file, understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from crawler.analysis import query
from crawler.analysis.selection import PageKind, Selection
from crawler.config import Config, QueryChoice
from crawler.exit_codes import UsageError
from crawler.portals.model import KINDS


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query, and where its matches go besides its feed."""

    name: str
    title: str  #: what people call it
    choice: Selection  #: as the filters of `citynews search`, with a query
    revisions: bool = False
    atom: Path | None = None  #: where the feed lies; None for queries/NAME.atom in the archive
    webhook: str = ""
    template: str = ""
    command: tuple[str, ...] = ()

    @property
    def parsed(self) -> query.Query:
        """The words."""
        return query.parse(self.choice.query or "")


def saved(config: Config) -> dict[str, SavedQuery]:
    """Name -> saved query. Raises UsageError that names file and key."""
    return {name: _understood(name, stated, config) for name, stated in config.queries.items()}


def _understood(name: str, stated: QueryChoice, config: Config) -> SavedQuery:
    def wrong(key: str, why: str) -> UsageError:
        return UsageError(f"{config.chosen.file}: queries.{name}.{key}: {why}")

    try:
        words = query.within(query.parse(stated.words), cast("tuple[query.Field, ...]", stated.fields))
    except query.QueryError as error:
        raise wrong("words", f"{error}; see `citynews search --help`") from error
    if bad := next((kind for kind in stated.portal_kinds if kind not in KINDS), None):
        raise wrong("portal_kinds", f"{bad!r}: one of {', '.join(KINDS)}")
    if stated.template and not stated.webhook:
        raise wrong("template", "says what a webhook gets, and there is none")
    choice = Selection(
        stated.portals, source=stated.source, query=str(words), kind=cast("PageKind | None", stated.kind),
        places=stated.places, portal_kinds=stated.portal_kinds, portal_tags=stated.portal_tags,
    )  # fmt: skip
    return SavedQuery(
        name, stated.title, choice, stated.revisions, stated.atom, stated.webhook, stated.template, stated.command
    )


def choices(queries: Mapping[str, SavedQuery]) -> dict[str, Selection]:
    """Title -> what is chosen, for who shows queries beside each other."""
    return {query.title: query.choice for query in queries.values()}
