"""Addresses within the site, with the language where the address names one; and the labels in it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from crawler.analysis.browse.state import SearchState
from crawler.analysis.web.labels import LABELS, Language


@dataclass(frozen=True, slots=True)
class UrlBuilder:
    """*stated*: the language stands in the address, not in the browser's settings alone."""

    lang: Language
    stated: bool

    @property
    def fixed(self) -> list[tuple[str, str]]:
        """The parameters that every address takes along."""
        return [("lang", self.lang)] if self.stated else []

    def search(self, state: SearchState, path: str = "/search", **more: str) -> str:
        """The address of *state*."""
        return state.address(path, **more, **dict(self.fixed))

    def to(self, path: str, **parameters: object) -> str:
        """The address *path* with *parameters*."""
        pairs = [*((name, str(value)) for name, value in parameters.items()), *self.fixed]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def label(self, key: str, **parts: object) -> str:
        text = LABELS[key][self.lang == "en"]
        return text.format(**parts) if parts else text
