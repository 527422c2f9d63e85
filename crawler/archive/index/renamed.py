"""Archived articles whose address is another one by a rule of their portal that came later (discover.drop_params).

Such an article stays the one it is, under its id: what is found, asked and decided under the new address is its.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from crawler.archive.index.index import Index
from crawler.values.urls import article_id


class RenamedAddresses:
    """The articles of *index* by the addresses that they have now; looked up once for each rule of a portal."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._rules: dict[str, tuple[Hashable, dict[str, str]]] = {}

    def ident(self, portal: str, rule: Hashable, address: Callable[[str], str | None], url: str) -> str:
        """The id under which the article at *url* is, or would be, archived.

        *rule* tells apart what *address*, which gives the address that a page is known by now, does with it.
        """
        ident = article_id(url)
        known_rule, renamed = self._rules.get(portal, (None, None))
        if known_rule != rule:
            renamed = None
        if (renamed is not None and ident not in renamed) or self._index.page(ident) is not None:
            return ident
        if renamed is None:  # not before it is needed: a run in which all is known does without
            renamed = self._look_up(portal, rule, address)
        return renamed.get(ident, ident)

    def _look_up(self, portal: str, rule: Hashable, address: Callable[[str], str | None]) -> dict[str, str]:
        """Id of the address now -> id of what it was, of those that differ; the first article where many meet."""
        found: dict[str, str] = {}
        for archived in self._index.settled(portal):
            now = address(archived.url)
            if now is not None and now != archived.url:
                found.setdefault(article_id(now), archived.id)
        self._rules[portal] = (rule, found)
        return found
