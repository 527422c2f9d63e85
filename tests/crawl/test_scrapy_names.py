"""Names and texts of Scrapy and Twisted that are not promised to anybody. Where one is gone, this says what to change.

Those of the connection pool are in test_wire.py, with the fallback that is there for them. Ruff (SLF001) finds others.
"""

from __future__ import annotations

import importlib
import inspect
import logging

import scrapy
import twisted
from scrapy.core import scheduler
from scrapy.downloadermiddlewares import httpcompression
from scrapy.utils import sitemap
from twisted.internet import _sslverify, asyncioreactor, base

from crawler.crawl import failures
from crawler.crawl.logging import CERTIFICATE, QUIETED

VERSIONS = f"Scrapy {scrapy.__version__}, Twisted {twisted.__version__}"


def test_the_loggers_that_are_quieted_are_there() -> None:
    for name in QUIETED:
        module = importlib.import_module(name)
        assert any(isinstance(value, logging.Logger) and value.name == name for value in vars(module).values()), (
            f"{name} logs under another name in {VERSIONS}: see crawler/crawl/logging.py"
        )
    assert f'"{CERTIFICATE}"' in inspect.getsource(_sslverify), f"another text in {VERSIONS}"


def test_the_resolver_finds_what_it_replaces() -> None:
    """crawler/crawl/downloader/address_guard.py: what connections ask, and the adapter that turns it into a name."""
    reactor = asyncioreactor.AsyncioSelectorReactor
    for name in ("installResolver", "installNameResolver", "nameResolver"):
        assert hasattr(reactor, name), f"reactor.{name} is not there in {VERSIONS}"
    assert "self.resolver" in inspect.getsource(base.ReactorBase.installResolver)
    assert "self.resolver" in inspect.getsource(base.ReactorBase.resolve)


def test_a_sitemap_is_read_element_by_element() -> None:
    """crawler/crawl/spiders/discovery.py overrides it, for the dates of news sitemaps."""
    assert "self._process_sitemap_element(" in inspect.getsource(sitemap.Sitemap), f"not there in {VERSIONS}"


def test_the_progress_table_finds_what_scrapy_counts() -> None:
    """crawler/crawl/run.py, PortalRun.waiting."""
    source = inspect.getsource(scheduler)
    for name in ("scheduler/enqueued", "scheduler/dequeued"):
        assert f'"{name}"' in source, f"{name} is not counted in {VERSIONS}"


def test_a_bomb_is_told_from_other_ignored_requests_by_its_text() -> None:
    assert failures.TOO_LARGE in inspect.getsource(httpcompression), f"another text in {VERSIONS}"
