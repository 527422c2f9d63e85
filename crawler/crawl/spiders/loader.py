"""Builds a Scrapy spider class for each portal definition."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Self

from scrapy import Request, Spider
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from crawler import portals
from crawler.crawl.guarded_settings import broken
from crawler.crawl.spiders.portal import PortalSpider
from crawler.portals import Portal

Names = list[str]  # the class has a method called list, which Scrapy asks for
PORTALS = "CITYNEWS_PORTALS"  #: the setting with further definitions: TOML files, or folders of them


class PortalSpiderLoader:
    """Scrapy's spider loader over portal definitions. Raises DefinitionError for a bad one, once a spider is asked for.

    Scrapy makes one for each run, also for a run that has its spiders.
    """

    def __init__(self, settings: BaseSettings) -> None:
        self._settings = settings

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(settings)

    @cached_property
    def _portals(self) -> dict[str, Portal]:
        return portals.load(Path(place) for place in self._settings.getlist(PORTALS))

    def list(self) -> list[str]:
        return sorted(self._portals)

    def load(self, spider_name: str) -> type[Spider]:
        if spider_name not in self._portals:
            raise KeyError(f"no portal is called {spider_name!r}")
        if why := broken(self._settings):
            raise UsageError(f"-s {why}", print_help=False)
        return spider_class(self._portals[spider_name])

    def find_by_request(self, request: Request) -> Names:
        return [name for name, portal in self._portals.items() if portal.owns(request.url)]


def spider_class(portal: Portal) -> type[PortalSpider]:
    """A spider class for *portal*."""
    return type(
        f"{portal.name.title().replace('-', '')}Spider", (PortalSpider,), {"name": portal.name, "portal": portal}
    )
