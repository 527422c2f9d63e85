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
        if self._index.page(ident) is not None:
            return ident
        return self._of(portal, rule, address).get(ident, ident)

    def _of(self, portal: str, rule: Hashable, address: Callable[[str], str | None]) -> dict[str, str]:
        """Id of the address now -> id of what it was, of those that differ; the first article where many meet."""
        known = self._rules.get(portal)
        if known is not None and known[0] == rule:
            return known[1]
        found: dict[str, str] = {}
        for archived in self._index.settled(portal):
            now = address(archived.url)
            if now is not None and now != archived.url:
                found.setdefault(article_id(now), archived.id)
        self._rules[portal] = (rule, found)
        return found
