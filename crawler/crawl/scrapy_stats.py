"""What Scrapy counts of a spider: its scheduler's requests, of which a run wants to know how many wait."""

from __future__ import annotations

from scrapy.statscollectors import MemoryStatsCollector


class PlainStats(MemoryStatsCollector):
    """Scrapy's own, without its look for a deprecated argument: three look-ups that fail for each count."""

    __getattribute__ = object.__getattribute__
