"""Replay: the crawl's assembly and pipelines again, with WARC files instead of the network.

Starts no Scrapy engine.
"""

from crawler.archive.read.sources import SourceError
from crawler.replay.replay import Replayed, ReplayScope, replay
from crawler.replay.sources import Sources

__all__ = ["ReplayScope", "Replayed", "SourceError", "Sources", "replay"]
