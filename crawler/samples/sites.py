"""The sample portals by name."""

from __future__ import annotations

from crawler.samples.chengshi import Chengshi
from crawler.samples.metro import Metro
from crawler.samples.site import Site
from crawler.samples.story import Story
from crawler.samples.zhihui import Zhihui

_SITES: dict[str, type[Site]] = {site.name: site for site in (Zhihui, Chengshi, Metro)}
NAMES: tuple[str, ...] = tuple(_SITES)


def make(name: str) -> Site:
    """A fresh portal *name*, as it was written. Raises KeyError."""
    return _SITES[name]()


def stories(name: str) -> list[Story]:
    """The truth of every article of the sample portal *name*, oldest first. Raises KeyError."""
    return make(name).stories()
